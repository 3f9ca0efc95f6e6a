local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local sandbox = require "spec.support.sandbox"

describe("a ledger", function()
  local box, machine, ledger, gs, id

  before_each(function()
    box = sandbox.shared()
    machine = ledgers.machine()
    ledger = machine.open(ledgers.path())
    gs = clients.ghostealth(box, { ledger = ledger, host = machine.host })
    id = assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100, key = "first" }).id
    assert(gs:renew_subscription(id))
    machine.host.sleep(2 * 86400)
    assert(gs:renew_subscription(id))
    assert.equal("rejected", select(2, gs:resume_subscription(id)).kind)
  end)
  after_each(function()
    ledger:close()
    ledgers.clean()
  end)

  it("lists its entries, oldest first, by what a filter chooses", function()
    local today = os.date("!%Y-%m-%d", math.floor(machine.time()))
    for _, case in ipairs {
      { nil, 4 }, { { subject = id }, 3 }, { { endpoint = "renew_subscription" }, 2 }, { { verdict = "refused" }, 1 },
      { { verdict = "done", subject = id }, 2 }, { { key = "first" }, 1 }, { { platform = "activeplatform" }, 0 },
      { { since = today }, 2 }, { { before = today }, 2 }, { { account = gs.account_ }, 4 }, { { account = "'; --" }, 0 },
    } do
      local entries = ledgers.list(ledger, case[1])
      assert.equal(case[2], #entries)
      for i = 2, #entries do assert.is_true(entries[i - 1].id < entries[i].id) end
    end
    assert.is_false(pcall(ledger.entries, ledger, { colour = "red" }))
  end)

  it("lists more than fit into one question", function()
    ledger.store_:transaction(function()
      for i = 1, 450 do
        ledger.store_:execute("INSERT INTO reseller_entries SELECT id + ?, revision + ?, at, account, platform, endpoint, effect, ?, "
          .. "parameters, state_before, NULL, verdict, kind, evidence, changed, since_ms, sends, amount, currency, made, result, "
          .. "host, pid, started, turn, lease_ms FROM reseller_entries WHERE id = 1", i * 1000, i * 1000, "s" .. i)
      end
    end)
    assert.equal(454, #ledgers.list(ledger))
  end)

  it("sums counts and amounts by day, endpoint and verdict", function()
    local totals = ledger:totals()
    assert.equal(4, #totals)
    assert.same({ "create_subscription", "done", 1, 2000, 1, "USD" },
      { totals[1].endpoint, totals[1].verdict, totals[1].count, totals[1].amount, totals[1].priced, totals[1].currency })
    assert.same({ "resume_subscription", "refused", 1, 0 }, { totals[4].endpoint, totals[4].verdict, totals[4].count, totals[4].amount })
    assert.is_true(totals[2].day < totals[3].day)
    assert.equal(2, #ledger:totals { endpoint = "renew_subscription" })
  end)

  it("explains what was done to a subscription, its purchase included", function()
    local story = ledger:explain(id)
    assert.equal(4, #story)
    local text = tostring(story)
    for _, words in ipairs { "create_subscription: done, 2000 USD, key \"first\"", "renew_subscription: done", "resume_subscription: refused",
      "cannot be resumed" } do
      assert.truthy(text:find(words, 1, true))
    end
    assert.equal("nothing was done to it", tostring(ledger:explain "su_nobody"))
  end)

  it("raises its own error when it cannot be read", function()
    ledger:close()
    local ok, err = pcall(ledger.totals, ledger)
    assert.is_false(ok)
    assert.equal("refused", err.kind)
  end)

  it("settles by hand only with a verdict and a reason, and only what is unknown", function()
    assert.is_false(pcall(ledger.settle, ledger, 1, "unknown", "x"))
    assert.is_false(pcall(ledger.settle, ledger, 1, "done", ""))
    local _, err = ledger:settle(1, "done", "I saw it")
    assert.equal("entry 1 is not unknown", err.message)
  end)
end)
