local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local core = require "reseller.core"
local plain = require "reseller.host.plain"
local version = require "reseller.version"
local width = require "reseller.cli.output.width"

local command = require "spec.cli.command"
local sandbox = require "spec.support.sandbox"

local slow = script.is_main_run and it or function() end

describe("the command line", function()
  local mistakes = {
    { { "lst" }, "unknown command 'lst'", "did you mean list?" },
    { { "ghostealth", "list-subscription" }, "unknown command 'list-subscription'", "did you mean list-subscriptions?" },
    { { "ledger", "reconcil" }, "unknown command 'reconcil'", "did you mean reconcile?" },
    { { "list", "--jsn" }, "unknown option '--jsn'", "did you mean --json?" },
    { { "list", "--expiring-with", "3d" }, "unknown option '--expiring-with'", "did you mean --expiring-within?" },
    { { "list", "--expiring-within", "3" }, '--expiring-within: expected a span of time such as 30m, 12h, 7d or 2w, got "3"', "did you mean 3d?" },
    { { "list", "--limit=-1" }, '--limit: expected a whole number, got "-1"', "as in --limit 10" },
    { { "list", "--limit", "1.5" }, '--limit: expected a whole number, got "1.5"', "as in --limit 10" },
    { { "account", "--where", "x=1" }, "unknown option '--where'", "`reseller account --help` tells what there is" },
    { { "list", "more" }, "too many arguments", "`reseller list --help` tells what there is" },
    { { "show" }, "missing argument 'id'", "`reseller show --help` tells what there is" },
    { { "list", "--json", "--csv" }, "option '--csv' can not be used together with option '--json'", "`reseller list --help` tells what there is" },
    { { "ghostealth" }, "a command is required", "`reseller ghostealth --help` tells what there is" },
    { { "ghostealth", "list-subscriptions", "--direction", "DSC" }, '--direction: expected one of ASC, DESC, got "DSC"', "did you mean " },
    { { "ghostealth", "list-subscriptions", "--size", "0" }, '--size: expected an integer from 1 to 1000000, got "0"', "write a number" },
    { { "ghostealth", "list-subscriptions", "--size", "ten" }, '--size: expected an integer from 1 to 1000000, got "ten"', "write a number" },
    { { "ghostealth", "create-subscription", "--connections", "100" }, "missing option '--billing-cycle'", "--help` tells" },
    { { "ghostealth", "create-subscription", "--billing-cycle", "WEEKLY", "--connections", "150" },
      '--connections: expected one of 100, 200, 500, 1000, 2000, got "150"', "did you mean" },
    { { "subscription", "x" }, 'subscription_id: expected an integer from 1, got "x"', "write a number" },
    { { "subscription", "1", "--include", "acount" },
      '--include: expected some of account, plan, subscription_period, subscription_resources, got "acount"', "did you mean account?" },
    { { "subscription", "--meta=yes", "1" }, "option '--meta' does not take arguments", "`reseller subscription --help` tells" },
    { { "completions", "bsh" }, 'shell: expected one of bash, zsh, fish, got "bsh"', "did you mean bash?" },
    { { "--api-key", "GHO-secret", "list" }, "--api-key: keys are never given as a flag", "others could read it" },
    { { "list", "--api-token=GHO-secret" }, "--api-token: keys are never given as a flag", "others could read it" },
    { { "list", "--api-key" }, "--api-key: keys are never given as a flag", "others could read it" },
  }
  for _, case in ipairs(mistakes) do
    it("refuses: " .. table.concat(case[1], " "), function()
      local code, out, err = command.run(case[1], { env = { GHOSTEALTH_API_KEY = "x" } })
      assert.same({ 2, "" }, { code, out })
      local words, hint = err:match "^reseller: (.-)\n  (.-)\n$"
      assert.equal(case[2], words)
      assert.truthy(hint:find(case[3], 1, true), hint)
      assert.is_nil(err:find("GHO-secret", 1, true))
    end)
  end

  it("takes options for all before the command too", function()
    assert.equal(0, (command.run { "--json", "config" }))
    assert.truthy(select(2, command.run { "--json", "config" }):find "^%[")
  end)

  it("shows help where there are no words, and ends with 2", function()
    local code, out, err = command.run {}
    assert.same({ 2, "" }, { code, out })
    assert.truthy(err:find("Daily work:", 1, true))
  end)

  it("prints the version", function()
    assert.same({ 0, version .. "\n", "" }, { command.run { "--version" } })
    assert.same({ 0, ("reseller %s, Lua 5.4\n"):format(version), "" }, { command.run { "version" } })
  end)

  it("needs no settings for version and help", function()
    for _, words in ipairs { { "version" }, { "--help" }, { "list", "--help" } } do
      assert.equal(0, (command.run(words, { env = { RESELLER_CONFIG = "/nonexistent" } })))
    end
  end)

  it("tells a fault of its own with a trace", function()
    local world = command.world()
    function world.getenv() error "no environment" end
    local code = require("reseller.cli.main").run({ "config" }, world)
    assert.equal(1, code)
    assert.truthy(world.err.text:find("a fault of this program: .*no environment.*stack traceback"))
  end)
end)

describe("help", function()
  it("tells commands in groups, examples, exit codes and the environment", function()
    local code, out = command.run { "--help" }
    assert.equal(0, code)
    local at = 0
    for _, part in ipairs { "Usage: reseller <command>", "Daily work:", "Every call of a platform:", "Tools:", "Options:", "Output:", "Settings:",
      "Examples:", "Exit codes:", "   4   the outcome is unknown", "Environment:", "NO_COLOR" } do
      local found = out:find(part, at + 1, true)
      assert.truthy(found, part)
      at = found
    end
    assert.is_nil(out:find("--api-key", 1, true))
  end)

  local function commands_in(text)
    local names = {}
    for name in text:gmatch "\n   (%l[%l%-]+) *[^\n]*" do names[#names + 1] = name end
    return names
  end

  it("is there for every command, within the terminal", function()
    local count = 0
    local function visit(words)
      local asked = { table.unpack(words) }
      asked[#asked + 1] = "--help"
      local code, out, err = command.run(asked, { columns = 80 })
      assert.same({ 0, "" }, { code, err })
      for line in out:gmatch "[^\n]+" do
        local most = line:find "^  reseller " and 100 or 80
        assert.is_true(line:find "^https:" ~= nil or width.of(line) <= most, table.concat(words, " ") .. ": " .. line)
      end
      count = count + 1
      if #words == 0 or out:find("<command>", 1, true) then
        for _, name in ipairs(commands_in(out:match "^(.-)\n\n%u%l+:\n   %-" or "")) do
          local path = { table.unpack(words) }
          path[#path + 1] = name
          visit(path)
        end
      end
    end
    visit {}
    assert.is_true(count > 30, count)
  end)

  it("tells the choices, ranges and defaults of the rows", function()
    local _, out = command.run { "ghostealth", "list-subscriptions", "--help" }
    for _, part in ipairs { "--direction {ASC,DESC}", "DESC unless given", "GET /resellers/subscriptions, a read", "--sort-by" } do
      assert.truthy(out:find(part, 1, true), part)
    end
  end)
end)

describe("the process", function()
  local box, home, options
  before_each(function()
    box, home = sandbox.shared(), script.folder()
    os.execute(("mkdir -p %s/.config/reseller"):format(home))
    command.file(home .. "/.config/reseller/config.lua", "return { page_size = 5, ghostealth = { limit = false } }")
    options = { home = home, variables = { RESELLER_SANDBOX = box.url } }
  end)
  after_each(function() script.remove(home) end)

  slow("writes JSON Lines into a pipe, with nothing on standard error", function()
    local code, out, err = command.shell("reseller list | cat", options)
    assert.same({ 0, "" }, { code, err })
    assert.equal(45, select(2, out:gsub("{[^\n]*}\n", "")))
  end)

  slow("ends quietly, and stops asking, when its reader has had enough", function()
    for _, line in ipairs { "reseller list | head -1", "trap '' PIPE; reseller list | head -1", "trap '' PIPE; reseller list --table | true" } do
      box:reset()
      local _, _, err = command.shell("set -o pipefail; " .. line, options)
      assert.equal("", err)
    end
    box:reset()
    local code = command.shell("set -o pipefail; trap '' PIPE; reseller downstream | head -1", options)
    assert.equal(141, code)
    assert.is_true(#box:requests() < 200)
  end)

  slow("ends quietly when nobody reads help any more", function()
    local code, _, err = command.shell("set -o pipefail; trap '' PIPE; reseller --help | true", options)
    assert.same({ 141, "" }, { code, err })
  end)

  slow("tells that nothing can be written", function()
    local code, _, err = command.shell("reseller list >/dev/full", options)
    assert.equal(1, code)
    assert.truthy(err:find("^reseller: standard output: No space left on device\n"))
  end)

  --- Waits until something is so.
  local function await(condition)
    local deadline = core.now() + 20
    while not condition() do
      assert(core.now() < deadline, "nothing happened")
      plain.sleep(0.01)
    end
  end

  slow("ends with 130 and one line at Ctrl-C", function()
    box:fault { kind = "delay", seconds = 60, times = 5 }
    local pipe = io.popen(("cd . && HOME=%s RESELLER_SANDBOX=%s LUA_PATH='%s' LUA_CPATH='%s' sh -c 'echo $$; exec %s lua/reseller/cli/main.lua list' "
      .. "2>%s/err; echo $?"):format(home, box.url, package.path, package.cpath, script.lua, home))
    local pid = pipe:read "l"
    await(function() return box:state().faults[1].times < 5 end)
    assert(os.execute("kill -INT " .. pid))
    assert.equal("130\n", pipe:read "a")
    pipe:close()
    assert.equal("reseller: interrupted\n", io.open(home .. "/err"):read "a")
  end)

  slow("shows a table on a terminal, as wide as that", function()
    local line = [[script -qec "stty cols 60 rows 20; %s lua/reseller/cli/main.lua downstream --limit 2" /dev/null]]
    local _, out = command.shell(line:format(script.lua), options)
    local text = out:gsub("\r", ""):gsub("\27%[[%d;]*[mK]", "")
    assert.truthy(text:find("id       status   name", 1, true), out)
    for row in text:gmatch "[^\n]+" do assert.is_true(width.of(row) <= 60, row) end
    assert.truthy(out:find("\27[1m", 1, true))
    options.variables.NO_COLOR = "1"
    _, out = command.shell(line:format(script.lua), options)
    assert.is_nil(out:find "\27%[%d+m")
  end)

  slow("keeps a key out of the list of processes", function()
    box:fault { kind = "delay", seconds = 1, times = 1 }
    local key = require("spec.support.clients").keys()[1]
    options.variables = command.environment(box)
    options.variables.GHOSTEALTH_API_KEY = ""
    command.file(home .. "/key", key)
    options.variables.GHOSTEALTH_API_KEY_FILE = home .. "/key"
    local code, out = command.shell("reseller account >/dev/null & sleep 0.4; ps -eo args | grep main.lua; wait $!", options)
    assert.equal(0, code)
    assert.truthy(out:find("main.lua account", 1, true))
    assert.is_nil(out:find(key, 1, true))
  end)

  slow("runs a command for the key, whose own words reach the person", function()
    local key = require("spec.support.clients").keys()[1]
    options.variables = command.environment(box)
    options.variables.GHOSTEALTH_API_KEY = ""
    options.variables.GHOSTEALTH_API_KEY_COMMAND = ("echo unlocking >&2; echo %s"):format(key)
    local code, out, err = command.shell("reseller account", options)
    assert.same({ 0, "unlocking\n" }, { code, err })
    assert.truthy(out:find('"balance"', 1, true))
  end)
end)

