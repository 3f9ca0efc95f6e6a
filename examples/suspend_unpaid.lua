-- Suspends the Ghostealth subscriptions of customers who have not paid, as a CSV file tells:
--   GHOSTEALTH_API_KEY=… lua5.4 examples/suspend_unpaid.lua customers.csv
-- The file has a header with at least the columns `id` (su_…) and `paid` (yes or no), in any order:
--   customer,id,paid
--   "Müller, Karin",su_69afba98bc32119ad6daa8f0,no
-- Run it again at any time: what is suspended already is left alone. A line that cannot be understood is named and
-- changes nothing; nor do two lines that contradict each other. Nobody who has paid is resumed: that is up to you. The
-- ledger is $RESELLER_LEDGER, else ledger.db in your home; let all scripts share one.
-- Exit codes: 0 done; 1 nothing done; 2 usage; 3 some lines are bad or failed; 4 the outcome of some is unknown.
local reseller = require "reseller"

local file, why = io.open(arg[1] or "")
if not file then
  io.stderr:write(arg[1] and why or "usage: suspend_unpaid.lua customers.csv", "\n")
  os.exit(arg[1] and 1 or 2)
end

-- The fields of a line of CSV; nil when its quotes do not come in pairs.
local function split(line)
  local fields, field, quoted = {}, "", false
  for text, mark in (line .. ","):gmatch '([^",]*)([",])' do
    if mark == '"' then quoted = not quoted end
    field = field .. text .. mark
    if mark == "," and not quoted then
      field = field:match "^%s*(.-)%s*,$"
      fields[#fields + 1] = (field:match '^"(.*)"$' or field):gsub('""', '"')
      field = ""
    end
  end
  return not quoted and fields or nil
end

local header, column = split((file:read "*l" or ""):gsub("^\239\187\191", "")) or {}, {}
for i, name in ipairs(header) do column[name:lower()] = i end
if not column.id or not column.paid then
  io.stderr:write(arg[1], ": line 1: expected a header with the columns id and paid\n")
  os.exit(1)
end

local PAID = { yes = true, ["true"] = true, ["1"] = true, no = false, ["false"] = false, ["0"] = false }

-- What a line asks for: an id and whether it is paid for; or nil and what is wrong with it.
local function understand(line)
  local fields = split(line)
  if not fields then return nil, "its quotes do not come in pairs" end
  if #fields ~= #header then return nil, ("expected %d fields, got %d"):format(#header, #fields) end
  local id, paid = fields[column.id], PAID[fields[column.paid]:lower()]
  if not id:find "^%w+_%w+$" then return nil, ("id: expected one like su_69afba98…, got %q"):format(id) end
  if paid == nil then return nil, ("paid: expected yes or no, got %q"):format(fields[column.paid]) end
  return id, paid
end

-- All lines before the first suspension: a later one may contradict an earlier one.
local lines, says, contradicted, number = {}, {}, {}, 1
for text in file:lines() do
  number = number + 1
  if text:find "%S" then
    local id, paid = understand(text)
    lines[#lines + 1] = { number = number, id = id, paid = paid, bad = not id and paid }
    if id and says[id] == not paid then contradicted[id] = true end
    if id then says[id] = paid end
  end
end

local home = os.getenv "HOME"
local gs = reseller.ghostealth {
  ledger = os.getenv "RESELLER_LEDGER" or home .. "/ledger.db",
  limit = { requests = 10, seconds = 60, store = "file", path = home .. "/.reseller-limit" }, -- shared by all scripts
  on_wait = function(seconds, reason) io.stderr:write(("waiting %.0f s (%s)\n"):format(seconds, reason)) end,
}
local status, counts = {}, { suspended = 0, left = 0, failed = 0, unknown = 0 }
for sub in gs:each_subscription { size = 100 } do status[sub.id] = sub.status end

-- What became of a line: a word to count it by, and words for people.
local function settle(line)
  if line.bad then return "failed", "bad: " .. line.bad end
  if contradicted[line.id] then return "failed", "bad: another line says otherwise" end
  if line.paid then return "left", "paid" end
  local now = status[line.id]
  if not now then return "failed", "there is no such subscription" end
  if now ~= "ACTIVE" then return "left", "is " .. now .. " already" end
  local ok, err = gs:suspend_subscription(line.id)
  if not ok then return err.kind == "unknown" and "unknown" or "failed", tostring(err) end
  status[line.id] = "SUSPENDED"
  return "suspended", "suspended"
end

for _, line in ipairs(lines) do
  local outcome, words = settle(line)
  counts[outcome] = counts[outcome] + 1
  print(("line %-4d %-28s %s"):format(line.number, line.id or "", words))
end
print(("%d suspended, %d left as they are, %d unknown, %d bad or failed"):format(
  counts.suspended, counts.left, counts.unknown, counts.failed))
local good = counts.suspended + counts.left
os.exit(counts.unknown > 0 and 4 or counts.failed == 0 and 0 or good > 0 and 3 or 1)
