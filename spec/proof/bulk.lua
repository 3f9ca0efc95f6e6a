--- A bulk change that is disturbed in every way: `reseller renew` over a fleet, with faults in one of twenty calls,
--- interrupted once by Ctrl-C and once by kill -9, and gone on with by `--continue`. At the end each row is
--- accounted for: what the command calls done was charged exactly once, what it calls failed was not charged.
---
---     lua5.4 spec/proof/bulk.lua [--rows 1000] [--percent 5] [--seed 1]

local core = require "reseller.core"
local json = require "reseller.json"
local random = require "reseller.sandbox.random"
local reseller = require "reseller"
local sandbox = require "spec.support.sandbox"

local SHAPE = { billingCycle = "WEEKLY", connections = 100, authentications = 1 }
local PRICE = 2000 -- of that shape, cents
local GRACE = 0.3 -- seconds; a sandbox on loopback acts at once
local PATIENCE = 120 -- seconds for one part of the proof
local INTERRUPTED, KILLED = 130, 137

local options = { rows = 1000, percent = 5, seed = 1 }
for i = 1, #arg, 2 do options[arg[i]:match "^%-%-(%a+)$"] = assert(tonumber(arg[i + 1]), "expected --name number") end

local folder = os.tmpname()
os.remove(folder)

local function check(ok, ...)
  if not ok then error((...):format(select(2, ...)), 0) end
end

local function read(name)
  local file = io.open(folder .. "/" .. name)
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

local function shell(command) check(os.execute(command), "failed: %s", command) end

local platform = core.platforms().ghostealth

--- A fleet of which everything ends in a week.
local function buy(box)
  local gs = reseller.ghostealth { base_url = box.url .. platform.sandbox_path, limit = false,
    api_key = platform.sandbox_credential }
  for _ = 1, options.rows do assert(gs:create_subscription(SHAPE)) end
  gs:close()
  return #box:charges()
end

--- What goes wrong with a renewal, in turn. The last ones are answers that say no for good.
local faults = {
  { kind = "reset", when = "before" }, { kind = "reset", when = "after" },
  { kind = "close", when = "before" }, { kind = "close", when = "after" },
  { kind = "status", status = 500, when = "before" }, { kind = "status", status = 503, when = "after" },
  { kind = "html", status = 502, when = "after" }, { kind = "html", status = 504, when = "before" },
  { kind = "cut", at = 10, of = "body" }, { kind = "cut", at = 5, reset = true },
  { kind = "cut_request", at = 30 }, { kind = "garbage", when = "after" },
  { kind = "body", body = "[1,", when = "after" }, { kind = "empty", when = "after" },
  { kind = "status", status = 429, headers = { ["retry-after"] = "0" } },
  { kind = "status", status = 503, headers = { ["retry-after"] = "0" } },
  { kind = "redirect", location = "/elsewhere", when = "after" },
  { kind = "status", status = 422, body = '{"success":false,"message":"no more of this"}' },
}

--- Arms faults for so many of a hundred renewals, and a few for the lists that are read.
local function arm(box)
  local draw, list = random.new(options.seed), {}
  for n = 1, math.floor(options.rows * options.percent / 100) do
    local fault = { endpoint = "renew_subscription", after = draw:between(0, options.rows - 1) }
    for name, value in pairs(faults[(n - 1) % #faults + 1]) do fault[name] = value end
    list[n] = fault
  end
  local count = #list
  for n = 1, 3 do list[#list + 1] = { kind = "reset", endpoint = "list_subscriptions", after = n * 4 } end
  box:fault(list)
  return count
end

local starts = 0

--- Starts the command beside this process: a name under which its output, errors, pid and exit code are found.
local function start(box, words)
  starts = starts + 1
  local name = "run" .. starts
  shell(([[sh -c '{ env RESELLER_SANDBOX=%s HOME=%s RESELLER_GRACE=%g RESELLER_CONFIG=%s/config.lua sh -c "echo \$\$ >%s/%s.pid
    exec %s lua/reseller/cli/main.lua %s >%s/%s.out 2>%s/%s.err"; echo $? >%s/%s.code; } >/dev/null 2>&1 &']]):format(
    box.url, folder, GRACE, folder, folder, name, arg[-1], words, folder, name, folder, name, folder, name))
  return name
end

local function await(what, condition)
  local deadline = core.now() + PATIENCE
  while not condition() do
    check(core.now() < deadline, "nothing happened for %d s: %s", PATIENCE, what)
    core.sleep(0.02)
  end
end

--- Waits for the end of a run: its exit code.
local function code_of(name)
  await(name .. " ends", function() return read(name .. ".code"):find "%d" end)
  return tonumber(read(name .. ".code"))
end

--- The rows that a run printed, by id.
local function rows_of(name)
  local rows, count = {}, 0
  for line in read(name .. ".out"):gmatch "[^\n]+" do
    local row = json.decode(line)
    check(row and not rows[row.id], "printed twice, or no JSON: %s", line)
    rows[row.id], count = row, count + 1
  end
  return rows, count
end

--- Starts the command and sends it a signal when so many renewals were charged.
local function disturb(box, words, signal, charged)
  local name = start(box, words)
  await("charges", function() return box:state().charges.count >= charged or read(name .. ".code") ~= "" end)
  return name, function()
    shell(("kill -%s %s"):format(signal, read(name .. ".pid"):match "%d+"))
    return code_of(name)
  end
end

--- Running the same command anew must not start over.
local function check_refusal(box, words, expected, told)
  local before = box:state().charges.count
  local name = start(box, words)
  local code = code_of(name)
  check(code == expected and read(name .. ".err"):find(told, 1, true), "%s: exit %d, %s", words, code, read(name .. ".err"))
  return box:state().charges.count - before
end

local function interrupt_twice(box, bought)
  local third = math.floor(options.rows / 3)
  local first, stop = disturb(box, "renew --expiring-within 8d --yes", "INT", bought + third)
  local code = stop()
  check(code == INTERRUPTED, "Ctrl-C: exit %d, %s", code, read(first .. ".err"))
  check(check_refusal(box, "renew --expiring-within 8d --yes", 2, "is unfinished") == 0, "it started over")
  local _, kill = disturb(box, "renew --continue --yes", "KILL", bought + 2 * third)
  check_refusal(box, "renew --continue --yes", 1, "is under way")
  code = kill()
  check(code == KILLED, "kill -9: exit %d", code)
end

--- Goes on until nothing is unknown: the rows, and the name of the last run.
local function go_on(box)
  local name, code
  for _ = 1, 5 do
    name = start(box, "renew --continue --yes")
    code = code_of(name)
    if code ~= 4 then break end
  end
  return name, code
end

local function count_outcomes(rows)
  local counts = { done = 0, failed = 0, unknown = 0, left = 0, skipped = 0 }
  for _, row in pairs(rows) do counts[row.outcome] = counts[row.outcome] + 1 end
  return counts
end

--- Each row against what was charged.
local function check_charges(box, bought, rows)
  local charged = {}
  for _, charge in ipairs(box:charges(bought)) do charged[charge.subject] = (charged[charge.subject] or 0) + 1 end
  for id, row in pairs(rows) do
    local expected = row.outcome == "done" and 1 or 0
    check((charged[id] or 0) == expected, "%s is %s, and was charged %d times", id, row.outcome, charged[id] or 0)
    charged[id] = nil
  end
  check(next(charged) == nil, "%s was charged, and is in no row", tostring(next(charged)))
end

local function check_ledger(box, counts)
  local where = ("%s/.local/state/reseller/sandbox-%d/ledger.db"):format(folder, box.port)
  local ledger, done = assert(reseller.ledger.open(where)), 0
  for entry in ledger:entries() do
    check(entry.verdict == "done" or entry.verdict == "refused", "entry %d is left %s", entry.id, entry.verdict)
    done = done + (entry.verdict == "done" and 1 or 0)
  end
  ledger:close()
  check(done == counts.done, "the ledger knows of %d renewals, the command of %d", done, counts.done)
end

local function check_end(box, bought, name, code)
  local rows, total = rows_of(name)
  local counts = count_outcomes(rows)
  check(total == options.rows, "%d rows instead of %d", total, options.rows)
  check(counts.unknown == 0 and counts.left == 0, "%d unknown, %d left: %s", counts.unknown, counts.left, read(name .. ".err"))
  check(code == (counts.failed > 0 and 3 or 0), "exit %d with %d failed", code, counts.failed)
  check_charges(box, bought, rows)
  check_ledger(box, counts)
  local cents = counts.done * PRICE
  local told = ("Renewed %s%d subscriptions for %d.%02d USD"):format(counts.failed > 0 and counts.done .. " of " or "",
    options.rows, cents // 100, cents % 100)
  check(read(name .. ".err"):find(told, 1, true), "the summary does not say %q: %s", told, read(name .. ".err"))
  return counts
end

local function run(box)
  local bought = buy(box)
  local count = arm(box)
  interrupt_twice(box, bought)
  local name, code = go_on(box)
  local counts = check_end(box, bought, name, code)
  local fired = count
  for _, fault in ipairs(box:state().faults) do
    if fault.endpoint == "renew_subscription" then fired = fired - 1 end
  end
  return ("%d rows, %d faults, Ctrl-C and kill -9: %d done and charged once, %d failed and not charged"):format(options.rows,
    fired, counts.done, counts.failed)
end

shell("mkdir -m 700 " .. folder)
shell(("echo 'return { ghostealth = { limit = false } }' >%s/config.lua && chmod 600 %s/config.lua"):format(folder, folder))
local box = sandbox.start { limit = false, subscriptions = 0, balance = 2000000000, start = os.date "!%Y-%m-%dT%H:%M:%SZ" }
local ok, words = pcall(run, box)
box:stop()
if ok then shell("rm -r " .. folder) else words = ("%s\n(what the runs said is in %s)"):format(words, folder) end
print(words)
os.exit(ok and 0 or 1, true)
