--- Leases in a lua_shared_dict, which all workers of an nginx share. They are kept as the core dumps them, so that
--- they count in every store the same way, on the host's monotonic clock: the dictionary's own expiry follows
--- the clock of the day, which may be set.
local core = require "reseller.core"

local LOCK_SECONDS = 1 -- after that a worker that died with the lock is forgotten; it needs some microseconds
local LOCK_POLL = 0.0001

local Leases = {}
Leases.__index = Leases

local locks = 0

--- Gets the leases for this worker alone. Blocks, because others hold them only for a moment.
local function lock(self)
  local deadline = core.now() + 2 * LOCK_SECONDS
  locks = locks + 1
  self.token_ = core.pid() .. " " .. locks
  repeat
    local ok, why = self.dict_:safe_add(self.lock_, self.token_, LOCK_SECONDS)
    if ok then return true end
    if why ~= "exists" then return nil, why end
    core.sleep(LOCK_POLL)
  until core.now() > deadline
  return nil, "locked for too long"
end

--- Gives them back, as they are now. False when this worker was stopped for so long that its lock expired.
local function unlock(self, requests)
  if self.dict_:get(self.lock_) ~= self.token_ then return false end
  local ok, why = self.dict_:safe_set(self.key_, self.leases_:dump(requests))
  self.dict_:delete(self.lock_)
  return ok, why
end

local function fault(self, why) return nil, ("the lua_shared_dict %s cannot be used: %s"):format(self.name_, why) end

for _, name in ipairs { "acquire", "release", "pause", "eta" } do
  Leases[name] = function(self, now, requests, window, ...)
    local ok, why = lock(self)
    if not ok then return fault(self, why) end
    self.leases_:load(self.dict_:get(self.key_))
    local wait, index, holder = self.leases_[name](self.leases_, now, requests, window, ...)
    ok, why = unlock(self, requests)
    if why then return fault(self, why) end
    if not ok then return self[name](self, now, requests, window, ...) end
    return wait, index, holder
  end
end

local nginx = { default = "reseller" }

--- Whether there is a dictionary of the default name.
---@return boolean
function nginx.is_there()
  local ngx = rawget(_G, "ngx")
  return type(ngx) == "table" and type(ngx.shared) == "table" and ngx.shared[nginx.default] ~= nil
end

---@param key string
---@param limit {dict?: string}
---@return table|nil leases
---@return string|nil why nil
function nginx.open(key, limit)
  local ngx, name = rawget(_G, "ngx"), limit.dict or nginx.default
  local dict = type(ngx) == "table" and type(ngx.shared) == "table" and ngx.shared[name]
  if not dict then
    return nil, ("limit.dict: expected a line like `lua_shared_dict %s 1m;` in nginx.conf"):format(name)
  end
  local self = { dict_ = dict, name_ = name, key_ = key, lock_ = key .. " lock", leases_ = core.leases(key) }
  return setmetatable(self, Leases)
end

return nginx
