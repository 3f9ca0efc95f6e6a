--- Seeded schedules of lost, late and doubled messages, kills and full disks, run against the client, the
--- ledger and the sandbox's state machine, without sockets and in virtual time.
---
---     lua5.4 spec/proof/simulate.lua [--schedules 10000] [--first 1] [--jobs 2] [--seed N]
---
--- The database is SQLite, in memory; kills and full disks come between its statements. `--seed N` replays
--- one schedule exactly and prints what happened. In each: no call may be carried out twice, no verdict may
--- be wrong, and after the last look nearly nothing may be left unknown.

local json = require "reseller.json"
local random = require "reseller.sandbox.random"
local store = require "reseller.ledger.store"

local clocks = require "spec.proof.simulation.clock"
local processes = require "spec.proof.simulation.process"
local wires = require "spec.proof.simulation.wire"

local MAX_DEATHS, MAX_RUNS = 8, 4
local LEASE, GRACE = 400, 121 -- seconds until a process of another host is taken for dead, and its request too

local SHAPES = { { billingCycle = "WEEKLY", connections = 100, authentications = 1 },
  { billingCycle = "MONTHLY", connections = 200, authentications = 2 },
  { billingCycle = "ANNUAL", connections = 500, authentications = 1 } }

local shared_store, current

local function open_store()
  shared_store = assert(store.open(":memory:", { busy = 0, wall = function() return current.time end }))
end

local function with(fields, more)
  local copy = {}
  for _, part in ipairs { fields, more } do
    for name, value in pairs(part) do copy[name] = value end
  end
  return copy
end

--- Kinds of jobs: each can be run again and again, and is to be done once.
local kinds = {
  function(sub) return "renew", function(client, key)
    return client:renew_subscription(sub.id, { expect_end = sub.ends, key = key })
  end end,
  function(sub) return "renew by its end", function(client)
    return client:renew_subscription(sub.id, { expect_end = sub.ends })
  end end,
  function() return "create", function(client, key) return client:create_subscription(with(SHAPES[1], { key = key })) end end,
  function() return "create another", function(client, key)
    return client:create_subscription(with(SHAPES[3], { key = key }))
  end end,
  function(sub) return "update", function(client, key)
    return client:update_subscription(sub.id, with(SHAPES[2], { key = key }))
  end end,
  function(sub) return "suspend", function(client, key) return client:suspend_subscription(sub.id, { key = key }) end end,
  function(sub) return "cancel", function(client, key) return client:cancel_subscription(sub.id, { key = key }) end end,
}

local function buy(wire)
  local reply = wire:act(nil, "POST", "/resellers/subscriptions", json.encode(SHAPES[1]))
  local id = json.decode(reply.body).data.id
  for _, sub in ipairs(wire.world.ghostealth:subscriptions()) do
    if sub.id == id then return { id = id, ends = sub.end_ms } end
  end
end

local function plan_jobs(wire, draw)
  local jobs = {}
  for i = 1, draw:between(1, 4) do
    local name, run = draw:pick(kinds)(buy(wire))
    jobs[i] = { name = name, run = run, key = "job-" .. i, executed = 0, calls = {} }
  end
  return jobs
end

--- What goes wrong at the disk of a process, in thousandths of its statements.
local function plan_disk(draw, rate)
  local plan, full = {}, 0
  local function hit() return rate > 0 and draw:between(1, 1000) <= rate end
  function plan.statement(process)
    if full > 0 then
      full = full - 1
      error({ fault = "database or disk is full" }, 0)
    end
    if hit() then process:cut_off() end
    if hit() then full = draw:between(1, 40) end
  end
  function plan.committed(process)
    if hit() then process:cut_off() end
    if hit() then error({ fault = "disk I/O error" }, 0) end
  end
  function plan.pause(process)
    if hit() then process:die() end
  end
  return plan
end

local Schedule = {}
Schedule.__index = Schedule

local function new_schedule(seed, tell)
  -- Pauses of the limiter outlive a schedule: each begins when those of the one before are over.
  local clock = clocks.new(seed * 1e6)
  current = clock
  local draw = random.new(seed * 104729 + 7)
  for _ = 1, 5 do draw:between(1, 2) end
  local wire = wires.new(clock, draw, draw:pick { 5, 20, 40, 70 })
  shared_store:transaction(function() shared_store:execute "DELETE FROM reseller_entries" end)
  local self = setmetatable({ seed = seed, clock = clock, wire = wire, draw = draw, store = shared_store, entries = {},
    processes = {}, deaths = 0, tell = tell, faults = {}, rate = draw:pick { 0, 1, 3, 10 } }, Schedule)
  self.jobs = plan_jobs(wire, draw)
  self.writers = draw:chance(60) and 1 or draw:between(2, 4)
  self.on_death = function() self:restart() end
  return self
end

function Schedule:fault(...) self.faults[#self.faults + 1] = (...):format(select(2, ...)) end

--- Whether what a call says can be true at this moment.
function Schedule:judge(job, call, value, meta)
  if self.tell then
    self.tell("%8.1f  %s: %s%s", self.clock.time % 1e6, job.name, value and "done" or tostring(meta), value and meta.replayed
      and " (replayed)" or "")
  end
  if value and meta.replayed and job.executed() < 1 then self:fault("%s: replayed, but never done", job.name) end
  if value and not meta.replayed and call.executed ~= 1 then self:fault("%s: done, they say", job.name) end
  call.denied = not value and meta.kind ~= "unknown"
  return value ~= nil or meta.kind == "refused" and meta.field == "expect_end"
end

local function add_up(job)
  return function()
    local sum = 0
    for _, call in ipairs(job.calls) do sum = sum + call.executed end
    return sum
  end
end

--- The script that processes run: all jobs, one after the other. True when all are done.
function Schedule:script(process)
  local complete = true
  for _, job in ipairs(self.jobs) do
    job.executed = add_up(job)
    process.call = { executed = 0, job = job }
    job.calls[#job.calls + 1] = process.call
    local done = self:judge(job, process.call, job.run(process.client, job.key))
    complete = complete and done
  end
  return complete
end

function Schedule:start(rate)
  local process = processes.new(self, #self.processes + 1, plan_disk(self.draw, rate))
  self.clock:spawn(function()
    for _ = 1, MAX_RUNS do
      if self:script(process) then break end
      self.clock:sleep(self.draw:between(1, 60))
    end
    process.alive = false
  end)
end

function Schedule:restart()
  self.deaths = self.deaths + 1
  if self.tell then self.tell("%8.1f  killed", self.clock.time % 1e6) end
  local rate = self.deaths < MAX_DEATHS and self.rate or 0
  self.clock:after(self.draw:between(0, 30), function() self:start(rate) end)
  if self.deaths >= MAX_DEATHS then self.wire.trouble = 0 end
end

--- All is quiet: settle what is open, and run the script once more.
function Schedule:finish()
  self.wire.trouble = 0
  local process = processes.new(self, #self.processes + 1, plan_disk(self.draw, 0))
  self.clock:spawn(function()
    self.clock:sleep(LEASE)
    assert(process.ledger:reconcile(process.client))
    self.clock:sleep(GRACE)
    self.open = assert(process.ledger:reconcile(process.client)).open
    self:script(process)
  end)
  self.clock:run()
end

function Schedule:check_entries()
  local rows = self.store:transaction(function() return self.store:query "SELECT * FROM reseller_entries ORDER BY id" end)
  for _, row in ipairs(rows) do
    local call = self.entries[row.id]
    local executed = call and call.executed or 0
    if row.verdict == "done" and executed ~= 1 or row.verdict == "refused" and executed ~= 0 then
      self:fault("entry %d, %s: %s, carried out %d times (%s)", row.id, row.endpoint, row.verdict, executed, row.evidence)
    end
    if row.verdict == "intent" or row.verdict == "sent" then self:fault("entry %d is left %s", row.id, row.verdict) end
    if self.tell then self.tell("entry %d  %s %s: %s (%s)", row.id, row.endpoint, row.subject, row.verdict, row.evidence) end
  end
  self.count = #rows
end

function Schedule:check_jobs()
  for _, job in ipairs(self.jobs) do
    local executed = job.executed()
    if executed > 1 or self.open == 0 and executed ~= 1 then self:fault("%s: carried out %d times", job.name, executed) end
    for _, call in ipairs(job.calls) do
      if call.denied and call.executed > 0 then self:fault("%s: not done, they say", job.name) end
    end
  end
end

--- Runs one schedule.
---@return table with faults, open, writers, count
local function run(seed, tell)
  local schedule = new_schedule(seed, tell)
  for _ = 1, schedule.writers do schedule:start(schedule.rate) end
  schedule.clock:run()
  schedule:finish()
  schedule:check_entries()
  schedule:check_jobs()
  return schedule
end

--- Runs a range and prints one line of sums for whoever started it.
local function run_range(first, count)
  local sums = { schedules = 0, calls = 0, single = 0, open = 0, open_many = 0, deaths = 0, bad = 0 }
  for seed = first, first + count - 1 do
    local schedule = run(seed)
    sums.schedules, sums.calls, sums.deaths = sums.schedules + 1, sums.calls + schedule.count, sums.deaths + schedule.deaths
    if schedule.writers == 1 then
      sums.single, sums.open = sums.single + schedule.count, sums.open + schedule.open
    else
      sums.open_many = sums.open_many + schedule.open
    end
    if #schedule.faults > 0 then
      sums.bad = sums.bad + 1
      io.stderr:write(("seed %d: %s\n"):format(seed, table.concat(schedule.faults, "; ")))
    end
  end
  print(json.encode(sums))
end

local function options_of(words)
  local options = { schedules = 10000, first = 1, jobs = 2 }
  for i = 1, #words, 2 do
    local name, value = words[i]:match "^%-%-(%a+)$", tonumber(words[i + 1])
    if not name or not value then error("usage: [--schedules N] [--first N] [--jobs N] [--seed N]", 0) end
    options[name] = value
  end
  return options
end

--- Divides the schedules among processes and adds up what they print.
local function run_jobs(options, interpreter, program)
  local pipes, sums, each = {}, {}, math.ceil(options.schedules / options.jobs)
  for job = 1, options.jobs do
    local count = math.min(each, options.schedules - (job - 1) * each)
    pipes[job] = assert(io.popen(("%s %s --jobs 0 --first %d --schedules %d"):format(interpreter, program,
      options.first + (job - 1) * each, count)))
  end
  for _, pipe in ipairs(pipes) do
    local part = assert(json.decode(pipe:read "*a"), "a part of the simulation broke off")
    for name, value in pairs(part) do sums[name] = (sums[name] or 0) + value end
    pipe:close()
  end
  return sums
end

local function main(words)
  local options = options_of(words)
  if options.jobs > 0 and not options.seed then
    local sums = run_jobs(options, words[-1], words[0])
    print(("%d schedules, %d entries, %d kills: %d with a fault; left unknown: %d of %d with one writer, %d with several"):format(
      sums.schedules, sums.calls, sums.deaths, sums.bad, sums.open, sums.single, sums.open_many))
    os.exit(sums.bad == 0 and sums.open * 1000 < sums.single and 0 or 1)
  end
  open_store()
  if not options.seed then return run_range(options.first, options.schedules) end
  local schedule = run(options.seed, function(...) print((...):format(select(2, ...))) end)
  print(#schedule.faults == 0 and "no fault" or table.concat(schedule.faults, "\n"))
  os.exit(#schedule.faults == 0 and 0 or 1)
end

main(arg)
