-- Writes one HTML page: what ends in which week, what renewing it costs, and how many there are of each status.
--   GHOSTEALTH_API_KEY=… lua5.4 examples/weekly_report.lua report.html [WEEKS, 12 unless given [TITLE]]
-- With credentials of ActivePlatform as well, downstream subscriptions get a part of their own. The page needs nothing
-- but itself: mail it, or put it on a server. It only reads.
-- Exit codes: 0 written; 1 failed, the page is as it was; 2 usage.
local reseller = require "reseller"

local path, weeks, title = arg[1], tonumber(arg[2] or 12), arg[3] or "Weekly report"
if not path or not weeks or weeks < 1 or weeks > 52 or weeks % 1 ~= 0 then
  io.stderr:write "usage: weekly_report.lua FILE.html [WEEKS [TITLE]]\n"
  os.exit(2)
end

-- Weeks begin on Monday, UTC; week 0 is what should have ended before, the one after the last all that ends later.
-- A day is text such as 2026-03-10, which sorts. ActivePlatform has it so.
local DAY, now = 86400, os.time()
local monday = now - now % DAY - (math.floor(now / DAY) + 3) % 7 * DAY
local function day_of(seconds) return os.date("!%Y-%m-%d", math.floor(seconds)) end
local week_of = {}
for day = 0, weeks * 7 - 1 do week_of[day_of(monday + day * DAY)] = math.floor(day / 7) + 1 end
local function week_name(week, format)
  local names = { [0] = "overdue", [weeks + 1] = "later" }
  return names[week] or os.date("!" .. format, monday + (week - 1) * 7 * DAY)
end

-- Amounts are whole minor units and stay whole: the point is put in as text, where the currency has it.
local DECIMALS = { JPY = 0, KRW = 0, VND = 0, BHD = 3, KWD = 3, TND = 3 }
local function group(digits)
  return (digits:reverse():gsub("%d%d%d", "%0 "):reverse():gsub("^ ", ""):gsub(" ", "\226\128\175")) -- a narrow space
end
local function money(minor, currency)
  local decimals = DECIMALS[currency] or 2
  local digits = ("%0" .. decimals + 1 .. "d"):format(math.abs(minor))
  local whole, rest = group(digits:sub(1, #digits - decimals)), digits:sub(#digits - decimals + 1)
  return (minor < 0 and "−" or "") .. whole .. (rest ~= "" and "." or "") .. rest
end

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }
local function escape(value) return (tostring(value):gsub("[&<>\"']", ENTITIES)) end

-- `align` has a letter for each column: l is text, n a number. The last row may be a sum.
local function html_table(caption, align, head, rows, has_sum)
  local out = { "<table><caption>" .. escape(caption) .. "</caption><thead>" }
  local function line(tag, cells, class)
    out[#out + 1] = "<tr" .. (class or "") .. ">"
    for i, cell in ipairs(cells) do
      local right = align:sub(i, i) == "n" and ' class="n"' or ""
      out[#out + 1] = ("<%s%s>%s</%s>"):format(tag, right, escape(cell), tag)
    end
    out[#out + 1] = "</tr>\n"
  end
  line("th", head)
  out[#out + 1] = "</thead><tbody>\n"
  for i, row in ipairs(rows) do line("td", row, has_sum and i == #rows and ' class="sum"' or "") end
  return table.concat(out) .. "</tbody></table>\n"
end

-- A round step of the axis, so that at most five lines reach the top.
local function step_for(top)
  local step = 1
  while true do
    for _, factor in ipairs { 1, 2, 5 } do
      if step * factor * 5 >= top then return step * factor end
    end
    step = step * 10
  end
end

-- Bars by week. `values` are whole numbers, `show` makes them text. A week without any keeps its place.
local LEFT, TOP, RIGHT, BOTTOM = 78, 26, 952, 208
local function chart(caption, values, show)
  local top = 1
  for week = 1, weeks do top = math.max(top, values[week]) end
  local step, slot = step_for(top), (RIGHT - LEFT) / weeks
  top = math.ceil(top / step) * step
  local out = { ('<figure><figcaption>%s</figcaption><div class="wide"><svg viewBox="0 0 960 236" role="img" '
    .. 'aria-label="%s">\n'):format(escape(caption), escape(caption)) }
  local function add(format, ...) out[#out + 1] = format:format(...) end
  local function y_of(value) return BOTTOM - (BOTTOM - TOP) * value / top end
  for value = 0, top, step do
    local y = y_of(value)
    add('<line class="%s" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>', value == 0 and "axis" or "grid", LEFT, RIGHT, y, y)
    add('<text class="n" x="%d" y="%.1f">%s</text>\n', LEFT - 8, y + 4, escape(show(value)))
  end
  for week = 1, weeks do
    local value, middle, y = values[week], LEFT + slot * (week - 0.5), y_of(values[week])
    local words = escape(("week of %s: %s"):format(week_name(week, "%Y-%m-%d"), show(value)))
    add('<g><title>%s</title><rect class="slot" x="%.1f" y="%d" width="%.1f" height="%d"/>', words,
      middle - slot / 2, TOP, slot, BOTTOM - TOP)
    if value > 0 then
      add('<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/>', middle - slot * 0.32, y,
        slot * 0.64, BOTTOM - y)
    end
    if weeks <= 14 then
      add('<text class="%s" x="%.1f" y="%.1f">%s</text>', value > 0 and "top" or "none", middle, y - 6,
        escape(value > 0 and show(value) or "none"))
    end
    add "</g>"
    if week % math.ceil(weeks / 13) == 1 or weeks <= 13 then
      add('<text class="week" x="%.1f" y="%d">%s</text>\n', middle, BOTTOM + 19, week_name(week, "%d %b"))
    end
  end
  return table.concat(out) .. "</svg></div></figure>\n"
end

-- How many, or how much, falls into each week, as a column of a table.
local function column(head, due, amount_of, show)
  local made = { head = head, show = show, sum = 0 }
  for week = 0, weeks + 1 do made[week] = 0 end
  for _, sub in ipairs(due) do
    made[sub.week], made.sum = made[sub.week] + amount_of(sub), made.sum + amount_of(sub)
  end
  return made
end

local function week_table(columns)
  local head, rows, sums = { "Week of" }, {}, { "all" }
  for i, made in ipairs(columns) do head[i + 1], sums[i + 1] = made.head, made.show(made.sum) end
  for week = columns[1][0] > 0 and 0 or 1, weeks + 1 do
    local row = { week_name(week, "%Y-%m-%d") }
    for i, made in ipairs(columns) do row[i + 1] = made.show(made[week]) end
    rows[#rows + 1] = row
  end
  rows[#rows + 1] = sums
  return html_table("By week", "l" .. ("n"):rep(#columns), head, rows, true)
end

local function status_table(subs)
  local counts, rows = {}, {}
  for _, sub in ipairs(subs) do counts[sub.status] = (counts[sub.status] or 0) + 1 end
  for status, count in pairs(counts) do rows[#rows + 1] = { status, count } end
  table.sort(rows, function(a, b) return a[2] > b[2] or a[2] == b[2] and a[1] < b[1] end)
  rows[#rows + 1] = { "all", #subs }
  return html_table("By status", "ln", { "Status", "Subscriptions" }, rows, true)
end

local function next_table(due)
  local rows = {}
  for i = 1, math.min(12, #due) do
    local sub = due[i]
    local price = sub.currency and money(sub.amount, sub.currency) .. " " .. sub.currency or "not listed"
    rows[i] = { sub.day, sub.name, sub.note, price }
  end
  return html_table("Next to end", "llln", { "Ends", "Subscription", "What it is", "Renewing costs" }, rows)
end

-- The part of a platform. Of each subscription it wants status, name and note; if it is to be renewed, the day it ends;
-- and amount and currency, if they are known.
local function part(heading, subs)
  local due, currencies = {}, {}
  for _, sub in ipairs(subs) do
    if sub.day then
      sub.week = week_of[sub.day] or sub.day < day_of(monday) and 0 or weeks + 1
      due[#due + 1] = sub
      if sub.currency and not currencies[sub.currency] then
        currencies[#currencies + 1], currencies[sub.currency] = sub.currency, true
      end
    end
  end
  table.sort(due, function(a, b) return a.day < b.day or a.day == b.day and a.note < b.note end)
  table.sort(currencies)
  local charts, costs = {}, {}
  local columns = { column("End", due, function() return 1 end, tostring) }
  for i, currency in ipairs(currencies) do
    local function amount_of(sub) return sub.currency == currency and sub.amount or 0 end
    local function show(minor) return money(minor, currency) end
    local made = column(currency, due, amount_of, show)
    charts[i], costs[i] = chart("Renewing costs by week, " .. currency, made, show), show(made.sum) .. " " .. currency
    columns[2 * i], columns[2 * i + 1] = made, column(currency .. ", minor units", due, amount_of, tostring)
  end
  charts[#charts + 1] = chart("Subscriptions that end, by week", columns[1], tostring)
  local words = ("%d subscriptions, %d of them active and to be renewed%s."):format(#subs, #due,
    #costs > 0 and ", which costs " .. table.concat(costs, " and ") or "")
  return ('<section><h2>%s</h2><p>%s</p>\n%s<div class="tables"><div>%s</div><div>%s</div></div>'
    .. '<div class="wide">%s</div></section>\n'):format(escape(heading), escape(words), table.concat(charts),
    week_table(columns), status_table(subs), next_table(due))
end

local PAGE = [[
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>{{title}}</title>
<style>
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1d2733; --soft: #5d6b7a; --line: #e3e7ec;
  --bar: #2f6fde; --hover: #2f6fde14; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1b2129; --text: #e6eaf0; --soft: #93a1b1;
  --line: #2e3742; --bar: #6aa3ff; --hover: #6aa3ff1f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem 3rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: auto; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 0; font-size: 1.25rem; }
p { margin: .2rem 0 1rem; color: var(--soft); }
figure, table { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
figure { margin: 0 0 1rem; padding: 1rem 1rem .4rem; }
figcaption, caption { font-weight: 600; text-align: left; }
caption { padding: .2rem 0 .4rem; }
.wide { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 640px; }
svg text { fill: var(--soft); font-size: 12px; text-anchor: middle; font-variant-numeric: tabular-nums; }
svg text.n { text-anchor: end; }
svg text.top { fill: var(--text); font-weight: 600; }
svg text.none { opacity: .7; }
.grid { stroke: var(--line); } .axis { stroke: var(--soft); }
.bar { fill: var(--bar); } .slot { fill: transparent; } g:hover .slot { fill: var(--hover); }
.tables { display: grid; gap: 0 1.5rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); }
.tables > div { min-width: 0; overflow-x: auto; }
table { width: 100%; border-collapse: separate; border-spacing: 0; margin-bottom: 1rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; text-align: left; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
td:first-child, .wide td { white-space: nowrap; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; }
tr:last-child td { border-bottom: 0; }
.n { text-align: right; white-space: nowrap; }
.sum td { font-weight: 600; }
@media print { body { padding: 0; background: none; } figure, table { break-inside: avoid; } }
</style></head>
<body><main>
<h1>{{title}}</h1>
<p>{{time}} UTC. Weeks begin on Monday. 2000 minor units of USD are 20.00.</p>
{{parts}}</main></body></html>
]]

local ghostealth = {}
for sub in reseller.ghostealth():each_subscription { size = 100 } do
  local price, is_due = sub.plan.price, sub.status == "ACTIVE" and not sub.canceled
  ghostealth[#ghostealth + 1] = { status = sub.status .. (sub.canceled and ", canceled" or ""), name = sub.id,
    note = sub.plan.title .. ", " .. sub.plan.description, amount = price.grossAmount, currency = price.currency,
    day = is_due and day_of(sub.period["end"].timestamp / 1000) }
end
local parts = part("Ghostealth", ghostealth)

local has_downstream, ap = pcall(reseller.activeplatform) -- raises where there are no credentials
if has_downstream then
  local downstream = {}
  for sub in ap:each_child_subscription { page = { size = 200 }, pages_ahead = 4 } do
    downstream[#downstream + 1] = { status = sub.status, name = sub.name, day = sub.status == "active" and
      sub.expiration_date, note = ("no. %s of account %s"):format(sub.id, sub.account.id) }
  end
  parts = parts .. part("Downstream", downstream)
end

-- Replaces the page as a whole: nobody sees half of it.
local values = { title = escape(title), time = os.date("!%Y-%m-%d %H:%M", now), parts = parts }
local file = assert(io.open(path .. ".new", "w"))
assert(file:write((PAGE:gsub("{{(%l+)}}", values))))
assert(file:close())
assert(os.rename(path .. ".new", path))
