--- Measures another call's latency while 1,000 transfers wait for a reply that never comes, over that of an
--- empty engine. Usage: idle.lua PORT [ROUNDS]
local core = require "reseller.core"
local plain = require "reseller.host.plain"
local reseller = require "reseller"

local IDLE, CALLS, TARGET = 1000, 200, 3
local port, rounds = arg[1], tonumber(arg[2] or 9)
local gs = reseller.ghostealth { api_key = "GHO-benchbench-STEA-benchbench-LTH", limit = false, retries = 0,
  timeout = 300, base_url = ("http://127.0.0.1:%s/dev/v1.0"):format(port) }

local function median(list)
  table.sort(list)
  return list[math.ceil(#list / 2)]
end

--- Microseconds that a call on the I/O thread takes.
local function latency()
  local times = {}
  local ok, results = plain.wait(plain.spawn(function()
    for i = 1, CALLS do
      local start = core.now()
      assert(gs:get_reseller())
      times[i] = (core.now() - start) * 1e6
    end
  end))
  assert(ok, results[1])
  return median(times)
end

local function idle()
  return plain.spawn(function() return gs:request { method = "GET", path = "/idle", effect = "read" } end)
end

latency()
local ratios, empties, fulls = {}, {}, {}
for i = 1, rounds do
  empties[i] = latency()
  local tasks = {}
  for n = 1, IDLE do tasks[n] = idle() end
  plain.wait(plain.spawn(function() plain.sleep(0.5) end))
  fulls[i] = latency()
  for _, task in ipairs(tasks) do plain.cancel(task) end
  plain.wait(plain.spawn(function() plain.sleep(0.2) end))
  ratios[i] = fulls[i] / empties[i]
end
local ratio = median(ratios)
print(("a call beside %d idle ones  %.2f of one alone (%.0f us to %.0f us; target %.1f, %s)"):format(IDLE, ratio,
  median(fulls), median(empties), TARGET, ratio <= TARGET and "met" or "missed"))
os.exit(ratio <= TARGET, true)
