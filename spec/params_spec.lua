local core = require "reseller.core"

local rows = {}
for _, row in ipairs(core.endpoints()) do rows[row.platform .. "." .. row.id] = row end

local function prepare(name, params, ...)
  return core.prepare(rows[name].index, { reseller_id = 7 }, params, ...)
end

describe("the endpoint table", function()
  it("passes its own check", function() assert.is_true(core.check()) end)

  it("holds the ten calls", function()
    local ids = {}
    for _, row in ipairs(core.endpoints()) do ids[#ids + 1] = row.platform .. "." .. row.id end
    assert.same({ "ghostealth.get_reseller", "ghostealth.list_subscriptions", "ghostealth.create_subscription",
      "ghostealth.update_subscription", "ghostealth.renew_subscription", "ghostealth.suspend_subscription",
      "ghostealth.resume_subscription", "ghostealth.cancel_subscription", "activeplatform.list_child_subscriptions",
      "activeplatform.get_subscription" }, ids)
  end)
end)

describe("core.prepare", function()
  local su = "/resellers/subscriptions/"
  for _, case in ipairs {
    { "ghostealth.get_reseller", nil, {}, "/resellers" },
    { "ghostealth.list_subscriptions", nil, {}, "/resellers/subscriptions?page=0&size=20&sortBy=id&direction=DESC" },
    { "ghostealth.list_subscriptions", { page = 2, direction = "ASC" }, {}, "/resellers/subscriptions?page=2&size=20&sortBy=id&direction=ASC" },
    { "ghostealth.list_subscriptions", { sortBy = "a b&c=ü" }, {}, "/resellers/subscriptions?page=0&size=20&sortBy=a%20b%26c%3D%C3%BC&direction=DESC" },
    { "ghostealth.renew_subscription", nil, { "su_1" }, su .. "su_1" },
    { "ghostealth.suspend_subscription", nil, { "a b+%é:@" }, su .. "a%20b%2B%25%C3%A9%3A%40/suspend" },
    { "ghostealth.cancel_subscription", {}, { "..." }, su .. ".../cancel" },
    { "activeplatform.get_subscription", nil, { 3007095 }, "/api/v3/resellers/7/subscriptions/3007095" },
    { "activeplatform.get_subscription", nil, { "3007095" }, "/api/v3/resellers/7/subscriptions/3007095" },
    { "activeplatform.get_subscription", { reseller_id = 12 }, { 3007095.0 }, "/api/v3/resellers/12/subscriptions/3007095" },
    { "activeplatform.get_subscription", { reseller_id = "12", meta = false }, { 5 }, "/api/v3/resellers/12/subscriptions/5?meta=false" },
    { "activeplatform.get_subscription", { include = { "account", "plan" } }, { 5 }, "/api/v3/resellers/7/subscriptions/5?include=account,plan" },
    { "activeplatform.get_subscription", { include = "account,plan", meta = true }, { 5 }, "/api/v3/resellers/7/subscriptions/5?meta=true&include=account,plan" },
    { "activeplatform.list_child_subscriptions", { page = { number = 396, size = 2 } }, {},
      "/api/v3/resellers/7/child_reseller_subscriptions?page%5Bsize%5D=2&page%5Bnumber%5D=396" },
    { "activeplatform.list_child_subscriptions", { ["page[number]"] = 3 }, {},
      "/api/v3/resellers/7/child_reseller_subscriptions?page%5Bsize%5D=50&page%5Bnumber%5D=3" },
  } do
    it("makes " .. case[4], function()
      local target, body = prepare(case[1], case[2], unpack and unpack(case[3]) or table.unpack(case[3])) -- luacheck: ignore
      assert.equal(case[4], target)
      assert.is_nil(body)
    end)
  end

  it("collects the body, with authentications at 1 unless given", function()
    local target, body = prepare("ghostealth.create_subscription", { billingCycle = "WEEKLY", connections = 100.0 })
    assert.equal("/resellers/subscriptions", target)
    assert.same({ billingCycle = "WEEKLY", connections = 100, authentications = 1 }, body)
    target, body = prepare("ghostealth.update_subscription", { billingCycle = "ANNUAL", connections = 500, authentications = 10 }, "su_1")
    assert.equal("/resellers/subscriptions/su_1", target)
    assert.same({ billingCycle = "ANNUAL", connections = 500, authentications = 10 }, body)
  end)

  local function create(more)
    local params = { billingCycle = "WEEKLY", connections = 100 }
    for name, value in pairs(more) do params[name] = value end
    return params
  end
  local path, list, get = "ghostealth.renew_subscription", "ghostealth.list_subscriptions", "activeplatform.get_subscription"
  local nul = "a\0b"

  for _, case in ipairs {
    { "ghostealth.create_subscription", { connections = 100 }, {}, "billingCycle", "one of WEEKLY, MONTHLY, ANNUAL", "nothing" },
    { "ghostealth.create_subscription", { billingCycle = "WEEKLY" }, {}, "connections", "one of 100, 200, 500, 1000, 2000", "nothing" },
    { "ghostealth.create_subscription", create { connections = 150 }, {}, "connections", "one of 100, 200, 500, 1000, 2000", "150" },
    { "ghostealth.create_subscription", create { connections = "100" }, {}, "connections", "one of 100, 200, 500, 1000, 2000", '"100"' },
    { "ghostealth.create_subscription", create { connections = 100.5 }, {}, "connections", "one of 100, 200, 500, 1000, 2000", "100.5" },
    { "ghostealth.create_subscription", create { billingCycle = "weekly" }, {}, "billingCycle", "one of WEEKLY, MONTHLY, ANNUAL", '"weekly"' },
    { "ghostealth.create_subscription", create { billingCycle = "WEEKLY\0" }, {}, "billingCycle", "one of WEEKLY, MONTHLY, ANNUAL" },
    { "ghostealth.create_subscription", create { authentications = 0 }, {}, "authentications", "an integer from 1 to 10", "0" },
    { "ghostealth.create_subscription", create { authentications = 11 }, {}, "authentications", "an integer from 1 to 10", "11" },
    { "ghostealth.create_subscription", create { authentications = 0 / 0 }, {}, "authentications", "an integer from 1 to 10" },
    { "ghostealth.create_subscription", create { authentications = math.huge }, {}, "authentications", "an integer from 1 to 10" },
    { "ghostealth.create_subscription", create { authentications = { 1 } }, {}, "authentications", "an integer from 1 to 10", "a table" },
    { "ghostealth.create_subscription", create { authentications = false }, {}, "authentications", "an integer from 1 to 10", "false" },
    { list, { page = -1 }, {}, "page", "an integer from 0 to 1000000000", "-1" },
    { list, { size = 0 }, {}, "size", "an integer from 1 to 1000000", "0" },
    { list, { direction = "UP" }, {}, "direction", "one of ASC, DESC", '"UP"' },
    { list, { sortBy = 5 }, {}, "sortBy", "text", "5" },
    { list, { sortBy = "\255" }, {}, "sortBy", "valid UTF-8" },
    { list, { sortBy = ("x"):rep(9000) }, {}, "target", "a path and query of at most 8000 bytes" },
    { list, { sise = 5 }, {}, "sise" },
    { list, { [1] = 5 }, {}, "number" },
    { list, { page = { size = 5 } }, {}, "page", "an integer from 0 to 1000000000", "a table" },
    { "ghostealth.get_reseller", { x = 1 }, {}, "x" },
    { path, { subscriptionId = "su_1" }, { "su_1" }, "subscriptionId" },
    { path, nil, {}, "subscriptionId", "text", "nothing" },
    { path, nil, { 5 }, "subscriptionId", "text", "5" },
    { path, nil, { {} }, "subscriptionId", "text", "a table" },
    { path, nil, { "" }, "subscriptionId", "text that is not empty", '""' },
    { path, nil, { "." }, "subscriptionId", "an id, not dots", '"."' },
    { path, nil, { ".." }, "subscriptionId", "an id, not dots", '".."' },
    { path, nil, { "a/b" }, "subscriptionId", "text without / \\ ? #", '"a/b"' },
    { path, nil, { "a\\b" }, "subscriptionId", "text without / \\ ? #" },
    { path, nil, { "a?b" }, "subscriptionId", "text without / \\ ? #" },
    { path, nil, { "a#b" }, "subscriptionId", "text without / \\ ? #" },
    { path, nil, { "a\nb" }, "subscriptionId", "text without control characters" },
    { path, nil, { nul }, "subscriptionId", "text without control characters" },
    { path, nil, { "\127" }, "subscriptionId", "text without control characters" },
    { path, nil, { ("x"):rep(50) .. "/" }, "subscriptionId", "text without / \\ ? #", "a text of 51 bytes" },
    { get, nil, { 0 }, "subscription_id", "an integer of at least 1", "0" },
    { get, nil, { -3 }, "subscription_id", "an integer of at least 1", "-3" },
    { get, nil, { "abc" }, "subscription_id", "an integer of at least 1", '"abc"' },
    { get, nil, { "5x" }, "subscription_id", "an integer of at least 1", '"5x"' },
    { get, nil, { "99999999999999999999" }, "subscription_id", "an integer of at least 1" },
    { get, { reseller_id = 0 }, { 5 }, "reseller_id", "an integer of at least 1", "0" },
    { get, { meta = "true" }, { 5 }, "meta", "true or false", '"true"' },
    { get, { include = "account,plann" }, { 5 }, "include", "a list of account, plan, subscription_period, subscription_resources", '"account,plann"' },
    { get, { include = { "account", 5 } }, { 5 }, "include", "a list of account, plan, subscription_period, subscription_resources", "5" },
    { get, { include = { "account,plan" } }, { 5 }, "include", "a list of account, plan, subscription_period, subscription_resources" },
    { get, { include = {} }, { 5 }, "include", "a list of account, plan, subscription_period, subscription_resources", "a table" },
    { get, { include = "account," }, { 5 }, "include", "a list of account, plan, subscription_period, subscription_resources" },
    { "activeplatform.list_child_subscriptions", { page = { sizes = 5 } }, {}, "page[sizes]" },
    { "activeplatform.list_child_subscriptions", { page = { [1] = 5 } }, {}, "page[?]" },
    { "activeplatform.list_child_subscriptions", { page = 5 }, {}, "page" },
    { "activeplatform.list_child_subscriptions", { include = "plan" }, {}, "include" },
  } do
    it(("refuses %s of %s: %s"):format(case[4], case[1], case[6] or case[5] or "unknown"), function()
      local target, field, expected, shown = prepare(case[1], case[2], unpack and unpack(case[3]) or table.unpack(case[3])) -- luacheck: ignore
      assert.is_nil(target)
      assert.equal(case[4], field)
      assert.equal(case[5], expected)
      if case[6] then assert.equal(case[6], shown) end
    end)
  end

  it("asks for reseller_id when neither call nor client has it", function()
    local _, field, expected, shown = core.prepare(rows["activeplatform.get_subscription"].index, {}, nil, 5)
    assert.same({ "reseller_id", "an integer of at least 1", "nothing" }, { field, expected, shown })
  end)
end)

describe("core.base_url", function()
  for url, expected in pairs {
    ["https://api.ghostealth.com/dev/v1.0"] = "https://api.ghostealth.com/dev/v1.0",
    ["https://portal.example.com/"] = "https://portal.example.com",
    ["https://portal.example.com:8443/a/b//"] = "https://portal.example.com:8443/a/b",
    ["http://127.0.0.1:8080"] = "http://127.0.0.1:8080", ["http://localhost/x"] = "http://localhost/x",
    ["http://[::1]:80"] = "http://[::1]:80", ["http://127.255.0.1"] = "http://127.255.0.1", ["https://[2001:db8::1]/"] = "https://[2001:db8::1]",
  } do
    it("takes " .. url, function() assert.equal(expected, core.base_url(url).url) end)
  end

  for _, url in ipairs { "", "api.ghostealth.com", "ftp://a", "HTTPS://a", "https://", "https:///x", "https://user:pw@host/", "https://user@host",
    "https://host?x=1", "https://host/#a", "https://host/a b", "https://host/%2e", "https://host:0", "https://host:65536", "https://host:",
    "https://host:1x", "https://ho_st", "https://[::1", "https://[x]", "http://91.99.96.73:8080", "http://example.com", "http://127.0.0.1.evil.com",
    "http://127.0.0.1@evil.com", "http://localhost.evil.com", "http://127.1", "http://127.0.0.256", "http://0.0.0.0", "http://[::2]",
    "https://host\\@evil", "https://host/\r\nX: y", "https://h\195\182st" } do
    it("refuses " .. url, function()
      local base, expected = core.base_url(url)
      assert.is_nil(base)
      assert.is_string(expected)
    end)
  end
end)
