--- Prints values for a person: one resource as an indented tree, sorted, as deep as asked for, cycles named.
local secrets = require "reseller.repl.secrets"

local MAX_TEXT = 300 -- bytes of a text in a tree
local MAX_ITEMS = 50 -- of an array in a tree
local FIRST_MS, LAST_MS = 1e11, 1e14 -- what is a time in ms, if its name says so too

local view = {}

local times = { timestamp = true, date = true }

local colours = { name = "\27[36m", faint = "\27[2m", bad = "\27[31m", strong = "\27[1m" }

--- A text in a colour, or as it is.
---@param style { colour: boolean }
---@param colour "name"|"faint"|"bad"|"strong"
---@param text string
---@return string
function view.paint(style, colour, text)
  if not style.colour or text == "" then return text end
  return colours[colour] .. text .. "\27[0m"
end

--- A text with nothing in it that a terminal would obey.
---@param text string
---@return string
function view.plain(text)
  text = text:gsub("\194[\128-\159]", function(c) return ("\\u{%X}"):format(c:byte(2)) end)
  return (text:gsub("%c", function(c)
    return c == "\n" and "\\n" or c == "\t" and "\\t" or ("\\x%02X"):format(c:byte())
  end))
end

--- The same for text of several lines.
---@param text string
---@return string
function view.safe(text)
  return (text:gsub("[^\n\t]+", view.plain))
end

local function shorten(text)
  if #text <= MAX_TEXT then return text end
  return text:sub(1, MAX_TEXT):gsub("[\192-\255]?[\128-\191]*$", "") .. ("… (%d bytes)"):format(#text)
end

--- Texts that would pass for something else are quoted.
local function is_ambiguous(text)
  return text == "" or tonumber(text) ~= nil or text == "true" or text == "false" or text == "nil"
    or text:find "^%s" ~= nil or text:find "%s$" ~= nil
end

local function scalar(value)
  if type(value) ~= "string" then return tostring(value) end
  if is_ambiguous(value) then return '"' .. view.plain(value) .. '"' end
  return view.plain(shorten(value))
end

--- What a number of ms since 1970 means.
local function time_note(name, value)
  if not times[name] or type(value) ~= "number" or value < FIRST_MS or value > LAST_MS then return nil end
  return os.date("!%Y-%m-%d %H:%M UTC", math.floor(value / 1000))
end

local function before(a, b)
  if type(a) == type(b) and type(a) ~= "table" and type(a) ~= "boolean" then return a < b end
  if type(a) == "number" or type(b) == "number" then return type(a) == "number" end
  return tostring(a) < tostring(b)
end

local function sorted_names(value)
  local names = {}
  for name in next, value do names[#names + 1] = name end
  table.sort(names, before)
  return names
end

--- Whether a table has words of its own, as errors and clients do.
local function speaks(value)
  local metatable = getmetatable(value)
  return type(metatable) == "table" and metatable.__tostring ~= nil
end

--- A table with nothing but a type and an id: a resource that was not included.
local function reference(value)
  if value.id == nil or value.type == nil then return nil end
  for name in next, value do
    if name ~= "id" and name ~= "type" then return nil end
  end
  return ("%s %s"):format(scalar(value.type), tostring(value.id))
end

---@class reseller.repl.Style
---@field colour boolean
---@field depth integer how many tables deep
---@field secrets? reseller.repl.Secrets whose fields are masked; nil: nothing is

local Tree = {}
Tree.__index = Tree

function Tree:line(margin, name, text, note)
  note = note and view.paint(self.style, "faint", "  " .. note) or ""
  self.lines[#self.lines + 1] = margin .. name .. (text ~= "" and "  " .. text or "") .. note
end

--- One field: on its line, or on the lines after it.
function Tree:field(margin, name, shown, value)
  local known = self.style.secrets
  if known and secrets.hides(name, value, self.of_access) then
    known:remember(value)
    return self:line(margin, shown, secrets.MASK)
  end
  if type(value) ~= "table" then return self:line(margin, shown, scalar(value), time_note(name, value)) end
  if self.path[value] then return self:line(margin, shown, "", "the same as " .. self.path[value]) end
  local short = speaks(value) and view.plain(tostring(value)) or next(value) == nil and "{}" or reference(value)
  if short then return self:line(margin, shown, short) end
  if #margin >= 2 * (self.style.depth - 1) then return self:line(margin, shown, "", "{…}") end
  self:line(margin, shown, "")
  local of_access = self.of_access
  self.of_access = of_access or name == "applications"
  self:table(margin .. "  ", value, tostring(name))
  self.of_access = of_access
end

local function width_of(names)
  local width = 0
  for _, name in ipairs(names) do width = math.max(width, #tostring(name)) end
  return math.min(width, 36)
end

--- The lines of a table; `called` is how a cycle back to it is named.
function Tree:table(margin, value, called)
  local names = sorted_names(value)
  local width = width_of(names)
  self.path[value] = called
  for i, name in ipairs(names) do
    if i > MAX_ITEMS and type(name) == "number" then
      self:line(margin, "", view.paint(self.style, "faint", ("… and %d more"):format(#names - MAX_ITEMS)))
      break
    end
    local text = view.plain(tostring(name))
    self:field(margin, name, view.paint(self.style, "name", text) .. (" "):rep(width - #text), value[name])
  end
  self.path[value] = nil
end

--- A value as text, without the secrets in its fields.
---@param value any
---@param style reseller.repl.Style
---@return string
function view.tree(value, style)
  if type(value) ~= "table" or speaks(value) then return tostring(value) end
  if next(value) == nil then return "{}" end
  local self = setmetatable({ lines = {}, path = {}, style = style }, Tree)
  self:table("", value, "the whole")
  for i, line in ipairs(self.lines) do self.lines[i] = line:gsub("%s+$", "") end
  return table.concat(self.lines, "\n")
end

--- Whether a value is a list of resources, which is best shown as a table.
---@param value any
---@return boolean
function view.is_list(value)
  if type(value) ~= "table" or #value == 0 or speaks(value) then return false end
  for _, item in ipairs(value) do
    if type(item) ~= "table" or item.id == nil then return false end
  end
  return true
end

return view
