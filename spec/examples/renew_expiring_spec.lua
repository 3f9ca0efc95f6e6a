local clients = require "spec.support.clients"
local core = require "reseller.core"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local support = require "spec.examples.support"

describe("examples/renew_expiring.lua", function()
  local box, home, due, days

  setup(function() box = sandbox.start { limit = false, start = support.today(), subscriptions = 15 } end)
  teardown(function() box:stop() end)

  -- A number of days that takes in only the three that end first.
  before_each(function()
    box:reset()
    home = support.home()
    local all = support.active(box)
    local function left(sub) return (sub.period["end"].timestamp / 1000 - os.time()) / 86400 end
    due, days = { all[1].id, all[2].id, all[3].id }, ("%.6f"):format((left(all[3]) + left(all[4])) / 2)
  end)
  after_each(function() home:remove() end)

  it("renews what ends soon, the first to end first, each once", function()
    local output, status = home:run("renew_expiring", box, days)
    assert.equal(0, status, output)
    assert.truthy(output:find "3 renewed, 0 changed meanwhile, 0 unknown, 0 failed\n")
    assert.same(due, support.charged(box))
    for _, id in ipairs(due) do assert.truthy(output:find(id .. "[^\n]+ renewed\n")) end
  end)

  it("records each renewal, and renews nothing when it is run again", function()
    home:run("renew_expiring", box, days)
    local output, status = home:run("renew_expiring", box, days)
    assert.equal(0, status, output)
    assert.truthy(output:find "^0 within [%d.]+ days: 0 renewed")
    assert.same(due, support.charged(box))
    assert.equal(3, #home:entries { verdict = "done", endpoint = "renew_subscription" })
  end)

  it("pays once when two runs overlap, and calls neither a failure", function()
    local other, command = support.home(), support.command("renew_expiring", days):gsub("'", "")
    local variables = home:variables(box)
    variables.RESELLER_LEDGER = home:file "shared.db"
    local output = script.shell(("sh -c '(%s; echo code $?) & (HOME=%s %s; echo code $?) & wait'"):format(command,
      other.path, command), { variables = variables })
    other:remove()
    local charged, codes, renewed = support.charged(box), select(2, output:gsub("code 0\n", "")), 0
    for count in output:gmatch "(%d) renewed" do renewed = renewed + count end
    table.sort(charged)
    table.sort(due)
    assert.same({ due, 2, 3 }, { charged, codes, renewed }, output)
  end)

  it("ends with each paid once when it was killed in the middle and is run again", function()
    box:fault { kind = "delay", seconds = 60, endpoint = "renew_subscription", when = "after", after = 1 }
    home:write("run.sh", ("echo $$ >%s; exec %s"):format(home:file "pid", support.command("renew_expiring", days)))
    script.shell(("sh -c 'sh %s >/dev/null 2>&1 &'"):format(home:file "run.sh"), { variables = home:variables(box) })
    local deadline = core.now() + 20
    while support.executed(box, "renew_subscription") < 2 do
      assert(core.now() < deadline, "nothing happened")
      core.sleep(0.01)
    end
    script.shell("kill -KILL " .. home:read("pid"):match "%d+")
    local output, status = home:run("renew_expiring", box, days)
    assert.equal(0, status, output)
    assert.truthy(output:find "^subscription.-1 renewed, 0 changed")
    assert.same(due, support.charged(box))
  end)

  it("does nothing when nothing ends soon", function()
    local output, status = home:run("renew_expiring", box, "0.000001")
    assert.equal(0, status)
    assert.truthy(output:find("^0 within 1e%-06 days: 0 renewed, 0 changed meanwhile, 0 unknown, 0 failed\n$"), output)
    assert.same({}, box:charges())
  end)

  it("leaves alone what is canceled, or not active", function()
    local gs = clients.ghostealth(box)
    assert(gs:cancel_subscription(due[1]))
    assert(gs:suspend_subscription(due[3]))
    local output, status = home:run("renew_expiring", box, days)
    assert.equal(0, status, output)
    assert.same({ due[2] }, support.charged(box))
  end)

  it("calls unknown what may have been renewed, goes on, and knows more the next time", function()
    box:fault { kind = "reset", endpoint = "renew_subscription", when = "after" }
    local output, status = home:run("renew_expiring", box, days)
    assert.equal(4, status, output)
    assert.truthy(output:find(due[1] .. "[^\n]+ unknown\n  renew_subscription: unknown: "), output)
    assert.truthy(output:find "2 renewed, 0 changed meanwhile, 1 unknown, 0 failed\n")
    output, status = home:run("renew_expiring", box, days)
    assert.equal(0, status, output)
    assert.same(due, support.charged(box))
    assert.equal(3, #home:entries { verdict = "done" })
  end)

  it("tells why renewals failed", function()
    box:settings { balance = 0 }
    local output, status = home:run("renew_expiring", box, days)
    assert.equal(1, status)
    assert.truthy(output:find "rejected %(HTTP 402%): Insufficient balance%.")
    assert.truthy(output:find "0 renewed, 0 changed meanwhile, 0 unknown, 3 failed\n")
    assert.same({}, box:charges())
  end)

  it("ends with 3 when some failed", function()
    box:fault { kind = "status", status = 409, endpoint = "renew_subscription" }
    local output, status = home:run("renew_expiring", box, days)
    assert.equal(3, status, output)
    assert.same({ due[2], due[3] }, support.charged(box))
  end)

  it("spends no more in a day than it may", function()
    local first = support.find(box, due[1]).plan.price.grossAmount
    local output, status = home:run("renew_expiring", box, days, first)
    assert.equal(3, status, output)
    assert.truthy(output:find("refused: cap.per_day", 1, true), output)
    assert.same({ due[1] }, support.charged(box))
  end)

  it("spends nothing when the list cannot be read", function()
    box:fault { kind = "status", status = 401, endpoint = "list_subscriptions" }
    local output, status = home:run("renew_expiring", box, days)
    assert.equal(1, status)
    assert.truthy(output:find "list_subscriptions: auth %(HTTP 401%)")
    assert.same({}, box:charges())
  end)

  for _, words in ipairs { { "soon" }, { 3, "much" } } do
    it("wants numbers, not " .. words[#words], function()
      local output, status = home:run("renew_expiring", box, (table.unpack or unpack)(words)) -- luacheck: ignore 113 143
      assert.equal(2, status)
      assert.equal("usage: renew_expiring.lua [days [most minor units a day]]\n", output)
    end)
  end
end)
