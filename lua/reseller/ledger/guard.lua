--- The way of a spend or a transition: through the ledger if there is one, onto the wire, and back into
--- the ledger. Here, and nowhere else, is decided whether such a call may be sent.
local book = require "reseller.ledger.book"
local claim = require "reseller.ledger.claim"
local errors = require "reseller.errors"
local json = require "reseller.json"
local look = require "reseller.ledger.look"
local reconcile = require "reseller.ledger.reconcile"
local reply = require "reseller.reply"

local FIRST_POLL, LONGEST_POLL = 0.02, 1 -- seconds
local SEND_SECONDS = 60 -- how much longer than the call's timeout a mark as sent is good for
local LATE_SECONDS = 30 -- between that mark and the first byte
local MAX_TURNS = 10000

local guard = {}

local function refusal(client, call, fields)
  fields.kind, fields.endpoint, fields.platform = "refused", call.row.id, client.platform
  fields.message = client:mask_(fields.message)
  return nil, errors.new(fields)
end

--- Says what the entry has to say in the reply's meta or error.
local function tell(entry, value, meta)
  if type(meta) == "table" then meta.entry, meta.note = entry.id, entry.note end
  return value, meta
end

--- The recorded result of a key.
local function replay(client, call, past)
  local wire = { status = 200, headers = {}, body = past.result or "", attempts = 0, elapsed = 0, sends = 0 }
  local value, meta = reply.judge(client, call.row, wire)
  if value == nil then value, meta = { id = past.made }, { headers = {}, attempts = 0, elapsed = 0 } end
  meta.status, meta.replayed, meta.entry, meta.note = nil, true, past.id, past.evidence
  return value, meta
end

--- The refusal of a call because an earlier one is not settled.
local function still_unknown(client, call, past, words, after)
  local same = call.key and past.caller_key == call.key
  local message = ("entry %d, %s on %s of %s, may or may not have been done (%s); nothing was sent now. %s"):format(
    past.id, past.endpoint, past.subject, past.at, words, after and ("Try again in %.0f s"):format(after + 1)
    or ("Look, and tell the ledger: ledger:settle(%d, \"done\" or \"refused\", why)"):format(past.id))
  local value, err = refusal(client, call, { entry = past.id, message = message, retry_after = after })
  if same then err.kind, err.sent = "unknown", "maybe" end
  return value, err
end

--- Waits for someone else's call to end. False when that takes longer than it can.
local function wait_for_other(client, state)
  local now = client.host_.now()
  if now >= state.deadline then return false end
  client.host_.sleep(math.min(state.poll, state.deadline - now))
  state.poll = math.min(state.poll * 2, LONGEST_POLL)
  return true
end

--- What follows from each step but the last: nothing, to try again, or the end of the call.
local steps = {}

function steps.refused(_, client, call, fields) return true, refusal(client, call, fields) end

function steps.replay(_, client, call, past) return true, replay(client, call, past) end

function steps.read(_, _, call, _, state)
  local ok, err = state.seen:cover(call.row, call.subject, 1)
  if not ok then return true, nil, err end
end

function steps.look(ledger, client, call, _, state)
  local seen, err = ledger:look_(client, call.row)
  if not seen then return true, nil, err end
  state.seen, seen.of = seen, call
  return steps.read(ledger, client, call, nil, state)
end

function steps.busy(_, client, call, past, state)
  if wait_for_other(client, state) then return end
  return true, refusal(client, call, { entry = past.id, message = claim.why_busy(past) .. "; nothing was sent" })
end

function steps.unknown(ledger, client, call, past)
  local settled, words, after = reconcile.settle(ledger, client, past, client.patience_)
  if settled then return end
  if settled == nil then return true, nil, words end
  return true, still_unknown(client, call, past, words, after)
end

local UNSURE = { verdict = "refused", kind = "refused", sends = 0,
  evidence = "the database did not say whether it had recorded the intent; nothing was sent" }

--- One attempt to get the call into the ledger.
local function try_to_enter(ledger, client, call, seen)
  local made
  local step, detail = ledger:attempt_(client, call.row, function()
    local step, detail = claim.try(ledger, client, call, seen)
    made = step == "claimed" and detail or nil
    return step, detail
  end)
  if not step and made then ledger:keep_(made, UNSURE) end
  return step, detail
end

--- Gets the call into the ledger: its entry, or nil and what the call comes to without being sent.
local function enter(ledger, client, call)
  local patience = math.min(client.patience_, claim.QUEUE_SECONDS)
  local state = { deadline = client.host_.now() + client.timeout_ + patience, poll = FIRST_POLL,
    seen = ledger.looks_[client] }
  for _ = 1, MAX_TURNS do
    local step, detail = try_to_enter(ledger, client, call, state.seen)
    if not step then return nil, nil, detail end
    if step == "claimed" then return detail end
    local ended, value, meta = steps[step](ledger, client, call, detail, state)
    if ended then return nil, value, meta end
  end
  return nil, refusal(client, call, { message = "too many others are at it; nothing was sent" })
end

--- Makes the function that is called right before each try on the wire: it returns an error when the call
--- must not be sent after all.
local function sender(ledger, client, call, entry)
  return function()
    local now, lease = ledger.system_.wall or client.host_.now, math.floor((client.timeout_ + SEND_SECONDS) * 1000)
    local asked = now()
    local still, err = ledger:attempt_(client, call.row, function()
      return book.mark_sent(ledger, entry, ledger.now_ms_ + lease)
    end)
    if still == nil then return err end
    local words = not still and "another process took this one for dead; nothing was sent"
      or now() - asked > LATE_SECONDS and "this process was stopped for too long; nothing was sent"
    if words then return select(2, refusal(client, call, { entry = entry.id, message = words })) end
    entry.sent = true
  end
end

local function masked(client, text) return text and client:mask_(text) end

--- What the ledger keeps of a value that the platform returned.
local function outcome_of_success(client, call, value, meta)
  local document = meta.document
  meta.document = nil -- made anew for whoever reads it: it may hold secrets
  return {
    verdict = "done", evidence = ("the platform said so (HTTP %d)"):format(meta.status), sends = meta.attempts,
    made = call.row.settle == "new" and type(value) == "table" and value.id and tostring(value.id) or nil,
    result = document ~= nil and masked(client, json.encode(document)) or "",
  }
end

local function outcome_of_error(err)
  local unknown = err.kind == "unknown"
  return { verdict = unknown and "unknown" or "refused", kind = err.kind, evidence = err.message, sends = err.attempts }
end

--- What is known of a call that a Lua error ended.
local function outcome_of_raise(entry)
  return { verdict = entry.sent and "unknown" or "refused", kind = entry.sent and "unknown" or "refused",
    evidence = entry.sent and "the program broke off after it was sent" or "the program broke off before it was sent",
    sends = entry.sent and 1 or 0 }
end

local function finish(ledger, client, call, entry, ok, value, meta)
  local outcome
  if not ok then outcome = outcome_of_raise(entry)
  elseif value ~= nil then outcome = outcome_of_success(client, call, value, meta)
  else outcome = outcome_of_error(meta) end
  local fault = ledger:conclude_(entry, outcome)
  if not ok then error(value, 0) end
  meta.unrecorded = fault
  return tell(entry, value, meta)
end

local function begin(client, row, ledger)
  local account = client.account_
  ledger.begun_[client] = true
  local entries = ledger:attempt_(client, row, function()
    book.adopt(ledger, account)
    return book.unknowns(ledger, account)
  end)
  if entries then reconcile.all(ledger, client, entries) end
end

--- Settles what a crash left behind, before the first call of a client. What cannot be settled now stays
--- as it is.
---@param client reseller.Client
---@param row table of the call
function guard.begin(client, row)
  local ledger = client.ledger_
  if ledger and not ledger.begun_[client] then begin(client, row, ledger) end
end

local function through(ledger, client, call, send)
  guard.begin(client, call.row)
  local entry, value, meta = enter(ledger, client, call)
  if not entry then return value, meta end
  return finish(ledger, client, call, entry, pcall(send, sender(ledger, client, call, entry)))
end

--- Checks a condition without a ledger.
local function unstale(client, call)
  local seen = look.new(client, call.row.view)
  local ok, err = seen:find(call.subject)
  if not ok then return nil, err end
  local stale = claim.stale(call, seen:item(call.subject))
  if stale then return refusal(client, call, stale) end
  return true
end

local function run(client, call, send)
  if client.ledger_ then
    call.account = client.account_
    return through(client.ledger_, client, call, send)
  end
  if call.expect_end then
    local ok, err = unstale(client, call)
    if not ok then return nil, err end
  end
  return send()
end

--- Makes a call that must not be made twice. Where what asks may vanish, such as a request to nginx, the call is
--- made to its end.
---@param client reseller.Client
---@param call table row, subject, parameters, shape, and the caller's key and expect_end
---@param send fun(before?: fun(): reseller.Error?): any, table
---@return any value
---@return table meta_or_error
function guard.run(client, call, send)
  local host = client.host_
  local why = host.refusal and host.refusal(call.row.effect)
  if why then return refusal(client, call, { message = why .. "; nothing was sent" }) end
  if not host.outlive then return run(client, call, send) end
  local begun, value, meta = host.outlive(function() return run(client, call, send) end)
  if begun then return value, meta end
  return refusal(client, call, { message = value .. "; nothing was sent" })
end

return guard
