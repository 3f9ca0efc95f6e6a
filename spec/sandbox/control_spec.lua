local control = require "reseller.sandbox.control"
local json = require "reseller.json"
local worlds = require "spec.sandbox.worlds"

local function call(subject, method, action, body)
  local reply, stop = control.handle(subject.world, method, "/_sandbox/" .. action, body or "")
  return reply.status, json.decode(reply.body), stop
end

describe("sandbox control", function()
  local subject
  before_each(function() subject = worlds.new() end)

  it("owns its addresses and no others", function()
    assert.is_true(control.owns "/_sandbox/state")
    assert.is_false(control.owns "/_sandboxes")
    assert.is_false(control.owns "/dev/v1.0/resellers")
  end)

  it("tells the state", function()
    subject:ghostealth("PUT", "/subscriptions/" .. worlds.SAMPLE)
    local status, state = call(subject, "GET", "state")
    assert.equal(200, status)
    assert.same({ balance = 2498000, currency = "USD", counts = state.ghostealth.counts }, state.ghostealth)
    assert.equal(45, state.ghostealth.counts.total)
    assert.same({ count = 1, amount = 2000 }, state.charges)
    assert.equal(1, state.requests.count)
    assert.equal("2026-03-10T06:30:48Z", state.calendar.date)
    assert.equal(1146, state.activeplatform.subscriptions)
    assert.same({}, state.faults)
  end)

  it("lists charges and requests, all or from a number on", function()
    for _ = 1, 3 do
      subject:ghostealth("PUT", "/subscriptions/" .. worlds.SAMPLE)
    end
    assert.equal(3, #select(2, call(subject, "GET", "charges")))
    assert.equal(1, #select(2, call(subject, "GET", "charges?since=2")))
    assert.equal(3, select(2, call(subject, "GET", "requests?since=2"))[1].seq)
  end)

  it("books bytes that are not UTF-8 in a form that JSON can carry", function()
    subject:ghostealth("POST", "/subscriptions", '{"a":"\255"}')
    assert.equal([[{"a":"\xff"}]], select(2, call(subject, "GET", "requests"))[1].body)
  end)

  it("moves the date", function()
    local status, moved = call(subject, "POST", "advance", '{"seconds":86400}')
    assert.same({ 200, "2026-03-11T06:30:48Z" }, { status, moved.date })
  end)

  it("changes settings and shows them", function()
    local _, changed = call(subject, "POST", "settings", '{"limit":true,"window":0.5,"balance":7}')
    assert.same({ true, 0.5 }, { changed.limit, changed.window })
    assert.equal(7, (subject.world.ghostealth:balance()))
  end)

  it("arms faults, one or several, and disarms them", function()
    local _, one = call(subject, "POST", "faults", '{"kind":"close"}')
    assert.same({ { kind = "close", when = "before", after = 0, times = 1 } }, one)
    local _, both = call(subject, "POST", "faults", '[{"kind":"cut","at":3}]')
    assert.equal(2, #both)
    assert.same({ 200, {} }, { call(subject, "DELETE", "faults") })
    assert.equal(0, #subject.world.faults:list())
  end)

  it("resets, to another seed if told", function()
    call(subject, "POST", "reset", '{"seed":9}')
    assert.equal(9, select(2, call(subject, "GET", "state")).seed)
    call(subject, "POST", "reset")
    assert.equal(1, select(2, call(subject, "GET", "state")).seed)
  end)

  it("asks for a stop once the reply has left", function()
    local status, _, stop = call(subject, "POST", "stop")
    assert.same({ 200, true }, { status, stop })
  end)

  it("books and limits nothing of its own", function()
    call(subject, "GET", "state")
    assert.equal(0, subject.world.requests:count())
  end)

  local refusals = {
    { "GET", "nothing", nil, 404 }, { "POST", "state", nil, 404 }, { "POST", "faults", "{", 400 },
    { "POST", "faults", "7", 400 }, { "POST", "faults", '{"kind":"nope"}', 422 },
    { "POST", "faults", '[{"kind":"close"},7]', 422 }, { "POST", "settings", '{"colour":1}', 422 },
    { "POST", "advance", '{"seconds":-1}', 422 }, { "POST", "advance", "{}", 422 },
    { "POST", "reset", '{"seed":"x"}', 422 },
  }
  for _, case in ipairs(refusals) do
    it(("answers %d to %s %s %s"):format(case[4], case[1], case[2], case[3] or ""), function()
      local status, body = call(subject, case[1], case[2], case[3])
      assert.equal(case[4], status)
      assert.is_string(body.message)
    end)
  end
end)
