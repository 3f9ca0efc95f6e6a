local reseller = require "reseller"
local core = require "reseller.core"
local clients = require "spec.support.clients"
local loops = require "spec.support.loops"
local sandbox = require "spec.support.sandbox"

for _, loop in ipairs(loops) do
  describe("a call in " .. loop.name, function()
    local box, gs
    before_each(function()
      box = sandbox.shared()
      gs = reseller.ghostealth { base_url = clients.ghostealth(box).base_url, api_key = clients.keys()[1], limit = false }
    end)

    --- Runs functions in the loop; what one of them raises is raised here.
    local function run(...)
      local fault
      local functions = { ... }
      for i, fn in ipairs(functions) do
        functions[i] = function()
          local ok, err = xpcall(fn, debug.traceback)
          if not ok then fault = fault or err end
        end
      end
      loop.run(functions)
      if fault then error(fault, 0) end
    end

    it("lets a ticker of 10 ms keep its beat while 64 are in flight", function()
      box:fault { kind = "delay", seconds = 0.5, times = 64 }
      local on_beat, calls = 0, {}
      for i = 1, 64 do calls[i] = function() return gs:get_reseller() end end
      run(function()
        for _, result in ipairs(reseller.parallel(64, calls)) do assert(result[1], result[2]) end
      end, function()
        local start = core.now()
        for i = 1, 100 do
          loop.sleep(math.max(0, start + i / 100 - core.now()))
          if core.now() < start + (i + 1) / 100 then on_beat = on_beat + 1 end
        end
      end)
      -- a loop that blocked until these replies came would miss 50
      assert.is_true(on_beat >= 75, on_beat .. " of 100 ticks")
    end)

    it("waits side by side with others, also from coroutines of the loop", function()
      box:fault { kind = "delay", seconds = 0.2, times = 8 }
      local start, functions, count = core.now(), {}, 0
      for i = 1, 8 do
        functions[i] = function()
          assert(gs:get_reseller())
          count = count + 1
        end
      end
      run((table.unpack or unpack)(functions)) -- luacheck: ignore 113
      assert.equal(8, count)
      assert.is_true(core.now() - start < 1)
    end)

    it("walks pages that it fetches ahead, and keeps to a limit", function()
      local ap = clients.activeplatform(box, { host = loop.host })
      local limited = clients.ghostealth(box, { host = loop.host, limit = { requests = 2, seconds = 0.05 } })
      local seen, tries = 0, 0
      run(function()
        for _ in ap:each_child_subscription { pages_ahead = 4 } do seen = seen + 1 end
      end, function()
        for _ = 1, 5 do
          assert(limited:get_reseller())
          tries = tries + 1
        end
      end)
      assert.same({ 1146, 5 }, { seen, tries })
    end)

    it("gives errors and raised values as in plain Lua", function()
      local results
      run(function()
        results = reseller.parallel(2, {
          function() return gs:renew_subscription "su_none" end,
          function() error { my = "error" } end,
          function() return nil end,
        })
      end)
      assert.same({ nil, "not_found" }, { results[1][1], results[1][2].kind })
      assert.same({ my = "error" }, results[2][2])
      assert.same({}, results[3])
    end)

    it("is cancelled with its task, and keeps the loop from nothing", function()
      box:fault { kind = "delay", seconds = 20, times = 2 }
      local start, ok, results = core.now(), nil, nil
      run(function()
        local call = loop.host.spawn(function() return gs:get_reseller() end)
        local sleeper = loop.host.spawn(function() loop.host.sleep(20) end)
        loop.host.sleep(0.05)
        loop.host.cancel(call)
        loop.host.cancel(sleeper)
        ok, results = loop.host.wait(call)
      end)
      assert.same({ false, "cancelled" }, { ok, results[1] })
      assert.is_true(core.now() - start < 5)
    end)

    it("blocks outside of the loop", function()
      assert(gs:get_reseller())
      local other = clients.ghostealth(box, { host = loop.host })
      assert(other:get_reseller())
      loop.host.sleep(0.01)
    end)

    it("blocks where a C function is in between that nothing can leave", function()
      run(function()
        local list = { 2, 1 }
        table.sort(list, function(a, b)
          assert(gs:get_reseller())
          return a < b
        end)
        assert.same({ 1, 2 }, list)
      end)
    end)

    it("serves a loop after a loop", function()
      for _ = 1, 5 do
        local done
        run(function() done = gs:get_reseller() end)
        assert.is_table(done)
        collectgarbage()
      end
    end)
  end)
end
