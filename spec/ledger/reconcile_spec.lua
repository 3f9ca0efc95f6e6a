local evidence = require "reseller.ledger.evidence"
local reseller = require "reseller"

local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local sandbox = require "spec.support.sandbox"

local SHAPE = { billingCycle = "WEEKLY", connections = 100, authentications = 1 }
local OTHER = { billingCycle = "MONTHLY", connections = 500, authentications = 2 }

describe("ledger:reconcile", function()
  local box, machine, ledger, gs

  before_each(function()
    box = sandbox.shared()
    machine = ledgers.machine()
    ledger = machine.open(ledgers.path())
    gs = clients.ghostealth(box, { ledger = ledger, host = machine.host })
  end)
  after_each(function()
    ledger:close()
    ledgers.clean()
  end)

  local function bought() return assert(clients.ghostealth(box):create_subscription(SHAPE)).id end

  -- Makes a call whose reply is lost, and returns its entry.
  local function lose(when, name, ...)
    box:fault { kind = "close", when = when, endpoint = name }
    local _, err = gs[name](gs, ...)
    assert.equal("unknown", err.kind)
    return err.entry
  end

  local function entry(id)
    for each in ledger:entries() do
      if each.id == id then return each end
    end
  end

  -- The verdict after a look at once, and after one when nothing can be under way any more.
  local function verdicts(id)
    assert(ledger:reconcile(gs))
    local at_once = entry(id).verdict
    machine.host.sleep(121)
    assert(ledger:reconcile(gs))
    return { at_once, entry(id).verdict }
  end

  local calls = {
    create_subscription = function() return SHAPE end,
    update_subscription = function() return bought(), OTHER end,
    renew_subscription = function() return bought() end,
    suspend_subscription = function() return bought() end,
    resume_subscription = function()
      local id = bought()
      assert(clients.ghostealth(box):suspend_subscription(id))
      return id
    end,
    cancel_subscription = function() return bought() end,
  }
  for _, row in ipairs(reseller.endpoints()) do
    if row.settle and row.platform == "ghostealth" then
      it("finds out that " .. row.id .. " was done", function()
        assert.same({ "done", "done" }, verdicts(lose("after", row.id, calls[row.id]())))
      end)

      it("finds out that " .. row.id .. " was not done, but not before it cannot be under way", function()
        local id = lose("before", row.id, calls[row.id]())
        assert.same({ "unknown", "refused" }, verdicts(id))
        assert.truthy(entry(id).evidence:find("it was not done", 1, true))
      end)
    end
  end

  it("tells how many are settled and how many stay open", function()
    local id = bought()
    lose("after", "create_subscription", SHAPE)
    lose("before", "renew_subscription", id)
    assert.same({ settled = 1, open = 1 }, ledger:reconcile(gs))
    machine.host.sleep(121)
    assert.same({ settled = 1, open = 0 }, ledger:reconcile(gs))
    assert.same({ settled = 0, open = 0 }, ledger:reconcile(gs))
  end)

  it("looks once for all of them", function()
    for _ = 1, 5 do lose("after", "renew_subscription", bought()) end
    local before = #box:requests()
    assert.same({ settled = 5, open = 0 }, ledger:reconcile(gs))
    assert.equal(1, #box:requests() - before)
  end)

  it("knows what a lost creation made, and its price", function()
    local id = lose("after", "create_subscription", SHAPE)
    assert(ledger:reconcile(gs))
    local charges = box:charges()
    assert.same({ charges[#charges].subject, 2000, "USD" }, { entry(id).made, entry(id).amount, entry(id).currency })
  end)

  it("does not take what another call made for what a lost creation made", function()
    local id = lose("before", "create_subscription", SHAPE)
    local other = clients.ghostealth(box, { ledger = ledger, host = machine.host, patience = 0 })
    assert.is_table((other:create_subscription(OTHER)))
    local _, err = other:create_subscription(SHAPE)
    assert.same({ "refused", id }, { err.kind, err.entry })
    assert.same({ "unknown", "refused" }, verdicts(id))
  end)

  it("leaves open which of two new ones a lost creation made", function()
    local id = lose("after", "create_subscription", SHAPE)
    bought()
    assert.same({ "unknown", "unknown" }, verdicts(id))
    assert.truthy(entry(id).evidence:find("2 new ones of that shape", 1, true))
  end)

  it("reads two pages at most for a lost creation", function()
    local id = lose("before", "create_subscription", SHAPE)
    for _ = 1, 45 do bought() end
    local before = #box:requests()
    assert(ledger:reconcile(gs))
    assert.equal(2, #box:requests() - before)
    assert.equal("unknown", entry(id).verdict)
    assert.truthy(entry(id).evidence:find("nothing that was known before", 1, true))
  end)

  it("leaves open what looks the same done or not", function()
    local id = bought()
    local same = lose("after", "update_subscription", id, SHAPE)
    assert.same({ "unknown", "unknown" }, verdicts(same))
    assert.truthy(entry(same).evidence:find("the same before", 1, true))
  end)

  it("passes on that the platform cannot be read, and changes nothing", function()
    local id = lose("after", "renew_subscription", bought())
    box:fault { kind = "status", status = 403, endpoint = "list_subscriptions" }
    local result, err = ledger:reconcile(gs)
    assert.is_nil(result)
    assert.same({ "auth", "list_subscriptions" }, { err.kind, err.endpoint })
    assert.equal("unknown", entry(id).verdict)
  end)

  it("wants a client that was made with a ledger", function()
    for _, value in ipairs { 5, {}, clients.ghostealth(box) } do
      assert.is_false(pcall(ledger.reconcile, ledger, value))
    end
  end)

  it("touches nothing of another account", function()
    local id = lose("after", "renew_subscription", bought())
    local ap = clients.activeplatform(box, { ledger = ledger, host = machine.host })
    assert.same({ settled = 0, open = 0 }, ledger:reconcile(ap))
    assert.equal("unknown", entry(id).verdict)
  end)
end)

describe("evidence", function()
  local rows = {}
  for _, row in ipairs(reseller.endpoints()) do rows[row.settle or 0] = row end
  local shape = evidence.shape(rows.plan, OTHER)

  local function item(fields)
    return { id = "su_1", status = fields.status, canceled = fields.canceled, period = { ["end"] = { timestamp = fields.ends } },
      plan = { billingCycle = fields.cycle, configuration = { connections = fields.connections, authentications = 2 } } }
  end

  for _, case in ipairs {
    { "period", { ends = 5 }, { ends = 6 }, "done" }, { "period", { ends = 5 }, { ends = 5 }, "not" },
    { "period", { ends = 5 }, { ends = 4 }, nil }, { "period", {}, { ends = 5 }, nil }, { "period", { ends = 5 }, {}, nil },
    { "plan", { cycle = "WEEKLY", connections = 100 }, { cycle = "MONTHLY", connections = 500 }, "done" },
    { "plan", { cycle = "WEEKLY", connections = 100 }, { cycle = "WEEKLY", connections = 100 }, "not" },
    { "plan", { cycle = "WEEKLY", connections = 100 }, { cycle = "ANNUAL", connections = 100 }, nil },
    { "plan", { cycle = "MONTHLY", connections = 500 }, { cycle = "MONTHLY", connections = 500 }, nil },
    { "status", { canceled = false }, { canceled = true }, "done" }, { "status", { canceled = false }, { canceled = false }, "not" },
    { "status", { canceled = true }, { canceled = true }, nil }, { "status", { canceled = false }, {}, nil },
  } do
    local row = rows[case[1]]
    it(("by %s: %s"):format(case[1], case[4] or "undecided"), function()
      local before = evidence.state(row, item(case[2]))
      local verdict, words = evidence.of_change(row, before, shape, item(case[3]))
      assert.equal(case[4], verdict)
      assert.truthy(#words > 10)
    end)
  end

  it("is none where nothing was seen before or is seen now", function()
    assert.is_nil((evidence.of_change(rows.period, nil, {}, item { ends = 5 })))
    assert.is_nil((evidence.of_change(rows.period, { ["period.end.timestamp"] = 4 }, {}, item { ends = reseller.null })))
    assert.is_nil((evidence.of_change(rows.period, { ["period.end.timestamp"] = 4 }, {}, item { ends = "soon" })))
    assert.is_nil((evidence.of_change(rows.period, { ["period.end.timestamp"] = 4 }, {}, nil)))
  end)

  local function list(ids, whole)
    local items = {}
    for i, id in ipairs(ids) do
      items[i] = item { cycle = "MONTHLY", connections = 500 }
      items[i].id = id
    end
    return setmetatable({ items = items, whole = whole }, require("reseller.ledger.look").class)
  end

  for _, case in ipairs {
    { "one new one", { "b", "a" }, { "c", "b", "a" }, false, "done" }, { "none", { "b", "a" }, { "b", "a" }, false, "not" },
    { "two", { "b" }, { "d", "c", "b" }, false, nil }, { "one that is owned", { "b" }, { "owned", "b" }, false, "not" },
    { "a list in no order", { "b" }, { "c", "d", "b" }, false, nil }, { "nothing known in sight", { "a" }, { "d" }, false, nil },
    { "the first of all", {}, { "a" }, true, "done" }, { "an empty list", {}, {}, true, "not" }, { "an unknown past", nil, { "a" }, true, nil },
  } do
    it(("of something new: %s, %s"):format(case[1], case[5] or "undecided"), function()
      local verdict = evidence.of_new(case[2] or nil, shape, list(case[3], case[4]), function(id) return id == "owned" end)
      assert.equal(case[5], verdict)
    end)
  end
end)
