if _VERSION ~= "Lua 5.4" then return end

local sandbox = require "spec.support.sandbox"
local support = require "spec.cli.gate_support"

describe("a command that spends or changes", function()
  local box, home, charged
  setup(function() box = sandbox.start { limit = false, subscriptions = 0, balance = 100000000 } end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset()
    home = support.home(box)
    charged = 0
  end)
  after_each(function() home:remove() end)

  local function buy(count)
    local ids = home:buy(count)
    charged = #box:charges()
    return ids
  end

  --- How often each was charged since they were bought.
  local function charges()
    local by = {}
    for _, charge in ipairs(box:charges(charged)) do by[charge.subject] = (by[charge.subject] or 0) + 1 end
    return by
  end

  local function status_of(id)
    for sub in home:client():each_subscription() do
      if sub.id == id then return sub.status, sub.canceled, sub.plan.configuration.connections end
    end
  end

  describe("before it sends anything", function()
    it("shows count and cost, and asks", function()
      local ids = buy(3)
      local code, world = home:run("renew --expiring-within 8d", { terminal = true, answers = { "y" } })
      assert.equal(0, code)
      assert.same({ "Renew 3 subscriptions for 60.00 USD? [y/N] " }, world.asked)
      assert.truthy(world.err.text:find(ids[1] .. "  GS-DAT 100 WEEKLY", 1, true))
      assert.same({ [ids[1]] = 1, [ids[2]] = 1, [ids[3]] = 1 }, charges())
    end)

    for _, answer in ipairs { "", "n", "no", "yess please", "maybe" } do
      it(("takes %q for a no"):format(answer), function()
        buy(1)
        local code, world = home:run("renew --expiring-within 8d", { terminal = true, answers = { answer } })
        assert.equal(1, code)
        assert.truthy(world.err.text:find "nothing was sent")
        assert.same({}, charges())
      end)
    end

    it("takes the end of the input for a no", function()
      buy(1)
      assert.equal(1, (home:run("renew --expiring-within 8d", { terminal = true })))
      assert.same({}, charges())
    end)

    it("refuses to go on where there is no terminal to ask on, and says what to do", function()
      buy(1)
      local code, world = home:run "renew --expiring-within 8d"
      assert.equal(2, code)
      assert.truthy(world.err.text:find "add %-%-yes")
      assert.same({}, charges())
      assert.equal("", world.out.text)
    end)

    it("does it without a question when told --yes", function()
      local ids = buy(2)
      local code, world = home:run "renew --expiring-within 8d --yes"
      assert.equal(0, code)
      assert.same({}, world.asked)
      local rows = support.rows(world)
      assert.same({ ids[1], "done" }, { rows[1].id, rows[1].outcome })
      assert.equal("number", type(rows[1].entry))
      assert.equal(2, #rows)
      assert.truthy(world.err.text:find("Renewed 2 subscriptions for 40.00 USD", 1, true))
    end)

    it("only looks when told --dry-run", function()
      local ids = buy(2)
      local code, world = home:run "renew --expiring-within 8d --dry-run"
      assert.equal(0, code)
      local rows = support.rows(world)
      assert.same({ ids[1], "planned", 2000, "USD" }, { rows[1].id, rows[1].outcome, rows[1].price, rows[1].currency })
      assert.same({}, charges())
      assert.equal("", select(2, home:run "runs").out.text)
    end)

    it("shows each row of a dry run once on a terminal", function()
      local ids = buy(2)
      local _, world = home:run("renew --expiring-within 8d --dry-run", { out_is_terminal = true })
      local text = world.out.text .. world.err.text
      for _, id in ipairs(ids) do assert.equal(1, select(2, text:gsub(id, ""))) end
      assert.truthy(world.err.text:find "2 subscriptions to renew; 40.00 USD")
    end)

    it("tells that nothing was chosen", function()
      local code, world = home:run "renew --expiring-within 1h --yes"
      assert.equal(0, code)
      assert.truthy(world.err.text:find "nothing to renew")
      assert.equal("", world.out.text)
    end)

    it("wants to know which", function()
      local code, world = home:run "cancel --yes"
      assert.equal(2, code)
      assert.truthy(world.err.text:find "which subscriptions to cancel")
    end)

    it("refuses two ways to choose at once", function()
      local code, world = home:run "cancel su_1 --where status=ACTIVE --yes"
      assert.equal(2, code)
      assert.truthy(world.err.text:find "ids and a selection")
    end)

    it("refuses values before it reads or asks anything", function()
      for line, words in pairs {
        ["create --billing-cycle DAILY --connections 100 --yes"] = "expected one of WEEKLY, MONTHLY, ANNUAL",
        ["create --billing-cycle WEEKLY --yes"] = "--connections: expected one of 100, 200, 500, 1000, 2000, got nothing",
        ["create --billing-cycle WEEKLY --connections 100 --count 0 --yes"] = "--count: expected a whole number",
        ["update su_1 --yes --connections 100"] = "--billing-cycle: expected one of",
        ["renew su_1 su_2 --key one --yes"] = "--key: expected one subscription, got 2",
        ["renew su_1 --continue"] = "--continue goes on with what was chosen before",
        ["renew su$1 --yes"] = '"su$1" is no id',
      } do
        local before = box:state().requests.count
        local code, world = home:run(line)
        assert.equal(2, code, line)
        assert.truthy(world.err.text:find(words, 1, true), world.err.text)
        assert.equal(before, box:state().requests.count, line)
      end
    end)

    it("wants a ledger", function()
      home:configure "ledger = false,"
      buy(1)
      local code, world = home:run "renew --expiring-within 8d --yes"
      assert.equal(2, code)
      assert.truthy(world.err.text:find "ledger = false")
      assert.same({}, charges())
    end)

    it("leaves out of a selection what is canceled or not active, unless that is asked for", function()
      local ids, gs = buy(3), home:client()
      assert(gs:cancel_subscription(ids[1]))
      assert(gs:suspend_subscription(ids[2]))
      local _, world = home:run "renew --expiring-within 8d --dry-run"
      assert.equal(1, #support.rows(world))
      assert.truthy(world.err.text:find "left out: 2")
      _, world = home:run "renew --where status=SUSPENDED --dry-run"
      assert.equal(ids[2], support.rows(world)[1].id)
      _, world = home:run "renew --where status=ACTIVE --dry-run"
      assert.same({ ids[3], nil }, { support.rows(world)[1].id, support.rows(world)[2] })
      _, world = home:run "renew --where canceled=true --dry-run"
      assert.same({ ids[1], nil }, { support.rows(world)[1].id, support.rows(world)[2] })
    end)

    it("takes what ends soonest first, and no more than --limit", function()
      local ids = buy(2)
      box:advance(3600)
      ids[3] = home:buy(1)[1]
      local _, world = home:run "renew --expiring-within 8d --limit 2 --dry-run"
      local rows = support.rows(world)
      assert.same({ ids[1], ids[2] }, { rows[1].id, rows[2].id })
      assert.is_nil(rows[3])
    end)
  end)

  describe("with ids from a file", function()
    it("suspends each once, and names those that are not there", function()
      local ids = buy(2)
      local path = home:write("ids.csv", ("subscription,name\r\n%s,Ann\r\n\r\n# gone\nsu_gone,Bob\n%s,Ann\n%s\n"):format(ids[1],
        ids[1], ids[2]))
      local code, world = home:run("suspend --yes --from " .. path)
      assert.equal(3, code)
      assert.truthy(world.err.text:find("line 6: " .. ids[1] .. ", as on line 2", 1, true))
      local rows = support.rows(world)
      assert.same({ "done", "failed", "done" }, { rows[1].outcome, rows[2].outcome, rows[3].outcome })
      assert.equal("it is not in the list of subscriptions (line 5)", rows[2].error)
      assert.equal("SUSPENDED", (status_of(ids[1])))
    end)

    it("refuses all when a line has no id", function()
      local ids = buy(1)
      local path = home:write("ids.txt", ids[1] .. "\nnot an id!\n")
      local code, world = home:run("suspend --yes --from " .. path)
      assert.equal(2, code)
      assert.truthy(world.err.text:find('line 2: "not an id!"', 1, true))
      assert.equal("ACTIVE", (status_of(ids[1])))
    end)

    it("reads standard input, on which it cannot ask then", function()
      local ids = buy(1)
      assert.equal(0, (home:run("cancel --yes --from -", { input = { ids[1] } })))
      assert.is_true(select(2, status_of(ids[1])))
      assert.equal(2, (home:run("suspend --from -", { input = { ids[1] } })))
    end)

    it("says which file it could not read", function()
      local code, world = home:run "suspend --yes --from /nonexistent/ids"
      assert.equal(2, code)
      assert.truthy(world.err.text:find("--from /nonexistent/ids: No such file", 1, true))
    end)
  end)

  it("skips what is as wanted already, which is no failure", function()
    local ids = buy(1)
    assert(home:client():suspend_subscription(ids[1]))
    local before = box:state().requests.count
    local code, world = home:run("suspend --yes " .. ids[1])
    assert.equal(0, code)
    assert.equal("skipped", support.rows(world)[1].outcome)
    assert.equal(before + 1, box:state().requests.count)
  end)

  it("renews one under a key and a condition of the caller's", function()
    local ids = buy(1)
    local line = ("renew %s --key may-%s --expect-end %%d --yes"):format(ids[1], ids[1])
    local code, world = home:run(line:format(1773124248080))
    assert.equal(1, code)
    assert.truthy(support.rows(world)[1].error:find "expect_end")
    local ends = home:client():list_subscriptions()[1].period["end"].timestamp
    for _ = 1, 2 do assert.equal(0, (home:run(line:format(ends)))) end
    assert.same({ [ids[1]] = 1 }, charges())
  end)

  it("updates a plan", function()
    local ids = buy(1)
    assert.equal(0, (home:run(("update %s --billing-cycle MONTHLY --connections 500 --yes"):format(ids[1]))))
    assert.equal(500, select(3, status_of(ids[1])))
  end)

  it("prints the platform's reason for a no, and ends with 1", function()
    local ids = buy(1)
    assert(home:client():cancel_subscription(ids[1]))
    local code, world = home:run("renew --yes " .. ids[1])
    assert.equal(1, code)
    assert.equal("rejected: Subscription cannot be renewed: it is CANCELED.", support.rows(world)[1].error)
    assert.truthy(world.err.text:find "Renewed 0 of 1 subscription")
    assert.equal("ended", support.rows(select(2, home:run "runs"))[1].state)
  end)

  describe("create", function()
    it("buys so many, and prints their ids", function()
      local code, world = home:run "create --billing-cycle WEEKLY --connections 100 --count 3 --yes"
      assert.equal(0, code)
      local bought = {}
      for _, charge in ipairs(box:charges()) do bought[#bought + 1] = charge.subject end
      local rows = support.rows(world)
      assert.same(bought, { rows[1].id, rows[2].id, rows[3].id })
    end)

    it("knows the price from the list, with what is set unless given", function()
      local gs = home:client()
      assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 200, authentications = 3 })
      assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 200 })
      assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 200, authentications = 2 })
      local _, world = home:run "create --billing-cycle WEEKLY --connections 200 --dry-run"
      assert.equal(3700, support.rows(world)[1].price)
    end)

    it("says when no price is known", function()
      local _, world = home:run("create --billing-cycle ANNUAL --connections 2000", { terminal = true, answers = { "n" } })
      assert.same({ "Create 1 subscription for an unknown price? [y/N] " }, world.asked)
    end)

    it("buys nothing twice under one key, and asks nothing the second time", function()
      local _, first = home:run "create --billing-cycle WEEKLY --connections 100 --key order-4711 --yes"
      local code, second = home:run("create --billing-cycle WEEKLY --connections 100 --key order-4711", { terminal = true })
      assert.equal(0, code)
      assert.same({}, second.asked)
      assert.equal(first.out.text, second.out.text)
      assert.truthy(second.err.text:find "order%-4711 was done before")
      assert.equal(1, #box:charges())
    end)

    it("refuses a key that was used for something else", function()
      home:run "create --billing-cycle WEEKLY --connections 100 --key order-4711 --yes"
      local code, world = home:run "create --billing-cycle WEEKLY --connections 200 --key order-4711 --yes"
      assert.equal(1, code)
      assert.truthy(support.rows(world)[1].error:find "use another key")
      assert.equal(1, #box:charges())
    end)
  end)

  it("breaks its lines between words, to fit the terminal", function()
    local ids = buy(1)
    box:fault { kind = "body", status = 422, endpoint = "renew_subscription", content_type = "application/json",
      body = ('{"message":"%s"}'):format(("wörter "):rep(20)) }
    local _, world = home:run("renew --yes " .. ids[1], { terminal = true, columns = 40 })
    local summary = world.err.text:match "Renewed 0 of 1.*"
    for line in summary:gmatch "[^\n]+" do
      assert.is_true(require("reseller.cli.output.width").of(line) < 40, line)
      assert.is_nil(line:find "wört$")
    end
    assert.equal(20, select(2, summary:gsub("wörter", "")))
    assert.truthy(summary:find "\n    wörter")
  end)

  it("goes the same way for a call as the endpoint table has it", function()
    local ids = buy(1)
    assert.equal(2, (home:run("ghostealth renew-subscription " .. ids[1])))
    assert.same({}, charges())
    local code, world = home:run(("ghostealth renew-subscription %s --yes"):format(ids[1]))
    assert.equal(0, code)
    assert.equal("done", support.rows(world)[1].outcome)
    code, world = home:run(("ghostealth renew-subscription %s --expect-end 1773124248080 --yes"):format(ids[1]))
    assert.equal(1, code)
    assert.truthy(support.rows(world)[1].error:find "expect_end: the period was to end")
    assert.same({ [ids[1]] = 1 }, charges())
    code, world = home:run(("ghostealth renew-subscription %s --continue"):format(ids[1]))
    assert.equal(2, code)
    assert.truthy(world.err.text:find "%-%-continue")
    code, world = home:run "ghostealth create-subscription --billing-cycle WEEKLY --connections 100 --key one --yes"
    assert.equal(0, code)
    assert.truthy(support.rows(world)[1].id:find "^su_")
  end)

  it("keeps keys out of what it prints and of what it keeps", function()
    buy(1)
    box:fault { kind = "status", status = 422, endpoint = "renew_subscription", body = ('{"message":"key %s"}'):format(home.key) }
    local _, world = home:run "renew --expiring-within 8d --yes"
    assert.is_nil((world.out.text .. world.err.text):find(home.key, 1, true))
    local file = io.open(home.folder .. "/state/reseller/runs.db", "rb")
    local text = file:read "*a"
    file:close()
    assert.is_nil(text:find(home.key, 1, true))
  end)
end)
