--- Which columns are shown: those that the user names, those of the command, or those that the rows have.
local exit = require "reseller.cli.exit"
local fields = require "reseller.cli.fields"

local LOOKED_AT = 20 -- rows, before a column that none has is taken for a mistake

local columns = {}

local function named(column)
  local copy = { name = column.path }
  for key, value in pairs(column) do copy[key] = value end
  return copy
end

--- A column of the command by its path or title.
local function known(name, defaults)
  for _, column in ipairs(defaults or {}) do
    if column.path == name or column.title == name then
      local copy = named(column)
      copy.name, copy.optional = name, nil
      return copy
    end
  end
end

--- The columns that a text such as "id,status,plan.title" names.
---@param text string
---@param defaults? reseller.cli.Column[]
---@return reseller.cli.Column[]
function columns.parse(text, defaults)
  local list = {}
  for name in text:gmatch "[^,]+" do
    name = name:match "^%s*(.-)%s*$"
    if name ~= "" then list[#list + 1] = known(name, defaults) or { path = name, name = name, doubtful = true } end
  end
  if #list == 0 then exit.misuse("--columns: expected names of fields, got none", "as in --columns id,status") end
  return list
end

local FIRST = { id = 1, name = 2, title = 3, status = 4, type = 5 }

local function by_use(a, b)
  local x, y = FIRST[a] or 9, FIRST[b] or 9
  if x ~= y then return x < y end
  return a < b
end

--- Columns for rows of which nothing is known: their plain fields.
---@param rows table[]
---@param nested boolean with those inside of others
---@return reseller.cli.Column[]
function columns.infer(rows, nested)
  local names, list = fields.names(rows), {}
  table.sort(names, by_use)
  for _, name in ipairs(names) do
    if nested or not name:find(".", 1, true) then
      list[#list + 1] = { path = name, name = name, whole = name == "id", optional = #list > 0 and not nested,
        kind = name == "status" and "status" or nil }
    end
  end
  return list
end

local function defaults_of(spec)
  local list = {}
  for i, column in ipairs(spec.columns) do list[i] = named(column) end
  return list
end

local function doubtful(list)
  local paths, count = {}, 0
  for _, column in ipairs(list) do
    if column.doubtful then paths[column.path], count = column.path, count + 1 end
  end
  return paths, count
end

local function refuse(paths, rows)
  local path = next(paths)
  exit.misuse(("--columns: there is no field %s"):format(path), fields.hint(path, rows))
end

--- Holds the first rows back until each doubtful column was seen.
local function watch(list, add, finish)
  local unseen, count = doubtful(list)
  local held = {}
  local function release()
    for _, row in ipairs(held) do add(row) end
    held = {}
  end
  local function take(row)
    if count == 0 then return add(row) end
    held[#held + 1] = row
    for path in pairs(unseen) do
      if fields.get(row, path) ~= nil then unseen[path], count = nil, count - 1 end
    end
    if count == 0 then return release() end
    if #held >= LOOKED_AT then refuse(unseen, held) end
  end
  return { add = take, finish = function()
    if count > 0 and #held > 0 then refuse(unseen, held) end
    finish()
  end }
end

--- Holds the first rows back to see which columns they have.
local function look_first(start, limit, nested)
  local held, add, finish = {}, nil, nil
  local function begin()
    add, finish = start(columns.infer(held, nested), false)
    for _, row in ipairs(held) do add(row) end
    held = {}
  end
  local function take(row)
    if add then return add(row) end
    held[#held + 1] = row
    if #held >= limit then begin() end
  end
  return { add = take, finish = function()
    if not add then begin() end
    finish()
  end }
end

--- What stands between rows and a format: `add` for each row, then `finish`.
---@param text string|nil what the user chose
---@param spec reseller.cli.output.Spec
---@param format string
---@param start fun(columns: reseller.cli.Column[], is_chosen: boolean): function, function
function columns.gate(text, spec, format, start)
  if text then
    local list = columns.parse(text, spec.columns)
    return watch(list, start(list, true))
  end
  if format == "json" or format == "jsonl" then
    local add, finish = start({}, false)
    return { add = add, finish = finish }
  end
  local is_csv = format == "csv"
  if not spec.columns then return look_first(start, is_csv and LOOKED_AT or math.huge, is_csv or spec.one) end
  local add, finish = start(defaults_of(spec), false)
  return { add = add, finish = finish }
end

return columns
