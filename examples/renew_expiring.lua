-- Renews every active Ghostealth subscription that ends within N days (3 unless given) and is not canceled:
--   GHOSTEALTH_API_KEY=… lua5.4 examples/renew_expiring.lua [N [MOST]]
-- MOST is what a day (UTC) may cost at most, in minor units: 50000 are 500.00 USD.
-- Made for cron: thanks to `expect_end` and the ledger no period is paid twice when a run is killed, when runs overlap,
-- or when a reply gets lost. The ledger is $RESELLER_LEDGER, else ledger.db in your home; let all scripts share one.
-- Exit codes: 0 all renewed, or none due; 1 none renewed; 2 usage; 3 some failed; 4 the outcome of some is unknown.
local reseller = require "reseller"

local days, most = tonumber(arg[1] or 3), tonumber(arg[2])
if not days or arg[2] and not most then
  io.stderr:write "usage: renew_expiring.lua [days [most minor units a day]]\n"
  os.exit(2)
end
local home = os.getenv "HOME"
local gs = reseller.ghostealth {
  ledger = os.getenv "RESELLER_LEDGER" or home .. "/ledger.db",
  cap = most and { per_day = most },
  limit = { requests = 10, seconds = 60, store = "file", path = home .. "/.reseller-limit" }, -- shared by all scripts
  on_wait = function(seconds, why) io.stderr:write(("waiting %.0f s (%s)\n"):format(seconds, why)) end,
}

-- All of them before the first renewal, so that no renewal shifts the pages while they are read.
local due, now = {}, os.time()
for sub in gs:each_subscription { size = 100 } do
  local left = sub.period["end"].timestamp / 1000 - now
  if sub.status == "ACTIVE" and not sub.canceled and left > 0 and left < days * 86400 then due[#due + 1] = sub end
end
table.sort(due, function(a, b) return a.period["end"].timestamp < b.period["end"].timestamp end)

local row, counts = "%-28s  %-11s  %-16s  %s", { renewed = 0, changed = 0, unknown = 0, failed = 0 }
if #due > 0 then print(row:format("subscription", "plan", "would have ended", "outcome")) end
for _, sub in ipairs(due) do
  local ends = sub.period["end"].timestamp
  local ok, err = gs:renew_subscription(sub.id, { expect_end = ends })
  local outcome = ok and "renewed" or err.kind == "unknown" and "unknown"
    or err.field == "expect_end" and "changed" -- by another run, which has renewed it meanwhile
    or "failed"
  counts[outcome] = counts[outcome] + 1
  print(row:format(sub.id, sub.plan.title, os.date("!%Y-%m-%d %H:%M", math.floor(ends / 1000)), outcome))
  if not ok then print("  " .. tostring(err)) end
end

print(("%d within %g days: %d renewed, %d changed meanwhile, %d unknown, %d failed"):format(
  #due, days, counts.renewed, counts.changed, counts.unknown, counts.failed))
if counts.unknown > 0 then
  print "An unknown one may have been renewed. The next run looks at its end first; examples/after_a_crash.lua at once."
end
os.exit(counts.unknown > 0 and 4 or counts.failed == 0 and 0 or counts.failed < #due and 3 or 1)
