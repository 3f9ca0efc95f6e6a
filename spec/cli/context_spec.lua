local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local errors = require "reseller.errors"

local command = require "spec.cli.command"
local context = require "reseller.cli"
local exit = require "reseller.cli.exit"
local sandbox = require "spec.support.sandbox"

describe("the context of a command", function()
  local home
  before_each(function()
    home = script.folder()
    os.execute(("mkdir -p %s/.config/reseller"):format(home))
  end)
  after_each(function() script.remove(home) end)

  --- A context, and the world it is in.
  local function new(options, flags)
    local all = { home = home }
    for name, value in pairs(options or {}) do all[name] = value end
    local world = command.world(all)
    return context.new(world, flags or {}), world
  end

  local function write(text) command.file(home .. "/.config/reseller/config.lua", text) end

  describe("talking", function()
    it("goes to standard error, in one line each", function()
      local shown, world = new()
      shown:say("%d of %s", 3, "many")
      assert.same({ "", "3 of many\n" }, { world.out.text, world.err.text })
    end)

    it("cannot steer the terminal", function()
      local shown, world = new()
      shown:say("%s", "a\27[2Jb")
      shown:fail("bad \27]0;title\7", "try \27c")
      assert.is_nil(world.err.text:find "\27")
      assert.truthy(world.err.text:find("a\\x1B[2Jb\n", 1, true))
    end)

    it("is less with --quiet, but for what went wrong", function()
      local shown, world = new({ terminal = true }, { quiet = true })
      shown:say "hello"
      shown:status "waiting"
      assert.equal("", world.err.text)
      shown:fail "broken"
      assert.equal("reseller: broken\n", world.err.text)
    end)

    it("shows what passes on a terminal only, and takes it away before other words", function()
      local shown, world = new()
      shown:status "waiting"
      assert.equal("", world.err.text)
      shown, world = new { terminal = true, columns = 12 }
      shown:status("%s", "waiting for long")
      assert.equal("\r\27[Kwaiting fo…", world.err.text)
      shown:say "done"
      shown:say "again"
      assert.equal("\r\27[Kwaiting fo…\r\27[Kdone\nagain\n", world.err.text)
    end)

    it("takes what passes away before data is printed", function()
      local shown, world = new { terminal = true }
      shown:status "waiting"
      shown:show({ { id = 1 } }, { noun = "things" })
      assert.equal("\r\27[Kwaiting\r\27[K1 thing\n", world.err.text)
    end)

    for noun, one in pairs { entries = "entry", subscriptions = "subscription", runs = "run" } do
      it(("counts 1 %s"):format(one), function()
        local shown, world = new { terminal = true }
        shown:show({ { id = 1 } }, { noun = noun })
        shown:show({ { id = 1 }, { id = 2 } }, { noun = noun })
        shown:show({}, { noun = noun })
        assert.equal(("1 %s\n2 %s\nno %s\n"):format(one, noun, noun), world.err.text)
      end)
    end
  end)

  describe("telling what went wrong", function()
    local function fail(...)
      local shown, world = new()
      local code = shown:fail(...)
      return code, world.err.text
    end

    it("takes words, with what to do next", function()
      assert.same({ 1, "reseller: words\n  do this\n" }, { fail("words", "do this") })
    end)

    it("takes a fault", function()
      assert.same({ 2, "reseller: words\n  do this\n" }, { fail { fault = "words", hint = "do this", exit = 2 } })
      assert.same({ 1, "reseller: words\n" }, { fail { fault = "words" } })
    end)

    local codes = { invalid = 2, unknown = 4 }
    for _, kind in ipairs { "invalid", "auth", "not_found", "limited", "rejected", "server", "network", "timeout", "tls", "decode",
      "too_large", "unknown", "refused", "closed", "memory" } do
      it("takes an error of kind " .. kind .. ", and tells what to do next", function()
        local code, text = fail(errors.new { kind = kind, endpoint = "renew_subscription", message = "the words" })
        assert.equal(codes[kind] or 1, code)
        local hint = text:match "^reseller: renew_subscription: [%l_]+: the words\n  (.-)\n$"
        assert.truthy(hint and #hint > 10, text)
        assert.is_nil(hint:find("run it again", 1, true))
      end)
    end

    it("tells how long to wait for the limit", function()
      local _, text = fail(errors.new { kind = "limited", endpoint = "x", message = "y", retry_after = 41.2 })
      assert.truthy(text:find("try again in 42 s, or with --patience 42", 1, true))
    end)

    it("has a code for each way to end", function()
      assert.same({ 0, 1, 2, 3, 4 }, { exit.DONE, exit.FAILED, exit.USAGE, exit.PARTLY, exit.UNKNOWN })
      for code = 0, 4 do assert.truthy(exit.TEXT:find(("   %d   "):format(code), 1, true)) end
    end)
  end)

  describe("making clients", function()
    local box
    before_each(function()
      box = sandbox.shared()
      write "return { ghostealth = { limit = false } }"
    end)

    it("makes each once", function()
      local shown = new { box = box }
      assert.equal(shown:client "ghostealth", shown:client "ghostealth")
      assert.equal(shown:client("ghostealth", { reads = true }), shown:client("ghostealth", { reads = true }))
      assert.is_not.equal(shown:client "ghostealth", shown:client("ghostealth", { reads = true }))
    end)

    it("gives a ledger to those that may spend only", function()
      local shown = new { box = box }
      shown:client("ghostealth", { reads = true })
      assert.is_nil(io.open(home .. "/.local/state/reseller/ledger.db"))
      local client = shown:client "ghostealth"
      assert.equal(shown:ledger(), client.ledger_)
      assert.equal("rw-------", require("lfs").attributes(home .. "/.local/state/reseller/ledger.db").permissions)
    end)

    it("gives none where the settings want none", function()
      write "return { ledger = false, cap = { per_run = 1 }, ghostealth = { limit = false } }"
      local shown = new { box = box }
      assert.is_nil(shown:ledger())
      assert.is_nil(shown:client("ghostealth").ledger_)
      local _, fault = pcall(shown.needed_ledger, shown)
      assert.equal(2, fault.exit)
    end)

    it("keeps to the cap of the settings", function()
      write "return { cap = { per_run = 0 }, ghostealth = { limit = false } }"
      local shown = new { box = box }
      local ok, err = shown:client("ghostealth"):create_subscription { billingCycle = "WEEKLY", connections = 100 }
      assert.is_nil(ok)
      assert.truthy(err.message:find("cap.per_run", 1, true))
      assert.equal(0, #box:charges())
    end)

    it("turns a refusal of the options into words", function()
      local shown = new { box = box, env = { GHOSTEALTH_BASE_URL = "http://example.com" } }
      local _, fault = pcall(shown.client, shown, "ghostealth")
      assert.equal(2, fault.exit)
      assert.truthy(fault.fault:find "^ghostealth: base_url: expected ")
      assert.truthy(fault.hint:find("reseller config", 1, true))
    end)

    it("tells of waits", function()
      local shown, world = new { box = box, terminal = true }
      local wait = shown:client("ghostealth", { reads = true }).on_wait_
      wait(0.2, "retry")
      assert.equal("", world.err.text)
      wait(42, "limit")
      assert.equal("\r\27[Kwaiting 42 s for the limit of requests", world.err.text)
      local heard = {}
      shown.waits = function(...) heard = { ... } end
      wait(7, "pause")
      assert.same({ 7, "pause" }, heard)
    end)
  end)
end)
