--- How pages answer: with JSON, with a page that may load nothing, or with the refusal of a method.
-- luacheck: std min+ngx_lua
local json = require "reseller.json"

local answer = {}

--- Headers that keep a browser from guessing, from keeping a copy and from telling others.
local function protect()
  ngx.header["X-Content-Type-Options"] = "nosniff"
  ngx.header["Referrer-Policy"] = "no-referrer"
  ngx.header["Cache-Control"] = "no-store"
end

--- Sends a body of the given type.
---@param status integer
---@param content_type string
---@param body string
function answer.text(status, content_type, body)
  protect()
  ngx.status = status
  ngx.header["Content-Type"] = content_type
  ngx.header["Content-Length"] = #body
  if ngx.req.get_method() ~= "HEAD" then ngx.print(body) end
  return ngx.exit(ngx.OK)
end

--- Sends a value as JSON.
---@param status integer
---@param value table
function answer.json(status, value)
  return answer.text(status, "application/json", assert(json.encode(value)) .. "\n")
end

--- Tells a caller to come back: what was asked for is not there now.
---@param status integer
---@param seconds number|nil
---@param value table
function answer.later(status, seconds, value)
  value.retry_after = math.max(1, math.ceil(seconds or 1))
  ngx.header["Retry-After"] = value.retry_after
  return answer.json(status, value)
end

--- Refuses a request that is not as expected.
---@param field string
---@param message string
function answer.invalid(field, message)
  return answer.json(400, { outcome = "invalid", field = field, message = field .. ": " .. message })
end

--- Lets only some methods through.
---@param ... string
function answer.only(...)
  local method = ngx.req.get_method()
  for i = 1, select("#", ...) do
    if method == select(i, ...) then return end
  end
  local allowed = table.concat({ ... }, ", ")
  ngx.header["Allow"] = allowed
  local message = ("method: expected %s, got %s"):format(allowed, method)
  return answer.json(405, { outcome = "invalid", field = "method", message = message })
end

return answer
