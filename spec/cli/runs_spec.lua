if _VERSION ~= "Lua 5.4" then return end

local core = require "reseller.core"
local json = require "reseller.json"
local ledgers = require "spec.support.ledgers"
local runs = require "reseller.cli.runs"

describe("the list of runs", function()
  local machine, path
  before_each(function() machine, path = ledgers.machine(), ledgers.path() end)
  after_each(function() ledgers.clean() end)

  --- Opens the file as a process of its own does.
  local function open(process)
    process = process or machine.process()
    return runs.open(path, { process = function() return process end, pid = function() return process.pid end,
      alive = machine.alive, wall = machine.time }), process
  end

  local function new_run(id, subjects)
    local rows = {}
    for n, subject in ipairs(subjects or { "a", "b" }) do
      rows[n] = { subject = subject, arguments = { subject }, params = { connections = 200 }, key = id .. " " .. subject,
        expect_end = 1773124248080, title = "GS 100", ends = 5, amount = 2000, currency = "USD", outcome = "left", again = true }
    end
    return { id = id, account = "one", platform = "ghostealth", endpoint = "renew_subscription", words = "--limit 2", rows = rows }
  end

  --- Marks a row and writes it down.
  local function record(store, run, n, outcome, again)
    local row = run.rows[n]
    row.outcome, row.again, row.entry, row.error = outcome, again, 7, outcome ~= "done" and "why" or nil
    store:record(run, row)
  end

  it("keeps a run with all of its rows as they were", function()
    local store = open()
    store:start(new_run "r1")
    local run = open():find "r1"
    assert.same({ "one", "renew_subscription", "--limit 2", "open" }, { run.account, run.endpoint, run.words, run.state })
    local row = run.rows[2]
    assert.same({ "b", "r1 b", 1773124248080, "GS 100", 2000, "USD", "left", true, 200 }, { row.subject, row.key, row.expect_end,
      row.title, row.amount, row.currency, row.outcome, row.again, row.params.connections })
    assert.same({ "b" }, { row.arguments[1] })
    assert.is_true(json.is_array(row.arguments) and math.type(row.expect_end) == "integer")
  end)

  it("keeps the outcome of each row", function()
    local store = open()
    local run = new_run "r1"
    store:start(run)
    record(store, run, 1, "done", false)
    record(store, run, 2, "failed", true)
    local rows = open():find("r1").rows
    assert.same({ "done", false, 7 }, { rows[1].outcome, rows[1].again, rows[1].entry })
    assert.same({ "failed", true, "why" }, { rows[2].outcome, rows[2].again, rows[2].error })
  end)

  it("ends a run of which nothing is left, and no other", function()
    local store = open()
    for id, again in pairs { r1 = false, r2 = true } do
      local run = new_run(id)
      store:start(run)
      record(store, run, 1, "done", false)
      record(store, run, 2, "failed", again)
      store:leave(run)
    end
    assert.equal("ended", store:find("r1").state)
    local unfinished = store:unfinished("one", "renew_subscription")
    assert.same({ 1, "r2", 1 }, { #unfinished, unfinished[1].id, unfinished[1].left })
    assert.is_nil(unfinished[1].worker)
  end)

  it("tells accounts and endpoints apart", function()
    local store = open()
    store:start(new_run "r1")
    assert.same({}, store:unfinished("two", "renew_subscription"))
    assert.same({}, store:unfinished("one", "cancel_subscription"))
  end)

  it("lets nobody take a run that a living process works at", function()
    open():start(new_run "r1")
    local other = open()
    assert.truthy(other:unfinished("one", "renew_subscription")[1].worker:find "process 100 on here")
    local ok, fault = pcall(other.take, other, "r1")
    assert.is_false(ok)
    assert.truthy(fault.fault:find "r1 is under way in process 100")
    assert.equal(1, fault.exit)
  end)

  it("hands a run over when its process is gone", function()
    local store, process = open()
    local run = new_run "r1"
    store:start(run)
    record(store, run, 1, "done", false)
    process.is_alive = false
    local taken = open():take "r1"
    assert.equal("done", taken.rows[1].outcome)
    assert.equal("left", taken.rows[2].outcome)
  end)

  it("hands a run over when its process let go of it", function()
    local store = open()
    local run = new_run "r1"
    store:start(run)
    store:leave(run)
    assert.equal("r1", open():take("r1").id)
  end)

  it("lets only one of two take it", function()
    local store = open()
    local run = new_run "r1"
    store:start(run)
    store:leave(run)
    open():take "r1"
    local other = open()
    assert.is_false(pcall(other.take, other, "r1"))
  end)

  it("waits a quarter of an hour for a process of another host, which it cannot see", function()
    open(machine.process "there"):start(new_run "r1")
    local store = open()
    assert.is_false(pcall(store.take, store, "r1"))
    machine.host.sleep(16 * 60)
    assert.equal("r1", store:take("r1").id)
  end)

  it("stops a process that lost its run to another one", function()
    local there = open(machine.process "there")
    local run = new_run "r1"
    there:start(run)
    machine.host.sleep(16 * 60)
    open():take "r1"
    local ok, fault = pcall(record, there, run, 1, "done", false)
    assert.is_false(ok)
    assert.truthy(fault.fault:find "another process went on with r1")
    assert.equal("left", open():find("r1").rows[1].outcome)
  end)

  it("gives a run up", function()
    local store = open()
    local run = new_run "r1"
    store:start(run)
    store:leave(run)
    store:drop "r1"
    assert.equal("dropped", store:find("r1").state)
    assert.is_false(pcall(store.take, store, "r1"))
  end)

  it("lists the newest first, with counts", function()
    local store = open()
    local run = new_run("r1", { "a", "b", "c" })
    store:start(run)
    record(store, run, 1, "done", false)
    record(store, run, 2, "unknown", true)
    machine.host.sleep(1)
    store:start(new_run "r2")
    local list = store:list()
    assert.same({ "r2", "r1" }, { list[1].id, list[2].id })
    assert.same({ done = 1, unknown = 1, left = 1 }, list[2].counts)
    assert.equal(2, list[2].left)
  end)

  it("forgets what ended 90 days ago, and nothing else", function()
    local store = open()
    for _, id in ipairs { "old", "open" } do
      local run = new_run(id)
      store:start(run)
      if id == "old" then
        record(store, run, 1, "done", false)
        record(store, run, 2, "done", false)
      end
      store:leave(run)
    end
    machine.host.sleep(89 * 86400)
    store:start(new_run "r3")
    assert.truthy(store:find "old")
    machine.host.sleep(2 * 86400)
    store:start(new_run "r4")
    assert.is_nil(store:find "old")
    assert.equal(2, #store:find("open").rows)
  end)

  it("keeps texts that SQL would stumble over", function()
    local store = open()
    local run = new_run("it's", { "a'b?", "ü" })
    store:start(run)
    run.rows[2].outcome, run.rows[2].error = "failed", "'?\0\255"
    store:record(run, run.rows[2])
    local rows = open():find("it's").rows
    assert.same({ "a'b?", "ü", "'???" }, { rows[1].subject, rows[2].subject, rows[2].error })
  end)

  it("is readable for its owner only", function()
    open()
    local pipe = io.popen("stat -c %a " .. path)
    assert.equal("600", pipe:read "*l")
    pipe:close()
  end)

  it("says what is wrong when it cannot be used, and that nothing was sent", function()
    local file = io.open(path, "w")
    file:write(("not a database "):rep(100))
    file:close()
    local ok, fault = pcall(runs.open, path .. "/runs.db")
    assert.is_false(ok)
    assert.truthy(fault.fault:find "/runs.db cannot be used: .*; nothing was sent$")
    ok, fault = pcall(runs.open, path)
    assert.is_false(ok)
    assert.truthy(fault.fault:find "cannot be used")
  end)

  it("refuses a file of another release", function()
    local luasql = require("luasql.sqlite3").sqlite3()
    open()
    local connection = luasql:connect(path)
    connection:execute "UPDATE run_schema SET version = 9"
    connection:close()
    local ok, fault = pcall(runs.open, path)
    assert.is_false(ok)
    assert.truthy(fault.fault:find "made by another release %(version 9")
  end)

  it("names runs by what they do and when", function()
    assert.truthy(runs.name("renew", 1773124248):find "^renew%-20260310%-063048%-%x%x%x%x%x%x$")
    local names, count = {}, 0
    for _ = 1, 50 do names[runs.name("renew", core.wall())] = true end
    for _ in pairs(names) do count = count + 1 end
    assert.is_true(count > 40)
  end)
end)
