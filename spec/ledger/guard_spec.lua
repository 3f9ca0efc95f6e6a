local reseller = require "reseller"

local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local sandbox = require "spec.support.sandbox"

describe("a spend with a ledger", function()
  local box, machine, path, ledger, gs, client

  local function executed(endpoint) return ledgers.count(box, endpoint, true) end
  local function asked(endpoint) return ledgers.count(box, endpoint) end
  local function bought() return ledgers.buy(box) end
  local function entry(filter) return ledgers.last(ledger, filter) end

  before_each(function() box, machine, path, ledger, gs, client = ledgers.stage() end)
  after_each(function()
    ledger:close()
    ledgers.clean()
  end)

  it("looks at pages of the size that the ledger was told", function()
    local other = assert(reseller.ledger.open(ledgers.path(), { page_size = 7 }))
    local id, sizes = bought(), {}
    local function note(event) sizes[#sizes + 1] = event.target:match "size=(%d+)" end
    assert(client({ ledger = other, on_event = note }):renew_subscription(id))
    assert.same({ "7" }, sizes)
    other:close()
    assert.has_error(function() reseller.ledger.open(ledgers.path(), { page_size = 0.5 }) end)
  end)

  describe("with a key", function()
    it("is sent once; the same key again returns what was recorded", function()
      local first, meta = gs:create_subscription { billingCycle = "WEEKLY", connections = 100, key = "order-1" }
      local again, replayed = gs:create_subscription { billingCycle = "WEEKLY", connections = 100, key = "order-1" }
      assert.same(first, again)
      assert.same({ 1, meta.entry, true, 0 }, { executed "create_subscription", replayed.entry, replayed.replayed, replayed.attempts })
      assert.is_nil(meta.replayed)
    end)

    it("is refused with other parameters, also after a refusal", function()
      local id = bought()
      assert(gs:renew_subscription(id, { key = "order-1" }))
      local _, err = gs:create_subscription { billingCycle = "WEEKLY", connections = 100, key = "order-1" }
      assert.same({ "refused", "key", "no" }, { err.kind, err.field, err.sent })
      assert.truthy(err.message:find("renew_subscription", 1, true))
      box:settings { balance = 0 }
      assert.equal("rejected", select(2, gs:create_subscription { billingCycle = "WEEKLY", connections = 100, key = "o2" }).kind)
      assert.equal("refused", select(2, gs:create_subscription { billingCycle = "WEEKLY", connections = 200, key = "o2" }).kind)
      box:settings { balance = 100000 }
      assert.is_table((gs:create_subscription { billingCycle = "WEEKLY", connections = 100, key = "o2" }))
    end)

    it("is settled and not sent again when its outcome is unknown", function()
      local id = bought()
      box:fault { kind = "reset", when = "after", endpoint = "renew_subscription" }
      local _, err = gs:renew_subscription(id, { key = "k" })
      assert.equal("unknown", err.kind)
      local value, meta = gs:renew_subscription(id, { key = "k" })
      assert.is_true(value.success)
      assert.is_true(meta.replayed)
      assert.equal(1, executed "renew_subscription")
    end)

    it("is sent again when it turns out that it was not done, once it cannot be under way any more", function()
      local id = bought()
      box:fault { kind = "close", when = "before", endpoint = "renew_subscription" }
      assert.equal("unknown", select(2, gs:renew_subscription(id, { key = "k" })).kind)
      local before = machine.host.time
      local value, meta = gs:renew_subscription(id, { key = "k" })
      assert.is_true(value.success)
      assert.is_nil(meta.replayed)
      assert.is_true(machine.host.time - before >= 120)
      assert.equal(1, executed "renew_subscription")
    end)

    it("stays unknown for a caller who has no patience", function()
      local id = bought()
      gs = client { patience = 5 }
      box:fault { kind = "close", when = "before", endpoint = "renew_subscription" }
      assert.equal("unknown", select(2, gs:renew_subscription(id, { key = "k" })).kind)
      local _, err = gs:renew_subscription(id, { key = "k" })
      assert.same({ "unknown", "maybe" }, { err.kind, err.sent })
      assert.is_true(err.retry_after > 100 and err.retry_after <= 121)
      _, err = gs:renew_subscription(id)
      assert.same({ "refused", "no" }, { err.kind, err.sent })
    end)

    for name, key in pairs { ["of the wrong type"] = 5, empty = "", ["with control characters"] = "a\nb", ["too long"] = ("x"):rep(201),
      ["that is no UTF-8"] = "\255", ["with a zero byte"] = "a\0b" } do
      it(name .. " is invalid", function()
        local _, err = gs:renew_subscription("su_1", { key = key })
        assert.same({ "invalid", "key" }, { err.kind, err.field })
        assert.equal(0, asked())
      end)
    end

    it("that looks like SQL is text", function()
      local id = bought()
      local key = "'); DROP TABLE reseller_entries; --?"
      assert(gs:renew_subscription(id, { key = key }))
      assert.is_true(select(2, gs:renew_subscription(id, { key = key })).replayed)
      assert.equal(key, entry({ key = key }).caller_key)
    end)

    it("works for a request that the table does not know, in whatever order its fields come", function()
      local function spec(connections)
        local body = { billingCycle = "WEEKLY", authentications = 1 }
        body.connections = connections
        return { method = "POST", path = "/resellers/subscriptions", body = body, key = "r" }
      end
      assert(gs:request(spec(100)))
      assert.is_true(select(2, gs:request(spec(100))).replayed)
      assert.equal("refused", select(2, gs:request(spec(200))).kind)
      assert.equal(1, executed "create_subscription")
    end)

    it("is sent once by tasks that come together", function()
      gs = client { host = require "reseller.host.plain" }
      local id = bought()
      local tasks = {}
      for i = 1, 4 do tasks[i] = function() return gs:renew_subscription(id, { key = "k" }) end end
      local sent = 0
      for _, result in ipairs(reseller.parallel(4, tasks)) do
        assert.is_true(result[1].success)
        if not result[2].replayed then sent = sent + 1 end
      end
      assert.same({ 1, 1 }, { sent, executed "renew_subscription" })
    end)
  end)

  describe("on a subject with an open unknown", function()
    it("waits until that is settled", function()
      local id, ends = bought()
      box:fault { kind = "reset", when = "after", endpoint = "renew_subscription" }
      assert.equal("unknown", select(2, gs:renew_subscription(id, { expect_end = ends })).kind)
      local _, err = gs:renew_subscription(id, { expect_end = ends })
      assert.equal("refused", err.kind)
      assert.equal("done", entry({ endpoint = "renew_subscription" }).verdict)
      assert.equal(1, executed "renew_subscription")
    end)

    it("is refused once when that turns out to have been done, in case it is a retry", function()
      local id = bought()
      box:fault { kind = "reset", when = "after", endpoint = "renew_subscription" }
      local _, lost = gs:renew_subscription(id)
      local _, err = gs:renew_subscription(id)
      assert.same({ "refused", "no", lost.entry }, { err.kind, err.sent, err.entry })
      assert.truthy(err.message:find("turned out to have been done", 1, true))
      assert.equal(1, executed "renew_subscription")
      assert.is_table((gs:renew_subscription(id)))
      assert.equal(2, executed "renew_subscription")
    end)

    it("is refused also when one of the two is a request of the caller's own", function()
      local id = bought()
      gs = client { patience = 0 }
      box:fault { kind = "close", when = "before", endpoint = "suspend_subscription" }
      assert.equal("unknown", select(2, gs:suspend_subscription(id)).kind)
      local _, err = gs:request { method = "PUT", path = "/resellers/subscriptions/" .. id }
      assert.equal("refused", err.kind)
      assert.equal("refused", select(2, gs:request { method = "PUT", path = "/resellers/subscriptions/" .. id .. "/cancel" }).kind)
      assert.equal(0, executed "renew_subscription")
    end)

    it("is refused when nothing can settle it, until a person does", function()
      local spec = { method = "PUT", path = "/resellers/subscriptions/" .. bought() }
      box:fault { kind = "reset", when = "after", method = "PUT" }
      assert.equal("unknown", select(2, gs:request(spec)).kind)
      local _, err = gs:request(spec)
      assert.same({ "refused", "no" }, { err.kind, err.sent })
      assert.truthy(err.message:find(("ledger:settle(%d"):format(err.entry), 1, true))
      assert.is_true(ledger:settle(err.entry, "done", "the dashboard shows it"))
      assert.is_table((gs:request(spec)))
      assert.equal("settled by hand: the dashboard shows it", ledgers.list(ledger)[1].evidence)
      assert.equal("refused", select(2, ledger:settle(err.entry, "done", "again")).kind)
    end)
  end)

  it("records when, who, what, what was before, what came of it, and no secret", function()
    local id, ends = bought()
    assert(gs:renew_subscription(id, { expect_end = ends, key = "k" }))
    local row = entry()
    assert.truthy(row.at:find "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ$")
    assert.equal(('{"subscriptionId":"%s"}'):format(id), row.parameters)
    assert.equal(('{"period.end.timestamp":%d}'):format(ends), row.state_before)
    assert.same({ "ghostealth", "renew_subscription", "spend", id, "k", "done", 1, 2000, "USD", "here" },
      { row.platform, row.endpoint, row.effect, row.subject, row.caller_key, row.verdict, row.sends, row.amount, row.currency, row.host })
    assert.equal(16, #row.account)
    ledger:close()
    local file = assert(io.open(path, "rb"))
    local bytes = file:read "*a"
    file:close()
    assert.is_nil(bytes:find("GHO-", 1, true))
    ledger = machine.open(path)
  end)

  it("goes by the table: reads and what it does not change leave no entry", function()
    assert(gs:get_reseller())
    assert(gs:list_subscriptions())
    assert(gs:request { method = "GET", path = "/resellers", effect = "read" })
    assert.same({}, ledgers.list(ledger))
    assert.equal("invalid", select(2, gs:create_subscription { billingCycle = "DAILY", connections = 100 }).kind)
    assert.same({}, ledgers.list(ledger))
  end)
end)

describe("a spend without a ledger", function()
  local box, gs

  before_each(function()
    box = sandbox.shared()
    gs = clients.ghostealth(box)
  end)

  it("has no key and no cap", function()
    local _, err = gs:renew_subscription("su_1", { key = "k" })
    assert.same({ "invalid", "key" }, { err.kind, err.field })
    assert.truthy(err.message:find("`ledger`", 1, true))
    assert.equal("invalid", select(2, gs:request { method = "POST", path = "/x", key = "k" }).kind)
    local ok, message = pcall(clients.ghostealth, box, { cap = { per_run = 1 } })
    assert.is_false(ok)
    assert.truthy(message:find("cap: expected the option `ledger` with it", 1, true))
    assert.equal(0, #box:requests())
  end)

  it("keeps to expect_end all the same", function()
    local id = assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }).id
    local ends
    for sub in gs:each_subscription() do ends = ends or sub.id == id and sub.period["end"].timestamp end
    assert.equal("refused", select(2, gs:renew_subscription(id, { expect_end = ends + 1 })).kind)
    assert.is_table((gs:renew_subscription(id, { expect_end = ends })))
    assert.equal("refused", select(2, gs:renew_subscription(id, { expect_end = ends })).kind)
    assert.equal(2, #box:charges())
  end)
end)

describe("the option cap", function()
  for _, case in ipairs { { {}, true }, { { per_day = 5 }, true }, { { per_week = 5 }, false }, { { per_run = -1 }, false },
    { { per_day = 1.5 }, false }, { { per_day = "5" }, false }, { 5, false } } do
    it(("%s %s"):format(case[2] and "takes" or "refuses", require("reseller.json").encode(case[1])), function()
      local path = ledgers.path()
      local ok = pcall(reseller.ghostealth, { api_key = "GHO-k", ledger = path, cap = case[1] })
      assert.equal(case[2], ok)
      ledgers.clean()
    end)
  end
end)
