local clients = require "spec.support.clients"
local reseller = require "reseller"
local sandbox = require "spec.support.sandbox"
local support = require "spec.examples.support"

describe("examples/after_a_crash.lua", function()
  local box, home, sub

  setup(function() box = sandbox.start { limit = false, start = support.today(), subscriptions = 10 } end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset()
    home, sub = support.home(), support.active(box)[1]
  end)
  after_each(function() home:remove() end)

  local function look(...) return home:run("after_a_crash", box, ...) end

  -- Renews, with a reply that gets lost before or after it was done.
  local function lose(when)
    box:fault { kind = "reset", endpoint = "renew_subscription", when = when }
    local ledger = assert(reseller.ledger.open(home:file "ledger.db"))
    local gs = clients.ghostealth(box, { ledger = ledger, api_key = clients.keys()[1] })
    local ok, err = gs:renew_subscription(sub.id, { expect_end = sub.period["end"].timestamp })
    assert.equal("unknown", not ok and err.kind)
    ledger:close()
    return err.entry
  end

  it("has nothing to tell when nothing is unknown", function()
    local output, status = look()
    assert.equal(0, status, output)
    assert.equal("ghostealth: 0 settled by looking, 0 open\n", output)
  end)

  it("settles what a look can tell", function()
    lose "after"
    local output, status = look()
    assert.equal(0, status, output)
    assert.equal("ghostealth: 1 settled by looking, 0 open\n", output)
    assert.equal("done", home:entries()[1].verdict)
  end)

  it("lists what no look can tell yet, with all that is known, and how to settle it", function()
    local id = lose "before"
    local output, status = look()
    assert.equal(4, status, output)
    assert.truthy(output:find "^ghostealth: 0 settled by looking, 1 open\n")
    assert.truthy(output:find(("\n%d  20[%%dTZ:.-]+  renew_subscription of %s, %d minor units of USD\n"):format(id, sub.id,
      sub.plan.price.grossAmount)), output)
    assert.truthy(output:find(('asked for: {"subscriptionId":"%s"}\n'):format(sub.id), 1, true))
    assert.truthy(output:find "evidence:  seen 20[^\n]+: its period still ends 20")
    assert.truthy(output:find("after_a_crash.lua NUMBER done|refused WHY", 1, true))
  end)

  it("takes a person's word for it", function()
    local id = lose "before"
    local output, status = look(id, "refused", "the dashboard shows it's not there")
    assert.equal(0, status, output)
    assert.equal(("entry %d is settled: refused\nghostealth: 0 settled by looking, 0 open\n"):format(id), output)
    local entry = home:entries()[1]
    assert.equal("refused", entry.verdict)
    assert.equal("settled by hand: the dashboard shows it's not there", entry.evidence)
  end)

  it("does not settle what is settled", function()
    local id = lose "after"
    look()
    local output, status = look(id, "refused", "so I think")
    assert.equal(1, status)
    assert.truthy(output:find(("entry %d is not unknown"):format(id), 1, true), output)
    assert.equal("done", home:entries()[1].verdict)
  end)

  it("sends nothing but reads", function()
    lose "before"
    local count = #box:requests()
    look()
    for i, request in ipairs(box:requests()) do
      if i > count then assert.equal("list_subscriptions", request.endpoint) end
    end
    assert.is_true(#box:requests() > count)
    assert.same({}, box:charges())
  end)

  it("fails when the platform or the ledger cannot be read", function()
    lose "before"
    box:fault { kind = "status", status = 401, endpoint = "list_subscriptions", times = 9 }
    local output, status = look()
    assert.equal(1, status)
    assert.truthy(output:find "list_subscriptions: auth %(HTTP 401%)")
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(home:file("ledger.db" .. suffix)) end
    home:write("ledger.db", "this is not a database, and long enough to tell")
    output, status = look()
    assert.equal(1, status)
    assert.truthy(output:find "^after_a_crash%.lua: ledger: refused: ", output)
  end)

  it("wants all of number, verdict and reason", function()
    for _, words in ipairs { { 1 }, { 1, "done" }, { 1, "done", "" }, { 1, "perhaps", "x" }, { "one", "done", "x" } } do
      local output, status = look((table.unpack or unpack)(words)) -- luacheck: ignore 113 143
      assert.equal(2, status)
      assert.equal("usage: after_a_crash.lua [NUMBER done|refused WHY]\n", output)
    end
  end)
end)
