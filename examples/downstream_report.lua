-- Counts the subscriptions of all downstream resellers by status, and names the first of each to expire:
--   ACTIVEPLATFORM_BASE_URL=… ACTIVEPLATFORM_API_TOKEN=… ACTIVEPLATFORM_RESELLER_ID=… \
--     lua5.4 examples/downstream_report.lua
-- Exit codes: 0 done; 1 failed.
local reseller = require "reseller"

local ap = reseller.activeplatform()

local by_status, rows = {}, {}
for sub in ap:each_child_subscription { pages_ahead = 4 } do
  local row = by_status[sub.status]
  if not row then
    row = { status = sub.status, count = 0, renewing = 0 }
    by_status[sub.status], rows[#rows + 1] = row, row
  end
  row.count = row.count + 1
  if sub.renewal_settings.autorenew then row.renewing = row.renewing + 1 end
  local ends = sub.expiration_date -- as text, 2026-12-31 sorts by date; an endless one has none
  if ends and (not row.first or ends < row.first.expiration_date) then row.first = sub end
end
table.sort(rows, function(a, b) return a.count > b.count or a.count == b.count and a.status < b.status end)

-- Columns on a screen: bytes that go on with a letter of UTF-8 take none, but %-20s would count them.
local function width(text) return #text:gsub("[\128-\191]", "") end
local function pad(text, columns) return text .. (" "):rep(columns - width(text)) end

local total, widest = 0, 0
for _, row in ipairs(rows) do
  row.name = row.first and row.first.name or "none"
  total, widest = total + row.count, math.max(widest, width(row.name))
end
local line = "%-12s  %6s  %9s  %s  %s"
print(line:format("status", "count", "autorenew", pad("first to expire", widest), "on"))
for _, row in ipairs(rows) do
  local ends = row.first and row.first.expiration_date or ""
  print(line:format(row.status, row.count, row.renewing, pad(row.name, widest), ends))
end
print(("%-12s  %6d"):format("all", total))
