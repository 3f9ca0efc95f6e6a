--- The sandbox's own date: starts at a fixed instant, runs with real time and can be moved ahead.

local calendar = {}

---@class reseller.sandbox.Calendar
---@field private start_ms_ integer
---@field private ahead_ms_ integer
---@field private origin_ number
---@field private monotonic_ fun(): number
local Calendar = {}
Calendar.__index = Calendar
Calendar.__name = "reseller.sandbox.calendar"

-- Days since 1970-01-01; counts years from March, so that a leap day comes last.
local function days_from_civil(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  local leaps = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leaps + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

--- Milliseconds since the Unix epoch of a time such as `2026-03-10T06:30:48Z`.
---@param iso string
---@return integer? ms
---@return string? err
function calendar.parse(iso)
  local y, mo, d, h, mi, s = tostring(iso):match("^(%d%d%d%d)-(%d%d)-(%d%d)T(%d%d):(%d%d):(%d%d)Z$")
  if not y then return nil, "start: expected a time such as 2026-03-10T06:30:48Z, got " .. tostring(iso) end
  local days = days_from_civil(tonumber(y), tonumber(mo), tonumber(d))
  return (days * 86400 + tonumber(h) * 3600 + tonumber(mi) * 60 + tonumber(s)) * 1000
end

--- The instant as ISO 8601 text in UTC, to the second.
---@param ms integer
---@return string
function calendar.format(ms)
  return (os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(ms / 1000)))
end

---@param start_ms integer
---@param monotonic fun(): number  seconds that never jump
---@return reseller.sandbox.Calendar
function calendar.new(start_ms, monotonic)
  local self = { start_ms_ = start_ms, ahead_ms_ = 0, origin_ = monotonic(), monotonic_ = monotonic }
  return setmetatable(self, Calendar)
end

--- Milliseconds since the Unix epoch.
---@return integer
function Calendar:now()
  local elapsed = self.monotonic_() - self.origin_
  return self.start_ms_ + self.ahead_ms_ + math.floor(elapsed * 1000)
end

--- Moves the date ahead.
---@param seconds number
function Calendar:advance(seconds)
  self.ahead_ms_ = self.ahead_ms_ + math.floor(seconds * 1000)
end

return calendar
