--- A small generator of repeatable numbers, the same on every Lua (Park and Miller's "minimal
--- standard": the product stays below 2^46, so doubles hold it exactly).

local MODULUS = 2147483647
local MULTIPLIER = 16807

local random = {}

---@class reseller.sandbox.Random
---@field private state_ integer
local Random = {}
Random.__index = Random
Random.__name = "reseller.sandbox.random"

---@param seed integer
---@return reseller.sandbox.Random
function random.new(seed)
  return setmetatable({ state_ = math.floor(seed) % (MODULUS - 1) + 1 }, Random)
end

--- The next number from `low` to `high`, both included.
---@param low integer
---@param high integer
---@return integer
function Random:between(low, high)
  self.state_ = self.state_ * MULTIPLIER % MODULUS
  return low + self.state_ % (high - low + 1)
end

--- One of the items, each as likely as any other.
---@generic T
---@param items T[]
---@return T
function Random:pick(items)
  return items[self:between(1, #items)]
end

--- True in `percent` of a hundred draws.
---@param percent integer
---@return boolean
function Random:chance(percent)
  return self:between(1, 100) <= percent
end

return random
