local script = require "spec.support.script"

if script.abi ~= "5.4" then return end

local command = require "spec.cli.command"
local core = require "reseller.core"
local json = require "reseller.json"
local ledger = require "reseller.ledger"
local limits = require "reseller.cli.doctor.limits"
local sandbox = require "spec.support.sandbox"
local tls = require "spec.support.tls"

local doctor = require "reseller.cli.doctor"
local context = require "reseller.cli"
local new_report = require("reseller.cli.doctor.report").new

local SUCCESS = '{"data":{"id":"rs_1"}}'

describe("reseller doctor", function()
  local box, home, state

  before_each(function()
    box, home = sandbox.shared(), script.folder()
    state = home .. "/.local/state/reseller"
  end)
  after_each(function() script.remove(home) end)

  local function world(options)
    options = options or {}
    options.box, options.home = options.box == nil and box or options.box or nil, home
    return command.world(options)
  end

  --- The findings by their check.
  local function examine(options, how)
    local report = new_report()
    local told = ""
    doctor.examine(report, context.new(world(options), {}), how)
    local found = {}
    for _, finding in ipairs(report.findings) do
      found[finding.check] = finding
      told = told .. finding.found .. (finding.hint or "") .. "\n"
    end
    return found, told
  end

  --- Checks one finding: its state, and words in what was found and in the hint.
  local function check(found, name, expected, words, hint)
    local finding = assert(found[name], "no finding on " .. name)
    assert.equal(expected, finding.state, name .. ": " .. finding.found)
    if words then assert.truthy(finding.found:find(words, 1, true), finding.found) end
    if hint then assert.truthy(finding.hint and finding.hint:find(hint, 1, true), finding.hint) end
  end

  local function make_state()
    script.shell(("sh -c 'mkdir -p %s && chmod 700 %s'"):format(state, state))
  end

  it("finds nothing wrong where nothing is, and ends with 0", function()
    local code, out, err = command.run({ "doctor" }, { box = box, home = home })
    assert.equal(0, code, out)
    assert.falsy(out:find "FAILED")
    assert.falsy(out:find "warning")
    assert.truthy(err:find "^%d+ ok, 0 to look at, 0 failed\n$", err)
    for line in out:gmatch "[^\n]+" do
      assert.truthy(line:find "^ok       %u?[%w %-]+  +%S", line)
      assert.truthy(line:find("^  %S", 36), line)
    end
  end)

  it("asks each platform once, and only reads", function()
    examine()
    local asked = {}
    for i, request in ipairs(box:requests()) do asked[i] = request.endpoint end
    table.sort(asked)
    assert.same({ "get_reseller", "list_child_subscriptions" }, asked)
    box:fault { kind = "status", status = 500, endpoint = "get_reseller", times = 5 }
    local before = #box:requests()
    examine()
    assert.equal(before + 2, #box:requests())
  end)

  it("prints an array for programs", function()
    local code, out = command.run({ "doctor", "--json" }, { box = box, home = home })
    local list = json.decode(out)
    assert.equal(0, code)
    assert.equal("reseller", list[1].check)
    for _, finding in ipairs(list) do
      assert.equal("ok", finding.state)
      assert.equal("string", type(finding.found))
    end
  end)

  it("ends with 1 when something failed, tells what to do, and shows no key", function()
    box:fault { kind = "status", status = 401, endpoint = "get_reseller" }
    local code, out = command.run({ "doctor" }, { box = box, home = home, terminal = true, colour = true })
    assert.equal(1, code)
    assert.truthy(out:find("\27[31;1mFAILED \27[0m  Ghostealth access", 1, true), out)
    assert.truthy(out:find("use the key from the reseller dashboard", 1, true))
    for _, platform in pairs(core.platforms()) do assert.falsy(out:find(platform.sandbox_credential, 1, true)) end
  end)

  local answers = {
    { "a key that is refused", { kind = "status", status = 403 }, "access", "failed", "refused (HTTP 403)", "dashboard" },
    { "a wrong path", { kind = "status", status = 404 }, "reply", "failed", "HTTP 404", "base_url" },
    { "a server in trouble", { kind = "status", status = 503, body = "{}" }, "reply", "failed", "HTTP 503", "try again" },
    { "a limit that others use up", { kind = "status", status = 429 }, "reply", "warning", "HTTP 429", "another one uses the key" },
    { "a web page", { kind = "html", status = 200 }, "reply", "failed", nil, "something else than the platform answers" },
    { "a connection that breaks after the request", { kind = "reset" }, "reply", "failed", nil, "broke after the request" },
    { "a proxy that says so", { kind = "status", status = 200, body = SUCCESS, headers = { via = "1.1 squid" } }, "path", "warning",
      "via: 1.1 squid", "may repeat a PUT" },
  }
  for _, case in ipairs(answers) do
    it("tells of " .. case[1], function()
      case[2].endpoint = "get_reseller"
      box:fault(case[2])
      local found = examine()
      check(found, "Ghostealth " .. case[3], case[4], case[5], case[6])
      check(found, "Ghostealth connection", "ok")
      check(found, "ActivePlatform access", "ok")
    end)
  end

  for skew, expected in pairs { [0] = "ok", [60] = "warning", [-60] = "warning", [4000] = "failed" } do
    it(("calls a clock that is %d s off %s"):format(skew, expected), function()
      local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() - skew)
      box:fault { kind = "status", status = 200, body = SUCCESS, headers = { date = date }, endpoint = "get_reseller" }
      local words = skew == 0 and "agrees" or skew > 0 and "ahead of the server's" or "behind the server's"
      check(examine(), "Ghostealth clock", expected, words, expected ~= "ok" and "NTP" or nil)
    end)
  end

  it("tells a name that leads nowhere from a server that is not there", function()
    local function resolve() return {} end
    local env = { GHOSTEALTH_BASE_URL = "https://api.example.invalid/dev/v1.0", ACTIVEPLATFORM_BASE_URL = "https://127.0.0.1:1" }
    local found = examine({ env = env }, { resolve = resolve })
    check(found, "Ghostealth name", "failed", "api.example.invalid has no address", "spelling of base_url")
    assert.is_nil(found["Ghostealth connection"])
    check(found, "ActivePlatform connection", "failed", nil, "firewall")
    assert.is_nil(found["ActivePlatform certificate"])
  end)

  it("tells a certificate that is not trusted, and what is trusted instead", function()
    local server = tls.start()
    finally(function() server:stop() end)
    local env = { GHOSTEALTH_BASE_URL = ("https://localhost:%d/dev/v1.0"):format(server.port) }
    local found = examine { env = env }
    check(found, "Ghostealth certificate", "failed", nil, "ca_file")
    check(found, "Ghostealth connection", "ok")
    env.RESELLER_CA_FILE = server.certificate
    found = examine { env = env }
    assert.is_nil(found["Ghostealth certificate"])
    check(found, "Ghostealth connection", "ok", "its certificate is trusted")
    check(found, "Ghostealth trust", "ok", "1 certificates (ca_file, RESELLER_CA_FILE)")
  end)

  it("fails trust in a file that is missing or holds no certificate", function()
    local empty = command.file(home .. "/empty.pem", "nothing\n")
    check(examine { env = { RESELLER_CA_FILE = empty } }, "Ghostealth trust", "failed", "there is no certificate in it")
    check(examine { env = { RESELLER_CA_FILE = home .. "/none.pem" } }, "Ghostealth trust", "failed", "No such file")
    check(examine { env = { RESELLER_CA_PATH = home } }, "Ghostealth trust", "failed", "no certificates by their hash")
  end)

  it("warns of the other prefix, and of a path where there should be none", function()
    local found = examine { env = { GHOSTEALTH_BASE_URL = box.url .. "/api/v1.0", ACTIVEPLATFORM_BASE_URL = box.url .. "/api/v3" } }
    check(found, "Ghostealth address", "warning", "/api/v1.0: the path is usually /dev/v1.0", "both")
    check(found, "ActivePlatform address", "warning", "usually empty")
    check(found, "ActivePlatform reply", "failed", "HTTP 404", "base_url")
  end)

  it("says so when the limit leaves no request", function()
    make_state()
    local env = { GHOSTEALTH_BASE_URL = box.url .. core.platforms().ghostealth.sandbox_path }
    command.file(home .. "/config.lua", "return { ghostealth = { limit = { requests = 1, seconds = 60 } } }\n")
    env.RESELLER_CONFIG = home .. "/config.lua"
    check(examine { env = env }, "Ghostealth access", "ok")
    check(examine { env = env }, "Ghostealth reply", "warning", "not asked", "try again in 6")
  end)

  it("fails without any key, and calls a platform without one not used", function()
    local found = examine { box = false }
    check(found, "platforms", "failed", "no key for any", "reseller sandbox")
    found = examine { box = false, env = { GHOSTEALTH_API_KEY = "k1234", GHOSTEALTH_BASE_URL = box.url .. "/dev/v1.0" } }
    check(found, "ActivePlatform", "ok", "not used")
    check(found, "Ghostealth access", "failed")
    assert.is_nil(found.platforms)
  end)

  it("needs the id of the reseller", function()
    check(examine { env = { ACTIVEPLATFORM_RESELLER_ID = "" } }, "ActivePlatform reply", "failed", "reseller_id", "reseller config")
  end)

  it("goes no further when the settings cannot be read", function()
    local path = command.file(home .. "/config.lua", "return { timout = 3 }\n")
    local found = examine { env = { RESELLER_CONFIG = path } }
    check(found, "settings", "failed", "timout", "mend the file")
    check(found, "libcurl", "ok", "7.")
    assert.is_nil(found["Ghostealth address"])
  end)

  it("fails a key file that others may read", function()
    local path = command.file(home .. "/key", "GHO-aaaaaaaaaa-STEA-bbbbbbbbbb-LTH\n", "644")
    local env = { GHOSTEALTH_API_KEY = "", GHOSTEALTH_API_KEY_FILE = path }
    local found, told = examine { env = env }
    check(found, "Ghostealth key", "failed", "others may read it (rw-r--r--)", "chmod 600 '" .. path .. "'")
    assert.falsy(told:find("GHO-", 1, true))
    command.file(path, core.platforms().ghostealth.sandbox_credential, "600")
    check(examine { env = env }, "Ghostealth key", "ok", "from the file " .. path)
  end)

  it("warns of a state folder that others may look into", function()
    script.shell(("sh -c 'mkdir -p %s && chmod 755 %s'"):format(state, state))
    check(examine(), "state folder", "warning", "rwxr-xr-x", "chmod 700")
  end)

  describe("on the limiter file", function()
    before_each(make_state)

    it("counts what is under way, and touches nothing", function()
      local path = state .. "/limits"
      local leases = assert(core.leases("somebody's key", path))
      leases:acquire(core.now(), 10, 60, 30)
      local _, index, holder = leases:acquire(core.now(), 10, 60, 30)
      leases:release(core.now(), 10, 60, index, holder)
      leases:pause(core.now(), 10, 60, 40)
      local before = assert(io.open(path)):read "a"
      local report = new_report()
      local here = world()
      here.now = core.now
      limits.check(report, context.new(here, {}), path)
      assert.truthy(report.findings[1].found:find("1 under way, 1 counted still; the server asked for a pause: 40 s left", 1, true),
        report.findings[1].found)
      assert.equal("ok", report.findings[1].state)
      assert.equal(before, assert(io.open(path)):read "a")
    end)

    it("does not count what has ended", function()
      local leases = { { till = 90, is_held = true }, { till = 110, is_held = true }, { till = 90 }, { till = 110 } }
      assert.same({ 1, 1, 0 }, { limits.count({ boot = "this", leases = leases, paused_until = 95 }, 100, "this") })
    end)

    it("does not count what is from before the last boot", function()
      local record = { boot = "another", leases = { { till = 1e9, is_held = true } }, paused_until = 1e9 }
      assert.same({ 0, 0, 0 }, { limits.count(record, 1, "this") })
      assert.same({ 1, 0, 1e9 - 1 }, { limits.count(record, 1, "another") })
    end)

    it("fails one that is none, and warns of one that others may change", function()
      local path = state .. "/limits"
      command.file(path, ("x"):rep(5000))
      check(examine(), "limiter file", "failed", "it is no file of leases", "remove it")
      os.remove(path)
      core.leases("k", path)
      script.shell("chmod 666 " .. path)
      check(examine(), "limiter file", "warning", "rw-rw-rw-", "chmod 600")
    end)
  end)

  describe("on the ledger", function()
    before_each(make_state)

    it("makes none", function()
      check(examine(), "ledger", "ok", "not there yet")
      assert.is_nil(io.open(state .. "/ledger.db"))
    end)

    it("counts what is unknown", function()
      local reseller = require "reseller"
      local path = state .. "/ledger.db"
      local gs = reseller.ghostealth { base_url = box.url .. "/dev/v1.0", limit = false, ledger = path,
        api_key = core.platforms().ghostealth.sandbox_credential }
      check(examine(), "ledger", "ok", "nothing unknown")
      box:fault { kind = "reset", endpoint = "create_subscription", when = "after" }
      gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }
      check(examine(), "ledger", "warning", "1 unknown", "reseller ledger reconcile")
      script.shell("chmod 644 " .. path)
      check(examine(), "ledger file", "warning", "others may read it")
    end)

    it("fails one that is none, and warns where none is wanted", function()
      command.file(state .. "/ledger.db", ("no database "):rep(500))
      check(examine(), "ledger", "failed", "ledger.db", "--ledger FILE")
      check(examine { env = { RESELLER_LEDGER = "false" } }, "ledger", "warning", "none is wanted")
    end)

    it("lets other faults of opening it through", function()
      local open = ledger.open
      ledger.open = function() return nil, { message = "postgres://***@db: no route" } end
      local found, told = examine { env = { RESELLER_LEDGER = "postgres://me:secret@db/x" } }
      ledger.open = open
      check(found, "ledger", "failed", "no route")
      assert.falsy(told:find("secret", 1, true))
    end)
  end)
end)
