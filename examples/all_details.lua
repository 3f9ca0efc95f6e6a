-- Reads the details of every downstream subscription, sixteen at a time, and writes them as CSV:
--   ACTIVEPLATFORM_BASE_URL=… ACTIVEPLATFORM_API_TOKEN=… ACTIVEPLATFORM_RESELLER_ID=… \
--     lua5.4 examples/all_details.lua [AT_ONCE] >details.csv
-- The list has neither customer nor price; each subscription's own page has. Progress and errors go to standard error.
-- Exit codes: 0 all read; 1 failed; 2 usage; 3 some could not be read, and are missing in the file.
local reseller = require "reseller"

local at_once = tonumber(arg[1] or 16)
if not at_once or at_once < 1 or at_once % 1 ~= 0 then
  io.stderr:write "usage: all_details.lua [AT_ONCE]\n"
  os.exit(2)
end
local ap = reseller.activeplatform()

local ids = {}
for sub in ap:each_child_subscription { page = { size = 200 }, pages_ahead = 4 } do ids[#ids + 1] = sub.id end

-- A line of CSV. A spreadsheet runs what begins like a formula, and names are the customers' own: those get a quote.
local function csv(...)
  local fields = { ... }
  for i = 1, select("#", ...) do
    local field = tostring(fields[i] == nil and "" or fields[i])
    if field:find "^[=+@-]" and not tonumber(field) then field = "'" .. field end
    fields[i] = field:find '[",\r\n]' and '"' .. field:gsub('"', '""') .. '"' or field
  end
  return table.concat(fields, ",")
end

local done, step = 0, math.ceil(#ids / 100)
local function progress()
  done = done + 1
  if done % step == 0 or done == #ids then io.stderr:write("\r", done, " of ", #ids) end
end

-- One function for each id. What it returns is kept until all have ended, so it returns a line and not the whole.
local functions = {}
for i, id in ipairs(ids) do
  functions[i] = function()
    local sub, err = ap:get_subscription(id, { include = { "account", "plan", "subscription_period" } })
    progress()
    if not sub then return nil, err end
    -- Money comes as text and goes as text: "410.5" is not for us to round. A free subscription may have no period.
    return csv(id, sub.status, sub.account.name, sub.account.email, sub.plan.name,
      sub.subscription_period and sub.subscription_period.recurring_fee, sub.plan.plan_currency, sub.expiration_date)
  end
end
local results = reseller.parallel(at_once, functions)
io.stderr:write "\n"

print "id,status,customer,email,plan,fee,currency,expires"
local failed = 0
for i, result in ipairs(results) do
  if result[1] then
    print(result[1])
  else
    failed = failed + 1
    io.stderr:write(ids[i], ": ", tostring(result[2]), "\n")
  end
end
os.exit(failed == 0 and 0 or failed < #ids and 3 or 1)
