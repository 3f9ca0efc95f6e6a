-- Every refusal, and a round trip for every row of the table of endpoints.
local core = require "reseller.core"
local worlds = require "spec.sandbox.worlds"

local SUBSCRIPTIONS = "/subscriptions"
local SAMPLE = SUBSCRIPTIONS .. "/" .. worlds.SAMPLE
local CHILDREN = "/child_reseller_subscriptions"

local PLAN = worlds.PLAN

local function plan_with(changes)
  local body = PLAN
  for name, value in pairs(changes) do
    body = body:gsub('("' .. name .. '":)[^,}]*', "%1" .. value)
  end
  return body
end

-- Values of path parameters that exist in the fleet.
local KNOWN = { subscriptionId = worlds.SAMPLE, subscription_id = "3007095", reseller_id = "1" }

local function target_of(row)
  local base = core.platforms()[row.platform].sandbox_path
  return base .. row.path:gsub("{(.-)}", KNOWN)
end

-- A resumed subscription has to be suspended first.
local function prepare(subject, row)
  if row.id == "resume_subscription" then subject:ghostealth("PUT", SAMPLE .. "/suspend") end
end

local function sends_body(row)
  for _, param in ipairs(row.params) do
    if param.place == "body" then return true end
  end
end

local function shape_of(result, body)
  if result == "one" then return type(body.data) == "table" and body.data.id ~= nil end
  if result == "many" then return type(body.data) == "table" and body.data[1].id ~= nil end
  if result == "confirmed" then return body.success == true and type(body.message) == "string" end
  return next(body) == nil
end

describe("sandbox platform", function()
  for _, row in ipairs(core.endpoints()) do
    it(("answers %s %s as the table says"):format(row.method, row.id), function()
      local subject = worlds.new()
      prepare(subject, row)
      local status, body, reply = subject:call(row.method, target_of(row), sends_body(row) and PLAN or nil)
      assert.equal(200, status)
      assert.is_true(shape_of(row.result, body))
      assert.equal(core.platforms()[row.platform].media_type, reply.headers["content-type"])
      assert.equal(row.effect == "spend" and 1 or 0, subject.world.charges:count())
    end)

    it(("answers %s without its credential with 401"):format(row.id), function()
      local header = core.platforms()[row.platform].auth_header:match("^[^:]+"):lower()
      local body = sends_body(row) and PLAN or nil
      local subject = worlds.new()
      for _, value in ipairs { false, "wrong", "Bearer GHO-sandboxkey-STEA-sandboxkey-LTH" } do
        assert.equal(401, (subject:call(row.method, target_of(row), body, { [header] = value })))
      end
      assert.equal(0, subject.world.charges:count())
    end)
  end

  it("answers Ghostealth under both of the vendor's prefixes", function()
    local subject = worlds.new()
    assert.equal(200, (subject:call("GET", "/api/v1.0/resellers")))
    assert.equal(200, (subject:call("GET", "/dev/v1.0/resellers")))
    assert.equal(404, (subject:call("GET", "/live/v1.0/resellers")))
    assert.equal(404, (subject:call("GET", "/dev/v1.0/dev/v1.0/resellers")))
  end)

  local ghostealth = {
    { 404, "GET", "/plans" },
    { 404, "GET", "/subscriptions/" },
    { 404, "PUT", SAMPLE .. "/destroy" },
    { 404, "PUT", "/subscriptions//suspend" },
    { 404, "PUT", "/subscriptions/%ff/suspend" },
    { 405, "DELETE", SAMPLE },
    { 405, "PATCH", SUBSCRIPTIONS },
    { 405, "GET", SAMPLE },
    { 401, "GET", "", nil, { authorization = "apikey GHO-sandboxkey-STEA-sandboxkey-LTH" } },
    { 401, "GET", "", nil, { authorization = "ApiKey  GHO-sandboxkey-STEA-sandboxkey-LTH" } },
    { 401, "GET", "", nil, { authorization = "GHO-sandboxkey-STEA-sandboxkey-LTH" } },
    { 415, "GET", "", nil, { ["content-type"] = false } },
    { 415, "POST", SUBSCRIPTIONS, PLAN, { ["content-type"] = "application/x-www-form-urlencoded" } },
    { 415, "POST", SUBSCRIPTIONS, PLAN, { ["content-type"] = "application/vnd.api+json" } },
    { 417, "POST", SUBSCRIPTIONS, PLAN, { expect = "100-continue" } },
    { 400, "GET", "", "{}" },
    { 400, "PUT", SAMPLE, "{}" },
    { 400, "PUT", SAMPLE .. "/suspend", " " },
    { 400, "PUT", SAMPLE, nil, { ["content-length"] = false, ["transfer-encoding"] = "chunked" } },
    { 411, "PUT", SAMPLE, nil, { ["content-length"] = false } },
    { 400, "PUT", SAMPLE .. "?force=true" },
    { 400, "GET", SUBSCRIPTIONS .. "?page=-1" },
    { 400, "GET", SUBSCRIPTIONS .. "?page=one" },
    { 400, "GET", SUBSCRIPTIONS .. "?page=1.0" },
    { 400, "GET", SUBSCRIPTIONS .. "?page=0&page=1" },
    { 400, "GET", SUBSCRIPTIONS .. "?page=99999999999999999999" },
    { 400, "GET", SUBSCRIPTIONS .. "?size=0" },
    { 400, "GET", SUBSCRIPTIONS .. "?size=" },
    { 400, "GET", SUBSCRIPTIONS .. "?direction=desc" },
    { 400, "GET", SUBSCRIPTIONS .. "?sortBy=status" },
    { 400, "GET", SUBSCRIPTIONS .. "?filter=x" },
    { 400, "GET", SUBSCRIPTIONS .. "?page=%zz" },
    { 400, "POST", SUBSCRIPTIONS },
    { 400, "POST", SUBSCRIPTIONS, "{" },
    { 400, "POST", SUBSCRIPTIONS, "[]" },
    { 400, "POST", SUBSCRIPTIONS, "null" },
    { 400, "POST", SUBSCRIPTIONS, PLAN .. "{}" },
    { 400, "POST", SUBSCRIPTIONS, '{"billingCycle":"\255"}' },
    { 400, "POST", SUBSCRIPTIONS, '{"billingCycle":"WEEKLY","connections":100}' },
    { 400, "POST", SUBSCRIPTIONS, '{"connections":100,"authentications":1}' },
    { 400, "POST", SUBSCRIPTIONS, PLAN:gsub("}", ',"coupon":"X"}'), nil },
    { 400, "POST", SUBSCRIPTIONS, plan_with { billingCycle = '"DAILY"' } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { billingCycle = "null" } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { billingCycle = "7" } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { connections = "150" } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { connections = '"100"' } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { connections = "[100]" } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { authentications = "0" } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { authentications = "11" } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { authentications = "1.5" } },
    { 400, "POST", SUBSCRIPTIONS, plan_with { authentications = "true" } },
    { 400, "POST", SAMPLE, plan_with { authentications = "11" } },
  }
  for i, case in ipairs(ghostealth) do
    it(("refuses with %d: %s %s, case %d"):format(case[1], case[2], case[3], i), function()
      local subject = worlds.new()
      local status, body, reply = subject:ghostealth(case[2], case[3], case[4], case[5])
      assert.equal(case[1], status)
      assert.equal(false, body.success)
      assert.is_string(body.message)
      assert.equal("application/json", reply.headers["content-type"])
      assert.equal(0, subject.world.charges:count())
      assert.equal(false, subject.world.requests:list()[1].executed)
    end)
  end

  local activeplatform = {
    { 404, "GET", "/orders" },
    { 404, "GET", "/subscriptions/3007095x" },
    { 404, "GET", "/subscriptions/0" },
    { 405, "POST", CHILDREN },
    { 405, "PATCH", "/subscriptions/3007095" },
    { 401, "GET", CHILDREN, { ["x-api-token"] = "sandbox-manager-token" } },
    { 401, "GET", CHILDREN, { ["x-api-token"] = false, authorization = "ApiKey sandbox-manager-token0" } },
    { 415, "GET", CHILDREN, { ["content-type"] = "application/json" } },
    { 415, "GET", CHILDREN, { ["content-type"] = "application/vnd.api+json; charset=utf-8" } },
    { 415, "GET", CHILDREN, { ["content-type"] = false } },
    { 406, "GET", CHILDREN, { accept = "*/*" } },
    { 406, "GET", CHILDREN, { accept = "application/vnd.api+jsonson" } },
    { 406, "GET", CHILDREN, { accept = false } },
    { 417, "GET", CHILDREN, { expect = "100-continue" } },
    { 400, "GET", CHILDREN .. "?include=account" },
    { 400, "GET", CHILDREN .. "?page=1" },
    { 422, "GET", CHILDREN .. "?page[number]=0" },
    { 422, "GET", CHILDREN .. "?page%5Bnumber%5D=-1" },
    { 422, "GET", CHILDREN .. "?page[size]=0" },
    { 422, "GET", CHILDREN .. "?page[size]=all" },
    { 422, "GET", CHILDREN .. "?meta=1" },
    { 422, "GET", "/subscriptions/3007095?include=accounts" },
    { 422, "GET", "/subscriptions/3007095?include=account,," },
    { 422, "GET", "/subscriptions/3007095?include=" },
    { 422, "GET", "/subscriptions/3007095?include=plan,plan" },
  }
  for i, case in ipairs(activeplatform) do
    it(("refuses with %d: %s %s, case %d"):format(case[1], case[2], case[3], i), function()
      local status, body, reply = worlds.new():activeplatform(case[2], case[3], case[4])
      assert.equal(case[1], status)
      assert.equal(tostring(case[1]), body.errors.status)
      assert.is_string(body.errors.title)
      assert.equal("application/vnd.api+json", reply.headers["content-type"])
    end)
  end

  it("tells which methods a path allows", function()
    local _, _, reply = worlds.new():ghostealth("DELETE", SAMPLE)
    assert.equal("POST, PUT", reply.headers.allow)
  end)

  it("says what it expected and what came", function()
    local _, body = worlds.new():ghostealth("POST", SUBSCRIPTIONS, plan_with { connections = "150" })
    assert.equal("connections: expected one of 100, 200, 500, 1000, 2000, got 150", body.message)
  end)

  it("takes credentials that were set instead of its own", function()
    local subject = worlds.new { credentials = { ghostealth = { "one", "two" } } }
    assert.equal(200, (subject:ghostealth("GET", "", nil, { authorization = "ApiKey two" })))
    assert.equal(401, (subject:ghostealth("GET", "")))
  end)

  it("answers 501 for a row it has no handler for, naming it", function()
    local rows = core.endpoints()
    rows[1].id = "unheard_of"
    local status, body = worlds.new({ rows = rows }):ghostealth("GET", "")
    assert.equal(501, status)
    assert.matches("ghostealth.unheard_of", body.message, 1, true)
  end)
end)
