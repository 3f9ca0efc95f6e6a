--- Prints data to standard output in the form that was asked for: a table, JSON, JSON Lines or CSV.
local columns_of = require "reseller.cli.output.columns"
local csv = require "reseller.cli.output.csv"
local encoder = require "reseller.cli.output.json"
local exit = require "reseller.cli.exit"
local fields = require "reseller.cli.fields"
local plain = require "reseller.cli.output.plain"
local tables = require "reseller.cli.output.table"
local width = require "reseller.cli.output.width"

local EPIPE = 32

---@class reseller.cli.output.Spec
---@field one? boolean the data is one thing, not a list
---@field columns? reseller.cli.Column[] those of a table, and of CSV, unless the user chooses
---@field noun? string what the rows are, as in "subscriptions"

local output = { visible = width.visible, clip = width.clip }

--- Writes to standard output. That nobody reads any more ends the command without words.
---@param world reseller.cli.World
---@param text string
function output.write(world, text)
  local ok, why, code = world.out:write(text)
  if ok then ok, why, code = world.out:flush() end
  if ok then return end
  if code == EPIPE then error({ broken_pipe = true }, 0) end
  exit.fail("standard output: " .. tostring(why), "free space, or write elsewhere")
end

--- What a format does with each row, and at the end.
local formats = {}

--- The chosen fields of a row, or all of it.
local function chosen(row, columns, is_chosen)
  if not is_chosen then return row end
  local object, names = {}, {}
  for i, column in ipairs(columns) do
    object[column.name], names[i] = fields.get(row, column.path), column.name
  end
  return object, names
end

local function values_of(row, columns)
  local values = {}
  for i, column in ipairs(columns) do values[i] = fields.get(row, column.path) end
  return values
end

function formats.jsonl(shown)
  local function add(row)
    local value, names = chosen(row, shown.columns, shown.is_chosen)
    output.write(shown.world, encoder.encode(value, nil, names) .. "\n")
  end
  return add, function() end
end

--- One value, printed at the end: half of an array would be no JSON.
function formats.json(shown)
  local parts, indent = {}, shown.world.out_is_terminal and "" or nil
  local inner = indent and not shown.one and "  " or indent
  local function add(row)
    local value, names = chosen(row, shown.columns, shown.is_chosen)
    parts[#parts + 1] = encoder.encode(value, inner, names)
  end
  return add, function()
    local text = shown.one and parts[1] or #parts == 0 and "[]"
      or (indent and "[\n  %s\n]" or "[%s]"):format(table.concat(parts, indent and ",\n  " or ",\n"))
    output.write(shown.world, text .. "\n")
  end
end

function formats.csv(shown)
  local has_head = false
  local function head()
    has_head = true
    local names = {}
    for i, column in ipairs(shown.columns) do names[i] = column.name end
    output.write(shown.world, csv.line(names, #names))
  end
  local function add(row)
    if not has_head then head() end
    output.write(shown.world, csv.line(values_of(row, shown.columns), #shown.columns))
  end
  return add, function() if not has_head then head() end end
end

function formats.table(shown)
  local rows = {}
  local function add(row) rows[#rows + 1] = row end
  return add, function()
    if #rows == 0 then return end
    local text = shown.one and tables.one(rows[1], shown.columns, shown.world, shown.fit)
      or tables.list(rows, shown.columns, shown.world, shown.fit)
    output.write(shown.world, text)
  end
end

local NAMES = { "json", "jsonl", "csv", "table" }

--- The format that was asked for, or the one that fits where the data goes.
---@param context reseller.cli.Context
---@return string
function output.format(context)
  for _, name in ipairs(NAMES) do
    if context.flags[name] then return name end
  end
  return context.world.out_is_terminal and "table" or "jsonl"
end

local function each(data, one)
  if type(data) == "function" then return data end
  local list, at = one and { data } or data, 0
  return function()
    at = at + 1
    return list[at]
  end
end

local function singular(noun) return (noun:gsub("ies$", "y"):gsub("s$", "")) end

local function tell_count(context, count, format, noun)
  if format == "table" and noun and context.world.out_is_terminal then
    context:say(count == 0 and "no %s%s" or "%s%s", count == 0 and noun or "", count > 0 and ("%d %s"):format(count,
      count == 1 and singular(noun) or noun) or "")
  end
end

--- Prints data.
---@param context reseller.cli.Context
---@param data any
---@param spec reseller.cli.output.Spec
---@return integer count of rows
function output.show(context, data, spec)
  local format, world, count = output.format(context), context.world, 0
  local shown = { world = world, one = spec.one, fit = world.out_is_terminal or world.getenv "COLUMNS" ~= nil }
  local gate = columns_of.gate(context.flags.columns, spec, format, function(columns, is_chosen)
    shown.columns, shown.is_chosen = columns, is_chosen
    return formats[format](shown)
  end)
  for row in each(data, spec.one) do
    count = count + 1
    context:status(nil)
    gate.add(plain.copy(row, context.flags.show_secrets))
  end
  context:status(nil)
  gate.finish()
  tell_count(context, count, format, not spec.one and spec.noun)
  return count
end

return output
