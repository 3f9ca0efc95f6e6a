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

describe("GET /metrics", function()
  before_each(function() box = openresty.sandbox() end)
  after_each(function()
    finish()
    box:stop()
  end)

  --- Samples by name and labels; fails on what Prometheus would not take.
  local function metrics()
    local reply, all, kinds, family = desk:get "/metrics", {}, {}, nil
    assert.equal("text/plain; version=0.0.4; charset=utf-8", reply.headers["content-type"])
    assert.equal("\n", reply.body:sub(-1))
    for line in reply.body:gmatch "([^\n]*)\n" do
      local help, kind = line:match "^# HELP ([%a_]+) %S", line:match "^# TYPE [%a_]+ (%l+)$"
      if help then
        assert.is_nil(kinds[help], line)
        family = help
      elseif kind then
        kinds[line:match "^# TYPE ([%a_]+)"] = kind
        assert.equal(family, line:match "^# TYPE ([%a_]+)")
        assert.equal(kind == "counter", family:find "_total$" ~= nil, line)
      else
        local name, value = line:match "^([%a_]+[^ ]*) (%-?[%d.e+-]+)$"
        assert.truthy(name and name:find("^" .. family), line)
        assert.is_nil(all[name], line)
        all[name] = tonumber(value)
      end
    end
    return all, reply.body
  end

  local function webhook(event, subscription)
    return desk:webhook { event = event, subscription = subscription }.status
  end

  it("counts what the sandbox saw, by endpoint", function()
    start { DESK_LIMIT = "256/0.01" }
    local subs = ending(400 * DAY)
    box:fault { kind = "reset", endpoint = "suspend_subscription", when = "after" }
    box:fault { kind = "status", endpoint = "suspend_subscription", status = 409, body = "{}" }
    local before = #box:requests()
    local active = {}
    for _, sub in ipairs(subs) do if sub.status == "ACTIVE" and not sub.canceled then active[#active + 1] = sub.id end end
    assert.same({ 502, 200, 422, 200, 401 }, { webhook("a", active[1]), webhook("a", active[1]), webhook("b", active[2]),
      webhook("c", active[3]), desk:webhook("{}", {}).status })
    local function answered() -- nginx counts a webhook after its sender has the answer
      local all = metrics()
      return (all['desk_webhooks_total{code="200"}'] or 0) + (all['desk_webhooks_total{code="401"}'] or 0)
    end
    assert.is_true(await(function() return answered() == 3 end))
    local seen, counted = {}, {}
    for i, request in ipairs(box:requests()) do
      if i <= 3 or i > before then seen[request.endpoint] = (seen[request.endpoint] or 0) + 1 end
    end
    local all = metrics()
    for name, value in pairs(all) do
      local endpoint = name:match '^reseller_requests_total{endpoint="([%l_]+)"'
      if endpoint then counted[endpoint] = (counted[endpoint] or 0) + value end
    end
    assert.same(seen, counted)
    for name, value in pairs {
      ['reseller_calls_total{endpoint="suspend_subscription",verdict="ok"}'] = 2,
      ['reseller_calls_total{endpoint="suspend_subscription",verdict="unknown"}'] = 1,
      ['reseller_calls_total{endpoint="suspend_subscription",verdict="rejected"}'] = 1,
      ['reseller_calls_total{endpoint="each_subscription",verdict="ok"}'] = 1,
      ['reseller_requests_total{endpoint="suspend_subscription",code="200"}'] = 1,
      ['reseller_requests_total{endpoint="suspend_subscription",code="409"}'] = 1,
      ['reseller_requests_total{endpoint="suspend_subscription",code="network"}'] = 1,
      ['reseller_request_duration_seconds_count{endpoint="suspend_subscription"}'] = 3,
      ['reseller_request_duration_seconds_bucket{endpoint="suspend_subscription",le="+Inf"}'] = 3,
      ['desk_webhooks_total{code="200"}'] = 2, ['desk_webhooks_total{code="502"}'] = 1,
      ['desk_webhooks_total{code="422"}'] = 1, ['desk_webhooks_total{code="401"}'] = 1,
      ['desk_fleet_refreshes_total{result="ok"}'] = 1,
      reseller_ledger_up = 1, reseller_ledger_unknown = 0, reseller_calls_in_flight = 0,
    } do assert.equal(value, all[name], name) end
    local counts = box:state().ghostealth.counts
    assert.equal(counts.terminated, all['desk_fleet_subscriptions{status="TERMINATED"}'])
    assert.equal(counts.suspended - 2, all['desk_fleet_subscriptions{status="SUSPENDED"}']) -- as it was seen
  end)

  it("tells the state of the limit, waits, and calls under way", function()
    start { DESK_LIMIT = "5/0.4", DESK_PATIENCE = 60 }
    local subs = ending(400 * DAY)
    assert.is_true(await(function() return metrics()['reseller_limit_leases{state="free"}'] == 5 end))
    box:fault { kind = "delay", seconds = 1, endpoint = "suspend_subscription" }
    local reply = desk:send_webhook { event = "slow", subscription = subs[1].id }
    assert.is_true(await(function() return metrics().reseller_calls_in_flight == 1 end))
    assert.truthy(reply().status)
    for i = 2, 4 do webhook("event-" .. i, subs[i].id) end
    local all = metrics()
    assert.equal(0, all.reseller_calls_in_flight)
    assert.equal(5, all['reseller_limit_leases{state="free"}'] + all['reseller_limit_leases{state="used"}'])
    assert.is_true(all['reseller_limit_leases{state="used"}'] > 0)
    assert.is_true(all['reseller_waits_total{reason="limit"}'] > 0)
    assert.is_true(all['reseller_wait_seconds_total{reason="limit"}'] > 0)
  end)

  it("keeps its counters through a reload, and can be read by Prometheus's own check", function()
    start()
    local before = metrics()
    assert.is_true(desk:reload())
    local after, text = metrics()
    for name, value in pairs(before) do
      if name:find "_total" then assert.is_true(after[name] >= value, name) end
    end
    if select(2, script.shell "sh -c 'command -v promtool'") == 0 then
      assert.same({ "", 0 }, { script.shell("promtool check metrics", { input = text }) })
    end
  end)

  it("leaves out what it cannot know", function()
    start { DESK_LEDGER = "/dev/null/ledger.db" }
    local all = metrics()
    assert.equal(0, all.reseller_ledger_up)
    assert.is_nil(all.reseller_ledger_unknown)
    assert.is_nil(all.desk_fleet_age_seconds)
    assert.equal(1, all['desk_fleet_refreshes_total{result="failed"}'])
  end)
end)

describe("a sample of examples/openresty", function()
  it("escapes what its labels hold, as Prometheus reads it", function()
    local metrics = assert(loadfile("examples/openresty/desk/metrics.lua", "t",
      setmetatable({ ngx = { shared = {} } }, { __index = _G })))()
    assert.equal("a_total", metrics.sample "a_total")
    assert.equal([[a_total{b="1",c="x\\y\"z\n"}]], metrics.sample("a_total", "b", 1, "c", 'x\\y"z\n'))
  end)
end)
