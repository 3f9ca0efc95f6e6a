--- GET /: the fleet at a glance. Status counts, what ends when, and the last entries of the ledger; one answer that
--- loads nothing else.
-- luacheck: std min+ngx_lua
local answer = require "desk.answer"
local cache = require "desk.cache"
local chart = require "desk.chart"
local entries = require "desk.entries"
local expiring = require "desk.expiring"
local html = require "desk.html"
local platform = require "desk.platform"
local settings = require "desk.settings"
local signature = require "desk.signature"
local style = require "desk.style"

local DAYS = 30
local DAY = 86400
local NEXT = 8 -- rows of what ends next
local COLD_SECONDS = 3 -- how long a request waits for the first look
local RELOAD = 60 -- seconds after which a browser asks again

local page = {}

local PAGE = [[<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{reload}">
<title>Fleet</title>
<style>{style}</style>
</head>
<body>
<header><h1>Fleet</h1><p class="soft">{seen}</p></header>
{notes}{fleet}{ledger}
<footer>{footer}</footer>
</body>
</html>
]]

local NOTE = [[<p class="note {class}" role="status">{words}</p>]]
local TILE = [[<div><dt>{name}</dt><dd>{value}</dd></div>]]
local FLEET = [[<dl class="tiles">{tiles}</dl>
<section><div class="head"><h2>Periods that end in the next {days} days</h2>
<p class="key"><span>active</span><span class="off">suspended, stopped or canceled</span></p></div>
{chart}
<p class="sum">{sum}</p>
<details><summary>The same as a table</summary>
<table><thead><tr><th>Day, UTC</th><th>Active</th><th>Others</th></tr></thead><tbody>{table}</tbody></table>
</details></section>
{soonest}]]
local SOONEST = [[<section><div class="head"><h2>Next to end</h2></div>
<table class="rows"><thead>
<tr><th>Subscription</th><th>Plan</th><th>Status</th><th>Ends, UTC</th><th class="right">Price</th></tr>
</thead><tbody>{rows}</tbody></table></section>]]
local DAY_ROW = [[<tr><td>{name}</td><td>{on}</td><td>{off}</td></tr>]]
local ROW = [[<tr><td class="subject"><code>{id}</code></td><td class="plan">{plan}</td>
<td class="state"><span class="mark {class}">{status}</span></td>
<td class="stays">{ends} <span class="soft">in {left}</span></td><td class="right">{price}</td></tr>]]

--- A whole number with a comma before every three digits.
local function whole(number)
  local sign, digits = ("%.0f"):format(number):match "^(-?)(%d+)$"
  return sign .. digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
end

--- An amount of minor units.
local function amount(minor)
  local cents = math.abs(minor) % 100
  return (minor < 0 and "-" or "") .. whole((math.abs(minor) - cents) / 100) .. (".%02d"):format(cents)
end

local function money(minor, currency)
  if type(minor) ~= "number" then return "" end
  return ("%s %s"):format(amount(minor), currency or "")
end

--- A length of time in a unit that fits.
local function length(seconds)
  if seconds < 90 then return ("%.0f s"):format(seconds) end
  if seconds < 90 * 60 then return ("%.0f min"):format(seconds / 60) end
  if seconds < 36 * 3600 then return ("%.0f h"):format(seconds / 3600) end
  return ("%.0f d"):format(seconds / DAY)
end

local function goes_on(sub) return sub.status == "ACTIVE" and not sub.canceled end

--- What ends on each of the next days of UTC, and later.
---@return table[] days
function page.days(fleet, now)
  local days, today = {}, math.floor(now / DAY)
  for i = 1, DAYS do
    local at = (today + i - 1) * DAY
    days[i] = { name = os.date("!%d %b", at):gsub("^0", ""), long = os.date("!%A, %d %B", at), on = 0, off = 0 }
  end
  for _, sub in ipairs(expiring.list(fleet, DAYS * DAY, now)) do
    local day = days[math.floor(sub.ends_ms / 1000 / DAY) - today + 1]
    local part = goes_on(sub) and "on" or "off"
    if day then day[part] = day[part] + 1 end
  end
  for _, day in ipairs(days) do
    day.title = ("%s: %d active, %d others"):format(day.long, day.on, day.off)
  end
  return days
end

--- What it takes to keep what ends within a week.
local function summary(fleet, now)
  local week = expiring.list(fleet, 7 * DAY, now)
  local count, sum, currency = 0, 0, nil
  for _, sub in ipairs(week) do
    if goes_on(sub) and type(sub.price) == "number" then
      count, sum, currency = count + 1, sum + sub.price, sub.currency
    end
  end
  return ("%d end within 7 days; to renew the %d that are active costs %s."):format(#week, count,
    money(sum, currency or fleet.currency))
end

local NAMES = { { "ACTIVE", "Active" }, { "SUSPENDED", "Suspended" }, { "STOPPED", "Stopped" },
  { "TERMINATED", "Terminated" } }

--- Name and value of each tile. A status that nobody has heard of has one too.
---@return table[]
function page.tiles(fleet)
  local counts, tiles = {}, {}
  for _, sub in ipairs(fleet.subscriptions) do counts[sub.status] = (counts[sub.status] or 0) + 1 end
  for _, known in ipairs(NAMES) do
    tiles[#tiles + 1] = { name = known[2], value = whole(counts[known[1]] or 0) }
    counts[known[1]] = nil
  end
  for status, count in pairs(counts) do tiles[#tiles + 1] = { name = status, value = whole(count) } end
  tiles[#tiles + 1] = { name = "All", value = whole(#fleet.subscriptions) }
  if type(fleet.balance) == "number" then
    tiles[#tiles + 1] = { name = "Balance, " .. (fleet.currency or "?"), value = amount(fleet.balance) }
  end
  return tiles
end

local CLASSES = { ACTIVE = "good", SUSPENDED = "care", STOPPED = "care" }

--- A canceled one runs on until its period ends.
local function state_of(sub)
  if not sub.canceled then return sub.status:lower() end
  return sub.status == "ACTIVE" and "canceled" or sub.status:lower() .. ", canceled"
end

local function row(sub, now)
  local ends = sub.ends_ms / 1000
  return html.fill(ROW, { id = sub.id, plan = ("%s, %s"):format(sub.plan or "?", (sub.cycle or "?"):lower()),
    class = sub.canceled and "" or CLASSES[sub.status] or "",
    status = state_of(sub), ends = os.date("!%d %b %H:%M", ends),
    left = length(ends - now), price = money(sub.price, sub.currency) })
end

--- What ends next; nothing when nothing does.
local function soonest(fleet, now)
  local list = expiring.list(fleet, DAYS * DAY, now)
  if #list == 0 then return html.none end
  for i = #list, NEXT + 1, -1 do list[i] = nil end
  return html.fill(SOONEST, { rows = html.each(list, function(sub) return row(sub, now) end) })
end

local function fleet_section(fleet, now)
  if not fleet then return html.none end
  local days, sum = page.days(fleet, now), summary(fleet, now)
  return html.fill(FLEET, {
    tiles = html.each(page.tiles(fleet), function(tile) return html.fill(TILE, tile) end), days = DAYS,
    chart = chart.draw(days, ("Bar chart of %d days. %s"):format(DAYS, sum)), sum = sum,
    table = html.each(days, function(day) return html.fill(DAY_ROW, day) end), soonest = soonest(fleet, now),
  })
end

local function note(class, words, ...) return html.fill(NOTE, { class = class, words = words:format(...) }) end

--- What somebody should know who looks at the page.
local function notes(fleet, fault, unknown, now)
  local all = {}
  if fault then
    all[#all + 1] = note("care", "The look at the fleet at %s UTC failed: %s. %s", os.date("!%H:%M:%S", fault.at),
      fault.message, fleet and ("What you see is %s old."):format(length(now - fleet.fetched_at)) or "")
  elseif not fleet then
    all[#all + 1] = note("care", "The fleet was not looked at yet. This page asks again in %d s.", RELOAD)
  end
  if unknown > 0 then
    all[#all + 1] = note("bad", "%s in the ledger may or may not have been carried out. The same webhook, sent again, "
      .. "finds out; so does the next call on the same subscription.", unknown == 1 and "1 call" or unknown .. " calls")
  end
  return html.each(all, function(piece) return piece end)
end

local function seen(fleet, now)
  if not fleet then return "" end
  return ("seen %s ago, %s UTC; looked at every %s"):format(length(math.max(0, now - fleet.fetched_at)),
    os.date("!%d %b %Y %H:%M:%S", fleet.fetched_at), length(settings.refresh))
end

--- Which platform this is, and how busy.
local function footer()
  local gs, limit = platform.client(), settings.limit
  local wait = gs and gs:eta(1)
  if not wait then return "" end
  return ("%s. It takes %d requests in %g s; the next one %s."):format(gs.base_url, limit.requests, limit.seconds,
    wait > 0 and "waits " .. length(math.ceil(wait)) or "goes at once")
end

local csp = "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

--- Answers the request.
function page.serve()
  answer.only("GET", "HEAD")
  local fleet, fault = cache.await(COLD_SECONDS)
  local now = ngx.time()
  local section, unknown = entries.section()
  ngx.header["Content-Security-Policy"] = csp:format(ngx.encode_base64(signature.digest(style)))
  local body = html.fill(PAGE, { reload = RELOAD, style = html.raw(style), seen = seen(fleet, now),
    notes = notes(fleet, fault, unknown, now), fleet = fleet_section(fleet, now), ledger = section, footer = footer() })
  return answer.text(200, "text/html; charset=utf-8", tostring(body))
end

return page
