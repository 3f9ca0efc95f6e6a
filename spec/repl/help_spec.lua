local core = require "reseller.core"
local help = require "reseller.repl.help"

local function row(id) return help.find(id)[1] end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " in\n" .. text) end

describe("help", function()
  local signatures = {
    get_reseller = "gs:get_reseller()",
    list_subscriptions = "gs:list_subscriptions { page?, size?, sortBy?, direction? }",
    create_subscription = "gs:create_subscription { billingCycle, connections, authentications?, key? }",
    renew_subscription = "gs:renew_subscription(subscriptionId, { key?, expect_end? })",
    list_child_subscriptions = "gs:list_child_subscriptions { reseller_id?, page? = { size?, number? }, meta? }",
    get_subscription = "gs:get_subscription(subscription_id, { reseller_id?, meta?, include? })",
  }
  for id, signature in pairs(signatures) do
    it("writes " .. id .. " as it is called", function() assert.equal(signature, help.signature(row(id), "gs")) end)
  end

  it("tells of each call its effect, its source and all its parameters", function()
    for _, one in ipairs(core.endpoints()) do
      local text = help.row(one, "c")
      has(text, one.doc)
      has(text, one.source)
      has(text, "effect   " .. one.effect)
      for _, param in ipairs(one.params) do
        has(text, "\n  " .. param.name)
        has(text, param.doc)
        for _, choice in ipairs(param.choices or {}) do has(text, tostring(choice)) end
      end
    end
  end)

  it("says that what spends asks first", function()
    has(help.row(row "renew_subscription", "gs"), "costs money; asks first; sent at most once")
    assert.falsy(help.row(row "get_reseller", "gs"):find("asks first", 1, true))
  end)

  it("lists every call of a platform, with its iterators", function()
    for platform in pairs(core.platforms()) do
      local text = help.platform(platform, "c")
      for _, one in ipairs(core.endpoints()) do
        if one.platform == platform then
          has(text, "\n  " .. one.id .. " ")
          if one.paging then has(text, one.id:gsub("^list_(.*)s$", "each_%1")) end
        end
      end
    end
  end)

  it("finds a call by the name of its iterator", function() assert.equal("list_subscriptions", row("each_subscription").id) end)

  it("suggests a name for a wrong one", function()
    has(help.unknown "renew_subscripton", "did you mean renew_subscription?")
    has(help.unknown "zzz", "help() tells what there is")
  end)
end)
