--- Whether a ticker of 10 ms keeps its beat in cqueues and in luv while 64 calls are in flight all the time.
---     loops.lua [rounds]
local core = require "reseller.core"
local loops = require "spec.support.loops"
local measure = require "spec.bench.nginx.measure"
local reseller = require "reseller"

local rounds = tonumber(arg[1] or 8)
local CALLS, TICKS, BEAT = 64, 100, 0.01
local LATENCY_MS = 250

local port, stop = measure.serve(LATENCY_MS)
local gs = reseller.ghostealth { api_key = "GHO-benchbench-STEA-benchbench-LTH", limit = false, retries = 0,
  base_url = ("http://127.0.0.1:%d/dev/v1.0"):format(port) }

--- Ticks that came within their beat, of TICKS, and calls that ended meanwhile.
local function beat(loop)
  local functions, on_beat, ended, over = {}, 0, 0, false
  for i = 1, CALLS do
    functions[i] = function()
      while not over do
        assert(gs:get_reseller())
        ended = ended + 1
      end
    end
  end
  functions[CALLS + 1] = function()
    loop.sleep(LATENCY_MS / 2000) -- all are under way
    local start = core.now()
    for i = 1, TICKS do
      loop.sleep(start + i * BEAT - core.now())
      if core.now() < start + (i + 1) * BEAT then on_beat = on_beat + 1 end
    end
    over = true
  end
  loop.run(functions)
  return on_beat, ended
end

print(jit and jit.version or _VERSION) -- luacheck: ignore 113
for _, loop in ipairs(loops) do
  local kept, calls = {}, {}
  for round = 1, rounds do kept[round], calls[round] = beat(loop) end
  measure.report(("%s: ticks of %d on their beat"):format(loop.name, TICKS), measure.median(kept), 98, true, "%.1f")
  measure.report("  calls that ended meanwhile", measure.median(calls), nil, nil, "%.0f")
end
stop()
measure.exit()
