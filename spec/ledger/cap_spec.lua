local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local sandbox = require "spec.support.sandbox"

describe("a cap", function()
  local box, machine, path, ledger

  before_each(function()
    box = sandbox.shared()
    machine, path = ledgers.machine(), ledgers.path()
    ledger = machine.open(path)
  end)
  after_each(function()
    ledger:close()
    ledgers.clean()
  end)

  local function client(cap, other)
    return clients.ghostealth(box, { ledger = other or ledger, cap = cap, host = machine.host })
  end

  -- Weekly, 100 connections: 2000 cents.
  local function buy(gs, connections)
    return gs:create_subscription { billingCycle = "WEEKLY", connections = connections or 100 }
  end

  it("per run refuses one more than it allows, before it is sent", function()
    local gs = client { per_run = 2 }
    assert(buy(gs))
    assert(buy(gs))
    local _, err = buy(gs)
    assert.same({ "refused", "cap", "no" }, { err.kind, err.field, err.sent })
    assert.truthy(err.message:find("cap.per_run: 2 of 2", 1, true))
    assert.equal(2, #box:charges())
  end)

  it("per run does not count what was refused, nor transitions, nor what other processes made", function()
    local gs = client { per_run = 1 }
    box:settings { balance = 0 }
    assert.equal("rejected", select(2, buy(gs)).kind)
    box:settings { balance = 100000 }
    local other = machine.open(path)
    local sub = assert(buy(client(nil, other)))
    assert.is_table((gs:suspend_subscription(sub.id)))
    assert.is_table((buy(gs)))
    assert.equal("refused", select(2, buy(gs)).kind)
    other:close()
  end)

  it("per day counts prices of all processes, until the day is over", function()
    local gs, other = client { per_day = 5000 }, machine.open(path)
    assert(buy(gs))
    assert(buy(client(nil, other)))
    local _, err = buy(gs)
    assert.same({ "refused", "cap" }, { err.kind, err.field })
    assert.truthy(err.message:find("cap.per_day: 4000 of 5000 are spent today (UTC), this costs 2000", 1, true))
    assert.is_true(err.retry_after > 0 and err.retry_after <= 86400)
    machine.host.sleep(err.retry_after + 1)
    assert.is_table((buy(gs)))
    assert.equal(3, #box:charges())
    other:close()
  end)

  it("per day takes what is unknown as spent", function()
    local gs = client { per_day = 3000 }
    box:fault { kind = "reset", when = "after", endpoint = "renew_subscription" }
    local id = assert(client().create_subscription(clients.ghostealth(box), { billingCycle = "WEEKLY", connections = 100 })).id
    assert.equal("unknown", select(2, gs:renew_subscription(id)).kind)
    assert.equal("refused", select(2, buy(gs)).kind)
  end)

  it("says so when a price is not known, and counts the call", function()
    local gs = client { per_day = 1, per_run = 1 }
    local spec = { method = "POST", path = "/resellers/subscriptions",
      body = { billingCycle = "WEEKLY", connections = 100, authentications = 1 } }
    local _, meta = gs:request(spec)
    assert.equal("the price is not known: counted, but in no sum", meta.note)
    local _, err = gs:request(spec)
    assert.truthy(err.message:find("cap.per_run", 1, true))
    local totals = ledger:totals()
    assert.same({ 1, 0, 0 }, { totals[1].count, totals[1].amount, totals[1].priced })
  end)

  it("per day refuses what has no price once the amount is reached", function()
    local gs = client { per_day = 2000 }
    assert(buy(gs))
    local _, err = gs:request { method = "POST", path = "/x" }
    assert.truthy(err.message:find("the price of this is not known", 1, true))
  end)
end)
