--- One attempt to get a call into the ledger, in one transaction: what is known of its key and of its
--- subject, whether the look at the platform is good enough, the condition, the cap, and the intent.
local book = require "reseller.ledger.book"
local cap = require "reseller.ledger.cap"
local evidence = require "reseller.ledger.evidence"
local field = require "reseller.ledger.look".field
local json = require "reseller.json"
local owner = require "reseller.ledger.owner"

local claim = {}

--- Longest that a call can wait for the limit: a pause of 300 s, and a window of 60 s.
claim.QUEUE_SECONDS = 360

---@alias reseller.ledger.step
---| "claimed" the intent is recorded: send it
---| "replay"  the key has a result
---| "busy"    someone is at it: wait
---| "unknown" someone was at it, with unknown outcome: settle it first
---| "look"    a look at the platform is missing or too old
---| "read"    the look does not reach far enough
---| "refused" not to be sent

local by_verdict = { done = "replay", unknown = "unknown", intent = "busy", sent = "busy" }

--- What the key's earlier entry means for the call; nil when it means nothing.
local function step_of_key(ledger, call)
  local past = call.key and book.of_key(ledger, call.account, call.key)
  if not past then return nil end
  if past.endpoint ~= call.row.id or past.parameters ~= call.parameters then
    local words = "key: %q was used for %s with %s (entry %d); use another key"
    return "refused", { field = "key", entry = past.id,
      message = words:format(call.key, past.endpoint, past.parameters, past.id) }
  end
  return by_verdict[past.verdict], past
end

local function step_of_subject(ledger, call)
  local past = book.open_on(ledger, call.account, call.subject)
  if past then return past.verdict == "unknown" and "unknown" or "busy", past end
end

--- Whether the look was begun after the last change to the subject that the ledger knows of, and lately; one
--- that was begun for this very call may take its time.
local function is_good(ledger, client, call, seen)
  local young = seen.of == call or client.host_.now() - seen.at < ledger.fresh_
  return young and seen.revision >= book.revision_of(ledger, call.account, call.subject)
end

--- What is missing of a look at what the call is about; nil when it will do. What an older look did not
--- find may be there by now.
local function step_of_look(ledger, client, call, seen)
  if not call.row.view then return nil end
  if not seen or seen.reading or not is_good(ledger, client, call, seen) then return "look" end
  if seen.of == call or seen:covers(call.row, call.subject) then return nil end
  return seen.whole and "look" or "read"
end

--- The refusal of a condition that does not hold.
---@param call table with expect_end
---@param item table|nil
---@return table|nil refusal
function claim.stale(call, item)
  if not call.expect_end then return nil end
  if not item then
    return { field = "expect_end", message = ("expect_end: %s is not in the list"):format(call.subject) }
  end
  local ends = field(item, call.row.view["end"])
  if ends == call.expect_end then return nil end
  local shown = type(ends) == "number" and evidence.time(ends) or "at an unknown time"
  return { field = "expect_end", message = ("expect_end: the period was to end %s, it ends %s; nothing was sent")
    :format(evidence.time(call.expect_end), shown) }
end

--- The refusal of a call that may be the retry of one that was found to be done since, and that has nothing
--- to tell it from a wish for one more. Only once: whoever calls again means it.
local function retried(ledger, call)
  local name = call.row.id .. " " .. call.parameters
  local found = ledger.found_[name]
  if not found or call.key or call.expect_end then return nil end
  ledger.found_[name] = nil
  return { entry = found.id, message = ("entry %d, the same call, turned out to have been done (%s); nothing was sent "
    .. "now: call again to do it once more"):format(found.id, found.words) }
end

local function state_before(call, seen)
  if not seen then return nil end
  if call.row.settle == "new" then return json.encode { newest = json.array(seen:ids()) } end
  local item = seen:item(call.subject)
  return item and json.encode(evidence.state(call.row, item))
end

--- What goes into the intent besides the call.
local function details_of(call, seen)
  local details = { state_before = state_before(call, seen) }
  if call.row.effect ~= "spend" then return details end
  if seen then details.amount, details.currency = evidence.price(call.row, call.subject, call.shape, seen) end
  if not details.amount then details.evidence = "the price is not known: counted, but in no sum" end
  return details
end

local function record(ledger, client, call, seen)
  local details = details_of(call, seen)
  if client.cap_ then
    local why, after = cap.over(ledger, client.cap_, call, details.amount, details.currency)
    if why then return "refused", { field = "cap", message = why .. "; nothing was sent", retry_after = after } end
  end
  local lease_ms = ledger.now_ms_ + math.floor((client.timeout_ + claim.QUEUE_SECONDS) * 1000)
  return "claimed", book.insert(ledger, call, details, lease_ms)
end

--- Tries once. Inside a transaction.
---@param ledger reseller.Ledger
---@param client reseller.Client
---@param call table
---@param seen reseller.ledger.Look|nil
---@return reseller.ledger.step step
---@return table|nil detail the entry, or the refusal
function claim.try(ledger, client, call, seen)
  if not call.row.view then seen = nil end
  book.adopt(ledger, call.account)
  local step, detail = step_of_key(ledger, call)
  if not step then step, detail = step_of_subject(ledger, call) end
  if step then return step, detail end
  step = step_of_look(ledger, client, call, seen)
  if step then return step end
  local stale = claim.stale(call, seen and seen:item(call.subject)) or retried(ledger, call)
  if stale then return "refused", stale end
  return record(ledger, client, call, seen)
end

--- Why a call has to wait for another one.
---@param past table
---@return string
function claim.why_busy(past)
  return ("entry %d, %s, is still under way in %s"):format(past.id, past.endpoint, owner.name(past))
end

return claim
