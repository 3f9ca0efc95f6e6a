--- The way to what the endpoint table does not know: a target and a body out of free parameters.
local nearest = require "reseller.nearest"

local methods = { GET = true, POST = true, PUT = true, PATCH = true, DELETE = true }
local effects = { read = true, write = true, transition = true, spend = true }
local fields = { "method", "path", "query", "body", "effect", "key" }

local request = {}

---@class reseller.Request
---@field method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"
---@field path string below `base_url`, with what is no letter or digit percent-encoded
---@field query? table a list as a value is joined by commas, a table makes name[key]
---@field body? any what JSON can hold
---@field effect? "read"|"write"|"transition"|"spend" a spend unless it says otherwise
---@field key? string your own name for a spend or a transition; needs a ledger

local function escape(text)
  return (text:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

local add_pairs

--- One parameter: a list is joined by commas, a table makes name[key].
local function add_pair(out, name, value)
  if type(value) == "table" and #value > 0 then
    local texts = {}
    for i = 1, #value do texts[i] = escape(tostring(value[i])) end
    out[#out + 1] = escape(name) .. "=" .. table.concat(texts, ",")
  elseif type(value) == "table" then
    add_pairs(out, value, name)
  else
    out[#out + 1] = escape(name) .. "=" .. escape(tostring(value))
  end
end

function add_pairs(out, query, prefix)
  for _, key in ipairs(sorted_keys(query)) do
    add_pair(out, prefix and ("%s[%s]"):format(prefix, key) or tostring(key), query[key])
  end
end

local function path_fault(path)
  if type(path) ~= "string" or path:sub(1, 1) ~= "/" then return "a path below base_url that starts with /" end
  if path:find "[^%w%-._~!$&'()*+,;=:@%%/]" then
    return "a path with all but letters, digits and -._~ percent-encoded"
  end
  if (path .. "/"):find "/%.%.?/" or path:find "//" then return "a path without empty or dotted segments" end
end

local function fault(spec)
  for name in pairs(spec) do
    local known = false
    for _, field in ipairs(fields) do known = known or field == name end
    if not known then return tostring(name), nil, nearest(tostring(name), fields) end
  end
  if not methods[spec.method] then return "method", "one of GET, POST, PUT, PATCH, DELETE" end
  if path_fault(spec.path) then return "path", path_fault(spec.path) end
  if spec.effect ~= nil and not effects[spec.effect] then return "effect", "one of read, write, transition, spend" end
  if spec.query ~= nil and type(spec.query) ~= "table" then return "query", "a table" end
end

--- Checks a request of the caller's own and makes a row and a target of it. Unless it says otherwise, it
--- counts as a spend: nobody knows better.
---@param platform string
---@param spec reseller.Request
---@return table|nil row nil when a field is at fault
---@return string target or the field
---@return string|nil expected what the field should have been; nil if there is no such field
---@return string|nil near a field that may have been meant
function request.read(platform, spec)
  local field, expected, near = fault(spec)
  if field then return nil, field, expected, near end
  local target, query = spec.path, {}
  add_pairs(query, spec.query or {})
  if #query > 0 then target = target .. "?" .. table.concat(query, "&") end
  if #target > 8000 then return nil, "query", "a target of at most 8000 bytes" end
  local row = { id = "request", platform = platform, method = spec.method, effect = spec.effect or "spend" }
  row.result = "any"
  return row, target
end

return request
