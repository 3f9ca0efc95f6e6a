local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

local SUBSCRIPTION = "su_%x+"

local function run(name, box, arguments, input)
  return script.run(("examples/%s.lua %s"):format(name, arguments or ""), { RESELLER_SANDBOX = box and box.url }, input)
end

local function columns(text) return #text:gsub("[\128-\191]", "") end

describe("examples/tour.lua", function()
  local box
  before_each(function() box = sandbox.shared() end)

  it("makes the ten calls within the limit and tells what each did", function()
    box:settings { limit = true }
    local output, status = run("tour", box)
    assert.equal(0, status, output)
    for _, pattern in ipairs { "get_reseller +34 of 45 subscriptions are active\n", "list_subscriptions +20 on the first page\n",
      "create_subscription +" .. SUBSCRIPTION .. " is ACTIVE\n", "update_subscription +MONTHLY, 200 connections\n",
      "renew_subscription +Subscription renewed successfully%.\n", "suspend_subscription +done\n", "resume_subscription +done\n",
      "cancel_subscription +done\n", "list_subscriptions +it is ACTIVE, canceled, and ends 2026%-05%-09\n",
      "list_child_subscriptions +50 on page 1 of 23\n", "get_subscription +%S+" } do
      assert.truthy(output:find(pattern), pattern .. " in\n" .. output)
    end
    local state = box:state()
    assert.equal(0, state.limiter.refused)
    assert.equal(11, state.requests.count)
  end)

  it("is charged for what it buys, and for nothing else", function()
    local output = run("tour", box)
    local bought, charged = output:match(SUBSCRIPTION), {}
    for i, charge in ipairs(box:charges()) do
      charged[i] = charge.endpoint .. " " .. charge.amount
      assert.equal(bought, charge.subject)
    end
    assert.same({ "create_subscription 2000", "update_subscription 13320", "renew_subscription 13320" }, charged)
  end)

  it("fits a terminal of 80 columns", function()
    for line in run("tour", box):gmatch "[^\n]+" do assert.is_true(columns(line) <= 80, line) end
  end)

  it("spends nothing unless it is told where, or to pay", function()
    local output, status = run("tour")
    assert.equal(2, status)
    assert.truthy(output:find("RESELLER_SANDBOX", 1, true))
    assert.truthy(output:find("--pay", 1, true))
  end)

  it("ends with the error of a call that fails", function()
    box:fault { kind = "reset", endpoint = "create_subscription", when = "after" }
    local output, status = run("tour", box)
    assert.equal(1, status)
    assert.truthy(output:find "create_subscription: unknown: ")
    assert.equal(1, #box:charges())
  end)
end)

describe("examples/renew_expiring.lua", function()
  local box, due, days

  setup(function() box = sandbox.start { limit = false, start = os.date "!%Y-%m-%dT%H:%M:%SZ", subscriptions = 15 } end)
  teardown(function() box:stop() end)

  -- The three that end first, and a number of days that takes in them only.
  before_each(function()
    box:reset()
    local all, now = {}, os.time()
    for sub in clients.ghostealth(box):each_subscription() do
      if sub.status == "ACTIVE" and not sub.canceled then
        all[#all + 1] = { id = sub.id, days = (sub.period["end"].timestamp / 1000 - now) / 86400 }
      end
    end
    table.sort(all, function(a, b) return a.days < b.days end)
    due, days = { all[1].id, all[2].id, all[3].id }, ("%.6f"):format((all[3].days + all[4].days) / 2)
  end)

  local function charged()
    local subjects = {}
    for i, charge in ipairs(box:charges()) do subjects[i] = charge.subject end
    return subjects
  end

  it("renews what ends soon, the first to end first, each once", function()
    local output, status = run("renew_expiring", box, days)
    assert.equal(0, status, output)
    assert.truthy(output:find "3 renewed, 0 unknown, 0 failed\n")
    assert.same(due, charged())
    for _, id in ipairs(due) do assert.truthy(output:find(id .. "[^\n]+ renewed\n")) end
  end)

  it("does nothing when nothing ends soon", function()
    local output, status = run("renew_expiring", box, "0.000001")
    assert.equal(0, status)
    assert.truthy(output:find("^0 within 1e%-06 days: 0 renewed, 0 unknown, 0 failed\n$"), output)
    assert.same({}, charged())
  end)

  it("calls unknown what may have been renewed, and goes on", function()
    box:fault { kind = "reset", endpoint = "renew_subscription", when = "after" }
    local output, status = run("renew_expiring", box, days)
    assert.equal(1, status)
    assert.truthy(output:find(due[1] .. "[^\n]+ unknown\n  renew_subscription: unknown: "), output)
    assert.truthy(output:find "2 renewed, 1 unknown, 0 failed\n")
    assert.truthy(output:find "may have been renewed")
    assert.same(due, charged())
  end)

  it("tells why a renewal failed", function()
    box:settings { balance = 0 }
    local output, status = run("renew_expiring", box, days)
    assert.equal(1, status)
    assert.truthy(output:find "rejected %(HTTP 402%): Insufficient balance%.")
    assert.truthy(output:find "0 renewed, 0 unknown, 3 failed\n")
    assert.same({}, charged())
  end)

  it("wants a number of days", function()
    local output, status = run("renew_expiring", box, "soon")
    assert.equal(2, status)
    assert.equal("usage: renew_expiring.lua [days]\n", output)
  end)
end)

describe("examples/downstream_report.lua", function()
  local box, output, status
  before_each(function()
    box = sandbox.shared()
    output, status = run("downstream_report", box)
  end)

  it("counts every subscription under its status", function()
    assert.equal(0, status, output)
    local sum = 0
    for count in output:gmatch "\n%l+ +(%d+) +%d+  " do sum = sum + count end
    assert.equal(1146, sum)
    assert.truthy(output:find "\nall +1146\n$")
    assert.truthy(output:find "\nactive +705 ")
  end)

  it("keeps its columns where names are Cyrillic", function()
    assert.truthy(output:find "[\208\209]", "no Cyrillic name in\n" .. output)
    local place = columns(output:match "^([^\n]+)on\n")
    for before in output:gmatch "\n([^\n]+)%d%d%d%d%-%d%d%-%d%d\n" do assert.equal(place, columns(before)) end
  end)

  it("only reads", function() assert.same({}, box:charges()) end)
end)

describe("examples/look_around.lua", function()
  local function look(box, input)
    return (script.run("-i examples/look_around.lua", { RESELLER_SANDBOX = box and box.url }, input))
  end

  it("shows results, without the secrets in them", function()
    local output = look(sandbox.shared(), "show(gs:get_reseller())\n")
    assert.truthy(output:find "totalSubscriptions: 45\n")
    assert.truthy(output:find "apiKey: %*%*%*\n")
    assert.falsy(output:find "GHO%-")
  end)

  it("shows an error as one line", function()
    local output = look(sandbox.shared(), "show(ap:get_subscription(1))\n")
    assert.truthy(output:find "get_subscription: not_found %(HTTP 404%): Subscription not found%.\n")
  end)

  it("finds the first that has some fields", function()
    local output = look(sandbox.shared(), 'show(first(gs:each_subscription(), { status = "SUSPENDED", canceled = false }))\n')
    assert.truthy(output:find "status: SUSPENDED\n")
  end)

  it("shows linked resources to a depth", function()
    local output = look(sandbox.shared(), 'show(ap:get_subscription(3007095, { include = { "account", "plan" } }))\n')
    assert.truthy(output:find "email: test@example%.com\n")
    assert.truthy(output:find("1: {...}\n", 1, true))
  end)

  it("tells which credential is missing", function()
    assert.truthy(look(nil, ""):find "GHOSTEALTH_API_KEY")
  end)
end)

if script.is_main_run then
  describe("examples/quickstart.sh", function()
    local copy
    setup(function() copy = script.copy() end)
    teardown(function() script.remove(copy) end)

    -- From another folder, as a new user may.
    local function quickstart() return script.shell(("sh %s/examples/quickstart.sh"):format(copy), { folder = "/" }) end

    it("builds, takes the tour and shows the charges, also the second time, and leaves no server", function()
      for _ = 1, 2 do
        local output, status = quickstart()
        assert.equal(0, status, output)
        assert.truthy(output:find "cancel_subscription +done\n")
        assert.truthy(output:find "\n  3 charges +286%.40 USD\n")
        local url = output:match "http://127%.0%.0%.1:%d+"
        local _, err = clients.activeplatform({ url = url }, { retries = 0 }):get_subscription(1)
        assert.equal("network", err.kind)
      end
    end)
  end)
end
