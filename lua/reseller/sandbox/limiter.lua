--- Counts requests as a server might. The vendors say "10 requests / 60s" and not how they count, so
--- every usual way is here; each is a function of the times it is given and nothing else.

local limiter = {}

---@class reseller.sandbox.limit
---@field requests integer  how many in a window
---@field window number  seconds
---@field count "sliding_log"|"fixed_window"|"token_bucket"|"first_hit"|"per_second"

-- Each method admits a request at `now`, or returns how many seconds are left until it would.
local methods = {}

-- Drops what is older than the window and admits while there is room; times are in `log`.
local function admit_by_log(state, now, limit)
  local log = state.log
  while log[state.first] and log[state.first] + limit.window <= now do
    log[state.first], state.first = nil, state.first + 1
  end
  if state.last - state.first + 1 >= limit.requests then
    return log[state.last - limit.requests + 1] + limit.window - now
  end
  state.last = state.last + 1
  log[state.last] = now
end

function methods.sliding_log(state, now, limit)
  return admit_by_log(state, now, limit)
end

-- Arrivals weigh by the whole second they fall in; a short window has sixtieths for its seconds.
function methods.per_second(state, now, limit)
  local tick = limit.window >= 2 and 1 or limit.window / 60
  return admit_by_log(state, math.floor(now / tick) * tick, limit)
end

local function admit_in_window(state, now, limit, opened)
  if state.opened ~= opened then state.opened, state.used = opened, 0 end
  if state.used >= limit.requests then return opened + limit.window - now end
  state.used = state.used + 1
end

function methods.fixed_window(state, now, limit)
  return admit_in_window(state, now, limit, math.floor(now / limit.window) * limit.window)
end

-- The window opens with the first request after the last window has closed.
function methods.first_hit(state, now, limit)
  local open = state.opened and now < state.opened + limit.window
  return admit_in_window(state, now, limit, open and state.opened or now)
end

function methods.token_bucket(state, now, limit)
  local rate = limit.requests / limit.window
  local filled = (state.tokens or limit.requests) + (now - (state.at or now)) * rate
  state.tokens, state.at = math.min(limit.requests, filled), now
  if state.tokens < 1 then return (1 - state.tokens) / rate end
  state.tokens = state.tokens - 1
end

---@class reseller.sandbox.Limiter
---@field private limit_ reseller.sandbox.limit
---@field private keys_ table<string, table>
---@field private refused_ integer
local Limiter = {}
Limiter.__index = Limiter
Limiter.__name = "reseller.sandbox.limiter"

--- The names of the ways to count.
---@return string[]
function limiter.methods()
  return { "sliding_log", "fixed_window", "token_bucket", "first_hit", "per_second" }
end

---@param limit reseller.sandbox.limit
---@return reseller.sandbox.Limiter
function limiter.new(limit)
  return setmetatable({ limit_ = limit, keys_ = {}, refused_ = 0 }, Limiter)
end

--- Counts a request of `key` at `now` (seconds that never go back).
---@param key string
---@param now number
---@return number? wait  seconds until there is room again; nil when the request is admitted
function Limiter:admit(key, now)
  local state = self.keys_[key]
  if not state then
    state = { log = {}, first = 1, last = 0 }
    self.keys_[key] = state
  end
  local wait = methods[self.limit_.count](state, now, self.limit_)
  if wait then self.refused_ = self.refused_ + 1 end
  return wait
end

--- How many requests were refused so far.
---@return integer
function Limiter:refused()
  return self.refused_
end

return limiter
