local proxy = require "spec.examples.proxy"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local support = require "spec.examples.support"
local tls = require "spec.support.tls"

describe("examples/behind_a_proxy.lua", function()
  local box, home, way

  before_each(function()
    box, home, way = sandbox.shared(), support.home(), proxy.start()
  end)
  after_each(function()
    way:stop()
    home:remove()
  end)

  -- Runs it with variables of its own besides.
  local function run(variables, ...)
    local all = home:variables(box)
    for _, name in ipairs { "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "http_proxy" } do all[name] = "" end
    for name, value in pairs(variables) do all[name] = value end
    return script.shell(support.command("behind_a_proxy", ...), { variables = all })
  end

  local REACHED = "^reached http://127%.0%.0%.1:%d+/dev/v1%.0 through the proxy: 34 of 45 subscriptions are active\n$"

  it("reaches the platform through the proxy, and not beside it", function()
    local output, status = run({}, way.url)
    assert.equal(0, status, output)
    assert.truthy(output:find(REACHED), output)
    assert.equal(("GET %s/dev/v1.0/resellers HTTP/1.1\n"):format(box.url), way:log())
    local requests = box:requests()
    assert.equal(1, #requests)
    assert.equal("1.1 spec", requests[1].headers.via)
  end)

  it("takes the address from the environment", function()
    for _, name in ipairs { "https_proxy", "HTTPS_PROXY" } do
      local output, status = run { [name] = way.url }
      assert.equal(0, status, output)
    end
    assert.equal(2, select(2, way:log():gsub("GET ", "")))
  end)

  it("says so when calls go around the proxy", function()
    local output, status = run({ NO_PROXY = "127.0.0.1" }, way.url)
    assert.equal(1, status)
    assert.truthy(output:find("go around every proxy: see the variable NO_PROXY\n", 1, true), output)
    assert.equal("", way:log())
  end)

  it("tells what may be wrong when nobody is there", function()
    local output, status = run({}, "http://127.0.0.1:1")
    assert.equal(1, status)
    assert.truthy(output:find("get_reseller: network: ", 1, true), output)
    assert.truthy(output:find("\n  is the proxy's address right", 1, true))
  end)

  it("tells a key that is not taken from a proxy that does not work", function()
    box:fault { kind = "status", status = 401, endpoint = "get_reseller" }
    local output, status = run({}, way.url)
    assert.equal(1, status)
    assert.truthy(output:find("\n  the platform was reached; it does not take the key\n", 1, true), output)
  end)

  it("shows a password to the proxy, and to nobody else", function()
    way:stop()
    way = proxy.start "me:s3cret-word"
    local output, status = run({}, way.url)
    assert.equal(1, status)
    assert.truthy(output:find("407", 1, true), output)
    assert.truthy(output:find("http://USER:PASSWORD@HOST:PORT", 1, true))
    output, status = run({}, (way.url:gsub("//", "//me:wr0ng-word@")))
    assert.equal(1, status)
    assert.falsy(output:find("wr0ng-word", 1, true), output)
    output, status = run({}, (way.url:gsub("//", "//me:s3cret-word@")))
    assert.equal(0, status, output)
    assert.falsy(output:find("s3cret-word", 1, true))
  end)

  it("trusts the certificate that it is given, inside a tunnel", function()
    local server = tls.start()
    script.shell(("sh -c 'mkdir -p %s/dev && printf \"HTTP/1.0 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n"
      .. "{\\\"data\\\":{\\\"statistic\\\":{\\\"activeSubscriptions\\\":3,\\\"totalSubscriptions\\\":4}}}\" >%s/dev/resellers'")
      :format(server.folder, server.folder))
    local platform = { RESELLER_SANDBOX = "", GHOSTEALTH_API_KEY = "a-key",
      GHOSTEALTH_BASE_URL = ("https://localhost:%d/dev"):format(server.port) }
    local trusted, status = run(platform, way.url, server.certificate)
    local distrusted, other_status = run(platform, way.url)
    server:stop()
    assert.equal(0, status, trusted)
    assert.truthy(trusted:find "through the proxy: 3 of 4 subscriptions are active\n")
    assert.equal(1, other_status)
    assert.truthy(distrusted:find("get_reseller: tls: ", 1, true), distrusted)
    assert.truthy(distrusted:find("as the second argument", 1, true))
    assert.equal(("CONNECT localhost:%d HTTP/1.1\n"):format(server.port):rep(2), way:log())
  end)

  it("wants an address", function()
    local output, status = run {}
    assert.equal(2, status)
    assert.equal("usage: behind_a_proxy.lua [http://[USER:PASSWORD@]HOST:PORT [CA.pem]]\n", output)
  end)
end)
