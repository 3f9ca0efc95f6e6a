local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local postgres = require "spec.proof.postgres"
local reseller = require "reseller"
local sandbox = require "spec.support.sandbox"

describe("a ledger in PostgreSQL", function()
  local server, box, machine, ledger, gs, id

  setup(function() server = postgres.start() end)
  teardown(function() server:stop() end)

  before_each(function()
    box = sandbox.shared()
    machine = ledgers.machine()
    ledger = machine.open(server.address)
    ledger.store_:transaction(function() ledger.store_:execute "DELETE FROM reseller_entries" end)
    gs = clients.ghostealth(box, { ledger = ledger, host = machine.host })
    id = assert(clients.ghostealth(box):create_subscription { billingCycle = "WEEKLY", connections = 100 }).id
  end)
  after_each(function() ledger:close() end)

  local function renewals()
    local count = 0
    for _, request in ipairs(box:requests()) do
      if request.endpoint == "renew_subscription" and request.executed then count = count + 1 end
    end
    return count
  end

  it("records a spend as the one in a file does", function()
    assert(gs:renew_subscription(id, { key = "it's ? a \\key" }))
    local _, meta = gs:renew_subscription(id, { key = "it's ? a \\key" })
    assert.is_true(meta.replayed)
    local entry = ledgers.list(ledger)[1]
    assert.same({ 1, "done", id, 2000, "USD", 1, "it's ? a \\key", "here" },
      { entry.id, entry.verdict, entry.subject, entry.amount, entry.currency, entry.sends, entry.caller_key, entry.host })
    assert.equal("integer", math.type and math.type(entry.amount) or "integer") -- luacheck: ignore 143
    assert.equal(1, ledger:totals()[1].count)
    assert.equal(1, #ledger:explain(id))
    assert.equal(1, renewals())
  end)

  it("records what a server gone mad says", function()
    for _, body in ipairs { '{"message":"a\\u0000b \\ud83d\\ude00"}', "a\0b\255", "<h1>\255\0</h1>" } do
      box:fault { kind = "body", status = 409, body = body, endpoint = "renew_subscription" }
      assert.equal("rejected", select(2, gs:renew_subscription(id)).kind)
      assert.equal("refused", ledgers.last(ledger).verdict)
    end
  end)

  it("settles what is unknown", function()
    box:fault { kind = "reset", when = "after", endpoint = "renew_subscription" }
    assert.equal("unknown", select(2, gs:renew_subscription(id, { key = "k" })).kind)
    assert.same({ settled = 1, open = 0 }, ledger:reconcile(gs))
    assert.is_true(select(2, gs:renew_subscription(id, { key = "k" })).replayed)
    assert.equal(1, renewals())
  end)

  it("is refused by a cap of which another host has used up the rest", function()
    local other = machine.open(server.address, machine.process "there")
    assert(clients.ghostealth(box, { ledger = other, host = machine.host }):renew_subscription(id))
    gs = clients.ghostealth(box, { ledger = ledger, host = machine.host, cap = { per_day = 3999 } })
    assert.equal("cap", select(2, gs:renew_subscription(id)).field)
    assert.equal(1, renewals())
    other:close()
  end)

  it("refuses before anything is sent when the connection is lost, and finds back", function()
    local other = assert(reseller.ledger.open(server.address))
    local function cut()
      other.store_:transaction(function()
        other.store_:query "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'proof'"
      end)
    end
    assert(gs:renew_subscription(id))
    cut()
    local _, err = gs:renew_subscription(id)
    assert.same({ "refused", "no" }, { err.kind, err.sent })
    assert.truthy(err.message:find("nothing was sent", 1, true))
    assert.is_table((gs:renew_subscription(id)))
    local execute = ledger.store_.execute
    function ledger.store_.execute(store, sql, ...)
      if sql == "COMMIT" then
        ledger.store_.execute = nil
        execute(store, sql)
        cut()
        error({ fault = "server closed the connection unexpectedly" }, 0)
      end
      return execute(store, sql, ...)
    end
    assert.equal("refused", select(2, gs:renew_subscription(id)).kind)
    assert.is_table((gs:renew_subscription(id)))
    assert.equal(3, renewals())
    other:close()
  end)

  it("waits no longer than it may for another one that holds it", function()
    local impatient = machine.open(server.address, nil, { busy = 0.05 })
    local client = clients.ghostealth(box, { ledger = impatient, host = machine.host })
    ledger.store_:transaction(function()
      assert.truthy(select(2, client:renew_subscription(id)).message:find("lock timeout", 1, true))
    end)
    assert.is_table((client:renew_subscription(id)))
    impatient:close()
  end)

  it("refuses a server that may lose what it was told", function()
    server:set("fsync", "off")
    local opened, err = reseller.ledger.open(server.address)
    server:set("fsync", "on")
    assert.is_nil(opened)
    assert.truthy(err.message:find("fsync off", 1, true))
  end)

  it("says that there is no server", function()
    local opened, err = reseller.ledger.open(server.address .. "/nowhere")
    assert.is_nil(opened)
    assert.equal("refused", err.kind)
  end)
end)
