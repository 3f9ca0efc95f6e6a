-- Cuts the exchange of each call that must not be made twice at every byte of request and reply, before and after
-- the server acts, with connections of earlier calls in the pool. Executions are the sandbox's own count.
-- RESELLER_SWEEP=full takes every byte for every pool; otherwise each byte is taken once over the four pools.
local plain = require "reseller.host.plain"
local reseller = require "reseller"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"

local POOLS = { 0, 1, 3, 8 }
local REQUEST_BYTES, REPLY_BYTES = 400, 480 -- a little more than the longest of them
local FULL = os.getenv "RESELLER_SWEEP" == "full"

local calls = {
  create_subscription = function(gs) return gs:create_subscription { billingCycle = "WEEKLY", connections = 100 } end,
  update_subscription = function(gs, id) return gs:update_subscription(id, { billingCycle = "MONTHLY", connections = 200 }) end,
  renew_subscription = function(gs, id) return gs:renew_subscription(id) end,
  suspend_subscription = function(gs, id) return gs:suspend_subscription(id) end,
  cancel_subscription = function(gs, id) return gs:cancel_subscription(id) end,
}

local function active(gs)
  for sub in gs:each_subscription { size = 50 } do
    if sub.status == "ACTIVE" and not sub.canceled then return sub.id end
  end
end

--- A client with so many idle connections in its pool, and a way to call it that uses that pool.
local function warm(box, pool)
  local gs = clients.ghostealth(box, { host = plain, retries = 3, timeout = 20 })
  if pool <= 1 then
    for _ = 1, pool do assert(gs:get_reseller()) end
    return gs, function(fn) return fn() end
  end
  box:fault { kind = "delay", seconds = 0.02, times = pool }
  local reads = {}
  for i = 1, pool do reads[i] = function() return assert(gs:get_reseller()) end end
  reseller.parallel(pool, reads)
  return gs, function(fn) return (table.unpack or unpack)(reseller.parallel(1, { fn })[1]) end -- luacheck: ignore 113
end

local function executions(box, endpoint)
  local count = 0
  for _, request in ipairs(box:requests()) do
    if request.endpoint == endpoint and request.executed then count = count + 1 end
  end
  return count
end

--- What is wrong with a verdict, nil if nothing is.
local function fault_of(value, err, executed)
  if executed > 1 then return ("executed %d times"):format(executed) end
  if value and executed ~= 1 then return "reported as done, but it was not" end
  if not value and err.kind ~= "unknown" and executed ~= 0 then return "reported as " .. err.kind .. ", but it was done" end
  if not value and err.attempts > 1 then return ("sent %d times"):format(err.attempts) end
end

describe("a call that must not be made twice", function()
  for endpoint, call in pairs(calls) do
    for i, pool in ipairs(POOLS) do
      local box, gs, run, id
      local function sweep(kind, when, last)
        for at = 0, last do
          if FULL or at % #POOLS == i - 1 then
            box:reset()
            box:fault { kind = kind, at = at, when = when, endpoint = endpoint, times = 20 }
            local value, err = run(function() return call(gs, id) end)
            local fault = fault_of(value, err, executions(box, endpoint))
            if fault then error(("cut at byte %d: %s (%s)"):format(at, fault, tostring(err))) end
          end
        end
      end
      before_each(function()
        box = sandbox.shared()
        id = active(clients.ghostealth(box))
        gs, run = warm(box, pool)
      end)

      for name, cut in pairs { ["of its request"] = { "cut_request", "before", REQUEST_BYTES },
        ["of the reply, when the server has acted"] = { "cut", "after", REPLY_BYTES },
        ["of the reply, when the server has not acted"] = { "cut", "before", REPLY_BYTES } } do
        it(("is not, and is told right: %s cut at each byte %s, %d idle connections"):format(endpoint, name, pool), function()
          sweep(cut[1], cut[2], cut[3])
        end)
      end
    end
  end
end)
