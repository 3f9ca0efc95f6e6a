--- What can be set: at the start by options, later through the control address.

local limiter = require "reseller.sandbox.limiter"
local texts = require "reseller.sandbox.ghostealth_texts"

local settings = {}

local function one_of(choices)
  return function(value)
    for _, choice in ipairs(choices) do
      if choice == value then return nil end
    end
    return "one of " .. table.concat(choices, ", ")
  end
end

local function whole_from(low)
  return function(value)
    if type(value) ~= "number" or value % 1 ~= 0 or value < low then
      return ("a whole number from %d"):format(low)
    end
  end
end

local function positive(value)
  if type(value) ~= "number" or value <= 0 then return "a number above 0" end
end

local function truth(value)
  if type(value) ~= "boolean" then return "true or false" end
end

-- Each returns what was expected, nil when the value will do.
local checks = {
  limit = truth,
  window = positive,
  requests = whole_from(1),
  count = one_of(limiter.methods()),
  retry_after = one_of { "seconds", "date", "none" },
  list_shape = one_of(texts.list_shapes()),
  error_shape = one_of { "object", "array" },
  balance = whole_from(0),
}

---@class reseller.sandbox.settings
---@field limit boolean  whether requests are limited at all
---@field window number  seconds
---@field requests integer  how many in a window
---@field count string  how they are counted, see the limiter
---@field retry_after "seconds"|"date"|"none"
---@field list_shape "array"|"object"|"null"|"missing"|"content"
---@field error_shape "object"|"array"
---@field balance? integer  cents; sets the balance when given

--- Those of the vendors.
---@param limit { requests: integer, seconds: integer }
---@return reseller.sandbox.settings
function settings.defaults(limit)
  return {
    limit = true,
    window = limit.seconds,
    requests = limit.requests,
    count = "sliding_log",
    retry_after = "seconds",
    list_shape = "array",
    error_shape = "object",
  }
end

--- Whether there is a setting of this name.
---@param name string
---@return boolean
function settings.has(name)
  return checks[name] ~= nil
end

--- What is wrong with the first setting that is, nil when all will do.
---@param changes table<string, any>
---@return string?
function settings.fault(changes)
  for name, value in pairs(changes) do
    local check = checks[name]
    if not check then return ("%s: unknown setting"):format(tostring(name)) end
    local expected = check(value)
    if expected then return ("%s: expected %s, got %s"):format(name, expected, tostring(value)) end
  end
end

return settings
