local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local core = require "reseller.core"
local plain = require "reseller.host.plain"

local command = require "spec.cli.command"

describe("reseller sandbox", function()
  local home, pipe
  before_each(function() home = script.folder() end)
  after_each(function()
    if pipe then pipe:close() end
    pipe = nil
    script.remove(home)
  end)

  local function read(name)
    local file = io.open(home .. "/" .. name)
    local text = file and file:read "a" or ""
    if file then file:close() end
    return text
  end

  --- Starts it as a process that ends with this pipe; its address.
  local function start(words, announce)
    os.remove(home .. "/" .. announce)
    local environment = ("HOME=%s XDG_STATE_HOME= LUA_PATH='%s' LUA_CPATH='%s'"):format(home, package.path, package.cpath)
    pipe = io.popen(("%s exec %s lua/reseller/cli/main.lua sandbox --watch-stdin --announce %s/%s %s >%s/out 2>%s/err"):format(environment,
      script.lua, home, announce, words, home, home), "w")
    local deadline = core.now() + 20
    while read(announce) == "" do
      assert(core.now() < deadline, read "err")
      plain.sleep(0.01)
    end
    return read(announce):match "%S+"
  end

  local function stop()
    pipe:close()
    pipe = nil
  end

  local function account(url)
    return command.shell("reseller account --columns balance.amount.value", { home = home, variables = { RESELLER_SANDBOX = url } })
  end

  it("prints the line to run elsewhere, and what to do with it", function()
    local url = start("--balance 4711", "address")
    assert.equal(("export RESELLER_SANDBOX=%s\n"):format(url), read "out")
    assert.truthy(read("err"):find("Ctrl-C ends it", 1, true))
    local code, out = account(url)
    assert.same({ 0, '{"balance.amount.value":4711}\n' }, { code, out })
  end)

  it("begins today, unless told", function()
    local url = start("--start 2030-01-02", "address")
    local _, out = command.shell("reseller list --limit 1 --columns period.start.timestamp", { home = home, variables = { RESELLER_SANDBOX = url } })
    assert.truthy(out:find "%d")
    stop()
    url = start("", "again")
    local code, rows = command.shell("reseller list --expiring-within 30d", { home = home, variables = { RESELLER_SANDBOX = url } })
    assert.equal(0, code)
    assert.truthy(rows:find('"ACTIVE"', 1, true))
  end)

  it("forgets the ledger of an earlier one at its port, and no other", function()
    local url = start("", "address")
    local state = home .. "/.local/state/reseller"
    local port = url:match "%d+$"
    account(url)
    stop()
    os.execute(("mkdir -p %s/sandbox-1 && touch %s/sandbox-1/ledger.db %s/sandbox-%s/ledger.db %s/ledger.db"):format(state, state, state, port, state))
    start("--port " .. port, "again")
    assert.is_nil(io.open(("%s/sandbox-%s/ledger.db"):format(state, port)))
    assert.truthy(io.open(state .. "/sandbox-1/ledger.db"))
    assert.truthy(io.open(state .. "/ledger.db"))
  end)

  it("tells that a port is taken", function()
    local port = start("", "address"):match "%d+$"
    local code, out, err = command.shell("reseller sandbox --port " .. port, { home = home })
    assert.same({ 1, "" }, { code, out })
    assert.truthy(err:find("Address already in use", 1, true))
  end)

  local mistakes = {
    { "--port http", '--port: expected a whole number, got "http"' },
    { "--port 1.5", '--port: expected a whole number, got "1.5"' },
    { "--start soon", '--start: expected a date, got "soon"' },
    { "--count sliding", "--count: expected one of " },
    { "--prot 80", "unknown option '--prot'" },
  }
  for _, case in ipairs(mistakes) do
    it("refuses " .. case[1], function()
      local words = { "sandbox" }
      for word in case[1]:gmatch "%S+" do words[#words + 1] = word end
      local code, _, err = command.run(words, { home = home })
      assert.equal(2, code)
      assert.truthy(err:find(case[2], 1, true), err)
    end)
  end

  it("takes every way of counting that the sandbox has", function()
    local limiter = require "reseller.sandbox.limiter"
    local _, out = command.run { "sandbox", "--help" }
    for _, name in ipairs(limiter.methods()) do assert.truthy(out:find(name, 1, true), name) end
  end)
end)
