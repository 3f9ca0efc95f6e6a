--- Amounts of money as text, and their sums: whole minor units by currency, never a fraction.
local money = {}

local DIGITS = 2
-- ISO 4217: the currencies whose minor unit is not a hundredth.
local digits = { BHD = 3, CLP = 0, IQD = 3, ISK = 0, JOD = 3, JPY = 0, KRW = 0, KWD = 3, LYD = 3, OMR = 3, PYG = 0,
  TND = 3, UGX = 0, VND = 0 }

--- An amount as people write it, such as 240.00 USD.
---@param amount integer minor units
---@param currency string|nil
---@return string
function money.format(amount, currency)
  local count, text = digits[currency] or DIGITS, ("%d"):format(amount):gsub("^%-", "")
  local sign = amount < 0 and "-" or ""
  if count > 0 then
    text = ("0"):rep(count + 1 - #text) .. text
    text = text:sub(1, -count - 1) .. "." .. text:sub(-count)
  end
  return sign .. text .. (currency and " " .. currency or "")
end

---@class reseller.cli.Sum
---@field count integer how many amounts were added
---@field unknown integer how many of them nobody knows
---@field by table<string, integer> minor units by currency
local Sum = {}
Sum.__index = Sum

--- An empty sum.
---@return reseller.cli.Sum
function money.sum() return setmetatable({ count = 0, unknown = 0, by = {} }, Sum) end

--- Adds one amount; nil stands for one that is not known.
---@param amount integer|nil minor units
---@param currency string|nil
function Sum:add(amount, currency)
  self.count = self.count + 1
  if not amount then
    self.unknown = self.unknown + 1
    return
  end
  currency = currency or ""
  self.by[currency] = (self.by[currency] or 0) + amount
end

--- The amounts, joined by "and"; nil when none is known.
---@return string|nil
function Sum:known()
  local names, texts = {}, {}
  for name in pairs(self.by) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do texts[i] = money.format(self.by[name], name ~= "" and name or nil) end
  return #texts > 0 and table.concat(texts, " and ") or nil
end

--- The sum in words, such as "240.00 USD, and 2 whose price is not known".
---@return string|nil words nil when nothing was added
function Sum:words()
  if self.count == 0 then return nil end
  local known = self:known()
  if self.unknown == 0 then return known end
  if not known then return "an unknown price" end
  return ("%s, and %d whose price is not known"):format(known, self.unknown)
end

return money
