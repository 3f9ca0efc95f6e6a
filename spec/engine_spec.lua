local core = require "reseller.core"
local plain = require "reseller.host.plain"
local reseller = require "reseller"
local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local tls = require "spec.support.tls"

describe("a hostile reply", function()
  local box, gs
  before_each(function()
    box = sandbox.shared()
    gs = clients.ghostealth(box, { retries = 0, max_body = 100000, timeout = 10 })
  end)

  local deep = ("["):rep(200) .. ("]"):rep(200)
  -- name, fault, kind for a read; a spend is unknown in every case, and charged once when it was carried out
  for _, case in ipairs {
    { "that never comes, the connection closed", { kind = "close" }, "network" },
    { "that never comes, the connection reset", { kind = "reset" }, "network" },
    { "cut in its first line", { kind = "cut", at = 5 }, "network" },
    { "cut in its head", { kind = "cut", at = 40 }, "network" },
    { "cut in its body", { kind = "cut", at = 10, of = "body" }, "network" },
    { "that is no HTTP", { kind = "garbage", body = "220 ftp.example.com ready\r\n" }, "decode" },
    { "that is HTML with status 200", { kind = "html", status = 200 }, "decode" },
    { "without a body", { kind = "empty" }, "decode" },
    { "of malformed JSON", { kind = "body", body = '{"data":{"id":' }, "decode" },
    { "of invalid UTF-8", { kind = "body", body = '{"data":{"id":"\255"}}' }, "decode" },
    { "with NaN in it", { kind = "body", body = '{"data":{"id":NaN}}' }, "decode" },
    { "nested too deeply", { kind = "body", body = '{"data":{"id":' .. deep .. "}}" }, "decode" },
    { "with more after its end", { kind = "body", body = '{"data":{"id":"x"}} x' }, "decode" },
    { "over the cap", { kind = "oversized", size = 200000 }, "too_large" },
    { "over the cap, in chunks", { kind = "oversized", size = 200000, chunked = true }, "too_large" },
    { "over the cap once unpacked", { kind = "gzip_bomb", size = 50000000 }, "too_large" },
    { "with a head over the cap", { kind = "huge_header", size = 400000 }, "too_large" },
    { "that claims to be packed and is not", { kind = "status", status = 200, headers = { ["content-encoding"] = "gzip" }, body = "not gzip" }, "decode" },
    { "that says 502 in HTML", { kind = "html", status = 502 }, "server" },
    { "that says 500", { kind = "status", status = 500, body = "" }, "server" },
  } do
    for _, when in ipairs { "before", "after" } do
      it(("%s is %s for a read and unknown for a spend, %s acting"):format(case[1], case[3], when), function()
        local fault = { when = when, times = 2 }
        for name, value in pairs(case[2]) do fault[name] = value end
        if not pcall(box.fault, box, fault) then return end -- a kind that has only one time
        local value, err = gs:get_reseller()
        assert.is_nil(value)
        assert.equal(case[3], err.kind, tostring(err))
        value, err = gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }
        assert.is_nil(value)
        assert.equal("unknown", err.kind, tostring(err))
        assert.equal(1, err.attempts)
        assert.is_true(err.sent ~= "no")
        local charged = #box:charges()
        assert.is_true(charged <= 1)
        if when == "before" then assert.equal(0, charged) end
      end)
    end
  end

  it("of a transition without a body is a success", function()
    local id = gs:list_subscriptions({ size = 50 })[1].id
    box:fault { kind = "empty", when = "after" }
    assert.same({}, (gs:cancel_subscription(id)))
  end)

  it("packed with gzip is unpacked", function()
    box:fault { kind = "gzip" }
    assert.is_string(assert(gs:get_reseller()).id)
  end)

  it("that redirects is not followed, by any call", function()
    local other = sandbox.start { limit = false }
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      box:fault { kind = "redirect", status = status, location = other.url .. "/dev/v1.0/resellers", times = 2 }
      assert.equal("rejected", select(2, gs:get_reseller()).kind)
      assert.equal("unknown", select(2, gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }).kind)
    end
    assert.equal(0, #other:requests())
    other:stop()
  end)

  it("sent twice is not taken for the reply to the next call, inline or on the I/O thread", function()
    box:fault { kind = "duplicate" }
    assert(gs:get_reseller())
    box:state() -- by now the second one has been written
    assert.equal(45, #assert(gs:list_subscriptions { size = 50 }))
    gs = clients.ghostealth(box, { host = plain })
    box:fault { kind = "duplicate" }
    local results = reseller.parallel(1, {
      function() return gs:get_reseller() end,
      function()
        box:state()
        plain.sleep(0) -- lets the I/O thread see it
        return gs:list_subscriptions { size = 50 }
      end })
    assert.equal(45, #assert(results[2][1], results[2][2]))
  end)

  it("to a transition that is cut in its head is unknown", function()
    local id = gs:list_subscriptions({ size = 50 })[1].id
    for _, at in ipairs { 12, 15, 17, 40 } do
      box:fault { kind = "cut", at = at, when = "after" }
      assert.equal("unknown", select(2, gs:cancel_subscription(id)).kind)
    end
  end)

  it("that takes too long is a timeout", function()
    gs = clients.ghostealth(box, { timeout = 0.1 })
    box:fault { kind = "delay", seconds = 5, times = 5 }
    assert.equal("timeout", select(2, gs:get_reseller()).kind)
    assert.equal("unknown", select(2, gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }).kind)
  end)

  for _, at in ipairs { 0, 1, 20, 120 } do
    it(("to a request that was cut after %d bytes is unknown for a spend"):format(at), function()
      box:fault { kind = "cut_request", at = at }
      local _, err = gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }
      assert.equal("unknown", err.kind)
      assert.equal(0, #box:charges())
    end)
  end
end)

describe("a server that is not there", function()
  it("is a network error, nothing sent, also for a spend", function()
    local box = sandbox.start { limit = false }
    local gs = clients.ghostealth(box, { retries = 2 })
    box:stop()
    for _, call in ipairs { function() return gs:get_reseller() end, function() return gs:renew_subscription "su_1" end } do
      local _, err = call()
      assert.same({ "network", "no", 0 }, { err.kind, err.sent, err.attempts })
    end
  end)

  it("by its name is a network error", function()
    local gs = clients.ghostealth({ url = "" }, { base_url = "https://no-such-host.invalid", retries = 0, timeout = 5 })
    local _, err = gs:renew_subscription "su_1"
    assert.equal("no", err.sent)
    assert.equal("network", err.kind)
  end)
end)

describe("TLS", function()
  local server
  setup(function() server = tls.start() end)
  teardown(function() server:stop() end)

  local function client(options)
    options.base_url, options.retries = options.base_url or "https://localhost:" .. server.port, 0
    return clients.ghostealth({ url = "" }, options)
  end

  it("trusts the file that it is told to", function()
    -- what answers is a test server that knows no JSON: any status means that the handshake was good
    local _, err = client({ ca_file = server.certificate }):get_reseller()
    assert.is_true(err.kind ~= "tls" and err.sent == "yes", tostring(err))
  end)

  it("trusts nobody else", function()
    local _, err = client({}):renew_subscription "su_1"
    assert.same({ "tls", "no", 0 }, { err.kind, err.sent, err.attempts })
    assert.truthy(err.message:find "ca_file")
  end)

  it("checks the name", function()
    local _, err = client({ ca_file = server.certificate, base_url = "https://127.0.0.1:" .. server.port }):get_reseller()
    assert.equal("tls", err.kind)
  end)

  it("says when the file of trust cannot be read", function()
    local _, err = client({ ca_file = "/nowhere/ca.pem" }):get_reseller()
    assert.equal("tls", err.kind)
  end)

  it("below 1.2 is refused", function()
    local old = tls.start "-tls1_1"
    local _, err = client({ ca_file = old.certificate, base_url = "https://localhost:" .. old.port }):get_reseller()
    assert.equal("tls", err.kind)
    old:stop()
  end)
end)

describe("a proxy", function()
  local box
  before_each(function() box = sandbox.shared() end)

  it("is used when it is named", function()
    local gs = clients.ghostealth(box, { base_url = "http://127.0.0.1:9/dev/v1.0", proxy = box.url, retries = 0 })
    local _, err = gs:get_reseller()
    assert.equal("yes", err.sent) -- the sandbox got a request for another host, and refused it
  end)

  it("that is not there means that nothing was sent", function()
    local gs = clients.ghostealth(box, { proxy = "http://127.0.0.1:9", retries = 0 })
    assert.same({ "network", "no" }, { select(2, gs:renew_subscription "su_1").kind, select(2, gs:renew_subscription "su_1").sent })
  end)
end)

describe("proxies of the environment", function()
  -- a call with a proxy that is not there fails, unless it goes past it
  local function outcome(options, variables)
    local box = sandbox.shared()
    variables.URL = box.url
    local program = ([[-e '
      local gs = require("reseller").ghostealth { base_url = os.getenv "URL" .. "/dev/v1.0", limit = false, retries = 0,
        api_key = "GHO-sandboxkey-STEA-sandboxkey-LTH" %s }
      local value, err = gs:get_reseller()
      print(value and "reached" or err.kind)']]):format(options)
    return (script.run(program, variables):gsub("\n", ""))
  end
  local dead = "http://127.0.0.1:9"

  it("are not used for a server on this machine", function()
    assert.equal("reached", outcome("", { http_proxy = dead, https_proxy = dead, ALL_PROXY = dead }))
  end)

  it("name in NO_PROXY what goes past a proxy, also past one that was named", function()
    assert.equal("network", outcome(', proxy = "http://127.0.0.1:9"', {}))
    assert.equal("reached", outcome(', proxy = "http://127.0.0.1:9"', { NO_PROXY = "127.0.0.1" }))
    assert.equal("reached", outcome(', proxy = "http://127.0.0.1:9"', { no_proxy = "127.0.0.1" }))
  end)
end)

describe("a session", function()
  it("gives headers by lower-case name, repeated ones joined", function()
    local box = sandbox.shared()
    box:fault { kind = "status", status = 200, headers = { ["X-Thing"] = "  a b  ", ["X-Empty"] = "" }, body = "{}" }
    local session = core.session { base_url = box.url, headers = {}, secrets = {}, connect_timeout = 5, max_head = 10000, max_body = 10000 }
    local status, headers, body = session:perform("GET", "/dev/v1.0/resellers", nil, 5, false)
    assert.equal(200, status)
    assert.equal("a b", headers["x-thing"])
    assert.equal("", headers["x-empty"])
    assert.equal("{}", body)
  end)
end)

describe("connections", function()
  it("are not inherited by the programs that a script starts", function()
    local gs = clients.ghostealth(sandbox.shared(), { host = plain })
    local function inherited()
      local pipe = io.popen "ls -l /proc/self/fd | grep -c socket:"
      local count = pipe:read "*n"
      pipe:close()
      return count
    end
    local function call() return assert(gs:get_reseller()) end
    gs.session_:perform("GET", "/nowhere", nil, 10, false)
    reseller.parallel(1, { function() return gs:request { method = "GET", path = "/nowhere", effect = "read" } end })
    collectgarbage()
    collectgarbage()
    local before = inherited() -- libcurl's own sockets, which are no connections, are there by now
    call()
    reseller.parallel(5, { call, call, call, call, call })
    assert.is_true(inherited() <= before)
  end)
end)
