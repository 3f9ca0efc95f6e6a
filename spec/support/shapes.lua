--- Checks values against types, as read by `spec.support.luacats`.
local luacats = require "spec.support.luacats"

local shapes = {}

local Shapes = {}
Shapes.__index = Shapes

local is_integer = math.type and function(v) return math.type(v) == "integer" end or function(v) return v % 1 == 0 end -- luacheck: ignore 143

local plain = {
  string = function(v) return type(v) == "string" end,
  number = function(v) return type(v) == "number" end,
  integer = function(v) return type(v) == "number" and is_integer(v) end,
  boolean = function(v) return type(v) == "boolean" end,
  table = function(v) return type(v) == "table" end,
  ["function"] = function(v) return type(v) == "function" end,
  lightuserdata = function(v) return type(v):find "userdata$" ~= nil end,
  ["nil"] = function(v) return v == nil end,
  any = function() return true end,
}

--- Types of a file.
---@param path string
---@return table
function shapes.of(path)
  local self = setmetatable({ classes = {}, aliases = {}, seen = {} }, Shapes)
  for _, block in ipairs(luacats.blocks(path)) do
    if block.class then self.classes[block.class.name] = block.class end
    if block.alias then self.aliases[block.alias.name] = block.alias.type end
  end
  return self
end

--- The fields of a class by name, inherited ones included; the class's own come before those of its parents.
function Shapes:fields(name)
  local class, fields = self.classes[name] or error("no class " .. name, 0), {}
  for _, parent in ipairs(class.parents) do
    for key, field in pairs(self:fields(parent)) do fields[key] = field end
  end
  for _, field in ipairs(class.fields) do fields[field.name] = { name = name .. "." .. field.name, field = field } end
  return fields
end

local function shown(value) return type(value) == "string" and ("%q"):format(value) or tostring(value) end

--- What is wrong with a table that should be of a class. Each table is looked at once.
function Shapes:class_fault(value, name, path, done)
  if type(value) ~= "table" then return ("%s: expected a %s, got %s"):format(path, name, shown(value)) end
  done[name] = done[name] or {}
  if done[name][value] then return nil end
  done[name][value] = true
  local fields = self:fields(name)
  for key in pairs(value) do
    if not fields[key] then return ("%s: %s has no field %s"):format(path, name, tostring(key)) end
  end
  for key, known in pairs(fields) do
    local item = value[key]
    if item ~= nil then self.seen[known.name] = true end
    local fault = not (item == nil and known.field.optional) and self:fault(item, known.field.type, path .. "." .. key, done)
    if fault then return fault end
  end
end

--- A union that names values and then allows any text names those that are known: it is taken at its word.
local function without_rest(union)
  local named, rest = { kind = "union" }, false
  for _, node in ipairs(union) do
    if node.kind == "name" and node.name == "string" then rest = true else named[#named + 1] = node end
  end
  for _, node in ipairs(named) do
    if rest and node.kind == "literal" then return named end
  end
  return union
end

local kinds = {}

function kinds.literal(_, value, node, path)
  if value ~= node.value then return ("%s: expected %s, got %s"):format(path, shown(node.value), shown(value)) end
end

function kinds.union(self, value, node, path, done)
  local faults = {}
  for _, one in ipairs(without_rest(node)) do
    local fault = self:fault(value, one, path, done)
    if not fault then return nil end
    faults[#faults + 1] = fault
  end
  return table.concat(faults, " or ")
end

function kinds.array(self, value, node, path, done)
  if type(value) ~= "table" then return ("%s: expected a list, got %s"):format(path, shown(value)) end
  for key in pairs(value) do
    if type(key) ~= "number" or key < 1 or key > #value then return ("%s: a list with the key %s"):format(path, tostring(key)) end
  end
  for i, item in ipairs(value) do
    local fault = self:fault(item, node.of, ("%s[%d]"):format(path, i), done)
    if fault then return fault end
  end
end

--- A table whose fields are named on the spot.
function kinds.table(self, value, node, path, done)
  if type(value) ~= "table" then return ("%s: expected a table, got %s"):format(path, shown(value)) end
  local known = {}
  for _, member in ipairs(node.fields) do
    known[member.name] = true
    local item = value[member.name]
    local fault = not (item == nil and member.optional) and self:fault(item, member.type, path .. "." .. member.name, done)
    if fault then return fault end
  end
  for key in pairs(value) do
    if not known[key] then return ("%s: no field %s"):format(path, tostring(key)) end
  end
end

local function map_fault(self, value, node, path, done)
  if type(value) ~= "table" then return ("%s: expected a table, got %s"):format(path, shown(value)) end
  for key, item in pairs(value) do
    local fault = self:fault(key, node.of[1], path .. " (key)", done) or self:fault(item, node.of[2], path .. "." .. tostring(key), done)
    if fault then return fault end
  end
end

function kinds.name(self, value, node, path, done)
  if self.aliases[node.name] then return self:fault(value, self.aliases[node.name], path, done) end
  if node.name == "table" and #node.of == 2 then return map_fault(self, value, node, path, done) end
  if not plain[node.name] then return self:class_fault(value, node.name, path, done) end
  if not plain[node.name](value) then return ("%s: expected %s, got %s"):format(path, node.name, shown(value)) end
end

--- What is wrong with a value, nil if nothing is.
---@param value any
---@param node table a type
---@param path? string what the value is called
---@return string|nil
function Shapes:fault(value, node, path, done) return kinds[node.kind](self, value, node, path or "it", done or {}) end

return shapes
