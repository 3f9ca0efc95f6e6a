local completion = require "reseller.repl.completion"
local reseller = require "reseller"

local gs = reseller.ghostealth { api_key = "GHO-aaaaaaaaaa-STEA-bbbbbbbbbb-LTH" }
local ap = reseller.activeplatform { api_token = "abcdefgh", base_url = "https://portal.example.com" }
local env = { gs = gs, ap = ap, sub = { id = "su_1", plan = { price = 2, title = "x" }, renew = function() end, hidden_ = 1 },
  string = string, print = print, private_ = 1 }

--- What is typed, how much of the last word, and what is offered.
local cases = {
  { "g", 1, "goto gs" },
  { "pri", 3, "print" },
  { "x = su", 2, "sub" },
  { "gs:re", 2, "renew_subscription request resume_subscription" },
  { "print(gs:eac", 3, "each_subscription" },
  { "sub.", 0, "id plan renew" },
  { "sub.h", 1, "" },
  { "sub:", 0, "renew" },
  { "sub.plan.", 0, "price title" },
  { "nothing.here.", 0, "" },
  { "string.re", 2, "rep reverse" },
  { "gs:create_subscription{", 0, "authentications =|billingCycle =|connections =|key =" },
  { "gs:create_subscription { bi", 2, "billingCycle =" },
  { "x = gs:create_subscription { billingCycle = 'WEEKLY', conn", 4, "connections =" },
  { "gs:create_subscription { billingCycle = \"", 0, "ANNUAL MONTHLY WEEKLY" },
  { "gs:create_subscription { billingCycle = 'MO", 2, "MONTHLY" },
  { "gs:create_subscription { connections = ", 0, "100 1000 200 2000 500" },
  { "gs:create_subscription { connections = 10", 2, "100 1000" },
  { "gs:renew_subscription(sub.i", 1, "id" },
  { "gs:renew_subscription(sub.id, { ", 0, "expect_end =|key =" },
  { "gs:update_subscription('a', { billingCycle = 'WEEKLY', conn", 4, "connections =" },
  { "ap:list_child_subscriptions { pa", 2, "page =" },
  { "ap:list_child_subscriptions { page = { ", 0, "number =|size =" },
  { "ap:get_subscription(1, { include = { 'ac", 2, "account" },
  { "ap:get_subscription(1, { include = { 'account', 'pl", 2, "plan" },
  { "for s in gs:each_subscription { si", 2, "size =" },
  { "help 'ren", 3, "renew_subscription" },
  { "help(\"each_c", 6, "each_child_subscription" },
  { "print 'su", 2, "" },
  { "print('it\\'s ', su", 2, "sub" },
  { "gs:create_subscription { connections = 100 } su", 2, "sub" },
  { "1 +", 0, "" },
}

describe("completion", function()
  for _, case in ipairs(cases) do
    it(("offers %s after %s"):format(case[3] == "" and "nothing" or case[3], case[1]), function()
      local words, typed = completion.at(env, case[1])
      local names = {}
      for i, word in ipairs(words) do names[i] = word:gsub(" $", "") end
      assert.equal(case[3], table.concat(names, case[3]:find "|" and "|" or " "))
      assert.equal(case[2], typed)
    end)
  end

  it("offers private names only when one is begun", function()
    assert.same({ "_private" }, (completion.at({ _private = 1 }, "_p")))
    assert.same({}, (completion.at({ private_ = 1 }, "priva")))
  end)

  it("calls nothing to find out", function()
    local called = false
    local trap = setmetatable({}, { __index = function() called = true error "trap" end })
    assert.same({}, (completion.at({ trap = trap, f = function() called = true end }, "f().x")))
    assert.same({}, (completion.at({ trap = trap }, "trap.")))
    assert.is_false(called)
  end)
end)
