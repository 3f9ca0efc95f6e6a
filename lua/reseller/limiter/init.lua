--- Waits before a request until the limit allows it. How many are allowed is counted in leases
--- (csrc/limiter.h), which live in a store.
local limiter = {}

local PAUSE = 60 -- seconds, after a 429 that does not say how long
local LONGEST_PAUSE = 300 -- what asks for more than this is better told to a person

local stores = { memory = require "reseller.limiter.memory", file = require "reseller.limiter.file" }

---@class reseller.Limit
---@field requests integer how many requests, up to 256
---@field seconds number in how many seconds
---@field scope? "key"|"endpoint" one count for the key, or one for each endpoint; "key"
---@field store? "memory"|"file" "memory"
---@field path? string the file of the store "file"

local fields = {
  requests = { "a whole number from 1 to 256",
    function(v) return type(v) == "number" and v >= 1 and v <= 256 and v % 1 == 0 end },
  seconds = { "seconds, more than 0", function(v) return type(v) == "number" and v > 0 and v < math.huge end },
  scope = { "key or endpoint", function(v) return v == nil or v == "key" or v == "endpoint" end },
  store = { "memory or file", function(v) return v == nil or stores[v] ~= nil end },
  path = { "the name of a file, for the store file", function(v, limit)
    return (limit.store == "file") == (type(v) == "string" and v ~= "")
  end },
}

--- What is wrong with a limit option, nil if nothing is.
---@param limit table
---@return string|nil
function limiter.fault(limit)
  for name in pairs(limit) do
    if not fields[name] then return ("limit: unknown field `%s`"):format(tostring(name)) end
  end
  for name, field in pairs(fields) do
    if not field[2](limit[name], limit) then
      return ("limit.%s: expected %s, got %s"):format(name, field[1], tostring(limit[name]))
    end
  end
end

local Limiter = {}
Limiter.__index = Limiter

--- A limiter for one client. Without a limit it only keeps the pauses that the server asks for.
---@param client table with host_, session_, platform
---@param limit reseller.Limit|nil
---@param patience number longest wait in seconds
---@param on_wait fun(seconds: number, reason: string)|nil
---@return table|nil limiter, string|nil why nil
function limiter.new(client, limit, patience, on_wait)
  local self = setmetatable({
    host_ = client.host_, session_ = client.session_, platform_ = client.platform,
    limit_ = limit or { requests = 0, seconds = PAUSE }, patience_ = patience, on_wait_ = on_wait,
    leases_ = {}, paused_until_ = 0,
  }, Limiter)
  local leases, why = self:leases_of_ ""
  if not leases then return nil, why end
  return self
end

--- The leases that a call of this endpoint counts against.
function Limiter:leases_of_(endpoint)
  local scope = self.limit_.scope == "endpoint" and endpoint or ""
  if self.leases_[scope] then return self.leases_[scope] end
  local key = self.session_:fingerprint(self.platform_ .. " " .. scope)
  local leases, why = stores[self.limit_.store or "memory"](key, self.limit_)
  self.leases_[scope] = leases
  return leases, why
end

--- Waits for a lease.
---@param endpoint string
---@param longest number seconds that the request may take
---@return table|nil lease nil when the wait would be longer than the client's patience
---@return number waited seconds, or how long the wait would be
function Limiter:acquire(endpoint, longest)
  local leases, limit, host = assert(self:leases_of_(endpoint)), self.limit_, self.host_
  local started = host.now()
  while true do
    local now = host.now()
    local wait, index, holder = leases:acquire(now, limit.requests, limit.seconds, longest)
    if wait == 0 then return { leases = leases, index = index, holder = holder }, now - started end
    if now - started + wait > self.patience_ then return nil, wait end
    if self.on_wait_ then self.on_wait_(wait, now < self.paused_until_ and "pause" or "limit") end
    host.sleep(wait)
  end
end

--- Gives a lease back: the reply is there, or none will come.
function Limiter:release(lease)
  lease.leases:release(self.host_.now(), self.limit_.requests, self.limit_.seconds, lease.index, lease.holder)
end

--- Stops every client of the key for as long as the server asked.
---@param lease table
---@param seconds number|nil what the server asked for
---@return boolean worth whether the end of the pause is worth waiting for
function Limiter:pause(lease, seconds)
  local now, pause = self.host_.now(), math.min(seconds or PAUSE, LONGEST_PAUSE)
  lease.leases:pause(now, self.limit_.requests, self.limit_.seconds, pause)
  self.paused_until_ = now + pause
  return (seconds or PAUSE) <= LONGEST_PAUSE
end

--- Seconds until `count` more calls are through, if they take no time themselves.
---@param count integer
---@return number
function Limiter:eta(count)
  return assert(self:leases_of_ ""):eta(self.host_.now(), self.limit_.requests, self.limit_.seconds, count)
end

return limiter
