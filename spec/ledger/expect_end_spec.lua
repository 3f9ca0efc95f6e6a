local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"

describe("a spend with expect_end", function()
  local box, machine, path, ledger, gs, client

  local function executed(endpoint) return ledgers.count(box, endpoint, true) end
  local function asked(endpoint) return ledgers.count(box, endpoint) end
  local function bought() return ledgers.buy(box) end

  before_each(function() box, machine, path, ledger, gs, client = ledgers.stage() end)
  after_each(function()
    ledger:close()
    ledgers.clean()
  end)

  it("is sent when the period still ends then", function()
    local id, ends = bought()
    assert.is_table((gs:renew_subscription(id, { expect_end = ends })))
    assert.equal(1, executed "renew_subscription")
  end)

  it("is refused when it does not, or when there is no such subscription", function()
    local id, ends = bought()
    local _, err = gs:renew_subscription(id, { expect_end = ends - 1 })
    assert.same({ "refused", "expect_end", "no" }, { err.kind, err.field, err.sent })
    assert.truthy(err.message:find("nothing was sent", 1, true))
    assert.equal("refused", select(2, gs:renew_subscription("su_nobody", { expect_end = ends })).kind)
    assert.equal(0, executed "renew_subscription")
  end)

  it("notices what the ledger knows of, without a new look at the rest", function()
    local id, ends = bought()
    local other, other_ends = bought()
    assert(gs:renew_subscription(id, { expect_end = ends }))
    local looks = asked "list_subscriptions"
    assert(gs:renew_subscription(other, { expect_end = other_ends }))
    assert.equal(looks, asked "list_subscriptions")
    assert.equal("refused", select(2, gs:renew_subscription(id, { expect_end = ends })).kind)
    assert.is_table((gs:renew_subscription(id, { expect_end = ends + 7 * 86400000 })))
  end)

  it("looks again after a minute, or each time if it is told so", function()
    local id, ends = bought()
    assert.equal("refused", select(2, gs:renew_subscription(id, { expect_end = ends - 1 })).kind)
    assert(clients.ghostealth(box):renew_subscription(id))
    machine.host.sleep(61)
    assert.equal("refused", select(2, gs:renew_subscription(id, { expect_end = ends })).kind)
    gs = client { ledger = machine.open(path, nil, { fresh = 0 }) }
    local looks = asked "list_subscriptions"
    for _ = 1, 3 do gs:renew_subscription(id, { expect_end = ends }) end
    assert.equal(3, asked "list_subscriptions" - looks)
  end)

  it("may take longer to look than a look is good for", function()
    local id, ends = bought()
    local host = setmetatable({}, { __index = machine.host })
    function host.perform(...)
      machine.host.sleep(100)
      return machine.host.perform(...)
    end
    assert.is_table((client { host = host }:renew_subscription(id, { expect_end = ends })))
  end)

  it("is invalid for anything but a renewal, and in seconds", function()
    for _, case in ipairs { { "suspend_subscription", 1773729048080 }, { "renew_subscription", 1773729048 }, { "renew_subscription", "x" } } do
      local _, err = gs[case[1]](gs, "su_1", { expect_end = case[2] })
      assert.same({ "invalid", "expect_end" }, { err.kind, err.field })
    end
    assert.equal(0, asked())
  end)

  it("passes on why it could not look", function()
    local id, ends = bought()
    box:fault { kind = "status", status = 403, endpoint = "list_subscriptions", times = 9 }
    local _, err = gs:renew_subscription(id, { expect_end = ends })
    assert.same({ "auth", "list_subscriptions" }, { err.kind, err.endpoint })
    assert.equal(0, executed "renew_subscription")
  end)
end)
