--- kill -9, again and again, in a run that renews a fleet: over real sockets, with a real file of SQLite. The
--- same script is started anew until it ends by itself; then every subscription is charged exactly once.
---
---     lua5.4 spec/proof/kill.lua [--seconds 40] [--renews 50] [--seed 1]     at random system calls
---     lua5.4 spec/proof/kill.lua --every 1 [--first 1]                       at each one of the first run
---
--- `--every 7` kills at each seventh. A kill comes where a system call begins or where it ends. With
--- `--postgres 1` the ledger is in a server that this program starts for itself.

local core = require "reseller.core"
local random = require "reseller.sandbox.random"
local reseller = require "reseller"
local postgres = require "spec.proof.postgres"
local sandbox = require "spec.support.sandbox"

local GRACE = 0.3 -- seconds; a sandbox on loopback acts at once
local MAX_STARTS = 1000
local KILLED = 137
local SHAPE = { billingCycle = "WEEKLY", connections = 100, authentications = 1 }

local options = { seconds = 40, renews = 50, seed = 1, first = 1, postgres = 0 }
for i = 1, #arg, 2 do options[arg[i]:match "^%-%-(%a+)$"] = assert(tonumber(arg[i + 1]), "expected --name number") end

local folder = os.tmpname()
os.remove(folder)
local where, killat, errors = folder .. "/ledger.db", folder .. "/killat", folder .. "/errors"

local function shell(command)
  local pipe = assert(io.popen(command .. "; echo $?"))
  local text = pipe:read "*a"
  pipe:close()
  return tonumber(text:match "(%d+)%s*$")
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

local function check(ok, ...)
  if not ok then error((...):format(select(2, ...)), 0) end
end

local base_path = core.platforms().ghostealth.sandbox_path

local function empty_ledger()
  if options.postgres == 0 then return shell("rm -f " .. where .. "*") end
  local ledger = assert(reseller.ledger.open(where))
  ledger.store_:transaction(function() ledger.store_:execute "DELETE FROM reseller_entries" end)
  ledger:close()
end

--- A new fleet, of which everything is to be renewed once.
local function prepare(box)
  box:reset()
  empty_ledger()
  local gs = reseller.ghostealth { base_url = box.url .. base_path, limit = false,
    api_key = core.platforms().ghostealth.sandbox_credential }
  for _ = 1, options.renews do assert(gs:create_subscription(SHAPE)) end
  local last = 0
  for sub in gs:each_subscription() do last = math.max(last, sub.period["end"].timestamp) end
  gs:close()
  return { box = box, before = last + 86400000, bought = #box:charges(), starts = 0, kills = 0 }
end

--- Starts the script; it is killed at its nth stop, or ends. True when it ended with nothing left to do.
local function start(job, n)
  job.starts = job.starts + 1
  check(job.starts < MAX_STARTS, "started %d times, and still not done: %s", job.starts, read(errors))
  local code = shell(("%s %d %s/stops %s spec/proof/renewals.lua %s%s '%s' %.0f %g 2>%s"):format(killat, n, folder, arg[-1],
    job.box.url, base_path, where, job.before, GRACE, errors))
  if code == KILLED then job.kills = job.kills + 1 end
  check(code == 0 or code == KILLED, "the script failed: %s", read(errors))
  return code == 0
end

local function check_charges(job)
  local charges, seen = job.box:charges(job.bought), {}
  for _, charge in ipairs(charges) do
    check(not seen[charge.subject], "%s was charged twice", charge.subject)
    seen[charge.subject] = true
  end
  check(#charges == options.renews, "%d charges instead of %d", #charges, options.renews)
end

--- What the ledger says has to be what happened.
local function check_ledger()
  local ledger, count = assert(reseller.ledger.open(where)), 0
  for entry in ledger:entries() do
    check(entry.verdict == "done" or entry.verdict == "refused", "entry %d is left %s", entry.id, entry.verdict)
    if entry.verdict == "done" then count = count + 1 end
  end
  ledger:close()
  check(count == options.renews, "the ledger knows of %d renewals instead of %d", count, options.renews)
end

--- One fleet, with kills at the stops that `next_stop` names, one for each start.
local function run(box, next_stop)
  local job = prepare(box)
  while not start(job, next_stop()) do box:state() end
  check_charges(job)
  check_ledger()
  return job
end

--- Stops of a run that is not killed, and of one with nothing to do.
local function measure(box)
  local job = prepare(box)
  start(job, 0)
  local whole = tonumber(read(folder .. "/stops"))
  start(job, 0)
  return whole, tonumber(read(folder .. "/stops"))
end

local function at_random(box, whole, empty)
  local draw, deadline, jobs, kills = random.new(options.seed), core.now() + options.seconds, 0, 0
  local function next_stop()
    if draw:chance(10) then return draw:between(1, whole) end
    return draw:between(math.floor(empty / 2), empty + math.floor(whole / 10))
  end
  while core.now() < deadline do
    local job = run(box, next_stop)
    jobs, kills = jobs + 1, kills + job.kills
  end
  print(("%d runs of %d renewals, killed %d times: %d charges each"):format(jobs, options.renews, kills, options.renews))
end

local function at_each(box, whole)
  local kills = 0
  for n = options.first, whole, options.every do
    local stops = { n }
    local ok, why = pcall(run, box, function() return table.remove(stops) or 0 end)
    check(ok, "killed at stop %d: %s", n, why)
    kills = kills + 1
    if kills % 500 == 0 then io.stderr:write(("stop %d of %d\n"):format(n, whole)) end
  end
  print(("%d runs of %d renewals, killed once each, at stops %d to %d: %d charges each"):format(kills, options.renews,
    options.first, whole, options.renews))
end

check(shell("mkdir -m 700 " .. folder) == 0, "cannot make %s", folder)
check(shell(("cc -O2 -o %s spec/proof/killat.c"):format(killat)) == 0, "cannot compile killat.c")
local box = sandbox.start { limit = false, subscriptions = 0 }
local server
local ok, why = pcall(function()
  server = options.postgres ~= 0 and postgres.start()
  where = server and server.address or where
  local whole, empty = measure(box)
  print(("a run makes %d stops, %d of them without any renewal"):format(whole, empty))
  if options.every then at_each(box, whole) else at_random(box, whole, empty) end
end)
if server then server:stop() end
box:stop()
shell("rm -r " .. folder)
if not ok then print(why) end
os.exit(ok and 0 or 1, true)
