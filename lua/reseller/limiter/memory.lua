--- Leases in the memory of this Lua state: clients with the same key share them.
local core = require "reseller.core"

local by_key = setmetatable({}, { __mode = "v" })

---@param key string
---@return userdata leases
return function(key)
  local leases = by_key[key] or core.leases(key)
  by_key[key] = leases
  return leases
end
