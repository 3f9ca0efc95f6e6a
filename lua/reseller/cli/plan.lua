--- What a change would do: one row for each call, with its key, its condition and its price.
local core = require "reseller.core"
local evidence = require "reseller.ledger.evidence"
local field = require "reseller.ledger.look".field
local money = require "reseller.cli.money"

local parameters = require "reseller.cli.parameters"
local tables = require "reseller.cli.output.table"

local plan = {}

---@class reseller.cli.Row
---@field n integer
---@field subject string id of the subscription, or what is new
---@field arguments any[] what goes into the path
---@field params table the rest, without key and expect_end
---@field expect_end? integer ms since 1970
---@field key string for the ledger
---@field title? string what is there now, in words
---@field ends? integer when its period ends, ms since 1970
---@field amount? integer minor units
---@field currency? string
---@field outcome "left"|"done"|"failed"|"unknown"|"skipped"
---@field again boolean whether --continue would try it
---@field entry? integer of the ledger
---@field made? string id of what is new
---@field error? string
---@field replayed? boolean it had been done before

--- The words of an endpoint for people, out of its id: renew_subscription renews subscriptions.
---@param row table of the endpoint table
---@return {verb: string, doing: string, did: string, one: string, many: string}
function plan.words(row)
  local verb, noun = row.id:match "^(%a+)_(.*)$"
  local stem = verb:gsub("e$", "")
  noun = noun:gsub("_", " ")
  local function capital(word) return (word:gsub("^%l", string.upper)) end
  return { verb = verb, asks = capital(verb), doing = capital(stem .. "ing"), did = stem .. "ed", one = noun,
    many = noun .. "s" }
end

--- A number of things, in words.
---@param count integer
---@param words table
---@return string
function plan.counted(count, words) return ("%d %s"):format(count, count == 1 and words.one or words.many) end

--- Checks the values of a call without making it.
---@param client reseller.Client
---@param row table
---@param arguments any[]
---@param params table
---@return string|nil fault in words
function plan.fault(client, row, arguments, params)
  local target, name, expected, shown = core.prepare(row.index, client.defaults_, params, table.unpack(arguments))
  if target then return nil end
  if not expected then return ("%s: %s does not take it"):format(name, row.id) end
  for _, param in ipairs(row.params) do
    if param.name == name and param.place ~= "path" then name = parameters.option(name) end
  end
  return ("%s: expected %s, got %s"):format(name, expected, shown)
end

local function title_of(item)
  local parts = {}
  for _, path in ipairs { "plan.title", "plan.billingCycle" } do parts[#parts + 1] = field(item, path) end
  if item.status ~= "ACTIVE" then parts[#parts + 1] = item.status end
  if item.canceled == true then parts[#parts + 1] = "canceled" end
  return table.concat(parts, " ")
end

--- Why a call on an item would change nothing; nil when it would.
local function needless(row, item)
  local becomes = row.becomes
  if not becomes or tostring(field(item, becomes.field)) ~= becomes.value then return nil end
  return ("%s is %s already"):format(becomes.field, becomes.value)
end

--- What evidence.price wants to know of a look, over the items that were read.
local function seen_of(items)
  local by_id = {}
  for _, item in ipairs(items) do by_id[tostring(item.id)] = item end
  return { items = items, item = function(_, id) return by_id[id] end }
end

local function set_price(row, call, seen)
  if row.effect ~= "spend" or not row.view then return end
  local target, body = core.prepare(row.index, {}, call.params, table.unpack(call.arguments))
  local shape = evidence.shape(row, target and body or call.params)
  call.amount, call.currency = evidence.price(row, call.subject, shape, seen)
end

local function new_row(subject, arguments, params)
  local own = {}
  for name, value in pairs(params) do own[name] = value end
  return { subject = subject, arguments = arguments, params = own, outcome = "left", again = true }
end

local function mark(call, outcome, words)
  call.outcome, call.again, call.error = outcome, false, words
end

--- Rows for a change of subscriptions that are there.
---@param row table of the endpoint table
---@param params table what the change sets
---@param chosen table[] the subscriptions, in the order of the rows
---@param all? table[] others whose prices may help
---@return reseller.cli.Row[]
function plan.of_items(row, params, chosen, all)
  local rows, seen = {}, seen_of(all or chosen)
  for n, item in ipairs(chosen) do
    local call = new_row(tostring(item.id), { item.id }, params)
    call.n, call.title, call.ends = n, title_of(item), field(item, row.view["end"])
    if row.settle == "period" then call.expect_end = call.ends end
    set_price(row, call, seen)
    local why = needless(row, item)
    if why then mark(call, "skipped", why) end
    rows[n] = call
  end
  return rows
end

--- A row for a call of which nothing can be looked at.
---@param row table of the endpoint table
---@param arguments any[]
---@param params table
---@return reseller.cli.Row
function plan.bare(row, arguments, params)
  local subject = arguments[#arguments]
  return new_row(subject ~= nil and tostring(subject) or row.id, arguments, params)
end

--- A row for an id that the list does not show.
---@param id string
---@param place? string where the user named it
---@return reseller.cli.Row
function plan.missing(id, place)
  local call = new_row(id, { id }, {})
  mark(call, "failed", "it is not in the list of subscriptions" .. (place and (" (%s)"):format(place) or ""))
  return call
end

--- What is asked for, in words.
local function title_of_new(row, params)
  local parts = {}
  for _, param in ipairs(row.params) do
    if params[param.name] ~= nil then parts[#parts + 1] = ("%s %s"):format(param.name, tostring(params[param.name])) end
  end
  return table.concat(parts, ", ")
end

--- Rows for something new.
---@param row table of the endpoint table
---@param params table
---@param count integer
---@param all table[] subscriptions whose prices may help
---@return reseller.cli.Row[]
function plan.of_new(row, params, count, all)
  local rows, seen = {}, seen_of(all)
  for n = 1, count do
    local call = new_row(("new %d"):format(n), {}, params)
    call.n, call.title = n, title_of_new(row, params)
    set_price(row, call, seen)
    rows[n] = call
  end
  return rows
end

--- Gives each row the key by which the ledger knows it again.
---@param rows reseller.cli.Row[]
---@param run string
---@param key? string the caller's own
function plan.set_keys(rows, run, key)
  for n, row in ipairs(rows) do
    row.n = n
    if not key then row.key = run .. " " .. row.subject
    elseif #rows == 1 then row.key = key
    else row.key = ("%s/%d"):format(key, n) end
  end
end

--- The rows that are to be sent.
---@param rows reseller.cli.Row[]
---@return reseller.cli.Row[]
function plan.due(rows)
  local due = {}
  for _, row in ipairs(rows) do
    if row.again then due[#due + 1] = row end
  end
  return due
end

--- What rows cost, as far as it is known.
---@param row table of the endpoint table
---@param rows reseller.cli.Row[]
---@return reseller.cli.Sum
function plan.cost(row, rows)
  local sum = money.sum()
  if row.effect ~= "spend" then return sum end
  for _, call in ipairs(rows) do sum:add(call.amount, call.currency) end
  return sum
end

--- Seconds that the limit makes so many calls take. Before each purchase the ledger looks at the list.
---@param client reseller.Client
---@param row table of the endpoint table
---@param count integer
---@return number
function plan.eta(client, row, count) return client:eta(row.settle == "new" and 2 * count or count) or 0 end

--- The question before anything is sent.
---@param row table of the endpoint table
---@param rows reseller.cli.Row[]
---@param again? boolean
---@return string
function plan.question(row, rows, again)
  local words, price = plan.words(row), plan.cost(row, rows):words()
  return ("%s%s%s? [y/N] "):format(again and "Go on: " .. words.verb or words.asks, " " .. plan.counted(#rows, words),
    price and " for " .. price or "")
end

local SHOWN = 10
local COLUMNS = { { path = "id", whole = true }, { path = "plan" }, { path = "ends" },
  { path = "price", kind = "money", currency = "currency", whole = true } }

--- A table of some of the rows to be sent, and how many more there are.
---@param rows reseller.cli.Row[]
---@param world reseller.cli.World
---@return string text
---@return integer more
function plan.table(rows, world)
  local shown, columns = {}, {}
  for i = 1, math.min(#rows, #rows > SHOWN + 1 and SHOWN or #rows) do
    local row = rows[i]
    shown[i] = { id = row.subject, plan = row.title, price = row.amount, currency = row.currency,
      ends = row.ends and evidence.time(row.ends):sub(1, 16):gsub("T", " ") or nil }
    if row.outcome == "unknown" then shown[i].plan = "unknown " .. (row.title or "") end
  end
  for _, column in ipairs(COLUMNS) do
    local used = false
    for _, row in ipairs(shown) do used = used or row[column.path] ~= nil end
    if used then columns[#columns + 1] = column end
  end
  return tables.list(shown, columns, setmetatable({ colour = false }, { __index = world }), world.err_is_terminal),
    #rows - #shown
end

return plan
