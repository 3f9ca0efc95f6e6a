--- JSON for people and programs: exact, names in order, so that the same data is the same text.
local exit = require "reseller.cli.exit"
local json = require "reseller.json"

local encoder = {}

--- A number, a text, a boolean or null; a slash needs no backslash.
local function scalar(value)
  local text, fault = json.encode(value)
  if not text then exit.fail("a value that cannot be JSON: " .. fault, "leave it out by --columns") end
  return (text:gsub("\\(.)", function(c) return c == "/" and "/" or nil end))
end

local function sorted(object)
  local names = {}
  for name in pairs(object) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function join(parts, open, close, indent)
  if #parts == 0 then return open .. close end
  if not indent then return open .. table.concat(parts, ",") .. close end
  return ("%s\n%s  %s\n%s%s"):format(open, indent, table.concat(parts, ",\n" .. indent .. "  "), indent, close)
end

--- Encodes a value without cycles.
---@param value any
---@param indent? string of the line that it begins on, for text over several lines
---@param names? string[] of an object, in the order wanted
---@return string
function encoder.encode(value, indent, names)
  if type(value) ~= "table" then return scalar(value) end
  local inner, parts = indent and indent .. "  ", {}
  if json.is_array(value) then
    for i = 1, #value do parts[i] = encoder.encode(value[i], inner) end
    return join(parts, "[", "]", indent)
  end
  for _, name in ipairs(names or sorted(value)) do
    local item = value[name]
    if item == nil then item = json.null end
    parts[#parts + 1] = scalar(name) .. (indent and ": " or ":") .. encoder.encode(item, inner)
  end
  return join(parts, "{", "}", indent)
end

return encoder
