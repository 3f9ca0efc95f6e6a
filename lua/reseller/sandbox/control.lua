--- The control address: `/_sandbox/...`, JSON in and out, no key, not counted and not limited. What it
--- offers is told at the head of the module `reseller.sandbox`.

local calendar = require "reseller.sandbox.calendar"
local json = require "reseller.json"
local text = require "reseller.sandbox.text"

local control = {}

local ROOT = "/_sandbox/"
local ADVANCE_MAX = 20 * 365 * 86400

local actions = {}

local function shown_settings(world)
  local copy = {}
  for name, value in pairs(world.settings) do
    copy[name] = value
  end
  return copy
end

local function charged(world)
  local total = 0
  for _, charge in ipairs(world.charges:list()) do
    total = total + charge.amount
  end
  return total
end

actions["GET state"] = function(world)
  local balance, currency = world.ghostealth:balance()
  local now_ms = world.calendar:now()
  return 200, {
    seed = world.seed,
    clock = world:clock(),
    calendar = { ms = now_ms, date = calendar.format(now_ms) },
    ghostealth = { balance = balance, currency = currency, counts = world.ghostealth:counts() },
    activeplatform = { subscriptions = world.activeplatform:count() },
    charges = { count = world.charges:count(), amount = charged(world) },
    requests = { count = world.requests:count() },
    limiter = { refused = world.limiter:refused() },
    settings = shown_settings(world),
    faults = json.array(world.faults:list()),
  }
end

actions["GET charges"] = function(world, _, query)
  return 200, json.array(world.charges:list(tonumber(query.since)))
end

actions["GET requests"] = function(world, _, query)
  return 200, json.array(world.requests:list(tonumber(query.since)))
end

actions["POST reset"] = function(world, body)
  local seed = body.seed
  if seed ~= nil and (type(seed) ~= "number" or seed % 1 ~= 0) then
    return 422, { message = "seed: expected an integer" }
  end
  world:reset(seed)
  return 200, {}
end

actions["POST advance"] = function(world, body)
  local seconds = body.seconds
  if type(seconds) ~= "number" or seconds < 0 or seconds > ADVANCE_MAX then
    return 422, { message = ("seconds: expected a number from 0 to %d"):format(ADVANCE_MAX) }
  end
  world.calendar:advance(seconds)
  local now_ms = world.calendar:now()
  return 200, { ms = now_ms, date = calendar.format(now_ms) }
end

actions["POST settings"] = function(world, body)
  local ok, why = world:set(body)
  if not ok then return 422, { message = why } end
  return 200, shown_settings(world)
end

actions["POST faults"] = function(world, body)
  local list = body.kind and { body } or body
  local ok, why = world.faults:arm(list)
  if not ok then return 422, { message = why } end
  return 200, json.array(world.faults:list())
end

actions["DELETE faults"] = function(world)
  world.faults:clear()
  return 200, json.array {}
end

actions["POST stop"] = function()
  return 200, {}, true
end

local function reply(status, value)
  local body = assert(json.encode(value))
  return { status = status, headers = { ["content-type"] = "application/json" }, body = body }
end

--- Whether a request target belongs to the control address.
---@param target string
---@return boolean
function control.owns(target)
  return target:sub(1, #ROOT) == ROOT
end

--- Answers a request to the control address.
---@param world reseller.sandbox.World
---@param method string
---@param target string
---@param body string
---@return reseller.sandbox.reply
---@return boolean? stop  whether the server is to stop once the reply has left
function control.handle(world, method, target, body)
  local path, query = text.parse_target(target)
  local action = actions[method .. " " .. path:sub(#ROOT + 1)]
  if not action then return reply(404, { message = "the control address has no such action" }) end
  local value, why = {}, nil
  if body ~= "" then value, why = json.decode(body) end
  if type(value) ~= "table" then return reply(400, { message = why or "expected an object or a list" }) end
  local status, answer, stop = action(world, value, query)
  return reply(status, answer), stop
end

return control
