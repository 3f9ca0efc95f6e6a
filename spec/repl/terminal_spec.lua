local prompt = require "spec.repl.prompt"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"
local terminal = require "spec.repl.terminal"

local BUY = 'gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }'

-- How a prompt is started: with all that may be there, without readline, and without what hears Ctrl-C too.
local function without(...)
  local words = {}
  for i, name in ipairs { ... } do words[i] = ("package.preload[ [[%s]] ] = function() error([[no %s]]) end"):format(name, name) end
  return ("%s -e '%s os.exit(require([[reseller.repl]]).run())'"):format(script.lua, table.concat(words, " "))
end

local commands = { ["with readline"] = prompt.COMMAND, ["without readline"] = without "readline",
  ["without readline and cqueues"] = without("readline", "cqueues") }

for how, command in pairs(commands) do
  describe("a prompt in a terminal, " .. how, function()
    local box, variables, folder, screen

    before_each(function()
      box = sandbox.shared()
      variables, folder = prompt.variables(box.url)
      screen = terminal.start(command, variables)
    end)
    after_each(function()
      screen:close()
      script.remove(folder)
    end)

    it("says what is there, runs lines, and leaves at Ctrl-D", function()
      screen:await(("gs is %s/dev/v1.0; ap is %s.\n"):format(box.url, box.url))
      screen:line "21 * 2"
      screen:await "\n42\n"
      screen:await "> "
      screen:type "\4"
      screen:await "ended 0"
    end)

    it("goes on with a piece that is not whole at a second prompt", function()
      screen:line "for i = 8, 9 do"
      screen:await ">> "
      screen:type "print(i * 11)\r"
      screen:await ">> "
      screen:type "end\r"
      screen:await "\n88\n99\n"
    end)

    it("asks before it spends, and takes nothing but yes for an answer", function()
      for _, answer in ipairs { "n", "", "later" } do
        screen:line(BUY)
        screen:await "This creates a subscription (billingCycle WEEKLY, connections 100) and costs money. Go on? [y/N] "
        screen:type(answer .. "\r")
        screen:await "not confirmed; nothing was sent"
      end
      assert.equal(0, #box:charges())
      screen:line(BUY)
      screen:await "[y/N] "
      screen:type "y\r"
      screen:await "HTTP 200"
      assert.equal(1, #box:charges())
    end)

    it("asks before it changes a state", function()
      screen:line "gs:suspend_subscription 'su_1'"
      screen:await "This suspends su_1. Go on? [y/N] "
    end)

    it("asks within tasks too", function()
      screen:line(("r = reseller.parallel(2, { function() return %s end })"):format(BUY))
      screen:await "[y/N] "
      screen:type "y\r"
      screen:line "r[1][1].status"
      screen:await "\nACTIVE\n"
      assert.equal(1, #box:charges())
    end)

    it("drops a call that runs at Ctrl-C, and goes on", function()
      box:fault { kind = "delay", seconds = 60, endpoint = "get_reseller" }
      screen:line "gs:get_reseller()"
      screen:wait_for(function() return #box:requests() > 0 end)
      screen:type "\3"
      screen:await "interrupted"
      screen:line "6 * 7"
      screen:await "\n42\n"
    end)

    if not how:find "cqueues" then
      it("drops the line at Ctrl-C, as often as it comes", function()
        for _ = 1, 8 do
          screen:await "> "
          screen:type "for i = "
          screen:await "for i = "
          screen:type "\3"
        end
        screen:line "6 * 7"
        screen:await "\n42\n"
      end)

      it("drops a call each time, and tasks with it", function()
        box:fault { kind = "delay", seconds = 60, endpoint = "get_reseller", times = 20 }
        for _, line in ipairs { "gs:get_reseller()", "reseller.ghostealth():get_reseller()",
          "reseller.parallel(2, { function() return gs:get_reseller() end })" } do
          local before = #box:requests()
          screen:line(line)
          screen:wait_for(function() return #box:requests() > before end)
          screen:type "\3"
          screen:await "interrupted\n"
        end
      end)

      it("waits for a spend that may have been sent until Ctrl-C comes again", function()
        box:fault { kind = "delay", seconds = 60, endpoint = "create_subscription", when = "after" }
        screen:line(BUY)
        screen:await "[y/N] "
        screen:type "y\r"
        screen:wait_for(function() return #box:charges() > 0 end)
        screen:type "\3"
        screen:await "may have been sent; Ctrl-C again gives it up"
        screen:type "\3"
        screen:await "create_subscription: given up; it may or may not have been done"
        screen:line "gs:list_subscriptions()[1].status"
        screen:await "\nACTIVE\n"
        assert.equal(1, #box:charges())
      end)
    end

    if not how:find "cqueues" and script.abi == "5.4" then -- LuaJIT's compiled loops look at nothing
      it("ends a loop that never waits", function()
        for _ = 1, 2 do
          screen:line "print 'begun' while true do x = 1 end"
          screen:await "\nbegun\n"
          screen:type "\3"
          screen:await "interrupted"
        end
      end)
    end

    if how == "with readline" then
      it("completes calls and their parameters", function()
        screen:await "> "
        screen:type "gs:list_s\t"
        screen:await "gs:list_subscriptions"
        screen:type " { si\t3 })\1#\5\b\r"
        screen:await "\n3\n"
      end)

      if script.abi == "5.4" then
        it("keeps lines for the next time, but for those with secrets", function()
          local name = folder .. "/state/reseller/sandbox-" .. box.port .. "/history"
          screen:line "111 + 1"
          screen:line "x = { api_key = 'abcdefgh' }"
          screen:line "print 'GHO-aaaaaaaaaa-STEA-bbbbbbbbbb-LTH'"
          screen:line "222 + 2"
          screen:await "\n224\n"
          local file = assert(io.open(name))
          assert.equal("111 + 1\n222 + 2\n", file:read "*a")
          file:close()
          assert.equal("600\n", (script.shell("stat -c %a " .. name)))
          screen:await "> "
          screen:type "\4"
          screen:await "ended 0"
          local again = terminal.start(command, variables)
          again:await "> "
          again:type "\16\16\r"
          again:await "\n112\n"
          again:close()
        end)
      end
    end
  end)
end
