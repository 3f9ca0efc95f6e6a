--- Shows what a line came to: results as tables, errors as one line with what to do next.
local errors = require "reseller.errors"
local exit = require "reseller.cli.exit"
local json = require "reseller.json"
local nearest = require "reseller.nearest"
local secrets = require "reseller.repl.secrets"
local view = require "reseller.repl.view"

local show = {}

--- Hints that differ at a prompt from those for the command.
local hints = {
  invalid = function(err) return ("help %q tells what it takes"):format(err.endpoint) end,
  limited = function(err)
    return err.retry_after and ("try again in %.0f s"):format(err.retry_after + 1) or "try again later"
  end,
  unknown = function(err)
    if err.entry then return "do not repeat it blindly: ledger:reconcile(client) looks whether it was done" end
    return "do not repeat it blindly: look at the list first"
  end,
  refused = function() end, -- its words say it all
  closed = function() return "leave, and start again" end,
}

--- What to do after an error of this module.
local function hint_of(err)
  if hints[err.kind] then return hints[err.kind](err) end
  return exit.hint(err)
end

---@class reseller.repl.Show
---@field world reseller.cli.World
---@field secrets reseller.repl.Secrets
---@field settings { depth: integer, traceback: boolean }
---@field env table
---@field missing table<string, string> why a name of a client stands for nothing
local Show = {}
Show.__index = Show

---@return reseller.repl.Show
function show.new(fields) return setmetatable(fields, Show) end

function Show:style(masked)
  return { colour = self.world.colour, depth = self.settings.depth, secrets = masked and self.secrets or nil }
end

--- Prints text that may hold secrets.
function Show:write(text)
  local out = self.world.out
  out:write(self.secrets:mask(text), "\n")
  out:flush()
end

local function without_position(text) return (text:gsub("^input:1: ", ""):gsub("^input:(%d+): ", "line %1: ")) end

local function names_of(env)
  local names = {}
  for name in pairs(env) do names[#names + 1] = tostring(name) end
  return names
end

local function all_methods(env)
  local names = {}
  for _, client in ipairs { env.gs or false, env.ap or false } do
    local metatable = getmetatable(client)
    for name in pairs(metatable and metatable.__index or {}) do names[#names + 1] = name end
  end
  return names
end

--- The name that was meant: one that begins like it, or the nearest.
local function near(name, names)
  if #name < 4 then return nil end -- anything is near to so few letters
  table.sort(names)
  for _, candidate in ipairs(names) do
    if candidate:sub(1, #name) == name then return candidate end
  end
  return nearest(name, names)
end

--- What may have been meant, after the interpreter's words for something that is nil.
local function hint_of_words(self, words)
  local kind, name = words:match "a nil value %((%a+) '([^']*)'%)$"
  if not kind then
    kind, name = words:match "attempt to %a+ (%a+) '([^']*)' %(a nil value%)$" -- LuaJIT
  end
  if not name then return nil end
  if kind == "global" and self.missing[name] then return self.missing[name] end
  local meant = near(name, kind == "global" and names_of(self.env) or all_methods(self.env))
  return meant and ("did you mean %s?"):format(meant)
end

function Show:complain(words, hint)
  local err = self.world.err
  self.world.out:flush()
  words = view.plain(self.secrets:mask(words))
  err:write(view.paint({ colour = self.world.colour and self.world.err_is_terminal }, "bad", words), "\n")
  if hint then err:write("  ", self.secrets:mask(hint), "\n") end
  err:flush()
end

--- One line about what was raised or returned as an error, and what to do next.
---@param raised any
---@param traceback? string
function Show:failure(raised, traceback)
  if getmetatable(raised) == errors.class then
    self:complain(tostring(raised), hint_of(raised))
  elseif type(raised) == "table" and raised.fault then
    self:complain(raised.fault, raised.hint)
  else
    local words = without_position(tostring(raised))
    self:complain(words, hint_of_words(self, words))
  end
  if self.settings.traceback and traceback then self:write(traceback) end
end

--- Grey words on a line of their own.
function Show:note(text) self:write(view.paint(self.world, "faint", text)) end

local function is_meta(value)
  return type(value) == "table" and type(value.attempts) == "number" and type(value.elapsed) == "number"
    and type(value.headers) == "table" and getmetatable(value) ~= errors.class
end

--- What the reply's meta has to say, in short.
local function meta_words(meta, value)
  local words = {}
  local function add(text) words[#words + 1] = text end
  if json.is_array(value) and #value ~= 1 then add(#value .. " items") end
  if meta.status then add("HTTP " .. tostring(meta.status)) end
  add(("%.2f s"):format(meta.elapsed))
  if meta.attempts > 1 then add(meta.attempts .. " attempts") end
  local page = meta.page
  if page and page.number and page.last then add(("page %d of %d"):format(page.number, page.last)) end
  if meta.entry then add("entry " .. tostring(meta.entry)) end
  if meta.replayed then add "replayed: nothing was sent" end
  if meta.note then add(meta.note) end
  if meta.unrecorded then add("not recorded: " .. meta.unrecorded) end
  return view.plain(table.concat(words, " · "))
end

--- A list of resources; nil where there is no table printer for this Lua.
local function as_table(self, value)
  local ok, lists = pcall(require, "reseller.repl.lists")
  return ok and lists.text(value, self.world) or nil
end

--- One value.
---@param value any
---@param source? string the expression
function Show:value(value, source)
  local text
  if type(value) == "string" then
    text = source and secrets.is_asked_for(source) and "*** (reveal(…) shows it)" or view.safe(value)
  elseif view.is_list(value) then
    text = as_table(self, value)
  elseif type(value) == "function" and source and source:find "each_[%w_]+%s*[%({]" then
    text = "an iterator: for item in … do … end, or all(…) for a list"
  end
  self:write(text or view.tree(value, self:style(true)))
end

--- All that an expression gave.
---@param results table with `n`
---@param source string
---@return boolean ok false when it was nil and an error
function Show:results(results, source)
  local first, second = results[1], results[2]
  if first == nil and getmetatable(second) == errors.class then
    self:failure(second)
    return false
  end
  local count = is_meta(second) and results.n == 2 and 1 or results.n
  if count == 1 and first == nil and source:find "[=%(]" then return true end
  for i = 1, count do self:value(results[i], source) end
  if count < results.n then self:note(meta_words(second, first)) end
  return true
end

return show
