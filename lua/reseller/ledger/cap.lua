--- The cap on what is spent: minor units in a day, calls in a run.
local owner = require "reseller.ledger.owner"

local DAY_MS = 86400000

local cap = {}

---@class reseller.Cap
---@field per_day? integer minor units that may be spent in a day of UTC
---@field per_run? integer spends that this process may make

--- What is wrong with a cap, nil if nothing is.
---@param value table
---@return string|nil
function cap.fault(value)
  for name, number in pairs(value) do
    if name ~= "per_day" and name ~= "per_run" then
      return ("cap: unknown field `%s`; known are per_day, per_run"):format(tostring(name))
    end
    if type(number) ~= "number" or number < 0 or number % 1 ~= 0 then
      return ("cap.%s: expected a whole number of at least 0, got %s"):format(name, tostring(number))
    end
  end
end

local COUNTS = "effect = 'spend' AND verdict <> 'refused' AND account = ?"

local function over_run(ledger, limit, call)
  local me = owner.me(ledger)
  local made = ledger.store_:one("SELECT count(*) AS count FROM reseller_entries WHERE " .. COUNTS
    .. " AND host = ? AND pid = ? AND started = ?", call.account, me.host, me.pid, me.start).count
  if made < limit then return nil end
  return ("cap.per_run: %d of %d spends are made"):format(made, limit)
end

--- A price that is not known counts as nothing, but nothing is bought once the day's amount is reached.
local function over_day(ledger, limit, call, amount, currency)
  local today = os.date("!%Y-%m-%d", math.floor(ledger.now_ms_ / 1000))
  local spent = ledger.store_:one("SELECT coalesce(sum(amount), 0) AS amount FROM reseller_entries WHERE " .. COUNTS
    .. " AND at >= ? AND (currency = ? OR ? IS NULL)", call.account, today, currency, currency).amount
  if amount and spent + amount <= limit or not amount and spent < limit then return nil end
  local price = amount and ("this costs %d"):format(amount) or "the price of this is not known"
  return ("cap.per_day: %d of %d are spent today (UTC), %s"):format(spent, limit, price),
    (DAY_MS - ledger.now_ms_ % DAY_MS) / 1000
end

--- Whether a spend goes over the cap. Inside a transaction.
---@param ledger reseller.Ledger
---@param limits reseller.Cap
---@param call table
---@param amount integer|nil
---@param currency string|nil
---@return string|nil why nil when it may be made
---@return number|nil retry_after seconds
function cap.over(ledger, limits, call, amount, currency)
  if call.row.effect ~= "spend" then return nil end
  local why = limits.per_run and over_run(ledger, limits.per_run, call)
  if why then return why end
  if limits.per_day then return over_day(ledger, limits.per_day, call, amount, currency) end
end

return cap
