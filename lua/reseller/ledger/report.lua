--- What the ledger tells people: entries, sums, and the story of one subscription.
local report = {}

---@class reseller.ledger.Filter
---@field subject? string such as a subscription's id
---@field endpoint? string
---@field platform? string
---@field verdict? "intent"|"sent"|"done"|"refused"|"unknown"
---@field key? string the caller's
---@field account? string
---@field since? string a day or time such as 2026-03-10, UTC: from then on
---@field before? string likewise: until then

local columns = {
  subject = "subject = ?", endpoint = "endpoint = ?", platform = "platform = ?", verdict = "verdict = ?",
  key = "caller_key = ?", account = "account = ?", since = "at >= ?", before = "at < ?",
}

--- The condition of a filter, and its values. A wrong field raises, two levels up.
local function condition(filter)
  local parts, values = { "id > ?" }, { 0 }
  for name, value in pairs(filter or {}) do
    if not columns[name] then
      error(("ledger: unknown filter `%s`; known are account, before, endpoint, key, platform, since, subject, verdict")
        :format(tostring(name)), 4)
    end
    parts[#parts + 1] = columns[name]
    values[#values + 1] = tostring(value)
  end
  return table.concat(parts, " AND "), values
end

local unpack = table.unpack or unpack -- luacheck: ignore 113 143
local BATCH = 200

--- Iterates over entries, oldest first.
---@param run fun(fn: function): any runs in a transaction, raises what fails
---@param store reseller.ledger.Store
---@param filter reseller.ledger.Filter|nil
---@return fun(): table?
function report.entries(run, store, filter)
  local where, values = condition(filter)
  local batch, at = {}, 0
  return function()
    at = at + 1
    if at > #batch and (#batch == 0 and at == 1 or #batch == BATCH) then
      values[1] = #batch > 0 and batch[#batch].id or 0
      batch = run(function()
        return store:query(("SELECT * FROM reseller_entries WHERE %s ORDER BY id LIMIT %d"):format(where, BATCH),
          unpack(values))
      end)
      at = 1
    end
    return batch[at]
  end
end

local TOTALS = [[SELECT substr(at, 1, 10) AS day, endpoint, verdict, currency, count(*) AS count,
  coalesce(sum(amount), 0) AS amount, count(amount) AS priced FROM reseller_entries WHERE %s
  GROUP BY substr(at, 1, 10), endpoint, verdict, currency ORDER BY day, endpoint, verdict, currency]]

---@class reseller.ledger.Total
---@field day string UTC
---@field endpoint string
---@field verdict string
---@field currency? string
---@field count integer
---@field amount integer sum of the known prices, minor units
---@field priced integer how many had a known price

--- Counts and sums by day, endpoint, verdict and currency.
---@return reseller.ledger.Total[]
function report.totals(run, store, filter)
  local where, values = condition(filter)
  return run(function() return store:query(TOTALS:format(where), unpack(values)) end)
end

local function line(entry)
  local price = entry.amount and (", %d %s"):format(entry.amount, entry.currency or "") or ""
  local key = entry.caller_key and (", key %q"):format(entry.caller_key) or ""
  return ("%s  #%d %s: %s%s%s\n    %s"):format(entry.at, entry.id, entry.endpoint, entry.verdict, price, key,
    entry.evidence or "no word yet")
end

local Story = { __name = "reseller.ledger.story" }

function Story:__tostring()
  local lines = {}
  for i, entry in ipairs(self) do lines[i] = line(entry) end
  return #lines > 0 and table.concat(lines, "\n") or "nothing was done to it"
end

--- All that was done to one thing, by any account; a list of entries that prints as text.
function report.explain(run, store, subject)
  local entries = run(function()
    return store:query("SELECT * FROM reseller_entries WHERE subject = ? OR made = ? ORDER BY id", subject, subject)
  end)
  return setmetatable(entries, Story)
end

return report
