--- Tables for a terminal: aligned, cut to its width, statuses in colour.
local cells = require "reseller.cli.output.cells"
local fields = require "reseller.cli.fields"
local width = require "reseller.cli.output.width"

local GAP = 2
local NARROWEST = 3

local tables = {}

local function paint(text, sgr, world)
  if not sgr or not world.colour then return text end
  return ("\27[%sm%s\27[0m"):format(sgr, text)
end

local function title_of(column) return width.visible(column.title or column.path) end

--- The cells of a row: text, and for a status its colour.
local function read_row(row, columns, now)
  local result = {}
  local function get(path) return fields.get(row, path) end
  for i, column in ipairs(columns) do
    local value = fields.get(row, column.path)
    result[i] = { text = cells.text(value, column, get, now), right = cells.is_right(column, value),
      sgr = column.kind == "status" and cells.colour(value) or nil }
  end
  return result
end

local function measure(columns, rows)
  local widths = {}
  for i, column in ipairs(columns) do
    widths[i] = width.of(title_of(column))
    for _, row in ipairs(rows) do widths[i] = math.max(widths[i], width.of(row[i].text)) end
  end
  return widths
end

local function total(widths, shown)
  local sum = 0
  for _, i in ipairs(shown) do sum = sum + widths[i] + GAP end
  return sum - GAP
end

--- Leaves columns out, from the right, as long as the rest is too wide.
local function leave_out(columns, widths, shown, most)
  for at = #shown, 1, -1 do
    if total(widths, shown) <= most then return end
    if columns[shown[at]].optional then table.remove(shown, at) end
  end
end

--- The widest column that may be cut; ids are cut when nothing else is left.
local function widest(columns, widths, shown, whole_too)
  local best
  for _, i in ipairs(shown) do
    local allowed = (whole_too or not columns[i].whole) and widths[i] > NARROWEST
    if allowed and (not best or widths[i] > widths[best]) then best = i end
  end
  return best
end

local function cut(columns, widths, shown, most)
  for excess = total(widths, shown) - most, 1, -1 do
    local at = widest(columns, widths, shown) or widest(columns, widths, shown, true)
    if not at then return excess end
    widths[at] = widths[at] - 1
  end
end

local function line(parts, widths, shown, world)
  local texts = {}
  for at, i in ipairs(shown) do
    local part = parts[i]
    local text = width.clip(part.text, widths[i])
    local padded = width.pad(text, widths[i], part.right)
    if at == #shown and not part.right then padded = text end
    texts[at] = paint(padded, part.sgr, world)
  end
  return table.concat(texts, (" "):rep(GAP)) .. "\n"
end

local function heading(columns, rows)
  local parts = {}
  for i, column in ipairs(columns) do
    parts[i] = { text = title_of(column), sgr = "1", right = rows[1] and rows[1][i].right }
  end
  return parts
end

--- A table of rows.
---@param rows table[]
---@param columns reseller.cli.Column[]
---@param world reseller.cli.World
---@param fit boolean whether to cut it to the terminal
---@return string
function tables.list(rows, columns, world, fit)
  local read, shown, now = {}, {}, world.time()
  for i, row in ipairs(rows) do read[i] = read_row(row, columns, now) end
  for i in ipairs(columns) do shown[i] = i end
  local widths = measure(columns, read)
  if fit then
    leave_out(columns, widths, shown, world.columns)
    cut(columns, widths, shown, world.columns)
  end
  local lines = { line(heading(columns, read), widths, shown, world) }
  for _, row in ipairs(read) do lines[#lines + 1] = line(row, widths, shown, world) end
  return table.concat(lines)
end

--- One thing: a line for each of its fields.
---@param value table
---@param columns reseller.cli.Column[]
---@param world reseller.cli.World
---@param fit boolean
---@return string
function tables.one(value, columns, world, fit)
  local parts, lines, longest = read_row(value, columns, world.time()), {}, 0
  for _, column in ipairs(columns) do longest = math.max(longest, width.of(title_of(column))) end
  local most = fit and math.max(NARROWEST, world.columns - longest - GAP) or math.huge
  for i, column in ipairs(columns) do
    local text = width.clip(parts[i].text, most)
    if text ~= "" or not column.optional then
      local title = paint(width.pad(title_of(column), longest), "1", world)
      lines[#lines + 1] = (title .. (" "):rep(GAP) .. paint(text, parts[i].sgr, world)):gsub(" +$", "") .. "\n"
    end
  end
  return table.concat(lines)
end

return tables
