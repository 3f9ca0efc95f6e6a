--- reseller ledger …: what was spent and changed, and what is not known of it.
local exit = require "reseller.cli.exit"
local known = require "reseller.cli.known"
local select = require "reseller.cli.select"

local ENTRY = {
  { path = "id", kind = "number" },
  { path = "at", title = "time", kind = "moment" },
  { path = "endpoint" },
  { path = "subject", whole = true },
  { path = "verdict", kind = "status" },
  { path = "amount", title = "price", kind = "money", currency = "currency" },
  { path = "caller_key", title = "key", optional = true },
  { path = "evidence", optional = true },
}

local DETAILS = {
  { path = "id" },
  { path = "at", title = "time", kind = "moment" },
  { path = "platform" },
  { path = "endpoint" },
  { path = "effect" },
  { path = "subject" },
  { path = "parameters" },
  { path = "verdict", kind = "status" },
  { path = "evidence" },
  { path = "changed", kind = "moment" },
  { path = "amount", title = "price", kind = "money", currency = "currency" },
  { path = "made", optional = true },
  { path = "caller_key", title = "key", optional = true },
  { path = "sends" },
  { path = "state_before", title = "before", optional = true },
  { path = "result", optional = true },
}

local TOTAL = {
  { path = "day" }, { path = "endpoint" }, { path = "verdict", kind = "status" }, { path = "count", kind = "number" },
  { path = "amount", title = "sum", kind = "money", currency = "currency" }, { path = "priced", kind = "number" },
}

local VERDICTS = { "intent", "sent", "done", "refused", "unknown" }

local function configure_filter(command, tools)
  command:option("--since", "From this day or time on, UTC, as in 2026-03-10."):argname "DATE"
  command:option("--before", "Until this day or time, UTC."):argname "DATE"
  command:option("--subject", "Only what was done to this, such as a subscription's id."):argname "ID"
  command:option("--endpoint", "Only this call, as in renew_subscription."):argname "NAME"
  tools.choices(command:option("--platform", "Only this platform."), "--platform", known.platforms)
  tools.choices(command:option("--verdict", "Only what came to this."), "--verdict", VERDICTS)
end

local function check_date(context, name)
  local text = context.flags[name]
  if not text or text:find "^%d%d%d%d%-%d%d%-%d%d" or text:find "^%d%d%d%d%-%d%d$" then return text end
  exit.misuse(("--%s: expected a date, got %q"):format(name, text), ("as in --%s 2026-03-10"):format(name))
end

local function filter_of(context)
  local flags = context.flags
  return { since = check_date(context, "since"), before = check_date(context, "before"), subject = flags.subject,
    endpoint = flags.endpoint and flags.endpoint:gsub("-", "_"), platform = flags.platform, verdict = flags.verdict }
end

--- The last rows of an iterator, oldest first.
local function last_of(rows, limit)
  local list = {}
  for row in rows do
    list[#list + 1] = row
    if limit and #list > limit then table.remove(list, 1) end
  end
  return list
end

local function list(context)
  local options = select.read(context)
  local limit = options.limit
  options.limit = nil
  local rows = select.filter(context:needed_ledger():entries(filter_of(context)), options)
  return context:show(limit and last_of(rows, limit) or rows, { columns = ENTRY, noun = "entries" })
end

local function entry_of(context, id)
  for entry in context:needed_ledger():entries() do
    if entry.id == id then return entry end
  end
  exit.fail(("the ledger has no entry %d"):format(id), "`reseller ledger list` shows those that are there")
end

local function show(context)
  local word = context.flags.id
  local id = math.tointeger(tonumber(word))
  if id then return context:show(entry_of(context, id), { one = true, columns = DETAILS }) end
  local story = context:needed_ledger():explain(word)
  if #story == 0 then
    exit.fail(("nothing in the ledger is about %s"):format(word), "`reseller ledger list` shows what there is")
  end
  return context:show(table.move(story, 1, #story, 1, {}), { columns = ENTRY, noun = "entries" })
end

local function totals(context)
  return context:show(context:needed_ledger():totals(filter_of(context)), { columns = TOTAL })
end

--- The entries whose outcome nobody knows, by number, and their platforms.
local function open_entries(ledger)
  local ids, platforms = {}, {}
  for _, verdict in ipairs { "intent", "sent", "unknown" } do
    for entry in ledger:entries { verdict = verdict } do
      ids[#ids + 1], platforms[entry.platform] = entry.id, true
    end
  end
  table.sort(ids)
  return ids, platforms
end

local function look(context, ledger, platforms)
  local result = { settled = 0, open = 0 }
  for _, name in ipairs(known.platforms) do
    if platforms[name] then
      local found, err = ledger:reconcile(context:client(name))
      if not found then return nil, err end
      result.settled, result.open = result.settled + found.settled, result.open + found.open
    end
  end
  return result
end

local function entries_by_id(ledger, ids)
  local wanted, list_of = {}, {}
  for _, id in ipairs(ids) do wanted[id] = true end
  for entry in ledger:entries() do
    if wanted[entry.id] then list_of[#list_of + 1] = entry end
  end
  return list_of
end

local function reconcile(context)
  local ledger = context:needed_ledger()
  local ids, platforms = open_entries(ledger)
  if #ids == 0 then context:say "nothing is unknown" end
  local result, err = look(context, ledger, platforms)
  if not result then return context:fail(err) end
  local rows, unknown = entries_by_id(ledger, ids), 0
  for _, row in ipairs(rows) do
    if row.verdict == "unknown" then unknown = unknown + 1 end
  end
  context:show(rows, { columns = ENTRY })
  if #ids > 0 then context:say("%d settled, %d still unknown", result.settled, unknown) end
  if unknown == 0 then return exit.DONE end
  context:say "what no look can tell: see the dashboard, then `reseller ledger settle ID done|refused --why WORDS`"
  return exit.UNKNOWN
end

local function settle(context)
  local flags = context.flags
  local id = math.tointeger(tonumber(flags.id))
  if not id then
    exit.misuse(("ID: expected the number of an entry, got %q"):format(flags.id), "`reseller ledger list` shows them")
  end
  local ok, err = context:needed_ledger():settle(id, flags.verdict, flags.why)
  if not ok then return context:fail(err, "`reseller ledger list --verdict unknown` shows what can be settled") end
  return context:show(entry_of(context, id), { one = true, columns = DETAILS })
end

local function configure_settle(command, tools)
  command:argument("id", "Number of the entry."):argname "ID"
  tools.choices(command:argument("verdict", "done or refused."), "verdict", { "done", "refused" })
  command:option("--why", "How you know that; kept in the ledger."):argname "WORDS":count "1"
end

local commands = {
  { name = "list", summary = "List the entries, oldest first; of --limit the newest.", data = true, run = list,
    configure = function(command, tools)
      configure_filter(command, tools)
      select.configure(command, { expiring = false })
    end },
  { name = "show", summary = "Show one entry, or all that was done to a subscription.", data = true, run = show,
    configure = function(command)
      command:argument("id", "Number of the entry, or a subscription's id."):argname "ID"
    end },
  { name = "totals", summary = "Count and sum by day, call and outcome.", data = true, run = totals,
    configure = configure_filter },
  { name = "reconcile", summary = "Look at the platform to find out what became of what is unknown.", data = true,
    run = reconcile },
  { name = "settle", summary = "Record what you found out about an unknown yourself.", data = true, run = settle,
    configure = configure_settle },
}

return {
  name = "ledger", summary = "What was spent and changed: list, show, totals, reconcile, settle.", group = "tools",
  commands = commands,
  examples = [[
  reseller ledger list --since 2026-03-01 --limit 20
  reseller ledger show su_69afba98bc32119ad6daa8f0
  reseller ledger reconcile
  reseller ledger settle 17 refused --why "the dashboard shows no such purchase"]],
}
