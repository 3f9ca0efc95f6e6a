local clients = require "spec.support.clients"
local json = require "reseller.json"
local sandbox = require "spec.support.sandbox"
local support = require "spec.examples.support"

describe("examples/all_details.lua", function()
  local box, home

  setup(function() box = sandbox.start { child_subscriptions = 40 } end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset()
    home = support.home()
  end)
  after_each(function() home:remove() end)

  -- What it writes to standard output, by line, and to standard error.
  local function run(...)
    local words = { ... }
    local output, status = home:run("all_details", box, (table.unpack or unpack)(words)) -- luacheck: ignore 113 143
    local lines, rest = {}, {}
    for line in output:gmatch "[^\n]+" do
      local list = (line:find "^%d+," or line:find "^id,") and lines or rest
      list[#list + 1] = line
    end
    return lines, status, table.concat(rest, "\n"), output
  end

  it("has one line for each subscription, in the order of the list", function()
    local lines, status, _, output = run()
    assert.equal(0, status, output)
    assert.equal("id,status,customer,email,plan,fee,currency,expires", lines[1])
    local i = 1
    for sub in clients.activeplatform(box):each_child_subscription() do
      i = i + 1
      assert.equal(("%s,%s"):format(sub.id, sub.status), lines[i]:match "^%d+,%l+")
    end
    assert.equal(i, #lines)
    assert.equal(41, i)
  end)

  it("has what only the details have, money as it came", function()
    local lines = run()
    local sub = clients.activeplatform(box):get_subscription(3006305, { include = { "account", "plan", "subscription_period" } })
    assert.equal(table.concat({ sub.id, sub.status, sub.account.name, sub.account.email, sub.plan.name,
      sub.subscription_period.recurring_fee, "RUB", sub.expiration_date }, ","), lines[2])
    assert.truthy(lines[2]:find ",%d+%.%d+,RUB,")
  end)

  it("shows how far it is, to the end", function()
    assert.truthy(select(3, run()):find "1 of 40\r.*40 of 40")
  end)

  it("reads several at a time, and one at a time when told so", function()
    local function connections()
      local seen, count = {}, 0
      for _, request in ipairs(box:requests()) do
        if request.endpoint == "get_subscription" and not seen[request.connection] then
          seen[request.connection], count = true, count + 1
        end
      end
      return count
    end
    box:fault { kind = "delay", seconds = 0.02, endpoint = "get_subscription", times = 40 }
    run()
    assert.is_true(connections() > 4)
    box:reset()
    run(1)
    assert.equal(1, connections())
  end)

  it("leaves out what cannot be read, and says which", function()
    box:fault { kind = "status", status = 404, path = "/api/v3/resellers/1/subscriptions/3006307" }
    local lines, status, rest, output = run()
    assert.equal(3, status, output)
    assert.equal(40, #lines)
    assert.truthy(rest:find("3006307: get_subscription: not_found (HTTP 404)", 1, true), rest)
    assert.falsy(table.concat(lines, "\n"):find("3006307", 1, true))
  end)

  it("ends with 1 when the list, or nothing, can be read", function()
    box:fault { kind = "status", status = 401, endpoint = "list_child_subscriptions" }
    assert.equal(1, select(2, run()))
    box:clear_faults()
    box:fault { kind = "status", status = 403, endpoint = "get_subscription", times = 40 }
    assert.equal(1, select(2, run()))
  end)

  it("writes names so that a spreadsheet takes them for names", function()
    local data = { id = "3006305", type = "subscriptions", attributes = { status = "active" }, relationships = {
      account = { data = { id = "1", type = "accounts" } }, plan = { data = { id = "1", type = "plans" } } } }
    local included = json.array {
      { id = "1", type = "accounts", attributes = { name = '=HYPERLINK("http://evil.example")', email = "a\nb" } },
      { id = "1", type = "plans", attributes = { name = "-1.50", plan_currency = "RUB" } } }
    box:fault { kind = "body", body = json.encode { data = data, included = included }, endpoint = "get_subscription",
      content_type = "application/vnd.api+json" }
    local output = select(4, run(1))
    assert.truthy(output:find('3006305,active,"\'=HYPERLINK(""http://evil.example"")","a\nb",-1.50,,RUB,\n', 1, true), output)
  end)

  it("wants a number of calls", function()
    for _, word in ipairs { "0", "many", "1.5" } do
      local _, status, output = run(word)
      assert.equal(2, status)
      assert.equal("usage: all_details.lua [AT_ONCE]", output)
    end
  end)
end)
