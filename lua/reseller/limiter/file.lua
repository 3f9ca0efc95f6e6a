--- Leases in a file that the processes of one host share. The clock is the host's monotonic one; times
--- from before a reboot are noticed and replaced by a full wait.
local core = require "reseller.core"

---@param key string
---@param limit {path: string}
---@return userdata|nil leases
---@return string|nil why nil
return function(key, limit)
  local leases, why = core.leases(key, limit.path)
  if not leases then return nil, ("limit.path: %s: %s"):format(limit.path, why) end
  return leases
end
