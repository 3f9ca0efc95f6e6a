--- Reads the parameters of a request as the row of its endpoint describes them, and refuses whatever
--- the row does not allow.

local json = require "reseller.json"
local text = require "reseller.sandbox.text"

local parameters = {}

local function shown(value)
  if type(value) == "table" then return value == json.null and "null" or "a table" end
  if type(value) == "string" then return ("%q"):format(text.printable(value)) end
  return tostring(value)
end

local function refusal(param, expected, value)
  return ("%s: expected %s, got %s"):format(param.name, expected, shown(value))
end

local function one_of(choices, value)
  for _, choice in ipairs(choices) do
    if choice == value then return true end
  end
  return false
end

local function listed(choices)
  local names = {}
  for i, choice in ipairs(choices) do
    names[i] = tostring(choice)
  end
  return "one of " .. table.concat(names, ", ")
end

-- In Lua 5.4 the text of `100.0` tells it from the integer that was asked for.
local function is_integer(value)
  return type(value) == "number" and tostring(value):find("^%-?%d+$") ~= nil
end

-- Integers from the wire: 15 digits at most, so that every Lua holds them.
local function to_integer(raw)
  local digits = raw:match("^%-?(%d+)$")
  if digits and #digits <= 15 then return tonumber(raw) end
end

local parsers = {
  string = function(raw) return raw end,
  integer = to_integer,
  boolean = function(raw)
    if raw == "true" then return true end
    if raw == "false" then return false end
  end,
}

function parsers.list(raw, param)
  local items, seen = {}, {}
  for item in (raw .. ","):gmatch("([^,]*),") do
    local allowed = item ~= "" and (not param.choices or one_of(param.choices, item))
    if not allowed or seen[item] then return nil end
    items[#items + 1], seen[item] = item, true
  end
  return items
end

local holds = {
  string = function(value) return type(value) == "string" end,
  integer = is_integer,
  boolean = function(value) return type(value) == "boolean" end,
  list = function(value) return type(value) == "table" and value ~= json.null end,
}

local NAMES = { string = "a string", integer = "an integer", boolean = "true or false", list = "a list" }

local function range(param)
  if param.max then return ("%d to %d"):format(param.min, param.max) end
  return ("%d or more"):format(param.min)
end

-- Why a value of the right type is out of bounds, nil when it is not.
local function out_of_bounds(param, value)
  if param.type == "list" then return nil end
  if param.choices and not one_of(param.choices, value) then
    return refusal(param, listed(param.choices), value)
  end
  if param.min and (value < param.min or param.max and value > param.max) then
    return refusal(param, range(param), value)
  end
end

local function read_text(param, raw)
  local value = parsers[param.type](raw, param)
  if value == nil then
    local expected = param.type == "list" and param.choices and "a list, each " .. listed(param.choices)
    return nil, refusal(param, expected or NAMES[param.type], raw)
  end
  return value, out_of_bounds(param, value)
end

local function select_params(row, place)
  local chosen = {}
  for _, param in ipairs(row.params) do
    if param.place == place then chosen[param.name] = param end
  end
  return chosen
end

local function in_order(row, place)
  local chosen = {}
  for _, param in ipairs(row.params) do
    if param.place == place then chosen[#chosen + 1] = param end
  end
  return chosen
end

local function unknown_name(known, given)
  local names = {}
  for name in pairs(given) do
    if not known[name] then names[#names + 1] = tostring(name) end
  end
  table.sort(names)
  return names[1]
end

local function read_path(row, names, args)
  for _, param in ipairs(in_order(row, "path")) do
    local value, why = read_text(param, names[param.name])
    if why then return { kind = "absent", message = why } end
    args[param.name] = value
  end
end

local function read_query(row, query, args)
  local stray = unknown_name(select_params(row, "query"), query)
  if stray then return { kind = "malformed", message = ("%s: unknown query parameter"):format(stray) } end
  for _, param in ipairs(in_order(row, "query")) do
    local value, why = param.default, nil
    if query[param.name] then value, why = read_text(param, query[param.name]) end
    if not why and value == nil and param.required then why = param.name .. ": required" end
    if why then return { kind = "invalid", message = why } end
    args[param.name] = value
  end
end

local function body_fault(param, value)
  -- A default is what a client sends for its caller: on the wire the vendor wants the field.
  local wanted = param.required or param.default ~= nil
  if value == nil then return wanted and param.name .. ": required" or nil end
  if not holds[param.type](value) then return refusal(param, NAMES[param.type], value) end
  return out_of_bounds(param, value)
end

local function decode_object(body)
  if text.bad_utf8(body) then return nil, "the body is not UTF-8" end
  local value, err = json.decode(body, true)
  if err then return nil, "the body is not JSON: " .. tostring(err) end
  if not body:find("^%s*{") then return nil, "the body: expected a JSON object" end
  return value
end

local function read_body(row, body, args)
  local fields, why = decode_object(body)
  if not fields then return { kind = "malformed", message = why } end
  local stray = unknown_name(select_params(row, "body"), fields)
  if stray then return { kind = "invalid", message = ("%s: unknown field"):format(stray) } end
  for _, param in ipairs(in_order(row, "body")) do
    why = body_fault(param, fields[param.name])
    if why then return { kind = "invalid", message = why } end
    args[param.name] = fields[param.name]
  end
end

---@class reseller.sandbox.refusal
---@field kind "absent"|"malformed"|"invalid"  the address names nothing; unreadable; against the row
---@field message string

--- Reads path, query and body.
---@param row table  row of the endpoint table
---@param request reseller.sandbox.request
---@param names table<string, string>  path parameters as text
---@return table<string, any>? args
---@return reseller.sandbox.refusal? refusal
function parameters.read(row, request, names)
  local args = {}
  local refused = read_path(row, names, args) or read_query(row, request.query, args)
  if not refused and #in_order(row, "body") > 0 then refused = read_body(row, request.body, args) end
  if refused then return nil, refused end
  return args
end

--- Whether requests of the row carry a body.
---@param row table
---@return boolean
function parameters.has_body(row)
  return #in_order(row, "body") > 0
end

return parameters
