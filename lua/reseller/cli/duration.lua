--- Spans of time as people write and read them: "7d", "1 h 05 min", "in 2 d".

local duration = {}

local units = { s = 1, m = 60, min = 60, h = 3600, d = 86400, w = 7 * 86400 }

duration.EXPECTED = "a span of time such as 30m, 12h, 7d or 2w"

--- Seconds of a span such as "7d", "90m" or "1d12h"; nil if it is none.
---@param text string
---@return number?
function duration.parse(text)
  local total, rest = 0, text:lower():gsub("%s", "")
  if rest == "" then return nil end
  while rest ~= "" do
    local number, unit, after = rest:match "^(%d+%.?%d*)(%a+)(.*)$"
    if not number or not units[unit] then return nil end
    total, rest = total + tonumber(number) * units[unit], after
  end
  return total
end

--- A span in its two largest units: "45 s", "2 min 05 s", "1 h 05 min", "2 d 03 h".
---@param seconds number
---@return string
function duration.format(seconds)
  local s = math.floor(seconds + 0.5)
  if s < 60 then return ("%d s"):format(s) end
  if s < 3600 then return ("%d min %02d s"):format(s // 60, s % 60) end
  if s < 86400 then return ("%d h %02d min"):format(s // 3600, s % 3600 // 60) end
  return ("%d d %02d h"):format(s // 86400, s % 86400 // 3600)
end

local function coarse(seconds)
  local s = math.floor(seconds)
  if s < 60 then return "1 min" end
  if s < 3600 then return ("%d min"):format(s // 60) end
  if s < 86400 then return ("%d h"):format(s // 3600) end
  return ("%d d"):format(s // 86400)
end

--- How far away something is: "in 2 d", "3 h ago".
---@param seconds number from now on; less than 0 is past
---@return string
function duration.away(seconds)
  if seconds < 0 then return coarse(-seconds) .. " ago" end
  return "in " .. coarse(seconds)
end

return duration
