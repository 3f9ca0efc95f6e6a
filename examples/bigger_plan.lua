-- Moves a customer's Ghostealth subscription to a bigger plan:
--   GHOSTEALTH_API_KEY=… lua5.4 examples/bigger_plan.lua ID CONNECTIONS [WEEKLY|MONTHLY|ANNUAL] [--yes]
-- Without --yes it only tells what would change and what that costs, as far as your other subscriptions show a price.
-- However often it is run, it moves and pays once: the key of the call names the plan that is left behind. The ledger
-- that knows the keys is $RESELLER_LEDGER, else ledger.db in your home; let all scripts share one.
-- Exit codes: 0 moved, or there already, or only told; 1 failed; 2 usage; 4 the outcome is unknown: run it again.
local reseller = require "reseller"

local words, go = {}, false
for _, word in ipairs(arg) do
  if word == "--yes" then go = true else words[#words + 1] = word end
end
local id, connections, cycle = words[1], tonumber(words[2]), words[3]
if not connections or connections % 1 ~= 0 or words[4] then
  io.stderr:write "usage: bigger_plan.lua ID CONNECTIONS [WEEKLY|MONTHLY|ANNUAL] [--yes]\n"
  os.exit(2)
end
local home = os.getenv "HOME"
local gs = reseller.ghostealth {
  ledger = os.getenv "RESELLER_LEDGER" or home .. "/ledger.db",
  limit = { requests = 10, seconds = 60, store = "file", path = home .. "/.reseller-limit" }, -- shared by all scripts
  on_wait = function(seconds, why) io.stderr:write(("waiting %.0f s (%s)\n"):format(seconds, why)) end,
}

local function fail(...)
  io.stderr:write("bigger_plan.lua: ", ...)
  io.stderr:write "\n"
  os.exit(1)
end

-- Prices are whole minor units: the point is put in as text.
local function money(price)
  if not price then return "a price that nobody has yet" end
  return ("%03d"):format(price.grossAmount):gsub("%d%d$", ".%0") .. " " .. price.currency
end

local function shape(billing_cycle, count, authentications)
  return ("%s, %d connections, %d addresses"):format(billing_cycle, count, authentications)
end

local function shape_of(plan)
  return shape(plan.billingCycle, plan.configuration.connections, plan.configuration.authentications)
end

-- The subscription, and what plans cost that somebody has.
local function look()
  local found, prices = nil, {}
  for sub in gs:each_subscription { size = 100 } do
    prices[shape_of(sub.plan)] = prices[shape_of(sub.plan)] or sub.plan.price
    if sub.id == id then found = sub end
  end
  return found or fail("there is no subscription ", id), prices
end

-- An update replaces all three, so what is not to change has to be said again.
local sub, prices = look()
local old = sub.plan
local new = { billingCycle = cycle or old.billingCycle, connections = connections,
  authentications = old.configuration.authentications }
local wanted = shape(new.billingCycle, connections, new.authentications)
if wanted == shape_of(old) then
  print(("%s has that plan: %s, %s"):format(id, wanted, money(old.price)))
  os.exit(0)
end
if connections < old.configuration.connections then
  fail("that is a smaller plan: it has ", old.configuration.connections, " connections now")
end
print(("now:  %s, %s"):format(shape_of(old), money(old.price)))
print(("then: %s, %s"):format(wanted, money(prices[wanted])))
if not go then
  print "nothing was done; --yes does it"
  os.exit(0)
end

new.key = ("%s from %s to %s"):format(id, old.id, wanted)
local moved, meta = gs:update_subscription(id, new)
if not moved then
  io.stderr:write(tostring(meta), "\n")
  os.exit(meta.kind == "unknown" and 4 or 1)
end
print(id .. (meta.replayed and " was moved before, nothing was sent" or " is moved"))

-- The reply has no price and no end. It is moved even if they cannot be read now.
local ok, now = pcall(look)
if ok then
  print(("now:  %s, %s, ends %s"):format(shape_of(now.plan), money(now.plan.price),
    os.date("!%Y-%m-%d", math.floor(now.period["end"].timestamp / 1000))))
end
