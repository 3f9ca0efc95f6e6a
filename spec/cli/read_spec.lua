local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local json = require "reseller.json"
local reseller = require "reseller"

local command = require "spec.cli.command"
local sandbox = require "spec.support.sandbox"

describe("the commands that read", function()
  local box, home
  before_each(function()
    box, home = sandbox.shared(), script.folder()
    os.execute(("mkdir -p %s/.config/reseller"):format(home))
    command.file(home .. "/.config/reseller/config.lua", "return { ghostealth = { limit = false } }")
  end)
  after_each(function() script.remove(home) end)

  local function run(words, options)
    local all = { box = box, home = home }
    for name, value in pairs(options or {}) do all[name] = value end
    return command.run(words, all)
  end

  --- What the rows of JSON Lines are.
  local function rows_of(words)
    local code, out, err = run(words)
    assert.equal("", err)
    assert.equal(0, code)
    local rows = {}
    for line in out:gmatch "[^\n]+" do rows[#rows + 1] = assert(json.decode(line)) end
    return rows
  end

  local function requests()
    local list = {}
    for i, request in ipairs(box:requests()) do list[i] = request.path or request.target or request.endpoint end
    return list
  end

  it("show the account, its key masked", function()
    local code, out = run { "account", "--json" }
    assert.equal(0, code)
    local account = json.decode(out)
    assert.equal(2500000, account.balance.amount.value)
    assert.equal("***", account.app.apiKey)
    assert.truthy(select(2, run({ "account" }, { terminal = true })):find("balance +25000.00 USD\n"))
    assert.truthy(select(2, run { "account", "--show-secrets" }):find("GHO-sandboxkey", 1, true))
  end)

  it("list all subscriptions, in few requests", function()
    assert.equal(45, #rows_of { "list" })
    assert.equal(2, #requests()) -- that there is no second page is known when it was asked for
  end)

  it("list as many as --limit says, and ask for no more pages", function()
    command.file(home .. "/.config/reseller/config.lua", "return { page_size = 5, ghostealth = { limit = false } }")
    assert.equal(7, #rows_of { "list", "--limit", "7" })
    assert.equal(2, #requests())
  end)

  it("list what meets all conditions", function()
    local rows = rows_of { "list", "--where", "status=ACTIVE", "--where", "plan.billingCycle=WEEKLY" }
    assert.is_true(#rows > 0 and #rows < 45)
    for _, row in ipairs(rows) do assert.same({ "ACTIVE", "WEEKLY" }, { row.status, row.plan.billingCycle }) end
  end)

  it("list what expires within a time", function()
    local now = box:state().calendar.ms / 1000
    local code, out = run({ "list", "--expiring-within", "7d", "--json" }, { time = now })
    assert.equal(0, code)
    local rows = json.decode(out)
    assert.is_true(#rows > 0 and #rows < 45)
    for _, row in ipairs(rows) do
      local left = row.period["end"].timestamp / 1000 - now
      assert.is_true(left >= 0 and left <= 7 * 86400)
    end
  end)

  it("say so where nothing is listed", function()
    local code, out, err = run({ "list", "--where", "status=NOPE" }, { terminal = true })
    assert.same({ 0, "" }, { code, out })
    assert.truthy(err:find("no subscriptions\n", 1, true))
  end)

  it("show one subscription, or suggest the nearest id", function()
    local id = rows_of({ "list", "--limit", "1" })[1].id
    assert.equal(id, rows_of({ "show", id })[1].id)
    local code, out, err = run { "show", id:sub(1, -2) .. "x" }
    assert.same({ 1, "" }, { code, out })
    assert.truthy(err:find("did you mean " .. id, 1, true))
    assert.truthy(select(3, run { "show", "3007095" }):find("did you mean `reseller subscription 3007095`?", 1, true))
  end)

  it("list downstream subscriptions, in characters of any kind", function()
    local code, out = run({ "downstream", "--limit", "3" }, { terminal = true })
    assert.equal(0, code)
    assert.truthy(out:find("3006305  deleted  Виртуальный сервер         2026-09-06", 1, true))
    assert.equal(3, #rows_of { "downstream", "--limit", "3", "--reseller-id", "1" })
  end)

  it("walk all pages of downstream subscriptions", function()
    assert.equal(1146, #rows_of { "downstream", "--columns", "id" })
  end)

  it("show a subscription with what is included, though it holds a cycle", function()
    local code, out = run { "subscription", "3007095", "--include", "account,plan", "--json" }
    assert.equal(0, code)
    local sub = json.decode(out)
    assert.same({ id = "3007095", type = "subscriptions" }, sub.account.subscriptions[1])
    assert.equal("G Suite Business", sub.plan.name)
    local _, text = run({ "subscription", "3007095", "--include", "account" }, { terminal = true })
    assert.truthy(text:find("  email +test@example.com\n"))
  end)

  it("mask customers' access to applications", function()
    local _, out = run { "subscription", "3007095", "--meta", "--json" }
    assert.is_nil(out:find("pass123", 1, true))
    assert.equal("Vendor service", json.decode(out).meta.applications[1].plugin_name)
  end)

  it("keep nulls, exact integers and money as text", function()
    local _, out = run { "subscription", "3007095", "--include", "account" }
    assert.truthy(out:find('"promo_code":null', 1, true))
    assert.truthy(out:find('"balance":"9066.03"', 1, true))
    assert.truthy(out:find('"account_id":523,', 1, true))
  end)

  it("tell what the platform says, and what to do", function()
    local code, out, err = run { "subscription", "1" }
    assert.same({ 1, "" }, { code, out })
    assert.truthy(err:find("^reseller: get_subscription: not_found %(HTTP 404%): .*\n  check the id"))
    code, out, err = run({ "account" }, { env = { GHOSTEALTH_API_KEY = "GHO-wrong" } })
    assert.same({ 1, "" }, { code, out })
    assert.truthy(err:find("auth", 1, true))
    assert.truthy(err:find("reseller config", 1, true))
    assert.is_nil(err:find("GHO-wrong", 1, true))
  end)

  it("print in JSON nothing, and in JSON Lines what came, when a later page fails", function()
    command.file(home .. "/.config/reseller/config.lua", "return { page_size = 5, retries = 0, ghostealth = { limit = false } }")
    for _, case in ipairs { { "--json", 0 }, { "--jsonl", 5 }, { "--csv", 6 } } do
      box:fault { kind = "status", status = 500, endpoint = "list_subscriptions", after = 1, times = 1 }
      local code, out, err = run { "list", case[1] }
      assert.equal(1, code)
      assert.equal(case[2], select(2, out:gsub("\n", "")))
      assert.truthy(err:find("server", 1, true))
      box:clear_faults()
    end
  end)

  it("make no ledger", function()
    run { "list", "--limit", "1" }
    assert.is_nil(io.open(home .. "/.local/state/reseller/ledger.db"))
  end)

  describe("for each row of the endpoint table", function()
    local given = { subscription_id = "3007095", reseller_id = "1" }

    local function words_of(row, name)
      local words = { row.platform, (name:gsub("_", "-")) }
      for _, param in ipairs(row.params) do
        if param.place == "path" and not param.option then words[#words + 1] = given[param.name] end
      end
      return words
    end

    for _, row in ipairs(reseller.endpoints()) do
      if row.effect == "read" then
        it(("have %s %s"):format(row.platform, row.id), function()
          local rows = rows_of(words_of(row, row.id))
          assert.is_true(#rows > 0)
          local asked = box:requests()
          assert.equal(row.id, asked[#asked].endpoint)
        end)
      end
    end

    it("walk over pages by each-…", function()
      assert.equal(45, #rows_of { "ghostealth", "each-subscription", "--size", "10" })
      assert.equal(5, #requests())
      assert.equal(3, #rows_of { "ghostealth", "each-subscription", "--size", "2", "--limit", "3" })
    end)

    it("take parameters as the vendor writes them, or as options are written", function()
      local first = rows_of { "ghostealth", "list-subscriptions", "--size", "3", "--sort-by", "id", "--direction", "asc" }
      assert.same(first, rows_of { "ghostealth", "list-subscriptions", "--size=3", "--sortBy", "id", "--direction", "ASC" })
      assert.equal(3, #first)
    end)
  end)
end)
