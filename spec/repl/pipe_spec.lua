local prompt = require "spec.repl.prompt"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

local UNASKED = [[os.exit(require("reseller.repl").run { confirm = false })]]

describe("a prompt that reads a pipe", function()
  local box, variables, folder

  before_each(function()
    box = sandbox.shared()
    variables, folder = prompt.variables(box.url)
  end)
  after_each(function() script.remove(folder) end)

  local function run(lines, code) return prompt.run(lines, variables, code) end
  local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " in\n" .. text) end
  local function has_not(text, part) assert.falsy(text:find(part, 1, true), part .. " in\n" .. text) end

  it("has both clients of a sandbox, and prints no prompt", function()
    local output, status = run { "gs", "ap" }
    assert.equal(("reseller.ghostealth (%s/dev/v1.0)\nreseller.activeplatform (%s)\n"):format(box.url, box.url), output)
    assert.equal(0, status)
  end)

  it("prints what expressions give, and keeps it", function()
    assert.equal("2\n3\ntwo\n6\nnil\n", (run { "1 + 1", "_ + 1, 'two'", "= _1 * 2", "x = 5", "nil" }))
  end)

  it("runs pieces of several lines, and keeps globals", function()
    assert.equal("1\n2\n3\n", (run { "function f(n)", "  for i = 1, n do", "    print(i)", "  end", "end", "f(3)" }))
  end)

  if script.abi == "5.4" then
    it("prints a list of subscriptions as a table", function()
      local output = run { "gs:list_subscriptions { size = 3 }" }
      local lines = {}
      for line in output:gmatch "[^\n]+" do lines[#lines + 1] = line end
      assert.truthy(lines[1]:find "^id +status +plan +billing")
      for i = 2, 4 do assert.truthy(lines[i]:find "^su_%x+  %u+") end
      assert.truthy(lines[5]:find "^3 items · HTTP 200 · %d+%.%d%d s$", lines[5])
    end)

    it("records what it spends in the ledger of the profile", function()
      local output, status = run({ 'gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }',
        "ledger:totals()[1].verdict" }, UNASKED)
      assert.equal(0, status, output)
      has(output, "entry 1")
      has(output, "\ndone\n")
    end)
  end

  it("prints one resource as a sorted tree", function()
    local output = run { "gs:get_reseller()" }
    local last = ""
    for name in output:gmatch "\n(%l+)%f[%s]" do
      assert.is_true(last < name)
      last = name
    end
    has(output, "\n  amount\n    currency  USD\n")
  end)

  it("masks secrets in results, in print and in errors", function()
    local output = run { "r = gs:get_reseller()", "r", "r.app", "r.app.apiKey", "print(r.app.apiKey)", "error(r.app.apiKey)",
      '{ first_password = "hunter22" }', 'print("hunter22")' }
    has_not(output, "GHO-")
    has_not(output, "hunter22")
    has(output, "apiKey       ***")
  end)

  it("reveals a secret when it is told to", function()
    has(run { "reveal(gs:get_reseller().app.apiKey)" }, "GHO-")
  end)

  it("prints an error of a call as one line and a hint, and fails", function()
    local output, status = run { "ap:get_subscription(1)", "print 'on'" }
    assert.truthy(output:find "^get_subscription: not_found %(HTTP 404%): [^\n]+\n  check the id[^\n]+\non\n$", output)
    assert.equal(1, status)
  end)

  it("fails when a line cannot be run, and when one raises", function()
    for line, words in pairs { ["a b"] = "near 'b'", ["error 'boom'"] = "boom", ["x = {"] = "near",
      ["error { fault = 'words', hint = 'do' }"] = "words\n  do" } do
      local output, status = run { line }
      has(output, words)
      assert.equal(1, status)
      has_not(output, "traceback")
    end
  end)

  it("suggests what was meant", function()
    has(run { "gs:renew_subscriptoin('x')" }, "did you mean renew_subscription?")
    has(run { "resseler.version" }, "did you mean reseller?")
    has(run { "help 'list_subscription'" }, "did you mean list_subscriptions?")
  end)

  it("shows a traceback only when asked for", function()
    has(run { "repl.traceback = true", "error 'boom'" }, "stack traceback")
  end)

  it("refuses what spends or changes a state, for there is nobody to ask", function()
    for _, line in ipairs { 'gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }', "gs:renew_subscription 'su_1'",
      "gs:cancel_subscription 'su_1'", "gs:request { method = 'PUT', path = '/x' }", "reseller.ghostealth():renew_subscription 'su_1'" } do
      local output, status = run { line }
      has(output, "nothing was sent")
      has(output, "--yes")
      assert.equal(1, status)
    end
    assert.equal(0, #box:requests())
  end)

  it("tells what is wrong with a call instead of asking for it", function()
    local output = run { "gs:create_subscription { connections = 5 }" }
    has(output, "billingCycle: expected one of WEEKLY")
    has(output, 'help "create_subscription"')
  end)

  it("spends without asking when the session says so", function()
    local lines = { "repl.confirm = false", 'gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }' }
    assert.equal(0, select(2, run(lines)))
    assert.equal(0, select(2, run({ lines[2] }, UNASKED)))
    assert.equal(2, #box:charges())
  end)

  it("lets reads and requests that read through", function()
    local output, status = run { "#gs:list_subscriptions { size = 2 }",
      "#gs:request { method = 'GET', path = '/resellers/subscriptions', query = { page = 0, size = 2, sortBy = 'id', direction = 'ASC' }, effect = 'read' }" }
    assert.equal("2\n2\n", output)
    assert.equal(0, status)
  end)

  it("collects iterators", function()
    assert.equal("45\n3\n", (run { "#all(gs:each_subscription { size = 30 })", "#all(gs:each_subscription(), 3)" }))
    has(run { "gs:each_subscription()" }, "all(…)")
  end)

  it("refuses settings that it does not know", function()
    has(run { "repl.confrim = false" }, "did you mean confirm?")
    has(run { "repl.confirm = 'no'" }, "expected a boolean, got a string")
  end)

  it("takes the questions away when it ends", function()
    local output = run({ "1" }, [[require("reseller.repl").run()
      local gs = require("reseller").ghostealth()
      print(gs:create_subscription { billingCycle = "WEEKLY", connections = 100 } ~= nil, rawget(_G, "help"), rawget(_G, "gs"))]])
    assert.equal("1\ntrue\tnil\tnil\n", output)
  end)

  if script.abi == "5.4" then
    it("is a command that takes --yes, and starts with settings that cannot be read too", function()
      local command = "lua5.4 lua/reseller/cli/main.lua repl "
      local how = { variables = variables, input = 'gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }\n' }
      assert.equal(1, select(2, script.shell(command, how)))
      assert.equal(0, select(2, script.shell(command .. "--yes", how)))
      assert.equal(1, #box:charges())
      script.shell(("sh -c 'echo nonsense >%s/config/reseller/config.lua'"):format(folder))
      local output, status = script.shell(command, { variables = variables, input = "1 + 1\ngs:get_reseller()\n" })
      has(output, "2\n")
      has(output, "there is no gs: ")
      assert.equal(1, status)
    end)
  end

  it("tells why a client is missing", function()
    variables.RESELLER_SANDBOX = nil
    variables.GHOSTEALTH_API_KEY = "GHO-aaaaaaaaaa-STEA-bbbbbbbbbb-LTH"
    local output = run { "ap:get_subscription(1)", "gs" }
    has(output, "there is no ap: ")
    has(output, "ACTIVEPLATFORM_API_TOKEN")
    has(output, "reseller.ghostealth (https://api.ghostealth.com")
  end)
end)
