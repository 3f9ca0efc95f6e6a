--- POST /webhooks/unpaid: suspends the subscription of a customer who does not pay, once for each event.
---
--- The ledger remembers the event: the same one again gets the recorded result, and nothing is sent. The answer tells
--- the sender whether to come back:
---
---     200  it is suspended                                      done; "replayed" when it was before
---     400  the message is not as expected, `field` says where   mend it
---     401  the signature is missing, wrong or too old           mend it
---     409  the event was used for another subscription          mend it
---     413  more than nginx.conf takes                           mend it
---     422  the platform refused it; nothing was done            look at the message
---     502  it was sent, and nobody can tell yet what came of it send the same event again: it is found out first
---     503  nothing was sent, for a reason that passes           send the same event again, after Retry-After
---
--- A request goes on when its sender hangs up: nginx does not look for that unless it is told to.
-- luacheck: std min+ngx_lua
local answer = require "desk.answer"
local cache = require "desk.cache"
local metrics = require "desk.metrics"
local json = require "reseller.json"
local platform = require "desk.platform"
local settings = require "desk.settings"
local signature = require "desk.signature"

local LATER = 30 -- seconds until a sender should try again, when nothing tells

local webhook = {}

local permanent = { rejected = 422, not_found = 422 }

--- The fields of a message, and what each must look like.
local fields = {
  { "event", "text of 1 to 100 letters, digits, dots, colons, dashes and underscores", "^[%w.:_-]+$" },
  { "subscription", "the id of a subscription, such as su_69afba98bc32119ad6daa8f0", "^su_%w+$" },
}

local function shown(value)
  if value == nil then return "nothing" end
  return type(value) == "string" and ("%d bytes of text"):format(#value) or "a " .. type(value)
end

--- The message in a body.
---@return table? message
---@return string? field
---@return string? fault
function webhook.read(body)
  local message, why = json.decode(body)
  if type(message) ~= "table" or json.is_array(message) then
    return nil, "body", "expected a JSON object, got " .. (why or "something else")
  end
  for _, field in ipairs(fields) do
    local name, expected, pattern = field[1], field[2], field[3]
    local value = message[name]
    if type(value) ~= "string" or #value > 100 or not value:find(pattern) then
      return nil, name, ("expected %s, got %s"):format(expected, shown(value))
    end
  end
  return message
end

--- The status for an error: whether the sender should come back, and why.
---@param err reseller.Error
---@return integer
function webhook.status(err)
  if err.kind == "unknown" then return 502 end
  if err.kind == "invalid" then return 400 end
  if err.kind == "refused" and err.field == "key" then return 409 end
  return permanent[err.kind] or 503
end

local outcomes = { [400] = "invalid", [409] = "refused", [422] = "refused", [502] = "unknown", [503] = "not sent" }

local function tell(message, err)
  local status = webhook.status(err)
  local value = { outcome = outcomes[status], event = message.event, subscription = message.subscription,
    field = err.field == "key" and "event" or err.field == "subscriptionId" and "subscription" or err.field,
    message = err.message, entry = err.entry }
  if status == 502 or status == 503 then return answer.later(status, err.retry_after or LATER, value) end
  return answer.json(status, value)
end

local function call(message)
  local gs, err = platform.client()
  if not gs then return nil, err end
  return metrics.call("suspend_subscription", gs.suspend_subscription, gs, message.subscription,
    { key = "unpaid " .. message.event })
end

--- Suspends. What breaks the call off in the middle leaves open what came of it; the log has the rest.
local function suspend(message)
  local ran, value, result = pcall(call, message)
  if ran then return value, result end
  ngx.log(ngx.ERR, "desk: the suspension for event ", message.event, " broke off: ", tostring(value))
  return nil, { kind = "unknown", message = "the call broke off; the next try finds out what came of it" }
end

local function authenticated(body)
  local headers = ngx.req.get_headers()
  local function one(name) return type(headers[name]) == "string" and headers[name] or nil end
  return signature.fault(settings.secret, one "webhook-timestamp", one "webhook-signature", body, ngx.time())
end

--- Answers the request.
function webhook.serve()
  answer.only "POST"
  ngx.req.read_body()
  local body = ngx.req.get_body_data() or ""
  local header, fault = authenticated(body)
  if header then return answer.json(401, { outcome = "invalid", field = header, message = header .. ": " .. fault }) end
  local message, field, wrong = webhook.read(body)
  if not message then return answer.invalid(field, wrong) end
  local ok, result = suspend(message)
  if ok == nil then return tell(message, result) end
  if not result.replayed then cache.hurry() end
  return answer.json(200, { outcome = "suspended", event = message.event, subscription = message.subscription,
    replayed = result.replayed == true, entry = result.entry, message = result.note })
end

--- Counts what was answered; for log_by_lua.
function webhook.count() metrics.add(1, "desk_webhooks_total", "code", ngx.status) end

return webhook
