--- Settles unknowns by looking at the platform.
---
--- That something is there proves that the call was made. That nothing is there proves nothing as long
--- as the request may still be under way, so that is believed only after a time of grace.
local book = require "reseller.ledger.book"
local evidence = require "reseller.ledger.evidence"
local json = require "reseller.json"

local NEW_PAGES = 2 -- of the list, newest first

local reconcile = {}

--- A body as the platform would have sent it, for a call whose reply nobody has.
local function body_of(row, item, words)
  if row.result == "confirmed" then return json.encode { success = true, message = words } end
  if row.result == "nothing" then return "" end
  return json.encode { data = item } or json.encode { data = { id = item.id } }
end

local function judge(ledger, row, entry, seen)
  local before = entry.state_before and json.decode(entry.state_before)
  local shape = evidence.shape(row, json.decode(entry.parameters))
  if row.settle ~= "new" then
    local item = seen:item(entry.subject)
    local verdict, words = evidence.of_change(row, before, shape, item)
    return verdict, words, item
  end
  local function is_owned(id) return book.is_owned(ledger, entry.account, id) end
  return evidence.of_new(before and before.newest, shape, seen, is_owned)
end

local function outcome_of(row, entry, verdict, words, item, seen)
  if verdict == "not" then return { verdict = "refused", kind = "refused", evidence = words .. ": it was not done" } end
  local outcome = { verdict = "done", evidence = words, result = body_of(row, item, words) }
  if row.settle == "new" then outcome.made = tostring(item.id) end
  if not entry.amount and entry.effect == "spend" then
    outcome.amount, outcome.currency = evidence.price(row, outcome.made or entry.subject, {}, seen)
  end
  return outcome
end

--- Decides on one unknown and records what was seen. Inside a transaction.
---@return boolean settled
---@return string words
---@return integer|nil wait milliseconds until a look may decide
local function decide(ledger, row, entry, seen)
  local verdict, words, item = judge(ledger, row, entry, seen)
  local at = "seen " .. evidence.time(seen.began_ms) .. ": "
  local ripe = entry.since_ms + ledger.grace_ms_
  if verdict == "not" and seen.began_ms < ripe then
    words = ("%s; it may still be under way until %s"):format(words, evidence.time(ripe))
    book.note(ledger, entry.id, at .. words)
    return false, words, math.max(0, ripe - ledger.now_ms_) + 1
  end
  if verdict then
    local name = entry.endpoint .. " " .. entry.parameters
    if verdict == "done" then ledger.found_[name] = { id = entry.id, words = words } end
    book.settle(ledger, entry.id, outcome_of(row, entry, verdict, at .. words, item, seen))
    return true, words
  end
  book.note(ledger, entry.id, at .. words)
  return false, words
end

--- Looks once at what an unknown was about.
---@param ledger reseller.Ledger
---@param client reseller.Client
---@param entry table
---@param seen reseller.ledger.Look begun after the entry became unknown
---@return boolean|nil settled nil when the platform or the ledger could not be read
---@return string|reseller.Error words
---@return integer|nil wait
function reconcile.look_at(ledger, client, entry, seen)
  local row = client.rows_[entry.endpoint]
  local ok, err = seen:cover(row, entry.subject, NEW_PAGES)
  if not ok then return nil, err end
  return ledger:attempt_(client, row, function() return decide(ledger, row, entry, seen) end)
end

--- Whether a look at the platform can tell anything of an entry at all.
---@param client reseller.Client
---@param entry table
---@return boolean
function reconcile.can_tell(client, entry)
  local row = client.rows_[entry.endpoint]
  return row ~= nil and row.settle ~= nil
end

--- Settles one unknown, waiting until its time of grace is over if need be.
---@param patience number longest wait, seconds
---@return boolean|nil settled nil and an error when the platform or the ledger could not be read
---@return string|reseller.Error words
---@return number|nil retry_after seconds
function reconcile.settle(ledger, client, entry, patience)
  if not reconcile.can_tell(client, entry) then return false, "nothing that can be read tells whether it was done" end
  while true do
    local seen, fault = ledger:look_(client, client.rows_[entry.endpoint])
    if not seen then return nil, fault end
    local settled, words, wait = reconcile.look_at(ledger, client, entry, seen)
    if settled ~= false or not wait then return settled, words end
    local seconds = wait / 1000
    if seconds > patience then return false, words, seconds end
    if client.on_wait_ then client.on_wait_(seconds, "settle") end
    client.host_.sleep(seconds)
    patience = patience - seconds
  end
end

--- Looks at one unknown with a look that others share.
local function look_once(ledger, client, entry, looks)
  if not reconcile.can_tell(client, entry) then return false end
  local row, err = client.rows_[entry.endpoint], nil
  if not looks[row.view.list] then looks[row.view.list], err = ledger:look_(client, row) end
  if not looks[row.view.list] then return nil, err end
  return reconcile.look_at(ledger, client, entry, looks[row.view.list])
end

--- Looks once at all unknowns of a client's account.
---@param ledger reseller.Ledger
---@param client reseller.Client
---@param entries table[]
---@return {settled: integer, open: integer}|nil result
---@return reseller.Error? err
function reconcile.all(ledger, client, entries)
  local result, looks = { settled = 0, open = 0 }, {}
  for _, entry in ipairs(entries) do
    local settled, err = look_once(ledger, client, entry, looks)
    if settled == nil then return nil, err end
    local name = settled and "settled" or "open"
    result[name] = result[name] + 1
  end
  return result
end

return reconcile
