--- Whether a ticker of 10 ms keeps its beat in cqueues and in luv while 64 calls are in flight all the time.
---     loops.lua [rounds]
local cqueues = require "cqueues"
local uv = require "luv"

local core = require "reseller.core"
local measure = require "spec.bench.nginx.measure"
local on_luv = require "reseller.host.luv"
local reseller = require "reseller"

local rounds = tonumber(arg[1] or 8)
local CALLS, TICKS, BEAT = 64, 100, 0.01
local LATENCY_MS = 250

--- Waits in a coroutine of luv.
local function sleep_in_luv(seconds)
  local thread, timer = coroutine.running(), uv.new_timer()
  timer:start(math.max(0, math.floor(seconds * 1000 + 0.5)), 0, function()
    timer:close()
    assert(coroutine.resume(thread))
  end)
  coroutine.yield()
end

--- How each loop runs functions side by side until all have ended, and how one of them waits.
local loops = {
  { name = "cqueues", sleep = cqueues.sleep, run = function(functions)
    local controller = cqueues.new()
    for _, fn in ipairs(functions) do controller:wrap(fn) end
    assert(controller:loop())
  end },
  { name = "luv", sleep = sleep_in_luv, run = function(functions)
    for _, fn in ipairs(functions) do on_luv.spawn(fn) end
    uv.run()
  end },
}

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
