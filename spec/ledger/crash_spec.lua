local ledgers = require "spec.support.ledgers"

describe("a spend of a process that has ended", function()
  local box, machine, path, ledger, gs, client

  local function executed(endpoint) return ledgers.count(box, endpoint, true) end
  local function bought() return ledgers.buy(box) end
  local function entry(filter) return ledgers.last(ledger, filter) end
  local function stopped() error "stopped" end

  before_each(function() box, machine, path, ledger, gs, client = ledgers.stage() end)
  after_each(function()
    ledger:close()
    ledgers.clean()
  end)

  local function killed(id, params, marked)
    local process = machine.process()
    local theirs = machine.open(path, process)
    local host = setmetatable({}, { __index = machine.host })
    if marked then
      function host.perform(session, method, ...)
        if method ~= "PUT" then return session:perform(method, ...) end
        session:perform(method, ...)
        stopped()
      end
    end
    local other = client { ledger = theirs, host = host }
    if not marked then ledgers.stop_before(other, "renew_subscription", stopped) end
    theirs.conclude_ = function() end
    pcall(other.renew_subscription, other, id, params)
    process.is_alive = false
    theirs:close()
  end

  it("was not sent if it was not marked, and may be made", function()
    local id, ends = bought()
    killed(id, { expect_end = ends, key = "k" }, false)
    assert.equal("intent", entry().verdict)
    assert.is_table((gs:renew_subscription(id, { expect_end = ends, key = "k" })))
    assert.same({ "refused", "done" }, { ledgers.list(ledger)[1].verdict, ledgers.list(ledger)[2].verdict })
    assert.truthy(ledgers.list(ledger)[1].evidence:find("ended before it sent anything", 1, true))
    assert.equal(1, executed "renew_subscription")
  end)

  it("is settled by looking if it was marked, before the first spend of the next one", function()
    local id, ends = bought()
    local other = bought()
    killed(id, { expect_end = ends }, true)
    assert.equal("sent", entry().verdict)
    assert(client():renew_subscription(other))
    assert.equal("done", ledgers.list(ledger, { subject = id })[1].verdict)
    assert.equal("refused", select(2, gs:renew_subscription(id, { expect_end = ends })).kind)
    assert.equal(2, executed "renew_subscription")
  end)

  it("is settled before the first call of the next one, whatever that is, if it was marked", function()
    local id, ends = bought()
    killed(id, { expect_end = ends }, true)
    assert(client():get_reseller())
    assert.equal("done", entry().verdict)
  end)

  it("blocks its subject while it lives, as long as the call has time", function()
    local id, ends = bought()
    local process = machine.process()
    local theirs = machine.open(path, process)
    local other = client { ledger = theirs }
    ledgers.stop_before(other, "renew_subscription", stopped)
    theirs.conclude_ = function() end
    pcall(other.renew_subscription, other, id, { expect_end = ends })
    local before = machine.host.time
    local _, err = client { patience = 7, timeout = 3 }:renew_subscription(id, { expect_end = ends })
    assert.equal("refused", err.kind)
    assert.truthy(err.message:find(("process %d on here"):format(process.pid), 1, true))
    assert.is_true(machine.host.time - before >= 10 and machine.host.time - before < 12)
    process.is_alive = false
    assert.is_table((gs:renew_subscription(id, { expect_end = ends })))
    theirs:close()
  end)

  it("on another host is waited for until its lease is over", function()
    local id, ends = bought()
    local process = machine.process "there"
    local theirs = machine.open(path, process)
    local other = client { ledger = theirs }
    ledgers.stop_before(other, "renew_subscription", stopped)
    theirs.conclude_ = function() end
    pcall(other.renew_subscription, other, id, { expect_end = ends })
    process.is_alive = false
    local _, err = client { patience = 1, timeout = 1 }:renew_subscription(id, { expect_end = ends })
    assert.equal("refused", err.kind)
    machine.host.sleep(400)
    assert.is_table((gs:renew_subscription(id, { expect_end = ends })))
    theirs:close()
  end)

  it("sends nothing when it comes back after it was taken for dead", function()
    local id, ends = bought()
    local process = machine.process()
    local theirs = machine.open(path, process)
    local other = client { ledger = theirs }
    ledgers.stop_before(other, "renew_subscription", function()
      process.is_alive = false
      assert(gs:renew_subscription(id, { expect_end = ends }))
    end)
    local _, err = other:renew_subscription(id, { expect_end = ends })
    assert.same({ "refused", "no" }, { err.kind, err.sent })
    assert.truthy(err.message:find("took this one for dead", 1, true))
    assert.equal(1, executed "renew_subscription")
    theirs:close()
  end)

  it("that raises half-way leaves an entry that tells how far it came", function()
    local id = bought()
    gs = client { on_event = function(event) return event.effect == "read" or stopped() end }
    assert.is_false(pcall(gs.renew_subscription, gs, id))
    assert.equal("unknown", entry({ endpoint = "renew_subscription" }).verdict)
    gs = client()
    ledgers.stop_before(gs, "renew_subscription", stopped)
    local other = bought()
    assert.is_false(pcall(gs.renew_subscription, gs, other))
    assert.equal("refused", entry({ endpoint = "renew_subscription" }).verdict)
  end)
end)
