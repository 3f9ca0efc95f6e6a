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

    it("builds, buys with the command and takes the tour, also the second time, and leaves no server", function()
      for _ = 1, 2 do
        local output, status = quickstart()
        assert.equal(0, status, output)
        assert.truthy(output:find("$ reseller list --where status=ACTIVE --limit 5 --table\n", 1, true), output)
        assert.truthy(output:find "cancel_subscription +done\n")
        assert.truthy(output:find "\n  4 charges +306%.40 USD\n")
        assert.truthy(output:find("reseller sandbox --port 8080\n", 1, true))
        local url = output:match "http://127%.0%.0%.1:%d+"
        local _, err = clients.activeplatform({ url = url }, { retries = 0 }):get_subscription(1)
        assert.equal("network", err.kind)
      end
    end)

    it("buys one thing for one order, though it orders twice", function()
      local output = quickstart()
      local first, second = output:match "order%-4711 %-%-yes\n(.-)order%-4711 %-%-yes\n(.-)ledger list"
      assert.equal(first:match(SUBSCRIPTION), second:match(SUBSCRIPTION))
      local charged = output:match "Charged by the sandbox\n(.*)$"
      assert.equal(1, select(2, charged:gsub(first:match(SUBSCRIPTION), "")))
      assert.truthy(output:match "ledger list[^\n]*\n(.*)Ghostealth":find("order-4711", 1, true))
    end)

    it("says what to do next, and that works", function()
      local output = quickstart()
      local exports = output:match "\n +(export LUA_PATH_5_4=[^\n]+)\n"
      local box = sandbox.shared()
      local said, status = script.shell(("sh -c 'cd / && %s && exec lua5.4 %s/examples/tour.lua'"):format(exports, copy),
        { variables = { RESELLER_SANDBOX = box.url } })
      assert.equal(0, status, said)
      assert.truthy(said:find "cancel_subscription +done\n")
    end)

    it("leaves the ledger and the settings of whoever runs it alone", function()
      local home = script.folder()
      local output, status = script.shell(("sh %s/examples/quickstart.sh"):format(copy), { folder = "/", variables = { HOME = home } })
      assert.equal(0, status, output)
      assert.equal("", (script.shell(("find %s -mindepth 1"):format(home))))
      script.remove(home)
    end)
  end)
end
