--- Waits before a request until the limit allows it. How many are allowed is counted in leases
--- (csrc/limiter.h), which live in a store.
local file = require "reseller.limiter.file"
local memory = require "reseller.limiter.memory"
local nginx = require "reseller.limiter.nginx"
local redis = require "reseller.limiter.redis"

local limiter = {}

local PAUSE = 60 -- seconds, after a 429 that does not say how long
local LONGEST_PAUSE = 300 -- what asks for more than this is better told to a person

local stores = { memory = memory, file = file, nginx = nginx.open, redis = redis }

---@class reseller.Limit
---@field requests integer how many requests, up to 256
---@field seconds number in how many seconds
---@field scope? "key"|"endpoint" one count for the key, or one for each endpoint; "key"
---@field store? "memory"|"file"|"nginx"|"redis" "nginx" where there is a `lua_shared_dict reseller`, else "memory"
---@field path? string the file of the store "file"
---@field dict? string a lua_shared_dict: that of the store "nginx"; with "redis", what counts while Redis is away
---@field redis? reseller.Redis where Redis is, for the store "redis"; 127.0.0.1:6379

---@class reseller.Redis
---@field host? string "127.0.0.1"; other names than addresses need a `resolver` in nginx.conf
---@field port? integer 6379
---@field socket? string the path of a unix socket, instead of host and port
---@field user? string
---@field password? string
---@field database? integer
---@field ssl? boolean encrypts, and checks the certificate by nginx's lua_ssl_trusted_certificate
---@field timeout? number seconds, 1

local redis_fields = { host = "string", port = "number", socket = "string", user = "string", password = "string",
  database = "number", ssl = "boolean", timeout = "number" }

local function is_text(value) return type(value) == "string" and value ~= "" end

local function is_redis(value)
  if type(value) ~= "table" then return false end
  for name, field in pairs(value) do
    if type(field) ~= redis_fields[name] then return false end
  end
  return true
end

local fields = {
  requests = { "a whole number from 1 to 256",
    function(v) return type(v) == "number" and v >= 1 and v <= 256 and v % 1 == 0 end },
  seconds = { "seconds, more than 0", function(v) return type(v) == "number" and v > 0 and v < math.huge end },
  scope = { "key or endpoint", function(v) return v == nil or v == "key" or v == "endpoint" end },
  store = { "memory, file, nginx or redis", function(v) return v == nil or stores[v] ~= nil end },
  path = { "the name of a file, for the store file", function(v, limit)
    return (limit.store == "file") == is_text(v)
  end },
  dict = { "the name of a lua_shared_dict, for the stores nginx and redis",
    function(v, limit) return v == nil or is_text(v) and (limit.store == "nginx" or limit.store == "redis") end },
  redis = { "a table like { host = \"127.0.0.1\", port = 6379 }, for the store redis",
    function(v, limit) return v == nil or limit.store == "redis" and is_redis(v) end },
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
  local store = self.limit_.store or nginx.is_there() and "nginx" or "memory"
  local leases, why = stores[store](key, self.limit_)
  self.leases_[scope] = leases
  return leases, why
end

local function impatient(self, wait)
  local message = ("the limit asks for a wait of %.1f s, patience is %g s"):format(wait, self.patience_)
  return { kind = "limited", retry_after = wait, message = message }
end

--- Waits for a lease.
---@param endpoint string
---@param longest number seconds that the request may take
---@return table|nil lease
---@return table fault fields of an error, when there is no lease
function Limiter:acquire(endpoint, longest)
  local leases, limit, host = assert(self:leases_of_(endpoint)), self.limit_, self.host_
  local why = host.refusal and host.refusal()
  if why then return nil, { kind = "refused", message = why } end
  local started = host.now()
  while true do
    local now = host.now()
    local wait, index, holder = leases:acquire(now, limit.requests, limit.seconds, longest)
    if not wait then return nil, { kind = "refused", message = index .. "; nothing was sent" } end
    if wait == 0 then return { leases = leases, index = index, holder = holder } end
    if now - started + wait > self.patience_ then return nil, impatient(self, wait) end
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
---@return number|nil seconds nil when the store cannot be asked
---@return string|nil why
function Limiter:eta(count)
  local leases, limit = assert(self:leases_of_ ""), self.limit_
  local seconds, why = leases:eta(self.host_.now(), limit.requests, limit.seconds, count)
  if not seconds then return nil, why end
  return seconds
end

return limiter
