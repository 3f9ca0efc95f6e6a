local script = require "spec.support.script"

if script.abi ~= "5.4" then return end

local library = require "reseller.cli.doctor.library"
local new_report = require("reseller.cli.doctor.report").new
local proxy = require "reseller.cli.doctor.proxy"
local reach = require "reseller.cli.doctor.reach"
local versions = require "reseller.cli.doctor.versions"

local function world(env)
  return { getenv = function(name) return env[name] end }
end

describe("the proxy in the way", function()
  local HTTPS, HTTP = "https://api.example.com/dev", "http://127.0.0.1:8080"
  local cases = {
    { "none is set", {}, HTTPS, nil, nil },
    { "https_proxy", { https_proxy = "http://p:3128" }, HTTPS, nil, "http://p:3128" },
    { "HTTPS_PROXY", { HTTPS_PROXY = "http://p:3128" }, HTTPS, nil, "http://p:3128" },
    { "all_proxy", { ALL_PROXY = "socks5://p" }, HTTPS, nil, "socks5://p" },
    { "http_proxy is not for https", { http_proxy = "http://p" }, HTTPS, nil, nil },
    { "none within this machine", { http_proxy = "http://p", all_proxy = "http://p" }, HTTP, nil, nil },
    { "the setting, before the environment", { https_proxy = "http://p" }, HTTPS, "http://q", "http://q" },
    { "without its user and password", { https_proxy = "http://me:secret@p:1" }, HTTPS, nil, "http://***@p:1" },
  }
  for _, case in ipairs(cases) do
    it("is told: " .. case[1], function() assert.equal(case[5], (proxy.of(world(case[2]), case[3], case[4]))) end)
  end

  local exceptions = {
    { "*", "api.example.com", true }, { "example.com", "api.example.com", true }, { ".example.com", "api.example.com", true },
    { "other.com, api.example.com:443", "API.example.com", true }, { "ample.com", "api.example.com", false },
    { "", "api.example.com", false }, { nil, "x", false },
  }
  for _, case in ipairs(exceptions) do
    it(("is %spassed by for %s when no_proxy is %s"):format(case[3] and "" or "not ", case[2], tostring(case[1])), function()
      assert.equal(case[3], proxy.is_excepted(case[1], case[2]))
    end)
  end

  it("is warned of, and not where no_proxy takes the host out", function()
    local report = new_report()
    assert.is_true(proxy.check(report, world { https_proxy = "http://p" }, "G", HTTPS))
    assert.is_false(proxy.check(report, world { https_proxy = "http://p", no_proxy = "example.com" }, "G", HTTPS))
    assert.equal("warning", report.findings[1].state)
    assert.truthy(report.findings[1].hint:find("may repeat a PUT", 1, true))
    assert.equal("ok", report.findings[2].state)
  end)

  it("shows itself in the headers of a reply", function()
    for _, name in ipairs { "via", "x-cache", "cf-ray", "age" } do
      local report = new_report()
      proxy.check_signs(report, "G", { [name] = "x", server = "nginx" })
      assert.equal("warning", report.findings[1].state, name)
    end
    local report = new_report()
    proxy.check_signs(report, "G", { server = "nginx" })
    assert.same({ check = "G path", state = "ok", found = "no sign of a proxy in the reply (server: nginx)" }, report.findings[1])
  end)
end)

describe("the skew of the clock", function()
  local DATE, AT = "Tue, 10 Mar 2026 06:30:48 GMT", 1773124248
  local cases = { { AT, AT, 0 }, { AT + 0.9, AT + 1.2, 0 }, { AT + 11, AT + 12, 10 }, { AT - 12, AT - 10, -10 }, { AT - 3, AT + 5, 0 } }
  for _, case in ipairs(cases) do
    it(("is %d s for times %g and %g after the date"):format(case[3], case[1] - AT, case[2] - AT), function()
      assert.equal(case[3], reach.skew(DATE, case[1], case[2]))
    end)
  end
  it("is not known without a date", function()
    assert.is_nil(reach.skew(nil, 1, 2))
    assert.is_nil(reach.skew("soon", 1, 2))
  end)
end)

describe("names", function()
  it("are looked up as the system does", function()
    assert.same({ "127.0.0.1" }, reach.resolve "127.0.0.1")
    local none = reach.resolve "name.invalid"
    assert.is_true(none == nil or #none == 0)
  end)
end)

describe("the library in use", function()
  it("is the one that is mapped, and tells its version and trust", function()
    local files = { ["/proc/self/maps"] = "7f-8 r-x 00 fe:00 1 /usr/lib/libm.so.6\n7f-8 r-x 00 fe:00 1 /opt/lib/libcurl-gnutls.so.4.8.0\n",
      ["/opt/lib/libcurl-gnutls.so.4.8.0"] = "\0/etc/ssl/certs\0libcurl/8.5.0\0/etc/ssl/my.pem\0/x.crt.bak\0" }
    assert.same({ path = "/opt/lib/libcurl-gnutls.so.4.8.0", version = "8.5.0", ca_file = "/etc/ssl/my.pem", ca_path = "/etc/ssl/certs" },
      library.find(function(path) return files[path] end))
  end)

  it("is not guessed", function()
    assert.is_nil(library.find(function() return "7f-8 r-x 00 fe:00 1 /usr/lib/libm.so.6\n" end))
    assert.is_nil(library.find(function() end))
  end)

  it("is found in this process", function()
    local found = library.find()
    assert.truthy(found.version:find "^%d+%.%d+%.%d+$")
    assert.truthy(found.ca_file or found.ca_path)
  end)
end)

describe("versions", function()
  local function state_of(found)
    local report = new_report()
    versions.check(report, found)
    for _, finding in ipairs(report.findings) do
      if finding.check == "libcurl" then return finding.state, finding.hint end
    end
  end

  it("fail with a libcurl that is too old", function()
    assert.equal("failed", (state_of { path = "/x", version = "7.74.0" }))
    assert.equal("ok", (state_of { path = "/x", version = "7.85.0" }))
    assert.equal("ok", (state_of { path = "/x", version = "8.0.1" }))
    assert.equal("ok", (state_of(nil)))
  end)

  it("tell the package of a module that is missing", function()
    local preload = package.preload.lfs
    local loaded = package.loaded.lfs
    package.loaded.lfs, package.preload.lfs = nil, function() error "gone" end
    local report = new_report()
    versions.check(report, nil)
    package.loaded.lfs, package.preload.lfs = loaded, preload
    local found
    for _, finding in ipairs(report.findings) do
      if finding.check == "lua-filesystem" then found = finding end
    end
    assert.equal("warning", found.state)
    assert.equal("apt-get install lua-filesystem", found.hint)
  end)
end)

describe("the report", function()
  it("tells each line as it comes, aligned, with what to do below", function()
    local lines = {}
    local report = new_report(function(line) lines[#lines + 1] = line end)
    report:ok("a", "found")
    report:failed("Ключ", "bad\27[2J", "do this")
    assert.equal("ok       a                           found", lines[1])
    assert.equal("FAILED   Ключ                        bad\\x1B[2J\n                                     do this", lines[2])
    assert.equal("1 ok, 0 to look at, 1 failed", report:summary())
  end)

  it("breaks lines between words where the terminal ends", function()
    local told
    local report = new_report(function(line) told = line end, false, 60)
    report:warning("a", "one two three four five six", "a-word-that-is-longer-than-all-the-room then more")
    assert.equal(("warning  a%sone two three four five\n%ssix\n%sa-word-that-is-longer-than-all-the-room\n%sthen more"):format(
      (" "):rep(27), (" "):rep(37), (" "):rep(37), (" "):rep(37)), told)
  end)
end)
