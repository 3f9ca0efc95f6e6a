if _VERSION ~= "Lua 5.4" then return end

local sandbox = require "spec.support.sandbox"
local support = require "spec.cli.gate_support"

describe("an unfinished run", function()
  local box, home, ids, bought
  setup(function() box = sandbox.start { limit = false, subscriptions = 0, balance = 100000000 } end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset()
    home = support.home(box)
    ids = home:buy(6)
    bought = #box:charges()
  end)
  after_each(function() home:remove() end)

  local function charges()
    local by = {}
    for _, charge in ipairs(box:charges(bought)) do by[charge.subject] = (by[charge.subject] or 0) + 1 end
    return by
  end

  local function outcomes(world)
    local list = {}
    for i, row in ipairs(support.rows(world)) do list[i] = row.outcome end
    return table.concat(list, " ")
  end

  --- Breaks in as Ctrl-C does, when so many rows are done.
  local function interrupt_at(count)
    return function(world)
      world.err.on_write = function(text)
        if not text:find(("%d/6"):format(count), 1, true) then return end
        world.err.on_write = nil
        error("progress.lua:1: interrupted!", 0)
      end
    end
  end

  local function interrupted(line)
    local now = 0 -- every look at the clock is a second later, so that each row is drawn
    return home:run(line, { terminal = true, prepare = function(world)
      world.now = function()
        now = now + 1
        return now
      end
      interrupt_at(2)(world)
    end })
  end

  it("is left by Ctrl-C, with 130 and how to go on", function()
    local code, world = interrupted "renew --expiring-within 8d --yes"
    assert.equal(130, code)
    assert.truthy(world.err.text:find("`reseller renew --continue` goes on with the 4 that were not renewed", 1, true))
    assert.equal("done done", outcomes(world))
    assert.same({ [ids[1]] = 1, [ids[2]] = 1 }, charges())
  end)

  describe("that Ctrl-C left", function()
    before_each(function() interrupted "renew --expiring-within 8d --yes" end)

    it("is not started over by the same command", function()
      local code, world = home:run "renew --expiring-within 8d --yes"
      assert.equal(2, code)
      assert.truthy(world.err.text:find "is unfinished: 4 of 6 subscriptions left")
      assert.truthy(world.err.text:find("`reseller renew --continue` goes on with it", 1, true))
      assert.same({ [ids[1]] = 1, [ids[2]] = 1 }, charges())
    end)

    it("is gone on with by --continue, which asks", function()
      local code, world = home:run("renew --continue", { terminal = true, answers = { "yes" } })
      assert.equal(0, code)
      assert.same({ "Go on: renew 4 subscriptions for 80.00 USD? [y/N] " }, world.asked)
      assert.equal("done done done done done done", outcomes(world))
      assert.truthy(world.err.text:find("Renewed 6 subscriptions for 120.00 USD", 1, true))
      for _, id in ipairs(ids) do assert.equal(1, charges()[id]) end
      assert.equal(2, (home:run "renew --continue --yes"))
    end)

    it("stays when the answer is no", function()
      assert.equal(1, (home:run("renew --continue", { terminal = true, answers = { "n" } })))
      assert.equal(0, (home:run "renew --continue --yes"))
    end)

    it("is shown by --continue --dry-run", function()
      local code, world = home:run "renew --continue --dry-run"
      assert.equal(0, code)
      assert.equal("planned planned planned planned", outcomes(world))
      assert.same({ [ids[1]] = 1, [ids[2]] = 1 }, charges())
    end)

    it("is given up by --new", function()
      local code = home:run "renew --expiring-within 8d --new --yes"
      assert.equal(0, code)
      for _, id in ipairs(ids) do assert.equal(1, charges()[id]) end
      local rows = support.rows(select(2, home:run "runs"))
      assert.same({ "ended", 4, "dropped", 6 }, { rows[1].state, rows[1].rows, rows[2].state, rows[2].rows })
    end)

    it("is listed by `reseller runs`, with its rows", function()
      local rows = support.rows(select(2, home:run "runs"))
      assert.same({ "open", 6, 2, 4, "--expiring-within 8d" },
        { rows[1].state, rows[1].rows, rows[1].done, rows[1].left, rows[1].chosen })
      assert.equal("done done left left left left", outcomes(select(2, home:run("runs " .. rows[1].run))))
      local code, world = home:run("runs " .. rows[1].run:sub(1, -2))
      assert.equal(1, code)
      assert.truthy(world.err.text:find("did you mean " .. rows[1].run, 1, true))
    end)

    it("does not stand in the way of other ids, but of its own", function()
      assert.equal(0, (home:run("renew --yes " .. home:buy(1)[1])))
      assert.equal(0, (home:run("renew --yes " .. ids[1])))
      local code, world = home:run("renew --yes " .. ids[4])
      assert.equal(2, code)
      assert.truthy(world.err.text:find "is unfinished")
    end)

    it("does not stand in the way of another kind of change", function()
      assert.equal(0, (home:run("suspend --yes " .. ids[4])))
    end)

    it("can be gone on with by its own key only", function()
      home.key = support.home(box).key
      home:configure ""
      local code, world = home:run "renew --continue --yes"
      assert.equal(2, code)
      assert.truthy(world.err.text:find "begun with another key")
    end)

    it("does not renew what was renewed by others meanwhile", function()
      assert(home:client():renew_subscription(ids[5]))
      local code, world = home:run "renew --continue --yes"
      assert.equal(3, code)
      assert.equal("done done done done failed done", outcomes(world))
      assert.truthy(support.rows(world)[5].error:find "expect_end: the period was to end")
      assert.equal(1, charges()[ids[5]])
    end)
  end)

  it("of one subscription is gone on with by the same command", function()
    box:fault { kind = "reset", endpoint = "renew_subscription", when = "before" }
    local code = home:run("renew --yes " .. ids[1])
    assert.equal(4, code)
    home:configure "grace = 0,"
    local world
    code, world = home:run("renew --yes " .. ids[1])
    assert.equal(0, code)
    assert.truthy(world.err.text:find "going on with")
    assert.same({ [ids[1]] = 1 }, charges())
  end)

  it("of one subscription is not gone on with by a command that wants something else", function()
    box:fault { kind = "reset", endpoint = "update_subscription", when = "before" }
    assert.equal(4, (home:run(("update %s --billing-cycle MONTHLY --connections 200 --yes"):format(ids[1]))))
    local code, world = home:run(("update %s --billing-cycle MONTHLY --connections 500 --yes"):format(ids[1]))
    assert.equal(2, code)
    assert.truthy(world.err.text:find "is unfinished")
  end)

  describe("that another process works at", function()
    local find = require("reseller.cli.unfinished").find
    local busy = { id = "r1", words = "all", made_ms = 0, left = 1, worker = "process 7 on here",
      rows = { { subject = "su_1", key = "r1 su_1", params = {}, again = true } } }
    local idle = { id = "r2", words = "all", made_ms = 0, left = 1,
      rows = { { subject = "su_2", key = "r2 su_2", params = {}, again = true } } }

    local function found(flags, ...)
      local list = { ... }
      local change = { context = { flags = flags, world = support.world() }, client = { account_ = "one" }, params = {},
        row = { id = "renew_subscription" }, command = "reseller renew" }
      return pcall(find, change, { unfinished = function() return list end, list = function() return {} end })
    end

    it("is not gone on with, but the next one is", function()
      local ok, fault = found({ continue = true }, busy)
      assert.is_false(ok)
      assert.equal(1, fault.exit)
      assert.truthy(fault.fault:find "r1 .* is under way in process 7 on here")
      assert.equal(idle, select(2, found({ continue = true }, busy, idle)))
    end)

    it("is told of, and not given up", function()
      local ok, fault = found({}, busy)
      assert.is_false(ok)
      assert.same({ 2, true }, { fault.exit, fault.hint:find "add %-%-new to begin another one beside it" ~= nil })
      local _, run, given_up = found({ new = true }, busy, idle)
      assert.same({ nil, { idle } }, { run, given_up })
    end)
  end)

  describe("with an unknown outcome", function()
    it("ends with 4, and says what to do", function()
      box:fault { kind = "reset", endpoint = "renew_subscription", when = "before", after = 2 }
      local code, world = home:run "renew --expiring-within 8d --yes"
      assert.equal(4, code)
      assert.equal("done done unknown done done done", outcomes(world))
      assert.truthy(world.err.text:find("1 unknown: sent, but nothing tells yet whether they were renewed:", 1, true))
      assert.truthy(world.err.text:find("`reseller renew --continue` looks what became of the unknown", 1, true))
      assert.is_nil(charges()[ids[3]])
    end)

    it("finds out by itself what was done after all", function()
      box:fault { kind = "reset", endpoint = "renew_subscription", when = "after", after = 2 }
      local code, world = home:run "renew --expiring-within 8d --yes"
      assert.equal(0, code)
      assert.equal("done done done done done done", outcomes(world))
      assert.equal(1, charges()[ids[3]])
    end)

    it("tries again what was not done, once that is certain", function()
      box:fault { kind = "reset", endpoint = "renew_subscription", when = "before", after = 2 }
      home:run "renew --expiring-within 8d --yes"
      home:configure "grace = 0,"
      local code = home:run "renew --continue --yes"
      assert.equal(0, code)
      for _, id in ipairs(ids) do assert.equal(1, charges()[id]) end
    end)

    it("stays unknown as long as the platform cannot be asked", function()
      box:fault { kind = "reset", endpoint = "renew_subscription", when = "before", after = 2 }
      home:run "renew --expiring-within 8d --yes"
      home:configure "retries = 0,"
      box:fault { kind = "status", status = 500, endpoint = "list_subscriptions", times = 20 }
      local code, world = home:run "renew --continue --yes"
      assert.equal(1, code)
      assert.truthy(world.err.text:find "HTTP 500")
      box:clear_faults()
      assert.equal(1, support.rows(select(2, home:run "runs"))[1].unknown)
    end)
  end)

  it("is what a stop leaves: a key that is refused ends the run at once", function()
    box:fault { kind = "status", status = 401, endpoint = "renew_subscription", after = 1, times = 99 }
    local code, world = home:run "renew --expiring-within 8d --yes"
    assert.equal(3, code)
    assert.equal("done left left left left left", outcomes(world))
    assert.truthy(world.err.text:find "the platform refuses the key")
    box:clear_faults()
    assert.equal(0, (home:run "renew --continue --yes"))
  end)

  it("is what a cap leaves", function()
    home:configure "cap = { per_run = 2 },"
    local code, world = home:run "renew --expiring-within 8d --yes"
    assert.equal(3, code)
    assert.equal("done done left left left left", outcomes(world))
    assert.truthy(world.err.text:find "cap.per_run: 2 of 2 spends are made")
  end)

  it("is what an empty balance leaves", function()
    box:settings { balance = 4000 }
    local code, world = home:run "renew --expiring-within 8d --yes"
    assert.equal(3, code)
    assert.equal("done done left left left left", outcomes(world))
    assert.truthy(world.err.text:find "the balance does not suffice")
    box:settings { balance = 100000000 }
    assert.equal(0, (home:run "renew --continue --yes"))
  end)

  it("is what a network that is away leaves, after five failures in a row", function()
    home:buy(4)
    bought = #box:charges()
    home:configure "retries = 0,"
    box:fault { kind = "reset", endpoint = "list_subscriptions", after = 2, times = 99 }
    local code, world = home:run "renew --expiring-within 8d --yes"
    assert.equal(1, code)
    assert.equal("failed failed failed failed failed left left left left left", outcomes(world))
    assert.truthy(world.err.text:find "5 calls in a row could not be made")
    assert.same({}, charges())
    box:clear_faults()
    assert.equal(0, (home:run "renew --continue --yes"))
  end)

  it("is what unknown outcomes in a row leave", function()
    box:fault { kind = "status", status = 500, endpoint = "renew_subscription", times = 99 }
    local code, world = home:run "renew --expiring-within 8d --yes"
    assert.equal(4, code)
    assert.equal("unknown unknown unknown unknown unknown left", outcomes(world))
    assert.truthy(world.err.text:find "the outcome of 5 calls in a row is unknown")
  end)
end)
