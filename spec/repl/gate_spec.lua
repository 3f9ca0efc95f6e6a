local clients = require "spec.support.clients"
local gate = require "reseller.repl.gate"
local reseller = require "reseller"
local sandbox = require "spec.support.sandbox"

describe("the gate of the prompt", function()
  local box, gs, asked, answer, began, ended, open

  before_each(function()
    box = sandbox.shared()
    gs = clients.ghostealth(box)
    asked, answer, began, ended = {}, "not now", {}, {}
    open = gate.close(gs, {
      permit = function(words)
        asked[#asked + 1] = words
        return answer
      end,
      began = function(row) began[#began + 1] = row.id end,
      ended = function(row) ended[#ended + 1] = row.id end,
    })
  end)
  after_each(function() open() end)

  local long = ("x"):rep(80)
  local questions = {
    ["This creates a subscription (billingCycle WEEKLY, connections 100) and costs money."] =
      function() return gs:create_subscription { connections = 100, billingCycle = "WEEKLY" } end,
    ["This updates su_1 (billingCycle MONTHLY, connections 200) and costs money."] =
      function() return gs:update_subscription("su_1", { connections = 200, billingCycle = "MONTHLY" }) end,
    ["This renews su_1 and costs money."] = function() return gs:renew_subscription "su_1" end,
    ["This suspends su_1."] = function() return gs:suspend_subscription "su_1" end,
    ["This resumes su_1."] = function() return gs:resume_subscription "su_1" end,
    ["This cancels su_1."] = function() return gs:cancel_subscription "su_1" end,
    ["This cancels " .. long:sub(1, 60) .. "…."] = function() return gs:cancel_subscription(long) end,
    ["This sends POST /orders. It counts as a spend."] = function() return gs:request { method = "POST", path = "/orders" } end,
    ["This sends PUT /x."] = function() return gs:request { method = "PUT", path = "/x", effect = "transition" } end,
  }
  for words, call in pairs(questions) do
    it("asks: " .. words, function()
      local value, err = call()
      assert.is_nil(value)
      assert.same({ "refused", "no", "not now; nothing was sent" }, { err.kind, err.sent, err.message })
      assert.same({ words }, asked)
      assert.same({}, began)
      assert.equal(0, #box:requests())
    end)
  end

  it("covers every client of the platform", function()
    assert.is_nil(clients.ghostealth(box):renew_subscription "su_1")
    assert.is_nil(reseller.ghostealth({ api_key = "k1234", base_url = box.url }):renew_subscription "su_1")
    assert.equal(2, #asked)
  end)

  it("asks nothing before a read, and nothing before what is wrong anyway", function()
    assert(gs:list_subscriptions())
    assert(gs:each_subscription()())
    assert(gs:request { method = "GET", path = "/resellers", effect = "read" })
    assert.equal("invalid", select(2, gs:create_subscription { billingCycle = "WEEKLY", connections = 5 }).kind)
    assert.equal("invalid", select(2, gs:renew_subscription()).kind)
    assert.equal("invalid", select(2, gs:renew_subscription("su_1", { key = 5 })).kind)
    assert.has_error(function() gs:create_subscription(5) end)
    assert.has_error(function() gs:request(5) end)
    assert.same({}, asked)
  end)

  it("lets a call through that is permitted, and tells its beginning and end", function()
    answer = nil
    local bought, meta = gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }
    assert.truthy(bought.id)
    assert.equal(200, meta.status)
    assert.same({ { "create_subscription" }, { "create_subscription" } }, { began, ended })
  end)

  it("tells the end of a call that raises too", function()
    answer = nil
    gs:close()
    assert.has_error(function() gs:renew_subscription "su_1" end)
    assert.same(began, ended)
  end)

  it("is gone once it is opened", function()
    open()
    gs:renew_subscription "su_1"
    assert.same({}, asked)
    assert.equal(1, #box:requests())
  end)
end)
