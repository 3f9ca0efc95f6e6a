--- GET /subscriptions/expiring?within=7d: what ends soon, from the cache.
-- luacheck: std min+ngx_lua
local answer = require "desk.answer"
local cache = require "desk.cache"
local json = require "reseller.json"

local DEFAULT = "7d"
local UNITS = { h = 3600, d = 86400 }
local LONGEST = 400 * 86400
local COLD_SECONDS = 3 -- how long a request waits for the first look

local expiring = {}

--- Seconds of a time such as 7d or 36h.
---@param text string
---@return integer?
function expiring.seconds(text)
  local count, unit = text:match "^(%d+)([hd])$"
  local seconds = count and #count <= 6 and tonumber(count) * UNITS[unit]
  return seconds and seconds > 0 and seconds <= LONGEST and seconds or nil
end

local function by_end(a, b)
  if a.ends_ms ~= b.ends_ms then return a.ends_ms < b.ends_ms end
  return a.id < b.id
end

--- What is not over and ends within so many seconds, the first to end first.
---@param fleet table as of `cache.read`
---@param seconds number
---@param now number
---@return table[]
function expiring.list(fleet, seconds, now)
  local found = json.array {}
  for _, sub in ipairs(fleet.subscriptions) do
    local left = sub.ends_ms and sub.ends_ms / 1000 - now
    if left and left > 0 and left <= seconds and sub.status ~= "TERMINATED" then found[#found + 1] = sub end
  end
  table.sort(found, by_end)
  return found
end

--- A time as JSON has it.
---@param seconds number since 1970
---@return string
function expiring.date(seconds) return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds)) end

local function shown(sub, now)
  return { id = sub.id, status = sub.status, canceled = sub.canceled, plan = sub.plan, billing_cycle = sub.cycle,
    ends = expiring.date(sub.ends_ms / 1000), ends_in_seconds = math.floor(sub.ends_ms / 1000 - now),
    price = sub.price, currency = sub.currency }
end

local function nothing_yet(fault)
  local message = "the fleet was not looked at yet" .. (fault and "; the last try: " .. fault.message or "")
  return answer.later(503, 5, { outcome = "not ready", message = message })
end

--- Answers the request.
function expiring.serve()
  answer.only("GET", "HEAD")
  local within = ngx.var.arg_within or DEFAULT
  local seconds = expiring.seconds(within)
  if not seconds then
    return answer.invalid("within", ("expected hours or days up to 400d, such as 36h or 7d, got %q"):format(
      within:gsub("[^\32-\126]", "?"):sub(1, 40)))
  end
  local fleet, fault = cache.await(COLD_SECONDS)
  if not fleet then return nothing_yet(fault) end
  local now = ngx.time()
  local list = expiring.list(fleet, seconds, now)
  for i, sub in ipairs(list) do list[i] = shown(sub, now) end
  local age = math.max(0, now - fleet.fetched_at)
  ngx.header["Age"] = age
  return answer.json(200, { within_seconds = seconds, fetched_at = expiring.date(fleet.fetched_at), age_seconds = age,
    stale = fault ~= nil, fault = fault and { at = expiring.date(fault.at), message = fault.message },
    count = #list, subscriptions = list })
end

return expiring
