--- Conditions on rows, as in status=ACTIVE, plan.price.grossAmount>2000 or period.end<2026-04-01.
local exit = require "reseller.cli.exit"
local fields = require "reseller.cli.fields"
local json = require "reseller.json"
local when = require "reseller.cli.when"

---@class reseller.cli.Condition
---@field path string
---@field operator string
---@field text string
---@field seen boolean whether a row had the field

local where = {}

local compare = {
  ["="] = function(a, b) return a == b end,
  ["!="] = function(a, b) return a ~= b end,
  ["<"] = function(a, b) return a < b end,
  ["<="] = function(a, b) return a <= b end,
  [">"] = function(a, b) return a > b end,
  [">="] = function(a, b) return a >= b end,
}

--- Reads one condition.
---@param text string
---@return reseller.cli.Condition
function where.parse(text)
  local path, operator, value = text:match "^%s*([^=!<>%s]+)%s*([=!<>]=?)%s*(.-)%s*$"
  if operator == "==" then operator = "=" end
  if not path or not compare[operator] then
    exit.misuse(("--where: expected field=value, got %q"):format(text),
      "operators are = != < <= > >=; quote it for the shell, as in --where 'plan.price.grossAmount>2000'")
  end
  return { path = path, operator = operator, text = value, seen = false }
end

local function as_boolean(text)
  if text == "true" or text == "yes" then return true end
  if text == "false" or text == "no" then return false end
end

--- Both sides as what can be compared: numbers or times; nil when they are texts.
local function numbers(value, text)
  local time = when.parse(value)
  if time and when.parse(text) then return time, when.parse(text) end
  return tonumber(value), tonumber(text)
end

--- Refuses to order what has no order.
local function unordered(condition, value)
  exit.misuse(("--where %s%s%s: expected a number or a date on both sides, got %s"):format(condition.path,
    condition.operator, condition.text, json.encode(value) or type(value)), "as in --where 'period.end<2026-04-01'")
end

local function decide(condition, value)
  local text, operator = condition.text, condition.operator
  local equality = operator == "=" or operator == "!="
  if type(value) == "boolean" and equality then return compare[operator](value, as_boolean(text)) end
  local a, b
  if type(value) ~= "table" or value.timestamp then a, b = numbers(value, text) end
  if a and b then return compare[operator](a, b) end
  if not equality then unordered(condition, value) end
  if type(value) == "table" then return operator == "!=" end
  return compare[operator](tostring(value):lower(), text:lower())
end

--- Whether a row meets a condition. A field that is not there meets none, whatever the operator: a misspelled name
--- must not choose everything.
---@param condition reseller.cli.Condition
---@param row table
---@return boolean
function where.fits(condition, row)
  local value = fields.get(row, condition.path)
  if value == nil then return false end
  condition.seen = true
  if value == json.null then
    return condition.operator == (condition.text:lower() == "null" and "=" or "!=")
  end
  return decide(condition, value)
end

--- Refuses conditions whose field no row had.
---@param conditions reseller.cli.Condition[]
---@param rows table[] some that were looked at
function where.check_seen(conditions, rows)
  for _, condition in ipairs(conditions) do
    if not condition.seen and #rows > 0 then
      exit.misuse(("--where: there is no field %s"):format(condition.path), fields.hint(condition.path, rows))
    end
  end
end

return where
