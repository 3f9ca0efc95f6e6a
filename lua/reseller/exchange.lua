--- Moves a checked request over the wire: within the limit, and again where its effect allows it.
local errors = require "reseller.errors"
local reply = require "reseller.reply"
local retry = require "reseller.retry"

local exchange = {}

---@class reseller.Event
---@field platform string
---@field endpoint string
---@field effect string
---@field method string
---@field target string path and query below base_url
---@field attempt integer number of this try
---@field status? integer
---@field kind? string what went wrong when there is no status
---@field elapsed number seconds
---@field sends integer how often this try went on the wire

local function report(client, row, target, wire, attempt)
  client.on_event_ {
    platform = client.platform, endpoint = row.id, effect = row.effect, method = row.method,
    target = client:mask_(target), attempt = attempt, status = wire.status, kind = wire.kind,
    elapsed = wire.elapsed, sends = wire.sends,
  }
end

--- The time that one try may take. A read leaves a third of what is left for the next one.
local function time_for_try(client, row, left, tries)
  if reply.once(row.effect) or tries >= client.retries_ then return left end
  return left * 2 / 3
end

--- Moves the request once.
local function try(client, row, target, body, timeout)
  local status, headers, text, elapsed, sends =
    client.host_.perform(client.session_, row.method, target, body, timeout, reply.once(row.effect))
  local wire = { elapsed = elapsed, sends = sends }
  if status then
    wire.status, wire.headers, wire.body = status, headers, text
  else
    wire.kind, wire.message = headers, text
  end
  return wire
end

--- Whether the call is to be sent again, after the wait that this takes.
local function again(client, row, wire, lease, tries, left)
  local reason = retry.reason(row.effect, wire, wire.sends)
  if not reason then client.budget_.refund() end
  if reason == "limited" then
    local after = errors.retry_after(wire.headers["retry-after"], os.time())
    return client.limiter_:pause(lease, after) and tries <= client.retries_, left
  end
  if not reason or tries > client.retries_ or not client.budget_.spend() then return false, left end
  local delay = retry.delay(tries, client.random_)
  if delay >= left then return false, left end
  if client.on_wait_ then client.on_wait_(delay, "retry") end
  client.host_.sleep(delay)
  return true, left - delay
end

--- The end of a call that got no lease: nothing was sent, this time.
local function unsent(client, row, fault, last)
  fault.endpoint, fault.platform = row.id, client.platform
  fault.attempts, fault.elapsed = last and last.attempts, last and last.elapsed
  return nil, errors.new(fault)
end

--- Sends a checked request, again where that is allowed, and judges the last reply. `timeout` counts what
--- is spent on the wire and between tries, not the waits for the limit. `before` is asked before each try,
--- and stops it with an error.
---@param client reseller.Client
---@param row table the endpoint
---@param target string path and query below the base URL
---@param body string|nil
---@param before? fun(): reseller.Error?
---@return any value
---@return reseller.Meta|reseller.Error
function exchange.send(client, row, target, body, before)
  local left, tries, attempts, elapsed = client.timeout_, 0, 0, 0
  local wire, repeated
  repeat
    local timeout = time_for_try(client, row, left, tries)
    local lease, fault = client.limiter_:acquire(row.id, timeout)
    if not lease then return unsent(client, row, fault, wire) end
    local stop = before and before()
    if stop then
      client.limiter_:release(lease)
      return nil, stop
    end
    wire = try(client, row, target, body, timeout)
    client.limiter_:release(lease)
    tries, attempts, elapsed, left = tries + 1, attempts + wire.sends, elapsed + wire.elapsed, left - wire.elapsed
    if client.on_event_ then report(client, row, target, wire, tries) end
    repeated, left = again(client, row, wire, lease, tries, left)
  until not repeated or left <= 0
  wire.attempts, wire.elapsed = attempts, elapsed
  return reply.judge(client, row, wire)
end

return exchange
