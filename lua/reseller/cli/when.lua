--- Points in time as the platforms write them: ms since 1970, ISO 8601 text, or a table with `timestamp`.

local when = {}

local FIRST_MS, LAST_MS = 1e11, 1e14 -- 1973 to 5138: smaller numbers are no times

--- Days from 1970-01-01 to a date of the Gregorian calendar.
local function days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

local function date_of(year, month, day)
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if month < 1 or month > 12 or day < 1 or day > 31 then return nil end
  return days(year, month, day) * 86400
end

--- Seconds east of UTC; nil for what is no zone.
local function offset_of(zone)
  if zone == "" or zone == "Z" or zone == "z" then return 0 end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):?(%d%d)$"
  if not sign then return nil end
  return (sign == "-" and -1 or 1) * (hours * 3600 + minutes * 60)
end

local function of_text(text)
  local year, month, day, rest = text:match "^(%d%d%d%d)-(%d%d)-(%d%d)(.*)$"
  local date = year and date_of(year, month, day)
  if not date then return nil end
  if rest == "" then return date end
  local hour, minute, tail = rest:match "^[T ](%d%d):(%d%d)(.*)$"
  if not hour then return nil end
  local second, zone = tail:match "^:(%d%d%.?%d*)(.*)$"
  local offset = offset_of(zone or tail)
  return offset and date + hour * 3600 + minute * 60 + (tonumber(second) or 0) - offset
end

--- Seconds since 1970 of a value, nil if it is no time.
---@param value any ms since 1970, text such as 2026-03-10 or 2026-03-10T06:30:48+03:00, or { timestamp = ms }
---@return number?
function when.parse(value)
  if type(value) == "table" then value = value.timestamp end
  if type(value) == "string" then return of_text(value) end
  if type(value) ~= "number" or value < FIRST_MS or value > LAST_MS then return nil end
  return value / 1000
end

--- True for text that a time must be written as.
---@param text string
---@return boolean
function when.is_date(text) return of_text(text) ~= nil end

return when
