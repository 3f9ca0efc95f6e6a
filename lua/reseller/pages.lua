--- Walks through all pages of a list: in order, no item twice, and never for ever.
---
--- Nothing in a Ghostealth list tells its end, and nothing promises that a server keeps to the page size
--- asked for. So the end is a page that is empty, or shorter than the one before it, or that brings nothing
--- new. ActivePlatform's links tell more: their page numbers are read, and nothing else of them.
local core = require "reseller.core"
local errors = require "reseller.errors"

local MAX_PAGES = 100000

--- Names of the parameters that choose a page, and the number of the first one, by the `paging` of a row.
local kinds = {
  counted = { number = "page", size = "size", first = 0 },
  linked = { number = "page[number]", size = "page[size]", first = 1 },
}

local pages = { kinds = kinds }

--- The caller's parameters with page = { size = n } spelled out, so that the number can be set.
local function spell_out(params)
  local copy = {}
  for name, value in pairs(params or {}) do
    if name == "page" and type(value) == "table" then
      for inner, number in pairs(value) do copy[("page[%s]"):format(inner)] = number end
    else
      copy[name] = value
    end
  end
  return copy
end

local Walk = {}
Walk.__index = Walk

local function fallback(row, name)
  for _, param in ipairs(row.params) do
    if param.name == name then return param.default end
  end
end

--- Fetches a page: a page that was sent for ahead, or anew.
function Walk:fetch_(number)
  local task = self.ahead_[number]
  self.ahead_[number] = nil
  if not task then return self.call_(number) end
  local ok, results = self.host_.wait(task)
  if not ok then error(results[1], 0) end
  return results[1], results[2]
end

--- Sends for the pages after this one, as far as it is known that there are some.
function Walk:send_ahead_(number, last)
  for n = number + 1, math.min(number + self.pages_ahead_, last or number) do
    self.ahead_[n] = self.ahead_[n] or self.host_.spawn(function() return self.call_(n) end)
  end
end

function Walk:loop_(why)
  error(errors.new { kind = "decode", endpoint = self.row_.id, message = "paging loop: " .. why }, 0)
end

--- Keeps the items that are new; true if there was one.
function Walk:take_(list)
  self.items_, self.at_ = {}, 0
  for _, item in ipairs(list) do
    local id = type(item) == "table" and item.id
    if not id or self.seen_:add(tostring(id)) then self.items_[#self.items_ + 1] = item end
  end
  return #self.items_ > 0
end

--- The end where a page brought nothing new. A server that was seen to turn pages gives its last one
--- again beyond the end; one that never turned them, or that starts over, repeats itself.
function Walk:after_nothing_new_(same)
  if same and (self.turned_ or self.short_) then return true end
  self.stale_ = self.stale_ + 1
  if self.stale_ > 1 then self:loop_ "the server gives the same items again and again" end
  return false
end

--- Whether the page was the last, by what links say. nil: they say nothing.
function Walk:last_by_links_(page)
  if not page.links then return nil end
  if page.number and page.number == page.last or not page.next then return true end
  if page.next <= self.number_ then self:loop_(("page %d names %d as the next"):format(self.number_, page.next)) end
  return false
end

local function fingerprint(list)
  local first, last = list[1], list[#list]
  return table.concat({ #list, tostring(type(first) == "table" and first.id),
    tostring(type(last) == "table" and last.id) }, " ")
end

--- Whether nothing can come after this page.
function Walk:is_end_(list, page, new)
  local print = fingerprint(list)
  local same, short = print == self.print_, #list < self.size_
  self.print_ = print
  if #list == 0 or page.single then return true end
  local by_links = self:last_by_links_(page)
  if by_links then return true end
  if not new then return self:after_nothing_new_(same) end
  self.turned_, self.stale_ = self.turned_ or self.count_ > 1, 0
  if by_links == nil and short and self.count_ > 1 then return true end
  self.short_, self.size_ = short, math.min(self.size_, #list)
  return false
end

--- Goes on to the next page.
function Walk:turn_()
  local list, page_meta = self:fetch_(self.number_)
  if not list then error(page_meta, 0) end
  self.count_ = self.count_ + 1
  if self.count_ > MAX_PAGES then self:loop_(("more than %d pages"):format(MAX_PAGES)) end
  local page = page_meta.page
  self.done_ = self:is_end_(list, page, self:take_(list))
  if self.done_ then return end
  self:send_ahead_(self.number_, page.last)
  self.number_ = page.next or self.number_ + 1
end

function Walk:next_()
  while self.at_ >= #self.items_ do
    if self.done_ then return nil end
    self:turn_()
  end
  self.at_ = self.at_ + 1
  return self.items_[self.at_]
end

--- Makes an iterator over all items of a list.
---@param row table an endpoint with pages
---@param host table
---@param call fun(params: table): any, table fetches one page
---@param params? table of the endpoint, and `pages_ahead`: how many pages may be fetched at once, where their
--- number is known
---@return fun(): any
function pages.each(row, host, call, params)
  local kind = kinds[row.paging]
  params = spell_out(params)
  local ahead = params.pages_ahead or 0
  if type(ahead) ~= "number" or ahead < 0 or ahead % 1 ~= 0 then
    error(("pages_ahead: expected a whole number of at least 0, got %s"):format(tostring(ahead)), 2)
  end
  params.pages_ahead = nil
  local function page(number)
    local one = {}
    for name, value in pairs(params) do one[name] = value end
    one[kind.number] = number
    return call(one)
  end
  local walk = setmetatable({
    row_ = row, host_ = host, call_ = page, pages_ahead_ = ahead, ahead_ = {}, seen_ = core.seen(), items_ = {},
    at_ = 0, count_ = 0, stale_ = 0, number_ = params[kind.number] or kind.first,
    size_ = tonumber(params[kind.size]) or fallback(row, kind.size),
  }, Walk)
  return function() return walk:next_() end
end

--- The name of the iterator that goes with a list: list_child_subscriptions, each_child_subscription.
---@param id string
---@return string
function pages.name(id) return (id:gsub("^list_", "each_"):gsub("s$", "")) end

return pages
