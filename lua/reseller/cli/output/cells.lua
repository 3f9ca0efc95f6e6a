--- Values as people read them in a table.
local duration = require "reseller.cli.duration"
local encoder = require "reseller.cli.output.json"
local json = require "reseller.json"
local money = require "reseller.cli.money"
local when = require "reseller.cli.when"
local width = require "reseller.cli.output.width"

---@class reseller.cli.Column
---@field path string the field, as in plan.billingCycle
---@field title? string the path unless given
---@field kind? "time"|"moment"|"money"|"status"|"number"
---@field currency? string path of a price's currency
---@field flag? string path of a field that is told beside a status where it is true
---@field whole? boolean is cut last, such as an id
---@field optional? boolean is left out where the terminal is too narrow

local cells = {}

local GREEN, YELLOW, RED, DIM = "32", "33", "31", "2"

local colours = { active = GREEN, done = GREEN, enabled = GREEN, suspended = YELLOW, sent = YELLOW, intent = YELLOW,
  stopped = RED, unknown = RED, refused = RED, failed = RED, terminated = DIM, deleted = DIM, inactive = DIM }

local readers = {}

function readers.time(value, _, _, now)
  local at = when.parse(value)
  if not at then return nil end
  return ("%s %s"):format(os.date("!%Y-%m-%d", math.floor(at)), duration.away(at - now))
end

--- A time to the second, without how far away it is.
function readers.moment(value)
  local at = when.parse(value)
  return at and os.date("!%Y-%m-%d %H:%M:%S", math.floor(at))
end

--- An amount in minor units; text is shown as it came.
function readers.money(value, currency)
  return math.type(value) == "integer" and money.format(value, currency) or nil
end

function readers.status(value, _, flag)
  return tostring(value) .. (flag and (", %s"):format(flag) or "")
end

--- A list of plain values by commas, anything else as JSON.
local function of_table(value)
  local parts = {}
  for i = 1, #value do
    if type(value[i]) == "table" then return encoder.encode(value) end
    parts[i] = tostring(value[i])
  end
  return json.is_array(value) and table.concat(parts, ", ") or encoder.encode(value)
end

local function plainly(value)
  if value == nil or value == json.null then return "" end
  if type(value) == "table" then return of_table(value) end
  if type(value) == "boolean" then return value and "yes" or "no" end
  return tostring(value)
end

--- A value as text of one line.
---@param value any
---@param column reseller.cli.Column
---@param get fun(path: string): any other fields of the row
---@param now number seconds since 1970
---@return string
function cells.text(value, column, get, now)
  local text
  if value ~= nil and value ~= json.null and column.kind and readers[column.kind] then
    local flagged = column.flag and get(column.flag) == true and column.flag:match "[^.]+$"
    text = readers[column.kind](value, column.currency and get(column.currency), flagged, now)
  end
  return width.visible(text or plainly(value))
end

--- The colour of a status, nil if it has none.
---@param value any
---@return string? sgr
function cells.colour(value)
  return type(value) == "string" and colours[value:lower()] or nil
end

--- Whether a column's values stand to the right.
---@param column reseller.cli.Column
---@param value any
---@return boolean
function cells.is_right(column, value)
  return column.kind == "money" or column.kind == "number" or column.kind == nil and type(value) == "number"
end

return cells
