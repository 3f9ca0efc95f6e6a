local reseller = require "reseller"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"

describe("a client", function()
  local box, gs, ap
  before_each(function()
    box = sandbox.shared()
    gs, ap = clients.ghostealth(box), clients.activeplatform(box)
  end)

  local function last_request()
    local all = box:requests()
    return all[#all]
  end

  local function active(n)
    local found = {}
    for sub in gs:each_subscription() do
      if sub.status == "ACTIVE" and not sub.canceled then found[#found + 1] = sub.id end
    end
    return found[n or 1]
  end

  describe("that refuses a call", function()
    for name, call in pairs {
      ["an unknown parameter"] = function() return gs:create_subscription { billingCycle = "WEEKLY", connectoins = 100 } end,
      ["a missing parameter"] = function() return gs:create_subscription { billingCycle = "WEEKLY" } end,
      ["a value out of range"] = function() return gs:create_subscription { billingCycle = "WEEKLY", connections = 100, authentications = 11 } end,
      ["a path value with a slash"] = function() return gs:renew_subscription "su_1/suspend" end,
      ["no path value"] = function() return gs:renew_subscription() end,
      ["a request without a method"] = function() return gs:request { path = "/resellers" } end,
      ["a request without a path"] = function() return gs:request { method = "GET" } end,
      ["a request to another host"] = function() return gs:request { method = "GET", path = "https://evil.example.com/" } end,
      ["a request that climbs"] = function() return gs:request { method = "GET", path = "/a/../b" } end,
      ["a request with a query in its path"] = function() return gs:request { method = "GET", path = "/a?b=c" } end,
      ["a request with a line break"] = function() return gs:request { method = "GET", path = "/a\r\nX: y" } end,
      ["a request with an effect of its own"] = function() return gs:request { method = "GET", path = "/a", effect = "none" } end,
      ["a request with a mistyped field"] = function() return gs:request { method = "GET", path = "/a", efect = "read" } end,
      ["a request with a body that is no JSON"] = function() return gs:request { method = "POST", path = "/a", body = { print } } end,
      ["a request with bad UTF-8"] = function() return gs:request { method = "POST", path = "/a", body = { "\255" } } end,
    } do
      it("for " .. name .. " sends nothing", function()
        local value, err = call()
        assert.is_nil(value)
        assert.equal("invalid", err.kind)
        assert.equal("no", err.sent)
        assert.equal(0, err.attempts)
        assert.is_string(err.field)
        assert.truthy(tostring(err):find(err.field, 1, true))
        assert.equal(0, #box:requests())
      end)
    end
  end)

  it("raises for arguments of the wrong type, at the caller's line", function()
    for _, call in ipairs {
      function() gs:list_subscriptions "x" end, function() gs:renew_subscription("su_1", "x") end,
      function() gs:list_subscriptions({}, 1) end, function() gs:renew_subscription("su_1", {}, 1) end, function() gs:request "x" end,
      function() gs:each_subscription { pages_ahead = -1 } end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.truthy(message:find "client_spec%.lua:%d+: ", message)
    end
    assert.equal(0, #box:requests())
  end)

  it("sends the headers that the platform asks for, and no others of its own", function()
    gs:get_reseller()
    local headers = last_request().headers
    assert.equal("application/json", headers["content-type"])
    assert.equal("application/json", headers.accept)
    assert.equal("ApiKey ***", headers.authorization)
    assert.equal("gzip", headers["accept-encoding"])
    assert.truthy(headers["user-agent"]:find "^reseller/")
    assert.is_nil(headers.expect)
    ap:get_subscription(3007095)
    headers = last_request().headers
    assert.equal("application/vnd.api+json", headers["content-type"])
    assert.equal("application/vnd.api+json", headers.accept)
    assert.equal("***", headers["x-api-token"])
  end)

  it("sends a PUT without a body with a length of 0", function()
    assert(gs:renew_subscription(active()))
    assert.equal("0", last_request().headers["content-length"])
    assert.equal("", last_request().body)
    assert.is_nil(last_request().headers["transfer-encoding"])
  end)

  it("sends all three fields of a plan, authentications being 1 unless given", function()
    assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100 })
    assert.same({ billingCycle = "WEEKLY", connections = 100, authentications = 1 },
      require("reseller.json").decode(last_request().body))
  end)

  it("keeps a connection for reads, and never uses it for what must be sent once", function()
    local id = active()
    gs:get_reseller()
    local kept = last_request().connection
    gs:get_reseller()
    assert.equal(kept, last_request().connection)
    local seen = { [kept] = true }
    for _, call in ipairs { "suspend_subscription", "resume_subscription", "renew_subscription", "cancel_subscription" } do
      assert(gs[call](gs, id))
      assert.is_nil(seen[last_request().connection], call)
      seen[last_request().connection] = true
    end
    gs:request { method = "GET", path = "/resellers" }
    assert.is_nil(seen[last_request().connection])
  end)

  it("reaches what the table does not know", function()
    local list = assert(gs:request { method = "GET", path = "/resellers/subscriptions", effect = "read",
      query = { page = 0, size = 2, sortBy = "id", direction = "ASC" } })
    assert.equal(2, #list)
    local sub = assert(ap:request { method = "GET", path = "/api/v3/resellers/1/subscriptions/3007095", effect = "read",
      query = { include = { "account", "plan" } } })
    assert.equal("test@example.com", sub.account.email)
    local _, err = gs:request { method = "POST", path = "/resellers/subscriptions", body = { billingCycle = "WEEKLY" } }
    assert.equal("rejected", err.kind)
  end)

  it("tells of each attempt, and shows no secret", function()
    local events = {}
    gs = clients.ghostealth(box, { on_event = function(event) events[#events + 1] = event end })
    gs:get_reseller()
    assert.equal(1, #events)
    local event = events[1]
    assert.same({ "ghostealth", "get_reseller", "read", "GET", "/resellers", 1, 200, 1 },
      { event.platform, event.endpoint, event.effect, event.method, event.target, event.attempt, event.status, event.sends })
    assert.is_number(event.elapsed)
  end)

  it("once closed raises an error of kind closed", function()
    gs:close()
    gs:close()
    local ok, err = pcall(gs.get_reseller, gs)
    assert.is_false(ok)
    assert.equal("closed", err.kind)
    ok, err = pcall(gs.request, gs, { method = "GET", path = "/x" })
    assert.is_false(ok)
    assert.equal("closed", err.kind)
  end)

  it("says who refused a wrong key, without showing it", function()
    local key = "GHO-wrongwrong-STEA-wrongwrong-LTH"
    local _, err = clients.ghostealth(box, { api_key = key }):get_reseller()
    assert.equal("auth", err.kind)
    assert.truthy(err.message:find "reseller dashboard")
    assert.is_nil(tostring(err):find(key, 1, true))
  end)

  local hidden = "first-secret-of-all"
  it("masks what a server echoes", function()
    box:fault { kind = "status", status = 400, headers = { ["x-echo"] = "" .. gs.host_.key },
      body = '{"message":"no ' .. gs.host_.key .. '","first_password":"' .. hidden .. '"}' }
    local _, err = gs:get_reseller()
    for _, text in ipairs { err.message, err.body, err.headers["x-echo"], tostring(err) } do
      assert.is_nil(text:find("sandboxkey", 1, true))
      assert.is_nil(text:find(hidden, 1, true))
    end
  end)

  it("takes a list as an array, as one object, as a page, or missing", function()
    for shape, count in pairs { array = 1, object = 1, content = 1 } do
      box:settings { list_shape = shape }
      assert.equal(count, #assert(gs:list_subscriptions { size = 1 }), shape)
    end
    for _, shape in ipairs { "null", "missing" } do
      box:settings { list_shape = shape }
      assert.same({}, (gs:list_subscriptions { size = 1 }))
    end
  end)

  it("reads ActivePlatform's errors as object and as array", function()
    for _, shape in ipairs { "object", "array" } do
      box:settings { error_shape = shape }
      local _, err = ap:get_subscription(999999999)
      assert.equal("not_found", err.kind)
      assert.is_nil(err.message:find("no explanation", 1, true))
    end
  end)

  it("answers a lack of balance with what the server says", function()
    box:settings { balance = 0 }
    local _, err = gs:create_subscription { billingCycle = "ANNUAL", connections = 2000 }
    assert.same({ "rejected", 402, "Insufficient balance." }, { err.kind, err.status, err.message })
    assert.equal(0, #box:charges())
  end)
end)

describe("reseller", function()
  it("knows its version, null and arrays", function()
    assert.truthy(reseller.version:find "^%d+%.%d+%.%d+$")
    assert.equal(require("cjson").null, reseller.null)
    assert.equal("[]", require("reseller.json").encode(reseller.array {}))
    assert.equal(10, #reseller.endpoints())
  end)
end)
