--- The last entries of the ledger, as a part of the page.
-- luacheck: std min+ngx_lua
local html = require "desk.html"
local platform = require "desk.platform"

local ROWS = 20
local BACK = { 1, 7, 31 } -- days: a ledger is read from a day on, so those before it are tried one after the other

local entries = {}

local SECTION = [[<section><div class="head"><h2>Last entries of the ledger</h2></div>{body}</section>]]
local TABLE = [[<table class="rows"><thead>
<tr><th>Time, UTC</th><th>Call</th><th>Subject, key</th><th>Verdict</th><th>Why</th></tr>
</thead><tbody>{rows}</tbody></table>]]
local ROW = [[<tr><td class="stays soft">{at}</td><td class="stays">{call}</td>
<td class="subject"><code>{subject}</code> <span class="key-of soft">{key}</span></td>
<td class="state"><span class="mark {class}">{verdict}</span></td><td class="words">{why}</td></tr>]]

local CLASSES = { done = "good", refused = "care", unknown = "bad" }

--- The last entries since a day, the newest first.
local function since(ledger, days)
  local last = {}
  for entry in ledger:entries { since = os.date("!%Y-%m-%d", ngx.time() - days * 86400) } do
    table.insert(last, 1, entry)
    last[ROWS + 1] = nil
  end
  return last
end

--- The last entries. Raises what keeps the ledger from being read.
---@return table[]
function entries.last()
  local ledger, last = platform.open_ledger(), nil
  for _, days in ipairs(BACK) do
    last = since(ledger, days)
    if #last >= ROWS then break end
  end
  return last
end

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

--- A time of the ledger as people read it.
local function short(at)
  local month, day, time = at:match "^%d+-(%d+)-(%d+)T(%d+:%d+:%d+)"
  if not month then return at end
  return ("%s %s %s"):format(day, MONTHS[tonumber(month)], time)
end

local function row(entry)
  local price = entry.amount and ("%.2f %s: "):format(entry.amount / 100, entry.currency or "") or ""
  return html.fill(ROW, { at = short(entry.at), call = (entry.endpoint:gsub("_", " ")), subject = entry.subject,
    key = entry.caller_key or "", class = CLASSES[entry.verdict] or "", verdict = entry.verdict,
    why = price .. (entry.evidence or "no word yet") })
end

local function body()
  local last = entries.last()
  if #last == 0 then return html.fill([[<p class="soft">Nothing was spent or changed lately.</p>]], {}) end
  return html.fill(TABLE, { rows = html.each(last, row) })
end

--- The section, which says so when the ledger cannot be read; and how many unknowns there are.
---@return table piece
---@return integer unknown
function entries.section()
  local ok, piece, unknown = pcall(function() return body(), platform.unknowns() end)
  if not ok then
    piece, unknown = html.fill([[<p class="note bad">{why}</p>]], { why = tostring(piece) }), 0
  end
  return html.fill(SECTION, { body = piece }), unknown
end

return entries
