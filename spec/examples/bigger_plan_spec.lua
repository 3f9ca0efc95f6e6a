local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"
local support = require "spec.examples.support"

describe("examples/bigger_plan.lua", function()
  local box, home, gs, small, prices

  setup(function() box = sandbox.start { limit = false, subscriptions = 3 } end)
  teardown(function() box:stop() end)

  -- One of 100 connections, and one of 200 that shows what such a plan costs.
  before_each(function()
    box:reset()
    home, gs = support.home(), clients.ghostealth(box)
    small = gs:create_subscription { billingCycle = "MONTHLY", connections = 100, authentications = 3 }.id
    gs:create_subscription { billingCycle = "MONTHLY", connections = 200, authentications = 3 }
    prices = {}
    for i, charge in ipairs(box:charges()) do
      prices[i] = ("%d.%02d USD"):format(math.floor(charge.amount / 100), charge.amount % 100)
    end
  end)
  after_each(function() home:remove() end)

  -- What was charged since the two above were bought.
  local function charges() return box:charges(2) end

  it("tells old and new plan and price, and does nothing unless told to", function()
    local output, status = home:run("bigger_plan", box, small, 200)
    assert.equal(0, status, output)
    assert.equal(("now:  MONTHLY, 100 connections, 3 addresses, %s\nthen: MONTHLY, 200 connections, 3 addresses, %s\n"
      .. "nothing was done; --yes does it\n"):format(prices[1], prices[2]), output)
    assert.same({}, charges())
  end)

  it("says so when nobody has a plan that would show the price", function()
    local output = home:run("bigger_plan", box, small, 500, "ANNUAL")
    assert.truthy(output:find("then: ANNUAL, 500 connections, 3 addresses, a price that nobody has yet\n", 1, true))
  end)

  it("moves, keeps the addresses, and tells the new price", function()
    local output, status = home:run("bigger_plan", box, small, 200, "--yes")
    assert.equal(0, status, output)
    assert.truthy(output:find(("\n%s is moved\nnow:  MONTHLY, 200 connections, 3 addresses, %s, ends 2026-04-09\n"):format(small,
      prices[2]), 1, true), output)
    assert.equal(1, #charges())
    local configuration = support.find(box, small).plan.configuration
    assert.same({ 200, 3 }, { configuration.connections, configuration.authentications })
  end)

  it("moves once, however often it is run", function()
    for _ = 1, 3 do
      local output, status = home:run("bigger_plan", box, small, 200, "--yes")
      assert.equal(0, status, output)
    end
    assert.truthy(home:run("bigger_plan", box, small, 200, "--yes"):find(small .. " has that plan: ", 1, true))
    assert.equal(1, #charges())
  end)

  it("moves again after it was moved back", function()
    home:run("bigger_plan", box, small, 200, "--yes")
    assert(gs:update_subscription(small, { billingCycle = "MONTHLY", connections = 100, authentications = 3 }))
    local output, status = home:run("bigger_plan", box, small, 200, "--yes")
    assert.equal(0, status, output)
    assert.equal(3, #charges())
    assert.equal(200, support.find(box, small).plan.configuration.connections)
  end)

  it("says so when the ledger knows it as done and the platform does not", function()
    home:run("bigger_plan", box, small, 200, "--yes")
    box:reset()
    small = gs:create_subscription { billingCycle = "MONTHLY", connections = 100, authentications = 3 }.id
    local entry = home:entries()[1]
    local key = entry.caller_key:gsub("^su_%x+", small):gsub("pl_%x+", support.find(box, small).plan.id)
    local db = require("luasql.sqlite3").sqlite3():connect(home:file "ledger.db")
    assert(db:execute(("UPDATE reseller_entries SET caller_key = '%s', subject = '%s', parameters = '%s'"):format(key, small,
      entry.parameters:gsub("su_%x+", small))))
    db:close()
    local output = home:run("bigger_plan", box, small, 200, "--yes")
    assert.truthy(output:find(small .. " was moved before, nothing was sent\nnow:  MONTHLY, 100 connections", 1, true), output)
  end)

  it("pays once when the reply is lost and it is run again", function()
    box:fault { kind = "reset", endpoint = "update_subscription", when = "after" }
    local output, status = home:run("bigger_plan", box, small, 200, "--yes")
    assert.equal(4, status, output)
    assert.truthy(output:find("update_subscription: unknown: ", 1, true))
    output, status = home:run("bigger_plan", box, small, 200, "--yes")
    assert.equal(0, status, output)
    assert.truthy(output:find(small .. " has that plan: ", 1, true))
    assert.equal(1, #charges())
    assert.equal("done", home:entries { subject = small }[1].verdict)
  end)

  it("has moved even if the list cannot be read afterwards", function()
    -- Before the update: two pages to see the plan, one by the ledger.
    box:fault { kind = "status", status = 401, endpoint = "list_subscriptions", after = 3, times = 9 }
    local output, status = home:run("bigger_plan", box, small, 200, "--yes")
    assert.equal(0, status, output)
    assert.truthy(output:find "is moved\n$")
  end)

  it("can be run again after it was refused for lack of money", function()
    box:settings { balance = 0 }
    local output, status = home:run("bigger_plan", box, small, 200, "--yes")
    assert.equal(1, status)
    assert.truthy(output:find("rejected (HTTP 402): Insufficient balance.", 1, true), output)
    box:settings { balance = 1000000 }
    assert.equal(0, select(2, home:run("bigger_plan", box, small, 200, "--yes")))
    assert.equal(1, #charges())
  end)

  for _, case in ipairs {
    { "a smaller plan", { 100 }, "that is a smaller plan: it has 200 connections now" },
    { "a plan that is not sold", { 250, "--yes" }, "connections: expected one of 100, 200, 500, 1000, 2000, got 250" },
    { "a period that is not sold", { 500, "DAILY", "--yes" }, "billingCycle: expected one of WEEKLY, MONTHLY, ANNUAL" },
  } do
    it("refuses " .. case[1], function()
      assert(gs:update_subscription(small, { billingCycle = "MONTHLY", connections = 200, authentications = 3 }))
      local output, status = home:run("bigger_plan", box, small, (table.unpack or unpack)(case[2])) -- luacheck: ignore 113 143
      assert.equal(1, status)
      assert.truthy(output:find(case[3], 1, true), output)
      assert.equal(1, #charges())
    end)
  end

  it("says which subscription does not exist", function()
    local output, status = home:run("bigger_plan", box, "su_nothing", 200)
    assert.equal(1, status)
    assert.equal("bigger_plan.lua: there is no subscription su_nothing\n", output)
  end)

  it("wants an id and a number", function()
    for _, words in ipairs { {}, { "su_nothing" }, { "su_nothing", "many" }, { "su_nothing", "200.5" }, { "su_nothing", 200, "WEEKLY", 3 } } do
      local output, status = home:run("bigger_plan", box, (table.unpack or unpack)(words)) -- luacheck: ignore 113 143
      assert.equal(2, status)
      assert.truthy(output:find "^usage: bigger_plan%.lua ID CONNECTIONS")
    end
  end)
end)
