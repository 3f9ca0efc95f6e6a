local script = require "spec.support.script"
if script.abi ~= "5.4" then return end

local json = require "reseller.json"
local reseller = require "reseller"

local clients = require "spec.support.clients"
local command = require "spec.cli.command"
local ledgers = require "spec.support.ledgers"
local sandbox = require "spec.support.sandbox"

describe("reseller ledger", function()
  local box, home, ledger, path
  before_each(function()
    box, home = sandbox.shared(), script.folder()
    os.execute(("mkdir -p %s/.config/reseller"):format(home))
    command.file(home .. "/.config/reseller/config.lua", "return { retries = 0, ghostealth = { limit = false } }")
    path = home .. "/ledger.db"
    ledger = assert(reseller.ledger.open(path))
  end)
  after_each(function()
    ledger:close()
    script.remove(home)
  end)

  local function client() return clients.ghostealth(box, { ledger = ledger, api_key = command.environment(box).GHOSTEALTH_API_KEY }) end

  local function run(...)
    local words = { "ledger", ... }
    words[#words + 1] = "--ledger=" .. path
    return command.run(words, { box = box, home = home })
  end

  local function rows_of(...)
    local code, out, err = run(...)
    assert.equal("", err)
    assert.equal(0, code)
    local rows = {}
    for line in out:gmatch "[^\n]+" do rows[#rows + 1] = json.decode(line) end
    return rows
  end

  local function ids(rows)
    local list = {}
    for i, row in ipairs(rows) do list[i] = row.id end
    return list
  end

  --- Numbers of the entries, oldest first: they are those of the ledger's changes.
  local function numbers()
    local list = {}
    for entry in ledger:entries() do list[#list + 1] = entry.id end
    return list
  end

  --- Renewals of two subscriptions: one that is done, and one whose reply is lost.
  local function spend(kind)
    local gs = client()
    local one, two = (ledgers.buy(box)), (ledgers.buy(box))
    assert(gs:renew_subscription(one))
    box:fault { kind = "reset", endpoint = "renew_subscription", when = kind or "after" }
    local _, err = gs:renew_subscription(two)
    assert.equal("unknown", err.kind)
    return one, two, numbers()
  end

  it("lists entries, filtered", function()
    local one, two, ids_of = spend()
    assert.same(ids_of, ids(rows_of "list"))
    assert.same({ ids_of[2] }, ids(rows_of("list", "--verdict", "unknown")))
    assert.same({ ids_of[1] }, ids(rows_of("list", "--subject", one)))
    assert.same({ ids_of[2] }, ids(rows_of("list", "--where", "subject=" .. two)))
    assert.same(ids_of, ids(rows_of("list", "--endpoint", "renew-subscription", "--platform", "ghostealth", "--since", "2020-01-01")))
    assert.same({}, ids(rows_of("list", "--before", "2020-01-01")))
  end)

  it("lists the newest of many, oldest first", function()
    spend()
    assert(client():suspend_subscription((ledgers.buy(box))))
    local all = numbers()
    assert.same({ all[2], all[3] }, ids(rows_of("list", "--limit", "2")))
  end)

  it("shows an entry, or the story of a subscription", function()
    local one, two, ids_of = spend()
    assert.equal(two, rows_of("show", tostring(ids_of[2]))[1].subject)
    assert.same({ ids_of[1] }, ids(rows_of("show", one)))
    local code, out = run("show", tostring(ids_of[2]), "--table")
    assert.equal(0, code)
    assert.truthy(out:find("\nverdict +unknown\n"))
  end)

  it("tells that there is no such entry", function()
    for _, id in ipairs { "99", "su_none" } do
      local code, out, err = run("show", id)
      assert.same({ 1, "" }, { code, out })
      assert.truthy(err:find("reseller ledger list", 1, true))
    end
  end)

  it("counts and sums", function()
    spend()
    local rows = rows_of "totals"
    assert.same({ { "done", 1, 2000 }, { "unknown", 1, 2000 } },
      { { rows[1].verdict, rows[1].count, rows[1].amount }, { rows[2].verdict, rows[2].count, rows[2].amount } })
    local _, out = run("totals", "--table")
    assert.truthy(out:find("20.00 USD", 1, true))
  end)

  it("settles an unknown that was done, and shows what became of it", function()
    local _, _, ids_of = spend()
    local code, out, err = run "reconcile"
    assert.equal(0, code)
    assert.same({ ids_of[2], "done" }, { json.decode(out).id, json.decode(out).verdict })
    assert.equal("1 settled, 0 still unknown\n", err)
    assert.equal(2, #box:charges() - 2) -- two bought, two renewed: none of them twice
  end)

  it("ends with 4 while something stays unknown, and tells what to do", function()
    spend "before"
    local code, _, err = run "reconcile"
    assert.equal(4, code)
    assert.truthy(err:find("0 settled, 1 still unknown", 1, true))
    assert.truthy(err:find("reseller ledger settle ID", 1, true))
  end)

  it("says that nothing is unknown", function()
    local code, out, err = run "reconcile"
    assert.same({ 0, "", "nothing is unknown\n" }, { code, out, err })
  end)

  it("fails when the platform cannot be asked", function()
    spend()
    box:fault { kind = "status", status = 500, endpoint = "list_subscriptions", times = 9 }
    local code, _, err = run "reconcile"
    assert.equal(1, code)
    assert.truthy(err:find("HTTP 500", 1, true))
  end)

  it("records what a person found out", function()
    local _, _, ids_of = spend "before"
    local id = tostring(ids_of[2])
    local code, out = run("settle", id, "refused", "--why", "the dashboard shows none")
    assert.equal(0, code)
    assert.same({ "refused", "settled by hand: the dashboard shows none" }, { json.decode(out).verdict, json.decode(out).evidence })
    local err
    code, out, err = run("settle", id, "done", "--why", "x")
    assert.equal("", out)
    assert.equal(1, code)
    assert.truthy(err:find(("entry %s is not unknown"):format(id), 1, true))
  end)

  local mistakes = {
    { { "settle", "2", "done" }, "missing option '--why'" },
    { { "settle", "two", "done", "--why", "x" }, 'ID: expected the number of an entry, got "two"' },
    { { "settle", "2", "dnoe", "--why", "x" }, 'verdict: expected one of done, refused, got "dnoe"' },
    { { "list", "--since", "yesterday" }, '--since: expected a date, got "yesterday"' },
    { { "list", "--verdict", "unknwon" }, "--verdict: expected one of intent, sent, done, refused, unknown, got" },
  }
  for _, case in ipairs(mistakes) do
    it("refuses " .. table.concat(case[1], " "), function()
      local code, _, err = run(table.unpack(case[1]))
      assert.equal(2, code)
      assert.truthy(err:find(case[2], 1, true), err)
    end)
  end

  it("tells when there is to be no ledger, or none can be opened", function()
    command.file(home .. "/.config/reseller/config.lua", "return { ledger = false }")
    local code, _, err = command.run({ "ledger", "list" }, { home = home })
    assert.equal(2, code)
    assert.truthy(err:find("the settings want no ledger", 1, true))
    command.file(home .. "/text", "this is no database, it only looks like a file that might be one")
    code, _, err = command.run({ "ledger", "list", "--ledger", home .. "/text" }, { home = home })
    assert.equal(1, code)
    assert.truthy(err:find("name another file: --ledger FILE", 1, true))
  end)
end)
