if _VERSION ~= "Lua 5.4" then return end

local core = require "reseller.core"
local ids = require "reseller.cli.ids"
local money = require "reseller.cli.money"
local plan = require "reseller.cli.plan"
local summary = require "reseller.cli.summary"

local rows_by_id = {}
for _, row in ipairs(core.endpoints()) do rows_by_id[row.id] = row end

local function subscription(id, fields)
  local sub = { id = id, status = "ACTIVE", canceled = false, period = { ["end"] = { timestamp = 1773729048080 } },
    plan = { title = "GS 100", billingCycle = "WEEKLY", price = { grossAmount = 2000, currency = "USD" },
      configuration = { connections = 100, authentications = 1 } } }
  for name, value in pairs(fields or {}) do sub[name] = value end
  return sub
end

describe("an amount of money", function()
  it("is written with the digits of its currency", function()
    for text, case in pairs { ["240.00 USD"] = { 24000, "USD" }, ["0.05 EUR"] = { 5, "EUR" }, ["-1.50 USD"] = { -150, "USD" },
      ["500 JPY"] = { 500, "JPY" }, ["1.234 KWD"] = { 1234, "KWD" }, ["0.00"] = { 0 },
      ["92233720368547758.07 USD"] = { 9223372036854775807, "USD" } } do
      assert.equal(text, money.format(case[1], case[2]))
    end
  end)

  it("is summed by currency, and what is not known is counted", function()
    local sum = money.sum()
    assert.is_nil(sum:words())
    sum:add(nil, nil)
    assert.equal("an unknown price", sum:words())
    sum:add(10, "USD")
    sum:add(20, "USD")
    sum:add(5, "EUR")
    assert.equal("0.05 EUR and 0.30 USD, and 1 whose price is not known", sum:words())
    assert.equal("integer", math.type(sum.by.USD))
  end)
end)

describe("ids in a file", function()
  local function read(text)
    return ids.read(text:gmatch "([^\n]*)\n?")
  end

  it("are one a line, or the first column of a CSV", function()
    local found = read 'su_1\n\n  su_2  \n# su_3\nsu_4,Ann,"x, y"\n"su_5";1\nsu_6\tz\r\n'
    assert.same({ "su_1", "su_2", "su_4", "su_5", "su_6" }, found.list)
    assert.equal(5, found.line_of.su_4)
    assert.same({}, found.malformed)
  end)

  it("may stand below a heading, and behind a mark of the byte order", function()
    for _, heading in ipairs { "id", "ID,name", "subscription_id", '"subscriptionId",x', "\239\187\191id" } do
      assert.same({ "su_1" }, read(heading .. "\nsu_1\n").list)
    end
    assert.same({ "su_1", "id" }, read("su_1\nid\n").list)
  end)

  it("are taken once, and those that come again are named", function()
    local found = read "su_1\nsu_2\nsu_1\n"
    assert.same({ "su_1", "su_2" }, found.list)
    assert.same({ "line 3: su_1, as on line 1" }, found.repeated)
  end)

  it("are named by their line when they are none", function()
    assert.same({ 'line 2: "su 2"', 'line 3: ""', 'line 4: "../x"' }, read("su_1\nsu 2\n,x\n../x\n").malformed)
  end)
end)

describe("a plan", function()
  local renew, suspend, create = rows_by_id.renew_subscription, rows_by_id.suspend_subscription, rows_by_id.create_subscription

  it("has words for each call that changes something", function()
    for id, words in pairs { renew = "Renewing renewed", create = "Creating created", update = "Updating updated",
      suspend = "Suspending suspended", resume = "Resuming resumed", cancel = "Canceling canceled" } do
      local found = plan.words(rows_by_id[id .. "_subscription"])
      assert.equal(words, found.doing .. " " .. found.did)
      assert.equal(id, found.verb)
    end
    assert.equal("1 subscription", plan.counted(1, plan.words(renew)))
    assert.equal("2 subscriptions", plan.counted(2, plan.words(renew)))
  end)

  it("renews under the condition that the period still ends then, for the price that the list shows", function()
    local rows = plan.of_items(renew, {}, { subscription "su_1" })
    assert.same({ "su_1", 1773729048080, 2000, "USD", "GS 100 WEEKLY" },
      { rows[1].subject, rows[1].expect_end, rows[1].amount, rows[1].currency, rows[1].title })
  end)

  it("says what state a subscription is in, when it is not the usual one", function()
    local rows = plan.of_items(renew, {}, { subscription("su_1", { status = "SUSPENDED", canceled = true }) })
    assert.equal("GS 100 WEEKLY SUSPENDED canceled", rows[1].title)
  end)

  it("sends nothing for what is as wanted already", function()
    local rows = plan.of_items(suspend, {}, { subscription "su_1", subscription("su_2", { status = "SUSPENDED" }) })
    assert.same({ "left", "skipped" }, { rows[1].outcome, rows[2].outcome })
    assert.same({ rows[1] }, plan.due(rows))
    rows = plan.of_items(rows_by_id.cancel_subscription, {}, { subscription("su_1", { canceled = true }) })
    assert.equal("canceled is true already", rows[1].error)
  end)

  it("costs nothing that only changes a state", function()
    local rows = plan.of_items(suspend, {}, { subscription "su_1" })
    assert.is_nil(plan.cost(suspend, rows):words())
    assert.equal("Suspend 1 subscription? [y/N] ", plan.question(suspend, rows))
  end)

  it("takes no price that is not whole minor units", function()
    local odd = subscription "su_1"
    odd.plan.price.grossAmount = 20.5
    assert.is_nil(plan.of_items(renew, {}, { odd })[1].amount)
  end)

  it("gives each row a key of its own, or the caller's", function()
    local rows = plan.of_items(renew, {}, { subscription "su_1", subscription "su_2" })
    plan.set_keys(rows, "run")
    assert.same({ "run su_1", "run su_2" }, { rows[1].key, rows[2].key })
    plan.set_keys(rows, "run", "order")
    assert.same({ "order/1", "order/2" }, { rows[1].key, rows[2].key })
    plan.set_keys({ rows[1] }, "run", "order")
    assert.equal("order", rows[1].key)
  end)

  it("does not share what is set between rows", function()
    local params = { billingCycle = "WEEKLY", connections = 100 }
    local rows = plan.of_new(create, params, 2, {})
    rows[1].params.connections = 200
    assert.same({ 100, 100 }, { rows[2].params.connections, params.connections })
  end)

  it("takes two requests for each purchase, one for all else, and no time when nobody can tell", function()
    local client = { eta = function(_, count) return count < 100 and count or nil end }
    assert.equal(20, plan.eta(client, create, 10))
    assert.equal(10, plan.eta(client, renew, 10))
    assert.equal(0, plan.eta(client, renew, 100))
  end)

  it("shows ten rows, and counts the rest", function()
    local world, items = require("spec.cli.gate_support").world { terminal = true }, {}
    for i = 1, 30 do items[i] = subscription("su_" .. i) end
    local text, more = plan.table(plan.of_items(renew, {}, items), world)
    assert.equal(20, more)
    assert.equal(11, select(2, text:gsub("\n", "")))
    assert.truthy(text:find("su_1   GS 100 WEEKLY  2026-03-17 06:30  20.00 USD", 1, true))
    text, more = plan.table(plan.of_items(renew, {}, { table.unpack(items, 1, 11) }), world)
    assert.equal(0, more)
    assert.truthy(text:find "su_11")
  end)
end)

describe("a summary", function()
  local renew = rows_by_id.renew_subscription

  --- Rows by a word each: d(one), f(ailed), F(ailed, to be tried again), u(nknown), l(eft), s(kipped).
  local function rows_of(words)
    local rows, names = {}, { d = "done", f = "failed", F = "failed", u = "unknown", l = "left", s = "skipped" }
    for word in words:gmatch "%a" do
      local n = #rows + 1
      rows[n] = { n = n, subject = "su_" .. n, outcome = names[word], again = word:find "[Ful]" ~= nil, amount = 2000,
        currency = "USD", error = word:find "[fFu]" and "rejected: su_" .. n .. " is over, see entry " .. n or nil }
    end
    return rows
  end

  it("ends with the exit code that fits", function()
    for words, code in pairs { d = 0, dd = 0, ds = 0, s = 0, [""] = 0, f = 1, F = 1, l = 1, df = 3, dl = 3, sf = 3, u = 4,
      du = 4, dfu = 4, ul = 4 } do
      assert.equal(code, summary.code(rows_of(words)), words)
    end
  end)

  it("counts, and sums what was done", function()
    assert.equal("Renewed 2 of 3 subscriptions for 40.00 USD in 1 min 05 s.", summary.lines(renew, rows_of "ddf", 65)[1])
    assert.equal("Renewed 3 subscriptions for 60.00 USD in 5 s.", summary.lines(renew, rows_of "ddd", 5)[1])
    assert.equal("Renewed 0 of 1 subscription in 5 s.", summary.lines(renew, rows_of "f", 5)[1])
  end)

  it("tells a reason once, however many rows have it", function()
    local lines = summary.lines(renew, rows_of "dffffu", 1)
    assert.same({ "4 failed, which were not renewed:", "  4: rejected: su_2 is over, see entry 2 (su_2, su_3, su_4, …)",
      "1 unknown: sent, but nothing tells yet whether they were renewed:", "  1: rejected: su_6 is over, see entry 6 (su_6)" },
      { table.unpack(lines, 2) })
  end)

  it("tells the most frequent reasons, and how many others there are", function()
    local rows = rows_of "ffffffff"
    for n = 1, 7 do rows[n].error = "reason " .. ("x"):rep(n) end
    rows[8].error = rows[7].error
    local lines = summary.lines(renew, rows, 1)
    assert.equal("  2: reason xxxxxxx (su_7, su_8)", lines[3])
    assert.equal("  and 2 other reasons", lines[#lines])
  end)

  it("tells what had been done before", function()
    local rows = rows_of "dd"
    rows[1].replayed = true
    assert.equal("1 of these had been done before; nothing was sent for them now.", summary.lines(renew, rows, 1)[2])
    rows[2].replayed = true
    assert.same({ "This had been done before; nothing was sent now." }, summary.lines(renew, rows, 1))
  end)

  it("says how to go on, if there is something to go on with", function()
    assert.is_nil(summary.advice(renew, rows_of "ddf", "go"))
    assert.equal("`go` goes on with the 2 that were not renewed", summary.advice(renew, rows_of "dFl", "go"))
    assert.truthy(summary.advice(renew, rows_of "dul", "go"):find "nothing is paid twice$")
    assert.truthy(summary.advice(rows_by_id.suspend_subscription, rows_of "u", "go"):find "nothing is done twice$")
  end)
end)
