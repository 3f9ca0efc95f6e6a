-- What to run after a crash, a lost connection or an outcome that was `unknown`: looks what became of every payment and
-- change of state that the ledger is not sure of, and lists what no look can tell:
--   GHOSTEALTH_API_KEY=… lua5.4 examples/after_a_crash.lua
-- Then look yourself, at the dashboard or the invoice, and tell the ledger by the number in the list:
--   lua5.4 examples/after_a_crash.lua 17 refused "the dashboard shows no such purchase"
--   lua5.4 examples/after_a_crash.lua 17 done "it is on the invoice"
-- The ledger is $RESELLER_LEDGER, else ledger.db in your home. This spends nothing.
-- Exit codes: 0 all is known; 1 failed; 2 usage; 4 something is still unknown.
local reseller = require "reseller"

local id, verdict, why = tonumber(arg[1]), arg[2], arg[3]
local known = verdict == "done" or verdict == "refused"
if arg[1] and not (id and known and why and why ~= "") then
  io.stderr:write "usage: after_a_crash.lua [NUMBER done|refused WHY]\n"
  os.exit(2)
end

local function must(value, err)
  if value then return value end
  io.stderr:write("after_a_crash.lua: ", tostring(err), "\n")
  os.exit(1)
end

local ledger = must(reseller.ledger.open(os.getenv "RESELLER_LEDGER" or os.getenv "HOME" .. "/ledger.db"))
if id then
  must(ledger:settle(id, verdict, why))
  print(("entry %d is settled: %s"):format(id, verdict))
end

local clients = { reseller.ghostealth { ledger = ledger } }
if os.getenv "ACTIVEPLATFORM_API_TOKEN" then clients[2] = reseller.activeplatform { ledger = ledger } end
for _, client in ipairs(clients) do
  local result = must(ledger:reconcile(client))
  print(("%s: %d settled by looking, %d open"):format(client.platform, result.settled, result.open))
end

-- Amounts are whole minor units: 2000 USD are 20.00 dollars.
local open = 0
for entry in ledger:entries { verdict = "unknown" } do
  open = open + 1
  local price = entry.amount and ("%d minor units of %s"):format(entry.amount, entry.currency) or "price unknown"
  print(("\n%d  %s  %s of %s, %s"):format(entry.id, entry.at, entry.endpoint, entry.subject, price))
  print("  asked for: " .. entry.parameters)
  print("  evidence:  " .. (entry.evidence or "nothing yet"))
end
if open > 0 then
  print("\n" .. open .. " may or may not have been done. What shows no effect two minutes after it was sent was not:")
  print "run this again then. What remains, look up yourself and tell: after_a_crash.lua NUMBER done|refused WHY"
end
os.exit(open > 0 and 4 or 0)
