--- The entries: how they are written, changed and found. All of it inside a transaction.
local evidence = require "reseller.ledger.evidence"
local owner = require "reseller.ledger.owner"

local book = {}

local OPEN = "verdict IN ('intent', 'sent')"
local MINE = "id = ? AND host = ? AND pid = ? AND started = ? AND turn = ?"

local function next_revision(ledger)
  return ledger.store_:one("SELECT coalesce(max(revision), 0) + 1 AS next FROM reseller_entries").next
end

--- The number of the last change.
---@param ledger reseller.Ledger
---@return integer
function book.revision(ledger) return next_revision(ledger) - 1 end

-- Two questions in one, because with OR no index would serve both.
local REVISION_OF = [[SELECT coalesce(max(revision), 0) AS revision FROM (
  SELECT max(revision) AS revision FROM reseller_entries WHERE account = ? AND subject = ?
  UNION ALL SELECT max(revision) FROM reseller_entries WHERE account = ? AND made = ?) AS changes]]

--- The number of the last change to a subject; 0 if there was none.
function book.revision_of(ledger, account, subject)
  return ledger.store_:one(REVISION_OF, account, subject, account, subject).revision
end

--- The entries of a caller's key, what counts first.
function book.of_key(ledger, account, key)
  return ledger.store_:one("SELECT * FROM reseller_entries WHERE account = ? AND caller_key = ? "
    .. "ORDER BY CASE WHEN verdict = 'refused' THEN 1 ELSE 0 END, id DESC LIMIT 1", account, key)
end

--- The entry of a subject that is under way, or unknown.
function book.open_on(ledger, account, subject)
  return ledger.store_:one("SELECT * FROM reseller_entries WHERE account = ? AND subject = ? "
    .. "AND verdict IN ('intent', 'sent', 'unknown')", account, subject)
end

--- The entries of an account that nobody knows the outcome of.
function book.unknowns(ledger, account)
  return ledger.store_:query("SELECT * FROM reseller_entries WHERE account = ? AND verdict = 'unknown' ORDER BY id",
    account)
end

--- Whether a call is known to have made what has this id.
function book.is_owned(ledger, account, id)
  return ledger.store_:one("SELECT id FROM reseller_entries WHERE account = ? AND made = ?", account, id) ~= nil
end

local INSERT = [[INSERT INTO reseller_entries (id, revision, at, account, platform, endpoint, effect, subject,
  parameters, state_before, caller_key, verdict, evidence, changed, since_ms, sends, amount, currency, host, pid,
  started, turn, lease_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'intent', ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)]]

--- Records the intent of a call.
---@param ledger reseller.Ledger
---@param call table
---@param details table state_before, amount, currency, evidence
---@param lease_ms integer until when its process is taken to live by other hosts
---@return table entry
function book.insert(ledger, call, details, lease_ms)
  local id, now, me = next_revision(ledger), ledger.now_ms_, owner.me(ledger)
  local at = evidence.time(now)
  ledger.turn_ = ledger.turn_ + 1
  ledger.store_:execute(INSERT, id, id, at, call.account, call.row.platform, call.row.id, call.row.effect, call.subject,
    call.parameters, details.state_before, call.key, details.evidence, at, now, details.amount, details.currency,
    me.host, me.pid, me.start, ledger.turn_, lease_ms)
  return { id = id, host = me.host, pid = me.pid, started = me.start, turn = ledger.turn_, endpoint = call.row.id,
    note = details.evidence }
end

local function mine(entry) return entry.id, entry.host, entry.pid, entry.started, entry.turn end

--- Marks an entry as sent, which it must be before the first byte leaves.
---@return boolean still whether the entry is still this process's to send
function book.mark_sent(ledger, entry, lease_ms)
  local now = ledger.now_ms_
  local changed = ledger.store_:execute("UPDATE reseller_entries SET verdict = 'sent', sends = sends + 1, "
    .. "revision = ?, changed = ?, since_ms = ?, lease_ms = ? WHERE " .. OPEN .. " AND " .. MINE,
    next_revision(ledger), evidence.time(now), now, lease_ms, mine(entry))
  return changed == 1
end

local CONCLUDE = [[UPDATE reseller_entries SET caller_key = CASE WHEN verdict = 'refused' THEN NULL ELSE caller_key END,
  verdict = ?, kind = ?, evidence = ?, sends = ?, made = coalesce(?, made), result = ?, revision = ?, changed = ?,
  since_ms = ? WHERE ]]

--- Records what a call came to, as its own process knows it. That is better than any look from outside,
--- unless it knows no more than that it does not know.
---@param outcome table verdict, kind, evidence, sends, made, result
function book.conclude(ledger, entry, outcome)
  local condition = outcome.verdict == "unknown" and OPEN .. " AND " .. MINE or MINE
  ledger.store_:execute(CONCLUDE .. condition, outcome.verdict, outcome.kind, outcome.evidence, outcome.sends,
    outcome.made, outcome.result, next_revision(ledger), evidence.time(ledger.now_ms_), ledger.now_ms_, mine(entry))
end

local SETTLE = [[UPDATE reseller_entries SET verdict = ?, kind = ?, evidence = ?, made = coalesce(?, made), result = ?,
  amount = coalesce(amount, ?), currency = coalesce(currency, ?), revision = ?, changed = ?, since_ms = ?
  WHERE id = ? AND verdict = 'unknown']]

--- Records what others found out about an unknown.
---@return boolean changed
function book.settle(ledger, id, outcome)
  return ledger.store_:execute(SETTLE, outcome.verdict, outcome.kind, outcome.evidence, outcome.made, outcome.result,
    outcome.amount, outcome.currency, next_revision(ledger), evidence.time(ledger.now_ms_), ledger.now_ms_, id) == 1
end

--- Records what was seen of an unknown that stays one.
function book.note(ledger, id, words)
  ledger.store_:execute("UPDATE reseller_entries SET evidence = ? WHERE id = ? AND verdict = 'unknown'", words, id)
end

local function abandon(ledger, entry)
  local sent = entry.verdict == "sent"
  ledger.store_:execute("UPDATE reseller_entries SET verdict = ?, kind = ?, evidence = ?, revision = ?, changed = ?, "
    .. "since_ms = ? WHERE id = ? AND " .. OPEN, sent and "unknown" or "refused", sent and "unknown" or "refused",
    owner.name(entry) .. (sent and " ended before it had recorded a reply" or " ended before it sent anything"),
    next_revision(ledger), evidence.time(ledger.now_ms_), ledger.now_ms_, entry.id)
end

--- Closes the entries whose process is gone: what was not marked as sent was not sent, the rest is unknown.
---@return integer count
function book.adopt(ledger, account)
  local count = 0
  local rows = ledger.store_:query("SELECT id, verdict, host, pid, started, lease_ms FROM reseller_entries "
    .. "WHERE account = ? AND " .. OPEN, account)
  for _, entry in ipairs(rows) do
    if owner.gone(ledger, entry) then
      abandon(ledger, entry)
      count = count + 1
    end
  end
  return count
end

return book
