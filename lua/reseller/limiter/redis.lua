--- Leases in Redis, which several nginx share: one key for each lease, whose lifetime is the lease's. Needs
--- nginx's Lua module and lua-resty-redis, and nothing on the server.
local core = require "reseller.core"
local nginx = require "reseller.limiter.nginx"

local CLOCK_MARGIN = 1.001 -- as in csrc/limiter.c
local COOLING = "cooling" -- the value of a lease that nobody holds any more
local SAY_AGAIN = 60 -- seconds between lines in the log while Redis is away
local TRIES = 5 -- to get one of the leases that looked free
local POOL_IDLE, POOL_SIZE = 10000, 16 -- milliseconds, connections

local unpack = unpack or table.unpack -- luacheck: ignore 143

local Leases = {}
Leases.__index = Leases

local holders = 0

--- A name that no other holder has, on any host.
local function new_holder()
  holders = holders + 1
  local process = core.process()
  return ("%s %d %d %d"):format(process.host, process.pid, process.start, holders)
end

local function milliseconds(seconds) return math.max(1, math.ceil(seconds * 1000)) end

--- lua-resty-redis, under the name that OpenResty has for it or under Debian's.
local function client()
  for _, name in ipairs { "resty.redis", "nginx.redis" } do
    local ok, module = pcall(require, name)
    if ok then return module end
  end
  return nil, "the module resty.redis (lua-resty-redis) was not found"
end

local FIRST_WITH_TLS = 0.28

--- Why a connection would not be encrypted; nil if it would. An older module takes the option and does not heed it.
local function tls_fault()
  local module, why = client()
  if not module then return why end
  if (tonumber(module._VERSION) or 0) >= FIRST_WITH_TLS then return nil end
  return ("limit.redis.ssl: expected lua-resty-redis %.2f or newer, got %s, which does not encrypt")
    :format(FIRST_WITH_TLS, tostring(module._VERSION))
end

--- What a new connection has to say before anything else.
local function introduce(redis, options)
  if redis:get_reused_times() ~= 0 then return true end
  if options.password then
    local ok, why = redis:auth(options.user or options.password, options.user and options.password)
    if not ok then return nil, why end
  end
  if not options.database then return true end
  return redis:select(options.database)
end

local function connect(options)
  local module, why = client()
  if not module then return nil, why end
  local phase = ngx.get_phase()
  if phase == "init" or phase == "init_worker" then return nil, "nothing can wait while nginx starts" end
  local redis = module:new()
  redis:set_timeout(milliseconds(options.timeout or 1))
  local ok
  if options.socket then
    ok, why = redis:connect("unix:" .. options.socket)
  else
    local host, port = options.host or "127.0.0.1", options.port or 6379
    local pool = ("%s:%d:%s:%s"):format(host, port, options.database or 0, tostring(options.ssl))
    local tls = options.ssl or nil
    ok, why = redis:connect(host, port, { pool = pool, ssl = tls, ssl_verify = tls, server_name = tls and host })
  end
  if ok then ok, why = introduce(redis, options) end
  if not ok then return nil, why end
  return redis
end

--- Sends commands at once. Their replies, or nil and what was wrong with one of them.
local function pipeline(redis, commands)
  redis:init_pipeline(#commands)
  for _, command in ipairs(commands) do redis[command[1]](redis, unpack(command, 2)) end
  local replies, why = redis:commit_pipeline()
  if not replies then return nil, why end
  for _, reply in ipairs(replies) do
    if type(reply) == "table" and reply[1] == false then return nil, reply[2] end
  end
  return replies
end

local function lease_key(self, i) return ("%s:%d"):format(self.key_, i) end
local function pause_key(self) return self.key_ .. ":pause" end

--- Seconds on the clock of Redis, which all that use it share, out of the reply to `time`.
local function seconds_of(reply) return tonumber(reply[1]) + tonumber(reply[2]) / 1e6 end

--- A value that says until when it is good, and who holds the lease.
local function value_of(until_, holder) return ("%.6f %s"):format(until_, holder) end

--- Seconds until the end of a value; 0 for none. A holder's reply may come any moment.
local function left_of(value, now, cooling)
  if value == ngx.null then return 0 end
  local until_, holder = value:match "^(%S+) (.*)$"
  local left = math.max(0, tonumber(until_) - now)
  return holder == COOLING and left or math.min(left, cooling)
end

--- Seconds until each lease is free, as far as is known; those until the pause ends; what time it is.
local function look(self, redis, requests, window)
  local keys = { "mget", pause_key(self) }
  for i = 1, requests do keys[i + 2] = lease_key(self, i) end
  local replies, why = pipeline(redis, { keys, { "time" } })
  if not replies then return nil, why end
  local values, now, waits = replies[1], seconds_of(replies[2]), {}
  for i = 1, requests do waits[i] = left_of(values[i + 1], now, window * CLOCK_MARGIN) end
  return waits, left_of(values[1], now, math.huge), now
end

--- Tries to take one of the leases that look free, starting anywhere so that few others do the same.
local function take(self, redis, waits, now, lifetime)
  local holder, first = new_holder(), math.random(#waits)
  local value = value_of(now + lifetime, holder)
  for offset = 1, #waits do
    local i = (first + offset) % #waits + 1
    if waits[i] == 0 then
      local ok, why = redis:set(lease_key(self, i), value, "nx", "px", milliseconds(lifetime))
      if not ok then return nil, why end
      if ok == "OK" then return i, value end
    end
  end
end

local calls = {}

function calls.acquire(self, redis, _, requests, window, longest)
  local first
  for _ = 1, TRIES do
    local waits, pause, time = look(self, redis, requests, window)
    if not waits then return nil, pause end
    if pause > 0 then return pause end
    if requests == 0 then return 0, 0, 0 end
    local index, holder = take(self, redis, waits, time, longest + window * CLOCK_MARGIN)
    if index then return 0, index, holder end
    if holder then return nil, holder end
    first = math.min(unpack(waits))
    if first > 0 then return first end
  end
  return 0.001
end

--- Sets a key for so long if it has a value that `test` wants; `watch` sees whoever is quicker.
local function change(redis, key, seconds, test)
  for _ = 1, TRIES do
    local replies, why = pipeline(redis, { { "watch", key }, { "get", key }, { "time" } })
    if not replies then return nil, why end
    local now = seconds_of(replies[3])
    if not test(replies[2], now) then return redis:unwatch() end
    local set = { "set", key, value_of(now + seconds, COOLING), "px", milliseconds(seconds) }
    replies, why = pipeline(redis, { { "multi" }, set, { "exec" } })
    if not replies then return nil, why end
    if replies[3] ~= ngx.null then return true end
  end
  return true
end

function calls.release(self, redis, _, _, window, index, holder)
  local function is_ours(value) return value == holder end
  return change(redis, lease_key(self, index), window * CLOCK_MARGIN, is_ours)
end

function calls.pause(self, redis, _, _, _, seconds)
  local function is_shorter(value, now) return left_of(value, now, math.huge) < seconds end
  return change(redis, pause_key(self), seconds, is_shorter)
end

function calls.eta(self, redis, _, requests, window, count)
  local waits, pause = look(self, redis, requests, window)
  if not waits then return nil, pause end
  if count <= 0 or requests == 0 then return pause end
  for i, wait in ipairs(waits) do waits[i] = math.max(wait, pause) end
  table.sort(waits)
  return waits[(count - 1) % requests + 1] + math.floor((count - 1) / requests) * window * CLOCK_MARGIN
end

local function where(options)
  return options.socket or ("%s:%d"):format(options.host or "127.0.0.1", options.port or 6379)
end

--- What a call comes to when Redis cannot be asked.
local function without(self, name, why, ...)
  why = ("Redis at %s cannot be used: %s"):format(where(self.options_), why)
  if not self.fallback_ then return nil, why end
  local now = core.now()
  if now >= self.said_ + SAY_AGAIN then
    self.said_ = now
    ngx.log(ngx.ERR, "reseller: ", why, "; the limit is now counted for this nginx alone")
  end
  return self.fallback_[name](self.fallback_, ...)
end

--- A connection is kept for later unless it is not known what will come on it.
local function settle(self, redis, name, arguments, value, ...)
  if value == nil then
    redis:close()
    return without(self, name, (...), unpack(arguments, 1, 5))
  end
  redis:set_keepalive(POOL_IDLE, POOL_SIZE)
  return value, ...
end

local function ask(self, name, ...)
  local redis, why = connect(self.options_)
  if not redis then return without(self, name, why, ...) end
  return settle(self, redis, name, { ... }, calls[name](self, redis, ...))
end

function Leases:acquire(now, ...)
  if self.paused_until_ > now then return self.paused_until_ - now end
  return ask(self, "acquire", now, ...)
end

--- Only where it was taken: what Redis does not hear of expires by itself.
function Leases:release(now, requests, window, index, holder)
  if type(holder) == "string" then
    local redis = connect(self.options_)
    local ok = redis and calls.release(self, redis, now, requests, window, index, holder)
    if ok then redis:set_keepalive(POOL_IDLE, POOL_SIZE) elseif redis then redis:close() end
  elseif self.fallback_ then
    self.fallback_:release(now, requests, window, index, holder)
  end
end

--- This process keeps it in any case.
function Leases:pause(now, requests, window, seconds)
  self.paused_until_ = math.max(self.paused_until_, now + seconds)
  return ask(self, "pause", now, requests, window, seconds)
end

function Leases:eta(...) return ask(self, "eta", ...) end

---@param key string
---@param limit {redis?: table, dict?: string}
---@return table|nil leases
---@return string|nil why nil
return function(key, limit)
  if type(rawget(_G, "ngx")) ~= "table" then
    return nil, "limit.store: redis works inside nginx only"
  end
  local options = limit.redis or {}
  local fallback, why
  why = options.ssl and tls_fault()
  if why then return nil, why end
  if limit.dict then
    fallback, why = nginx.open(key, limit)
    if not fallback then return nil, why end
  end
  return setmetatable({ key_ = "reseller:" .. key, options_ = options, fallback_ = fallback,
    said_ = -SAY_AGAIN, paused_until_ = 0 }, Leases)
end
