local core = require "reseller.core"
local limiter = require "reseller.limiter"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"

--- Five ways in which a server may count 10 requests in 60 seconds; each tells whether it refuses.
local servers = {}

function servers.sliding_log()
  local log = {}
  return function(now)
    while log[1] and log[1] <= now - 60 do table.remove(log, 1) end
    log[#log + 1] = now
    return #log > 10
  end
end

function servers.fixed_window()
  local window, count
  return function(now)
    if math.floor(now / 60) ~= window then window, count = math.floor(now / 60), 0 end
    count = count + 1
    return count > 10
  end
end

function servers.token_bucket()
  local tokens, last = 10, nil
  return function(now)
    tokens = math.min(10, tokens + (now - (last or now)) / 6)
    last, tokens = now, tokens - 1
    return tokens < -1e-9
  end
end

function servers.from_first_hit()
  local start, count
  return function(now)
    if not start or now >= start + 60 then start, count = now, 0 end
    count = count + 1
    return count > 10
  end
end

function servers.per_second_of_arrival()
  local log = {}
  return function(now)
    local second = math.floor(now)
    while log[1] and log[1] <= second - 60 do table.remove(log, 1) end
    log[#log + 1] = second
    return #log > 10
  end
end

--- A client of a virtual server: calls one after the other, or several at a time.
local function run(refuses, latency, calls, workers, random)
  local leases = core.leases("virtual" .. tostring(refuses))
  local clock, refused, done, events = 1000.25, 0, 0, {}
  local function at(time, fn) events[#events + 1] = { time = time, fn = fn } end
  local started = 0
  local function work()
    if started >= calls then return end
    local wait, index, holder = leases:acquire(clock, 10, 60, 40)
    if wait > 0 then return at(clock + wait, work) end
    started = started + 1
    local total = latency(random)
    local arrival = clock + total * random()
    at(arrival, function() if refuses(clock + 12345.678) then refused = refused + 1 end end)
    at(clock + total, function()
      leases:release(clock, 10, 60, index, holder)
      done = done + 1
      work()
    end)
  end
  for _ = 1, workers do at(clock, work) end
  local start = clock
  while #events > 0 do
    local first = 1
    for i = 2, #events do if events[i].time < events[first].time then first = i end end
    local event = table.remove(events, first)
    clock = math.max(clock, event.time)
    event.fn()
  end
  return refused, done / ((clock - start) / 60)
end

--- The same numbers on every Lua.
local function generator(seed)
  return function()
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
  end
end

local function fixed(seconds) return function() return seconds end end
local function mixed(random) return 0.001 * 30000 ^ random() end

describe("leases", function()
  -- A token bucket gives back one request in 6 s: whoever sends 10 at once gets none extra within the window.
  for name, server in pairs(servers) do
    for _, case in ipairs { { "1 ms", fixed(0.001) }, { "50 ms", fixed(0.05) }, { "0.5 s", fixed(0.5) }, { "5 s", fixed(5) }, { "30 s", fixed(30) },
      { "1 ms to 30 s", mixed } } do
      for _, workers in ipairs { 1, 4, 16 } do
        it(("let nothing be refused by a server that counts by %s, latency %s, %d at a time"):format(name, case[1], workers), function()
          local refused = run(server(), case[2], 120, workers, generator(42))
          assert.equal(0, refused)
        end)
      end
    end
    for latency = 0, 0.5, 0.25 do
      it(("let 9.9 calls a minute through to a server that counts by %s, latency %g s"):format(name, latency + 0.001), function()
        local _, rate = run(server(), fixed(latency + 0.001), 600, 10, generator(7))
        assert.is_true(rate >= 9.9, tostring(rate))
      end)
    end
  end

  it("keep up the best rate that is safe when replies take long", function()
    for _, seconds in ipairs { 5, 30 } do
      local _, rate = run(servers.sliding_log(), fixed(seconds), 600, 10, generator(7))
      assert.is_true(rate >= 0.99 * 600 / (60.06 + seconds), tostring(rate))
    end
  end)

  it("are free again after the window, counted from the reply", function()
    local leases = core.leases "k1"
    local _, index, holder = leases:acquire(100, 1, 60, 30)
    assert.equal(60.06, leases:acquire(100, 1, 60, 30)) -- its reply may come any moment
    leases:release(105, 1, 60, index, holder)
    assert.near(60.06, leases:acquire(105, 1, 60, 30), 1e-9)
    assert.equal(0, (leases:acquire(165.06, 1, 60, 30)))
  end)

  it("of a dead holder expire", function()
    local leases = core.leases "k2"
    leases:acquire(100, 1, 60, 30)
    assert.is_true(leases:acquire(190, 1, 60, 30) > 0)
    assert.equal(0, (leases:acquire(190.06, 1, 60, 30)))
  end)

  it("that were taken over are not given back by their former holder", function()
    local leases = core.leases "k3"
    local _, index, holder = leases:acquire(100, 1, 60, 30)
    leases:acquire(200, 1, 60, 30)
    leases:release(201, 1, 60, index, holder)
    assert.is_true(leases:acquire(262, 1, 60, 30) > 0)
  end)

  it("wait for the end of a pause, which is never cut short", function()
    local leases = core.leases "k4"
    leases:pause(100, 0, 60, 50)
    leases:pause(100, 0, 60, 5)
    assert.equal(50, leases:acquire(100, 0, 60, 30))
    assert.equal(0, (leases:acquire(150, 0, 60, 30)))
  end)

  it("tell how long calls will take", function()
    local leases = core.leases "k5"
    assert.equal(0, leases:eta(100, 10, 60, 10))
    assert.near(60.06, leases:eta(100, 10, 60, 11), 1e-9)
    assert.near(3 * 60.06, leases:eta(100, 10, 60, 40), 1e-9)
    assert.equal(0, leases:eta(100, 0, 60, 1000))
    for _ = 1, 10 do leases:acquire(100, 10, 60, 30) end
    assert.near(60.06, leases:eta(100, 10, 60, 1), 1e-9)
  end)
end)

describe("a file of leases", function()
  local path
  before_each(function() path = os.tmpname() os.remove(path) end)
  after_each(function() os.remove(path) end)

  it("is shared by whoever opens it with the same key, and by nobody else", function()
    local one, two, other = core.leases("a", path), core.leases("a", path), core.leases("b", path)
    assert.equal(0, (one:acquire(100, 1, 60, 30)))
    assert.is_true(two:acquire(100, 1, 60, 30) > 0)
    assert.equal(0, (other:acquire(100, 1, 60, 30)))
  end)

  it("outlives who used it", function()
    local one = core.leases("a", path)
    one:acquire(100, 1, 60, 30)
    one = nil -- luacheck: ignore 311
    collectgarbage()
    assert.is_true(core.leases("a", path):acquire(100, 1, 60, 30) > 0)
  end)

  it("can be read by its owner only", function()
    core.leases("a", path)
    local pipe = io.popen("stat -c %a " .. path)
    assert.equal("600", pipe:read "*l")
    pipe:close()
  end)

  it("names no key", function()
    core.leases("the-secret-key", path)
    local file = io.open(path, "rb")
    assert.is_nil(file:read("*a"):find("the-secret-key", 1, true))
    file:close()
  end)

  it("from before a reboot makes everybody wait for a whole window", function()
    core.leases("a", path):acquire(1e9, 2, 60, 30)
    local file = io.open(path, "r+b")
    file:seek("set", 32 + 32) -- the boot's id in the first record
    file:write "00000000-another-boot"
    file:close()
    assert.near(60.06, core.leases("a", path):acquire(5, 2, 60, 30), 1e-9)
    assert.equal(0, (core.leases("a", path):acquire(65.07, 2, 60, 30)))
  end)

  it("that is none is refused and left alone", function()
    local file = io.open(path, "w")
    file:write(("precious "):rep(20))
    file:close()
    local leases, why = core.leases("a", path)
    assert.is_nil(leases)
    assert.equal("it is no file of leases", why)
    file = io.open(path)
    assert.equal(("precious "):rep(20), file:read "*a")
    file:close()
  end)
end)

describe("a limited client", function()
  local box, host, waits
  before_each(function()
    box, host, waits = sandbox.shared(), clients.host(), {}
  end)

  local function client(options)
    options.host = host
    options.on_wait = function(seconds, reason) waits[#waits + 1] = { seconds, reason } end
    options.limit = options.limit or { requests = 10, seconds = 60 }
    return clients.ghostealth(box, options)
  end

  it("waits before the eleventh call, and says why", function()
    local gs = client {}
    for _ = 1, 10 do assert(gs:get_reseller()) end
    assert.equal(0, #waits)
    assert(gs:get_reseller())
    assert.equal("limit", waits[1][2])
    assert.near(60.06, waits[1][1], 1)
    assert.near(60.06, gs:eta(10), 1)
  end)

  it("does not mind when somebody sets the clock of the day", function()
    local gs, jump = client {}, 0
    local real = os.time
    stub(os, "time", function(...) return real(...) + jump end)
    for i = 1, 10 do
      jump = i % 2 == 0 and 3600 or -3600
      assert(gs:get_reseller())
    end
    assert.equal(0, #waits)
    assert(gs:get_reseller())
    os.time:revert()
    assert.near(60.06, waits[1][1], 1)
  end)

  it("shares its count with other clients of the key", function()
    local one, two = client {}, client {}
    for _ = 1, 5 do assert(one:get_reseller()) assert(two:get_reseller()) end
    assert.equal(0, #waits)
    assert(two:get_reseller())
    assert.equal(1, #waits)
  end)

  it("counts each endpoint apart when told to", function()
    local gs = client { limit = { requests = 1, seconds = 60, scope = "endpoint" } }
    assert(gs:get_reseller())
    assert(gs:list_subscriptions())
    assert.equal(0, #waits)
    assert(gs:get_reseller())
    assert.equal(1, #waits)
  end)

  it("gives up when the wait is over its patience, and sends nothing", function()
    local gs = client { limit = { requests = 1, seconds = 60 }, patience = 30 }
    assert(gs:get_reseller())
    local before = #box:requests()
    local _, err = gs:get_reseller()
    assert.same({ "limited", "no", 0 }, { err.kind, err.sent, err.attempts })
    assert.near(60.06, err.retry_after, 1)
    assert.equal(before, #box:requests())
  end)

  for header, pause in pairs { ["7"] = 7, [false] = 60 } do
    it(("pauses the key for %d s when the server says 429 in spite of it"):format(pause), function()
      local events = {}
      local gs = client { on_event = function(event) events[#events + 1] = event.status end }
      box:fault { kind = "status", status = 429, headers = header and { ["retry-after"] = header } or {}, body = "{}" }
      assert(gs:get_reseller())
      assert.same({ 429, 200 }, events)
      assert.equal("pause", waits[1][2])
      assert.near(pause, waits[1][1], 0.5)
    end)
  end

  it("repeats even a spend after a 429, which is charged once", function()
    local gs = client {}
    box:fault { kind = "status", status = 429, headers = { ["retry-after"] = "1" }, body = "{}", times = 2 }
    local value, meta = gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }
    assert.is_table(value, tostring(meta))
    assert.equal(3, meta.attempts)
    assert.equal(1, #box:charges())
  end)

  it("does not wait for a server that asks for hours, but says so", function()
    local gs = client {}
    box:fault { kind = "status", status = 429, headers = { ["retry-after"] = "86400" }, body = "{}" }
    local _, err = gs:get_reseller()
    assert.same({ "limited", 86400, 1 }, { err.kind, err.retry_after, err.attempts })
  end)
end)

describe("limiter.fault", function()
  it("finds nothing in a good limit", function()
    assert.is_nil(limiter.fault { requests = 10, seconds = 60, scope = "endpoint", store = "file", path = "x" })
    assert.is_nil(limiter.fault { requests = 1, seconds = 0.5 })
  end)
end)
