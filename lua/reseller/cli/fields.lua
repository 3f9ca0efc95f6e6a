--- Fields of rows by dotted names, such as plan.billingCycle.
local json = require "reseller.json"
local nearest = require "reseller.nearest"

local MAX_DEPTH = 6 -- of names that are suggested; rows may hold cycles

local fields = {}

--- A field of a row; nil if it is not there.
---@param row any
---@param path string
---@return any
function fields.get(row, path)
  if type(row) == "table" and row[path] ~= nil then return row[path] end
  for name in path:gmatch "[^.]+" do
    if type(row) ~= "table" then return nil end
    row = row[name]
    if row == nil then return nil end
  end
  return row
end

--- Whether a value has fields of its own that can be named.
local function has_names(value)
  return type(value) == "table" and next(value) ~= nil and not json.is_array(value)
end

local function collect(row, prefix, depth, path, found)
  if path[row] or depth > MAX_DEPTH then return end
  path[row] = true
  for name, value in pairs(row) do
    if type(name) == "string" then
      local full = prefix .. name
      if has_names(value) then collect(value, full .. ".", depth + 1, path, found) else found[full] = true end
    end
  end
  path[row] = nil
end

--- The names of all fields of some rows, sorted.
---@param rows table[]
---@return string[]
function fields.names(rows)
  local found, names = {}, {}
  for _, row in ipairs(rows) do
    if type(row) == "table" then collect(row, "", 1, {}, found) end
  end
  for name in pairs(found) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- The name that ends like the one asked for, as in `billingCycle` for plan.billingCycle, or the nearest one.
local function near(path, names)
  for _, name in ipairs(names) do
    if name:lower():match "[^.]+$" == path:lower() then return name end
  end
  return nearest(path, names)
end

local SHOWN = 12

--- What to say of a field that no row has.
---@param path string
---@param rows table[]
---@return string
function fields.hint(path, rows)
  local names = fields.names(rows)
  local meant = near(path, names)
  if meant then return ("did you mean %s?"):format(meant) end
  local more = #names > SHOWN and ", …" or ""
  return "there are " .. table.concat(names, ", ", 1, math.min(SHOWN, #names)) .. more
end

return fields
