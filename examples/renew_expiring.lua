-- Renews every active Ghostealth subscription that ends within N days and is not canceled:
--   GHOSTEALTH_API_KEY=… lua5.4 examples/renew_expiring.lua [N, 3 unless given]
-- Ends with status 1 unless each of them was renewed.
local reseller = require "reseller"

local days = tonumber(arg[1] or 3)
if not days then
  io.stderr:write "usage: renew_expiring.lua [days]\n"
  os.exit(2)
end
local gs = reseller.ghostealth {
  on_wait = function(seconds, why) io.stderr:write(("waiting %.0f s (%s)\n"):format(seconds, why)) end,
}

-- All of them before the first renewal, so that no renewal shifts the pages while they are read.
local due, now = {}, os.time()
for sub in gs:each_subscription() do
  local left = sub.period["end"].timestamp / 1000 - now
  if sub.status == "ACTIVE" and not sub.canceled and left > 0 and left < days * 86400 then due[#due + 1] = sub end
end
table.sort(due, function(a, b) return a.period["end"].timestamp < b.period["end"].timestamp end)

local row, counts = "%-28s  %-11s  %-16s  %s", { renewed = 0, unknown = 0, failed = 0 }
if #due > 0 then print(row:format("subscription", "plan", "would have ended", "outcome")) end
for _, sub in ipairs(due) do
  local ok, err = gs:renew_subscription(sub.id)
  local outcome = ok and "renewed" or err.kind == "unknown" and "unknown" or "failed"
  counts[outcome] = counts[outcome] + 1
  local ends = os.date("!%Y-%m-%d %H:%M", math.floor(sub.period["end"].timestamp / 1000))
  print(row:format(sub.id, sub.plan.title, ends, outcome))
  if not ok then print("  " .. tostring(err)) end
end

print(("%d within %g days: %d renewed, %d unknown, %d failed"):format(
  #due, days, counts.renewed, counts.unknown, counts.failed))
if counts.unknown > 0 then print "An unknown one may have been renewed: look at its end date before you try again." end
os.exit(counts.renewed == #due and 0 or 1)
