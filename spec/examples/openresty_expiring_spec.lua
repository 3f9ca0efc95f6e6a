local clients = require "spec.support.clients"
local openresty = require "spec.support.openresty"
local script = require "spec.support.script"

if not script.is_main_run then return end -- it is nginx's own LuaJIT that runs what is tested here

local await, DAY = openresty.await, 86400

local box, desk

local function start(variables)
  desk = openresty.start(box, { variables = variables })
  return desk
end

local function finish()
  if desk then desk:stop() end
  desk = nil
end

local function ending(seconds) return openresty.ending(box, seconds) end

local function ids(list)
  local all = {}
  for i, sub in ipairs(list) do all[i] = sub.id end
  return all
end

describe("GET /subscriptions/expiring", function()
  before_each(function() box = openresty.sandbox() end)
  after_each(function()
    finish()
    box:stop()
  end)

  local function expiring(within) return desk:get("/subscriptions/expiring" .. (within and "?within=" .. within or "")) end

  it("lists what the platform has, the first to end first", function()
    start()
    for within, seconds in pairs { ["7d"] = 7 * DAY, ["36h"] = 1.5 * DAY, ["400d"] = 400 * DAY } do
      local reply, expected = expiring(within), ending(seconds)
      assert.equal(200, reply.status)
      assert.is_true(#expected > 0)
      assert.same(ids(expected), ids(reply.value.subscriptions))
      assert.equal(#expected, reply.value.count)
      local one, sub = reply.value.subscriptions[1], expected[1]
      assert.same({ sub.status, sub.canceled, sub.plan.title, sub.plan.price.grossAmount, "USD" },
        { one.status, one.canceled, one.plan, one.price, one.currency })
      assert.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(sub.period["end"].timestamp / 1000)), one.ends)
    end
    assert.same(expiring("7d").value.subscriptions[1].id, expiring().value.subscriptions[1].id)
  end)

  for _, within in ipairs { "", "7", "d", "-1d", "0d", "7w", "1.5d", "401d", "9999999h", "%22%3Cb%3E", "7d%00" } do
    it(("answers 400 to within=%s, and names it"):format(within), function()
      start()
      local reply = expiring(within)
      assert.same({ 400, "within" }, { reply.status, reply.value.field })
      assert.truthy(reply.value.message:find "^within: expected hours or days")
      assert.truthy(reply.headers["content-type"]:find "json")
    end)
  end

  it("asks the platform once for all, however many workers and visitors there are", function()
    start()
    assert.equal(2, #desk:workers())
    local asked = #box:requests()
    assert.equal(3, asked) -- two pages of subscriptions and the account
    for _ = 1, 20 do assert.equal(200, expiring("7d").status) end
    assert.equal(asked, #box:requests())
  end)

  it("sees what is new before long", function()
    start { DESK_REFRESH = "0.2" }
    local before = expiring("30d").value.count
    local bought = assert(clients.ghostealth(box):create_subscription { billingCycle = "WEEKLY", connections = 100 })
    assert.is_true(await(function() return expiring("30d").value.count == before + 1 end))
    assert.truthy(expiring("30d").body:find(bought.id, 1, true))
  end)

  it("serves the old list while the platform is away, says so, and recovers", function()
    start { DESK_REFRESH = "0.2" }
    local good = expiring("30d")
    assert.same({ false, nil }, { good.value.stale, good.value.fault })
    assert.equal(tostring(good.value.age_seconds), good.headers.age)
    box:fault { kind = "status", status = 403, body = '{"message":"not now"}', endpoint = "list_subscriptions", times = 1e6 }
    assert.is_true(await(function() return expiring("30d").value.stale end))
    local old = expiring("30d")
    assert.equal(200, old.status)
    assert.same(ids(good.value.subscriptions), ids(old.value.subscriptions))
    assert.truthy(old.value.fault.message:find "not now")
    assert.truthy(desk:get("/").body:find "The look at the fleet at [%d:]+ UTC failed: .-not now")
    assert.truthy(desk:get("/metrics").body:find 'desk_fleet_refreshes_total{result="failed"} [1-9]')
    box:clear_faults()
    assert.is_true(await(function() return not expiring("30d").value.stale end))
  end)

  it("answers 503 and when to come back until there is a first look", function()
    box:fault { kind = "status", status = 403, body = '{"message":"not now"}', endpoint = "list_subscriptions", times = 1e6 }
    start { DESK_REFRESH = "0.2" }
    local reply = expiring("7d")
    assert.equal(503, reply.status)
    assert.truthy(tonumber(reply.headers["retry-after"]))
    assert.truthy(reply.value.message:find "not now")
    assert.equal(200, desk:get("/").status)
    box:clear_faults()
    assert.is_true(await(function() return expiring("7d").status == 200 end))
  end)

  it("does without the balance when the platform does not tell it", function()
    box:fault { kind = "status", status = 403, body = "{}", endpoint = "get_reseller", times = 1e6 }
    start()
    assert.is_false(expiring("7d").value.stale)
    assert.is_nil(desk:get("/").body:find "Balance")
  end)

  it("has the first visitor wait for the first look", function()
    box:fault { kind = "delay", seconds = 0.5, endpoint = "list_subscriptions" }
    start()
    local first = io.open(desk.room .. "/first"):read "*a" -- what start.sh fetched
    assert.truthy(first:find '"count":%d')
  end)

  it("goes on looking after reloads, and after a worker that was killed", function()
    start { DESK_REFRESH = "0.2" }
    local function looks_on()
      local asked = #box:requests()
      return await(function() return #box:requests() > asked + 6 end)
    end
    for _ = 1, 2 do
      assert.is_true(desk:reload())
      assert.is_true(looks_on())
    end
    for _, pid in ipairs(desk:workers()) do os.execute("kill -KILL " .. pid) end
    assert.is_true(await(function() return #desk:workers() == 2 end))
    assert.is_true(looks_on())
  end)

  it("takes GET and HEAD only", function()
    start()
    for method, status in pairs { POST = 405, HEAD = 200, DELETE = 405 } do
      assert.equal(status, desk:send { port = desk.pages, path = "/subscriptions/expiring", method = method }().status)
    end
  end)
end)

describe("the timer of examples/openresty", function()
  local looks, timers, exiting, worker

  --- Loads desk/cache.lua with an nginx that only remembers what it was asked for.
  local function load_cache(kept)
    looks, timers, exiting, worker, kept = 0, {}, false, 0, kept or {}
    local dict = { get = function(_, name) return kept[name] end, set = function(_, name, value) kept[name] = value end,
      add = function(_, name, value)
        if kept[name] then return false end
        kept[name] = value
        return true
      end, delete = function(_, name) kept[name] = nil end }
    local function timer(_, fn) timers[#timers + 1] = fn return true end
    local ngx = { shared = { desk_fleet = dict }, now = os.time, time = os.time, log = function() end,
      worker = { id = function() return worker end, pid = function() return 7 end, exiting = function() return exiting end },
      timer = { at = timer, every = timer } }
    local stubs = { ["desk.platform"] = { client = function() looks = looks + 1 return nil, "no platform" end },
      ["desk.metrics"] = { add = function() end }, ["desk.settings"] = { refresh = 0 } }
    local chunk = assert(loadfile("examples/openresty/desk/cache.lua", "t", setmetatable({ ngx = ngx,
      require = function(name) return stubs[name] or require(name) end }, { __index = _G })))
    return chunk()
  end

  it("looks when it is called in time, and goes on after a look that failed", function()
    load_cache().start()
    assert.equal(2, #timers)
    for i = 1, 3 do
      timers[2](false)
      assert.equal(i, looks)
    end
  end)

  it("begins nothing when nginx calls it early, or while its worker exits", function()
    load_cache().start()
    for _, fn in ipairs(timers) do fn(true) end
    exiting = true
    for _, fn in ipairs(timers) do fn(false) end
    assert.equal(0, looks)
  end)

  it("looks before long when something was changed, but not at once for each change", function()
    local kept = { next_at = os.time() + 1000 }
    local cache = load_cache(kept)
    for _ = 1, 3 do cache.hurry() end
    assert.near(os.time() + 30, kept.next_at, 5)
    kept.next_at = os.time() + 1
    cache.hurry()
    assert.near(os.time() + 1, kept.next_at, 1)
  end)

  it("runs in one worker", function()
    local cache = load_cache()
    worker = 1
    cache.start()
    assert.equal(0, #timers)
  end)
end)
