--- Reads ids of subscriptions: one a line, or the first column of a CSV.
local ids = {}

local MAX_ID = 100
local headings = { id = true, subscription = true, subscription_id = true, subscriptionid = true }

--- Whether a text can be an id at all.
---@param text string
---@return boolean
function ids.is_id(text) return #text <= MAX_ID and text:find "^[%w_%-]+$" ~= nil end

local function first_column(line)
  local quoted = line:match '^%s*"([^"]*)"%s*$' or line:match '^%s*"([^"]*)"%s*[,;\t]'
  return (quoted or line:match "^[^,;\t]*"):match "^%s*(.-)%s*$"
end

local function is_blank(line) return line:find "^%s*$" ~= nil or line:find "^%s*#" ~= nil end

---@class reseller.cli.Ids
---@field list string[] each once, in the order of the lines
---@field line_of table<string, integer> the line on which each was first
---@field repeated string[] words for each that came again
---@field malformed string[] words for each line that has no id

--- Reads all lines.
---@param lines fun(): string? such as file:lines()
---@return reseller.cli.Ids
function ids.read(lines)
  local found, number, is_first = { list = {}, line_of = {}, repeated = {}, malformed = {} }, 0, true
  for line in lines do
    number = number + 1
    line = line:gsub("^\239\187\191", ""):gsub("\r$", "")
    if not is_blank(line) then
      local id = first_column(line)
      if is_first and headings[id:lower()] then id = nil end
      is_first = false
      if id then ids.add_(found, id, number) end
    end
  end
  return found
end

--- Adds an id to what was found.
function ids.add_(found, id, number)
  if not ids.is_id(id) then
    found.malformed[#found.malformed + 1] = ("line %d: %q"):format(number, id:sub(1, 40))
  elseif found.line_of[id] then
    found.repeated[#found.repeated + 1] = ("line %d: %s, as on line %d"):format(number, id, found.line_of[id])
  else
    found.line_of[id] = number
    found.list[#found.list + 1] = id
  end
end

return ids
