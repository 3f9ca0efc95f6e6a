--- Whether a call may be sent again, and after how long. The two are apart: what happened and the
--- effect of the call decide the first, the number of tries and the server decide the second.
local reply = require "reseller.reply"

local FIRST_DELAY, LONGEST_DELAY = 0.25, 10 -- seconds, before jitter
local TOKENS, REFUND = 10, 0.1 -- a retry costs 1; a reply that needed none gives back a little

local retry = {}

local broken = { network = true, timeout = true }
local passing = { [408] = true, [429] = true, [500] = true, [502] = true, [503] = true, [504] = true }

--- True when the server said that it did not even look at the request.
local function refused_unread(wire)
  return wire.status == 429 or wire.status == 503 and wire.headers["retry-after"] ~= nil
end

--- Why the call may be sent again; nil when it may not.
---@param effect string
---@param wire table
---@param sends integer how often this attempt went on the wire
---@return "unsent"|"limited"|"broken"|"passing"|nil
function retry.reason(effect, wire, sends)
  if wire.status then
    if refused_unread(wire) then return "limited" end
    return not reply.once(effect) and passing[wire.status] and "passing" or nil
  end
  if not broken[wire.kind] then return nil end
  if sends == 0 then return "unsent" end
  return not reply.once(effect) and "broken" or nil
end

--- Seconds until the next try: a random part of a time that doubles, so that clients spread out.
---@param tries integer how often it was tried
---@param random fun(): number from 0 to 1
---@return number
function retry.delay(tries, random)
  return math.min(FIRST_DELAY * 2 ^ (tries - 1), LONGEST_DELAY) * random()
end

--- What keeps an outage from multiplying the traffic: only so many retries for so many good replies.
---@return table budget
function retry.budget()
  local budget, tokens = {}, TOKENS
  function budget.spend()
    if tokens < 1 then return false end
    tokens = tokens - 1
    return true
  end
  function budget.refund() tokens = math.min(TOKENS, tokens + REFUND) end
  return budget
end

return retry
