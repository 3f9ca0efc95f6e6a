--- Event loops: how each runs functions side by side until all have ended, and how one of them waits.
local cqueues = require "cqueues"
local on_cqueues = require "reseller.host.cqueues"
local on_luv = require "reseller.host.luv"
local uv = require "luv"

--- Waits in a coroutine of luv.
local function sleep_in_luv(seconds)
  local thread, timer = coroutine.running(), uv.new_timer()
  timer:start(math.ceil(seconds * 1000), 0, function()
    timer:close()
    assert(coroutine.resume(thread))
  end)
  coroutine.yield()
end

return {
  { name = "cqueues", host = on_cqueues, sleep = cqueues.sleep, run = function(functions)
    local controller = cqueues.new()
    for _, fn in ipairs(functions) do controller:wrap(fn) end
    assert(controller:loop())
  end },
  { name = "luv", host = on_luv, sleep = sleep_in_luv, run = function(functions)
    for _, fn in ipairs(functions) do on_luv.spawn(fn) end
    uv.run()
  end },
}
