local reseller = require "reseller"
local plain = require "reseller.host.plain"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"

describe("reseller.parallel", function()
  local box, gs, ap
  before_each(function()
    box = sandbox.shared()
    gs, ap = clients.ghostealth(box, { host = plain }), clients.activeplatform(box, { host = plain })
  end)

  it("gives results in the order of the functions, whatever the order of the replies", function()
    box:fault { kind = "delay", seconds = 0.05, times = 3 }
    local functions = {}
    for i = 1, 12 do functions[i] = function() return gs:list_subscriptions { page = i % 3, size = 10 } end end
    local results = reseller.parallel(6, functions)
    assert.equal(12, #results)
    for i = 1, 12 do
      assert.equal(10, #results[i][1])
      assert.equal(200, results[i][2].status)
      assert.equal(results[i % 3 + 3][1][1].id, results[i][1][1].id)
    end
  end)

  it("has no more than n calls under way", function()
    local now, most, functions = 0, 0, {}
    for i = 1, 20 do
      functions[i] = function()
        now = now + 1
        most = math.max(most, now)
        gs:get_reseller()
        now = now - 1
      end
    end
    reseller.parallel(4, functions)
    assert.equal(4, most)
  end)

  it("waits for many replies at the same time", function()
    box:fault { kind = "delay", seconds = 0.1, times = 16 }
    local functions, connections, count = {}, {}, 0
    for i = 1, 16 do functions[i] = function() return gs:get_reseller() end end
    reseller.parallel(16, functions)
    for _, request in ipairs(box:requests()) do
      if not connections[request.connection] then count = count + 1 end
      connections[request.connection] = true
    end
    assert.equal(16, count)
  end)

  it("keeps the error of one from the others", function()
    local results = reseller.parallel(2, {
      function() return gs:get_reseller() end,
      function() return gs:renew_subscription "su_none" end,
      function() error { my = "error" } end,
      function() return gs:get_reseller() end,
      function() return nil end,
    })
    assert.is_table(results[1][1])
    assert.same({ nil, "not_found" }, { results[2][1], results[2][2].kind })
    assert.same({ my = "error" }, results[3][2])
    assert.is_table(results[4][1])
    assert.same({}, results[5])
  end)

  it("sends a spend on a fresh connection, once, also when its reply is lost", function()
    local warm = {}
    for i = 1, 8 do warm[i] = function() return gs:get_reseller() end end
    reseller.parallel(8, warm)
    box:fault { kind = "close", endpoint = "create_subscription", when = "after", times = 50 }
    local functions = {}
    for i = 1, 4 do functions[i] = function() return gs:create_subscription { billingCycle = "WEEKLY", connections = 100 } end end
    for _, result in ipairs(reseller.parallel(4, functions)) do assert.same({ "unknown", 1 }, { result[2].kind, result[2].attempts }) end
    assert.equal(4, #box:charges())
  end)

  it("works with iterators and the limiter inside", function()
    local results = reseller.parallel(3, {
      function()
        local n = 0
        for _ in ap:each_child_subscription { page = { size = 100 } } do n = n + 1 end
        return n
      end,
      function()
        local n = 0
        for _ in ap:each_child_subscription { pages_ahead = 4 } do n = n + 1 end
        return n
      end,
      function()
        local limited = clients.ghostealth(box, { host = plain, limit = { requests = 2, seconds = 0.05 } })
        for _ = 1, 5 do assert(limited:get_reseller()) end
        return "limited"
      end,
    })
    assert.same({ 1146, 1146, "limited" }, { results[1][1], results[2][1], results[3][1] })
  end)

  it("nests", function()
    local results = reseller.parallel(2, {
      function()
        local inner = reseller.parallel(2, { function() return gs:get_reseller() end, function() return 7 end })
        return inner[1][1].id, inner[2][1]
      end,
      function() return gs:get_reseller() end,
    })
    assert.is_string(results[1][1])
    assert.equal(7, results[1][2])
    assert.is_table(results[2][1])
  end)

  it("tells a function that yields by itself", function()
    assert.truthy(tostring(reseller.parallel(1, { coroutine.yield })[1][2]):find "yielded by itself")
  end)

  it("takes an empty list, and refuses what is no list of functions", function()
    assert.same({}, reseller.parallel(3, {}))
    for _, call in ipairs { function() reseller.parallel(0, {}) end, function() reseller.parallel(1.5, {}) end, function() reseller.parallel("2", {}) end,
      function() reseller.parallel(2) end, function() reseller.parallel(2, { 5 }) end } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.truthy(message:find "parallel_spec%.lua:%d+: reseller.parallel: expected", message)
    end
  end)

  it("lets coroutines be collected with their transfers under way", function()
    for _ = 1, 30 do
      box:fault { kind = "delay", seconds = 20 }
      plain.spawn(function() return gs:get_reseller() end)
      plain.wait(plain.spawn(function() plain.sleep(0) end))
      collectgarbage()
      collectgarbage()
    end
    box:clear_faults()
    assert.is_table(reseller.parallel(1, { function() return gs:get_reseller() end })[1][1])
  end)

  it("cancels what is under way when it is interrupted", function()
    box:fault { kind = "delay", seconds = 20, times = 4 }
    local real, calls = plain.wait, 0
    plain.wait = function(task)
      calls = calls + 1
      if calls == 1 then
        plain.wait = real
        real(plain.spawn(function() plain.sleep(0.01) end))
        error "interrupted!"
      end
      return real(task)
    end
    local functions = {}
    for i = 1, 4 do functions[i] = function() return gs:get_reseller() end end
    local start = plain.now()
    local ok, err = pcall(reseller.parallel, 4, functions)
    plain.wait = real
    assert.is_false(ok)
    assert.truthy(err:find "interrupted!")
    assert.is_true(plain.now() - start < 20) -- when the replies would have come
  end)
end)

describe("a process that forks", function()
  local ok, unistd = pcall(require, "posix.unistd")
  if not ok then return end
  local wait = require "posix.sys.wait"

  it("leaves the parent's connections alone, inline and on the I/O thread", function()
    local box = sandbox.shared()
    local gs = clients.ghostealth(box, { host = plain })
    assert(gs:get_reseller())
    reseller.parallel(2, { function() return gs:get_reseller() end, function() return gs:get_reseller() end })
    local before = box:requests()
    local pid = unistd.fork()
    if pid == 0 then
      local good = gs:get_reseller() and reseller.parallel(1, { function() return gs:get_reseller() end })[1][1]
      gs = nil
      collectgarbage()
      unistd._exit(good and 0 or 1)
    end
    local _, reason, status = wait.wait(pid)
    assert.same({ "exited", 0 }, { reason, status })
    assert(gs:get_reseller())
    assert.is_table(reseller.parallel(1, { function() return gs:get_reseller() end })[1][1])
    local seen, fresh = {}, 0
    for _, request in ipairs(before) do seen[request.connection] = true end
    for i = #before + 1, #before + 2 do
      if not seen[box:requests()[i].connection] then fresh = fresh + 1 end
    end
    assert.equal(2, fresh)
  end)
end)
