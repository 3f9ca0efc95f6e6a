--- A look at what a platform lists: read page by page, as far as needed, newest first.
local errors = require "reseller.errors"
local json = require "reseller.json"
local pages = require "reseller.pages"

local look = {}

--- A field by its dotted name.
---@param item table
---@param path string such as plan.billingCycle
---@return any nil for a null too
function look.field(item, path)
  for name in path:gmatch "[^.]+" do
    if type(item) ~= "table" then return nil end
    item = item[name]
  end
  if item == json.null then return nil end
  return item
end

---@class reseller.ledger.Look
---@field at number when it began, on the host's clock
---@field began_ms integer when it began, on the ledger's clock
---@field revision integer of the ledger when it began
---@field items table[] in the order of the list
---@field whole boolean everything was read
---@field reading boolean a task is reading it, or could not read it to the end
local Look = { __name = "reseller.ledger.look" }
Look.__index = Look

local ENOUGH = {} -- raised to stop the walk where it is

local function reader(self)
  return function(params)
    if self.pages_ >= self.allowed_ then error(ENOUGH, 0) end
    local list, meta = self.client_[self.row_.id](self.client_, params)
    if list then self.pages_ = self.pages_ + 1 end
    return list, meta
  end
end

--- Begins a look.
---@param client reseller.Client
---@param view table of an endpoint
---@param revision? integer
---@param began_ms? integer
---@param page_size? integer items a page to ask for; the platform's default
---@return reseller.ledger.Look
function look.new(client, view, revision, began_ms, page_size)
  local row = client.rows_[view.list]
  local self = setmetatable({
    client_ = client, row_ = row, at = client.host_.now(), revision = revision, began_ms = began_ms,
    items = {}, by_id_ = {}, pages_ = 0, allowed_ = 0, whole = false,
  }, Look)
  self.next_ = pages.each(row, client.host_, reader(self), { [pages.kinds[row.paging].size] = page_size })
  return self
end

--- Reads one more item: the item, or nil and the error, if one stopped it.
function Look:advance_()
  local ok, item = pcall(self.next_)
  if not ok then
    if item == ENOUGH then return nil end
    if getmetatable(item) ~= errors.class then error(item, 0) end
    return nil, item
  end
  if item == nil then
    self.whole = true
    return nil
  end
  self.items[#self.items + 1] = item
  self.by_id_[tostring(item.id)] = item
  return item
end

local function read_until(self, allowed, wanted)
  self.allowed_, self.reading = allowed, true
  while not self.whole and not (wanted and self.by_id_[wanted]) do
    local item, err = self:advance_()
    if err then return nil, err end
    if not item then break end
  end
  self.reading = false
  return true
end

--- Reads on until an item is found, or the list ends.
---@param id string
---@return boolean? ok
---@return reseller.Error? err
function Look:find(id) return read_until(self, math.huge, id) end

--- Reads so many pages, if they were not read yet.
---@param count integer
---@return boolean? ok
---@return reseller.Error? err
function Look:read(count) return read_until(self, count) end

--- Reads what a call needs to see: of something new some pages, else its subject.
---@param row table the call's endpoint
---@param subject string
---@param count integer pages
---@return boolean? ok
---@return reseller.Error? err
function Look:cover(row, subject, count)
  if row.settle == "new" then return self:read(count) end
  return self:find(subject)
end

--- Whether that has been read.
---@return boolean
function Look:covers(row, subject)
  if row.settle == "new" then return self.pages_ > 0 end
  return self.by_id_[subject] ~= nil
end

--- What was found under an id.
---@param id string
---@return table?
function Look:item(id) return self.by_id_[id] end

--- Whether ids fall from item to item, so that what is new comes first.
---@return boolean
function Look:is_newest_first()
  for i = 2, #self.items do
    if tostring(self.items[i].id) >= tostring(self.items[i - 1].id) then return false end
  end
  return true
end

--- Ids of what was read.
---@return string[]
function Look:ids()
  local ids = {}
  for i, item in ipairs(self.items) do ids[i] = tostring(item.id) end
  return ids
end

look.class = Look

return look
