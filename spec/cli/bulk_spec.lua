if _VERSION ~= "Lua 5.4" then return end

local bulk = require "reseller.cli.bulk"
local errors = require "reseller.errors"

--- A client whose calls end as told, one after the other, and a ledger that knows what it is told.
local function job_of(subjects, results)
  local log = { calls = {}, recorded = {}, waits = {}, slept = {}, counted = {}, looks = 0 }
  local entries, rows = {}, {}
  for n, subject in ipairs(subjects) do
    rows[n] = { n = n, subject = subject, arguments = { subject }, params = {}, key = "run " .. subject, outcome = "left",
      again = true, expect_end = 1000 + n }
  end
  local client = { account_ = "account" }
  function client.eta() return log.eta or 0 end
  function client.renew_subscription(_, id, params)
    log.calls[#log.calls + 1] = id
    log.params = params
    local result = table.remove(results, 1) or { value = {} }
    if result.raises then error(result.raises, 0) end
    if result.entry then entries[params.key] = { id = 100 + #log.calls, verdict = result.entry } end
    if result.value then return result.value, { entry = 100 + #log.calls, replayed = result.replayed } end
    return nil, errors.new { endpoint = "renew_subscription", kind = result.kind, message = result.message or "words",
      field = result.field, status = result.status, retry_after = result.retry_after, entry = result.open }
  end
  local ledger = { fresh_ = 60 }
  function ledger.entries(_, filter)
    local list = { entries[filter.key] }
    return function() return table.remove(list) end
  end
  function ledger.reconcile()
    log.looks = log.looks + 1
    for key, verdict in pairs(log.found or {}) do entries[key].verdict = verdict end
    return { settled = 0, open = 0 }
  end
  local progress = {}
  function progress.count(_, outcome) log.counted[outcome] = (log.counted[outcome] or 0) + 1 end
  function progress.uncount(_, outcome) log.counted[outcome] = log.counted[outcome] - 1 end
  function progress.wait(_, seconds, why) log.waits[#log.waits + 1] = ("%d %s"):format(seconds, why) end
  local runs = {}
  function runs.record(_, _, row) log.recorded[#log.recorded + 1] = row.subject .. " " .. row.outcome end
  return bulk.new { client = client, ledger = ledger, runs = runs, run = { id = "run", account = "account", rows = rows },
    row = { id = "renew_subscription", settle = "period" }, progress = progress,
    sleep = function(seconds) log.slept[#log.slept + 1] = seconds end }, log, rows, entries
end

local function outcomes(rows)
  local list = {}
  for i, row in ipairs(rows) do list[i] = row.outcome .. (row.again and "+" or "") end
  return table.concat(list, " ")
end

local ids = { "a", "b", "c", "d", "e", "f", "g" }

describe("a bulk change", function()
  it("calls each row once, with its key and its condition, and writes down each outcome", function()
    local job, log, rows = job_of({ "a", "b" }, {})
    assert.equal("ended", (job:carry_out()))
    assert.same({ "a", "b" }, log.calls)
    assert.same({ key = "run b", expect_end = 1002 }, log.params)
    assert.same({ "a done", "b done" }, log.recorded)
    assert.equal("done done", outcomes(rows))
    assert.equal(102, rows[2].entry)
    assert.same({ done = 2 }, log.counted)
  end)

  it("leaves alone what is at its end, and begins with what is unknown", function()
    local job, log, rows = job_of({ "a", "b", "c", "d" }, {})
    rows[1].outcome, rows[1].again = "done", false
    rows[4].outcome = "unknown"
    job:carry_out()
    assert.same({ "d", "b", "c" }, log.calls)
  end)

  it("remembers what was replayed", function()
    local job, _, rows = job_of({ "a" }, { { value = {}, replayed = true } })
    job:carry_out()
    assert.is_true(rows[1].replayed)
  end)

  for _, case in ipairs {
    { { kind = "rejected", status = 409 }, "failed", "is final" },
    { { kind = "not_found", status = 404 }, "failed", "is final" },
    { { kind = "invalid" }, "failed", "is final" },
    { { kind = "refused", field = "expect_end" }, "failed", "is final" },
    { { kind = "refused", field = "key" }, "failed", "is final" },
    { { kind = "network" }, "failed+", "can be tried again" },
    { { kind = "timeout" }, "failed+", "can be tried again" },
    { { kind = "server", status = 500 }, "failed+", "can be tried again" },
    { { kind = "refused", open = 7 }, "failed+", "can be tried again" },
    { { kind = "unknown", entry = "unknown" }, "unknown+", "can be found out" },
    { { kind = "timeout", entry = "unknown" }, "unknown+", "is unknown, whatever the last error was" },
    { { kind = "timeout", entry = "sent" }, "unknown+", "is unknown, whatever the last error was" },
    { { kind = "timeout", entry = "refused" }, "failed+", "can be tried again" },
  } do
    it(("takes %s%s for an outcome that %s"):format(case[1].kind, case[1].field and " of " .. case[1].field or "", case[3]), function()
      local job, log, rows = job_of({ "a", "b" }, { case[1] })
      assert.equal("ended", (job:carry_out()))
      assert.equal(case[2] .. " done", outcomes(rows))
      assert.same({ "a", "b" }, log.calls)
    end)
  end

  for _, case in ipairs {
    { { kind = "auth", status = 401 }, "the platform refuses the key" },
    { { kind = "refused", field = "cap", message = "cap.per_day: all is spent" }, "cap.per_day: all is spent" },
    { { kind = "rejected", status = 402 }, "the balance does not suffice" },
    { { kind = "limited", retry_after = 3600 }, "a pause of 3600 s" },
  } do
    it("stops at once when " .. case[2], function()
      local job, log, rows = job_of({ "a", "b", "c" }, { { value = {} }, case[1] })
      local how, stop = job:carry_out()
      assert.equal("stopped", how)
      assert.truthy(stop.words:find(case[2], 1, true))
      assert.same({ "a", "b" }, log.calls)
      assert.equal("done left+ left+", outcomes(rows))
    end)
  end

  it("does not call unknown what a stop leaves, nor known what is unknown", function()
    local job, _, rows, entries = job_of({ "a", "b" }, { { kind = "auth", status = 401 } })
    rows[1].outcome, entries["run a"] = "unknown", { id = 5, verdict = "unknown" }
    assert.equal("stopped", (job:carry_out()))
    assert.equal("unknown+ left+", outcomes(rows))
  end)

  for _, case in ipairs {
    { "network", "5 calls in a row could not be made" }, { "tls", "5 calls in a row could not be made" },
    { "unknown", "the outcome of 5 calls in a row is unknown" }, { "refused", "5 calls in a row could not be recorded" },
  } do
    it("stops after five of kind " .. case[1], function()
      local results = {}
      for i = 1, 7 do results[i] = { kind = case[1], entry = case[1] == "unknown" and "unknown" or nil } end
      local job, log = job_of(ids, results)
      local how, stop = job:carry_out()
      assert.same({ "stopped", 5 }, { how, #log.calls })
      assert.truthy(stop.words:find(case[2], 1, true))
    end)
  end

  it("goes on when something in between went well, or was refused for reasons of its own", function()
    for _, between in ipairs { { value = {} }, { kind = "rejected", status = 409 }, { kind = "refused", open = 3 } } do
      local results = {}
      for i = 1, 7 do results[i] = i == 4 and between or { kind = "network" } end
      local job, log = job_of(ids, results)
      assert.equal("ended", (job:carry_out()))
      assert.equal(7, #log.calls)
    end
  end)

  it("waits when the limit asks for it, and tries the same row again", function()
    local job, log, rows = job_of({ "a", "b" }, { { kind = "limited", retry_after = 7 }, { kind = "limited" }, { value = {} } })
    job:carry_out()
    assert.same({ "a", "a", "a", "b" }, log.calls)
    assert.same({ 8, 61 }, log.slept)
    assert.same({ "8 pause", "61 pause" }, log.waits)
    assert.equal("done done", outcomes(rows))
  end)

  it("does not wait for the limit for ever", function()
    local results = {}
    for i = 1, 5 do results[i] = { kind = "limited", retry_after = 1 } end
    local job, _, rows = job_of({ "a", "b" }, results)
    job:carry_out()
    assert.equal("failed+ done", outcomes(rows))
  end)

  describe("with unknown outcomes", function()
    local unknown = { kind = "unknown", entry = "unknown" }

    it("looks once, at the end, and takes what was done for done", function()
      local job, log, rows = job_of({ "a", "b", "c" }, { unknown, unknown })
      log.found = { ["run a"] = "done" }
      assert.equal("ended", (job:carry_out()))
      assert.equal(1, log.looks)
      assert.equal("done unknown+ done", outcomes(rows))
      assert.same({ done = 2, unknown = 1 }, log.counted)
    end)

    it("tries again what was not done", function()
      local job, log, rows = job_of({ "a", "b" }, { { kind = "unknown", entry = "unknown" } })
      log.found = { ["run a"] = "refused" }
      job:carry_out()
      assert.same({ "a", "b", "a" }, log.calls)
      assert.equal("done done", outcomes(rows))
      assert.same({ done = 2, unknown = 0 }, log.counted)
    end)

    it("does not look when there are none", function()
      local job, log = job_of({ "a" }, { { kind = "rejected" } })
      job:carry_out()
      assert.equal(0, log.looks)
    end)
  end)

  describe("when Ctrl-C breaks in", function()
    it("asks the ledger what became of the row under way", function()
      for verdict, expected in pairs { done = "done left+", unknown = "unknown+ left+", sent = "unknown+ left+",
        refused = "left+ left+" } do
        local job, _, rows = job_of({ "a", "b" }, { { raises = "client.lua:1: interrupted!", entry = verdict } })
        job.client.renew_subscription = function(_, _, params)
          job.ledger.entries = function() return function(_, last) return not last and params.key and { id = 1, verdict = verdict } or nil end end
          error("client.lua:1: interrupted!", 0)
        end
        assert.equal("interrupted", (job:carry_out()))
        assert.equal(expected, outcomes(rows), verdict)
      end
    end)

    it("lets other errors pass", function()
      local job = job_of({ "a" }, { { raises = "a fault" } })
      assert.has_error(function() job:carry_out() end, "a fault")
    end)
  end)

  it("lets one look at the list serve for twice the time that the limit makes the run take", function()
    for eta, fresh in pairs { [0] = 60, [10] = 60, [300] = 600, [600] = 900, [9000] = 900 } do
      local job, log = job_of({ "a" }, {})
      log.eta = eta
      job:carry_out()
      assert.equal(fresh, job.ledger.fresh_)
    end
  end)

  it("catches up with the ledger before it goes on", function()
    local job, log, rows, entries = job_of({ "a", "b", "c", "d" }, {})
    rows[4].outcome = "unknown"
    entries["run a"], entries["run b"] = { id = 1, verdict = "done", made = "x" }, { id = 2, verdict = "unknown" }
    entries["run d"] = { id = 4, verdict = "refused", evidence = "its period still ends then" }
    assert.is_nil(job:look())
    assert.equal("done unknown+ left+ left+", outcomes(rows))
    assert.equal("x", rows[1].made)
    assert.same({ "a done", "b unknown", "d left" }, log.recorded)
  end)
end)
