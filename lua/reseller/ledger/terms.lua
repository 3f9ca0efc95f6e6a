--- The terms of a call that are not the platform's: `key` and `expect_end`; and the call as the ledger
--- writes it down.
local evidence = require "reseller.ledger.evidence"
local json = require "reseller.json"
local reply = require "reseller.reply"

local MAX_KEY = 200
local FIRST_MS = 1e11 -- 1973: whoever passes less means seconds

local terms = {}

--- The terms that a row knows.
---@param row table
---@return string[]
function terms.of(row)
  if row.settle == "period" then return { "key", "expect_end" } end
  return { "key" }
end

local function key_fault(client, key)
  if key == nil then return nil end
  local good = type(key) == "string" and #key > 0 and #key <= MAX_KEY and not key:find "%c"
    and json.encode { key } ~= nil
  if not good then
    return ("key: expected text of 1 to %d bytes, in UTF-8, without control characters"):format(MAX_KEY)
  end
  if not client.ledger_ then
    return "key: expected a client with the option `ledger`: without one nothing remembers the key"
  end
end

local function end_fault(row, ends)
  if ends == nil then return nil end
  if row.settle ~= "period" then return "expect_end: only a renewal has a period to compare" end
  if type(ends) ~= "number" or ends % 1 ~= 0 or ends < FIRST_MS then
    return ("expect_end: expected ms since 1970, as in period[\"end\"].timestamp, got %s"):format(tostring(ends))
  end
end

--- Takes the terms out of the parameters.
---@param client reseller.Client
---@param row table
---@param params table|nil
---@return table|nil params what is left for the platform
---@return table|nil found `key` and `expect_end`; nil when one is at fault
---@return string|nil field
---@return string|nil fault
function terms.take(client, row, params)
  if not params or params.key == nil and params.expect_end == nil then return params, {} end
  local rest = {}
  for name, value in pairs(params) do rest[name] = value end
  rest.key, rest.expect_end = nil, nil
  local fault = key_fault(client, params.key)
  if fault then return rest, nil, "key", fault end
  fault = end_fault(row, params.expect_end)
  if fault then return rest, nil, "expect_end", fault end
  return rest, { key = params.key, expect_end = params.expect_end }
end

local canonical

local function canonical_object(value)
  local names, parts = {}, {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = json.encode(name) .. ":" .. canonical(value[name]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- JSON that is the same for the same values: keys in order.
function canonical(value)
  if type(value) ~= "table" then return json.encode(value) or '"?"' end
  if not json.is_array(value) then return canonical_object(value) end
  local parts = {}
  for i = 1, #value do parts[i] = canonical(value[i]) end
  return "[" .. table.concat(parts, ",") .. "]"
end

--- What the call is about: the last value of its path, or for something new its shape.
local function subject_of(row, values, shape)
  local last
  for _, param in ipairs(row.params) do
    if param.place == "path" and not param.option then last = values[param.name] end
  end
  return last ~= nil and tostring(last) or "new " .. canonical(shape)
end

--- An id may come as text or as a number; the ledger knows one form.
local function typed(param, value)
  local number = param.type == "integer" and tonumber(value)
  return number and math.floor(number) or value
end

--- The parameters of a call by name, path values included.
local function values_of(client, row, params, body, ...)
  local values, at, given = {}, 0, { ... }
  for _, param in ipairs(row.params) do
    local value = (params or {})[param.name]
    if param.place == "path" and not param.option then
      at = at + 1
      value = given[at]
    elseif value == nil and param.option then
      value = client.defaults_[param.name]
    end
    values[param.name] = typed(param, value)
  end
  for name, value in pairs(body or {}) do values[name] = value end
  return values
end

--- A call as the ledger writes it down.
---@param client reseller.Client
---@param row table
---@param found table its terms
---@param params table|nil
---@param body table|nil
---@return table call
function terms.call(client, row, found, params, body, ...)
  local values = values_of(client, row, params, body, ...)
  local shape = evidence.shape(row, values)
  return { row = row, key = found.key, expect_end = found.expect_end, shape = shape,
    subject = subject_of(row, values, shape), parameters = client:mask_(canonical(values)) }
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- What a path is about by a row's template, nil when it is not of that form.
local function subject_by(row, path)
  local subject
  local pattern = row.path:gsub("[%-%.]", "%%%0"):gsub("{[^}]*}", "([^/]+)")
  for _, value in ipairs { path:match("^" .. pattern .. "$") } do subject = value end
  return row.path:find "{" and subject and unescape(subject)
end

--- What a request of the caller's own is about: what the table says of its path, or the path itself.
local function subject_of_path(client, path)
  for _, row in pairs(client.rows_) do
    local subject = reply.once(row.effect) and subject_by(row, path)
    if subject then return subject end
  end
  return path
end

--- A request of the caller's own as the ledger writes it down.
---@param client reseller.Client
---@param row table
---@param key string|nil
---@param target string
---@param body string|nil
---@return table call
function terms.request(client, row, key, target, body)
  local values = { method = row.method, target = target, body = body }
  return { row = row, key = key, shape = {}, subject = client:mask_(subject_of_path(client, target:match "^[^?]*")),
    parameters = client:mask_(canonical(values)) }
end

terms.key_fault = key_fault

return terms
