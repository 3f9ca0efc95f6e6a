--- Makes the rows of a change out of what the user chose: ids, or a selection from the list.
local exit = require "reseller.cli.exit"
local field = require "reseller.ledger.look".field
local files = require "reseller.cli.files"
local ids = require "reseller.cli.ids"
local pages = require "reseller.pages"
local plan = require "reseller.cli.plan"
local select = require "reseller.cli.select"

local choose = {}

local NAMED = 5 -- of the lines that have no id

local function open(context, path)
  if path == "-" then return context.world.input end
  local file, why = io.open(files.expand(context.world, path))
  if not file then exit.misuse(("--from %s"):format(why), "name a file with one id a line, or - for standard input") end
  return file
end

local function some(list)
  local more = #list > NAMED and ("; and %d more"):format(#list - NAMED) or ""
  return table.concat(list, "; ", 1, math.min(#list, NAMED)) .. more
end

--- Reads --from. A line without an id refuses all: nobody knows what was meant.
---@param context reseller.cli.Context
---@param path string or - for standard input
---@return reseller.cli.Ids
function choose.read_file(context, path)
  local file = open(context, path)
  local ok, found = pcall(ids.read, file:lines())
  if path ~= "-" then file:close() end
  if not ok then exit.misuse(("--from %s: it cannot be read"):format(path), "name a file with one id a line") end
  if #found.malformed > 0 then
    exit.misuse(("--from %s: no id on %s"):format(path, some(found.malformed)), "mend that, or put # before it")
  end
  if #found.list == 0 then exit.misuse(("--from %s: no id is in it"):format(path), "write one id a line") end
  if #found.repeated > 0 then context:say("--from %s: counted once: %s", path, some(found.repeated)) end
  return found
end

--- Ids from the command line.
---@param words string[]
---@return reseller.cli.Ids
function choose.read_words(words)
  local found = { list = {}, line_of = {}, repeated = {}, malformed = {} }
  for _, word in ipairs(words) do
    if not ids.is_id(word) then
      exit.misuse(("%q is no id"):format(word), "ids look like su_69afba98bc32119ad6daa8f0")
    end
    if not found.line_of[word] then found.list[#found.list + 1], found.line_of[word] = word, 0 end
  end
  return found
end

--- All items of the list that a row's calls are about, in large pages.
local function each_item(context, client, row)
  local list, params = client.rows_[row.view.list], {}
  for _, param in ipairs(list.params) do
    if param.name:find "size%]?$" then params[param.name] = context.settings:get "page_size" end
  end
  return client[pages.name(list.id)](client, params)
end

--- Rows for ids; the list is read until all are found.
---@param context reseller.cli.Context
---@param client reseller.Client
---@param row table of the endpoint table
---@param params table
---@param chosen reseller.cli.Ids
---@return reseller.cli.Row[]
function choose.by_ids(context, client, row, params, chosen)
  local by_id, all, missing = {}, {}, #chosen.list
  for item in each_item(context, client, row) do
    all[#all + 1] = item
    local id = tostring(item.id)
    if chosen.line_of[id] and not by_id[id] then by_id[id], missing = item, missing - 1 end
    if missing == 0 then break end
  end
  local rows = {}
  for i, id in ipairs(chosen.list) do
    local line = chosen.line_of[id]
    rows[i] = by_id[id] and plan.of_items(row, params, { by_id[id] }, all)[1]
      or plan.missing(id, line > 0 and ("line %d"):format(line) or nil)
  end
  return rows
end

--- Makes the test for what a renewal of a selection is about: what is active and was not canceled, unless a condition
--- says which of them it wants.
local function renewable(options)
  local names = {}
  for _, condition in ipairs(options.where) do names[condition.path] = true end
  return function(item)
    return (names.status or item.status == "ACTIVE") and (names.canceled or item.canceled ~= true)
  end
end

--- What is chosen, and how many were left out because they are not running.
local function chosen_items(context, client, row, options)
  local limit, fits = options.limit, renewable(options)
  local items, all, left_out = {}, {}, 0
  local function watched()
    local walk = each_item(context, client, row)
    return function()
      local item = walk()
      all[#all + 1] = item
      return item
    end
  end
  local unlimited = { where = options.where, within = options.within, now = options.now }
  for item in select.filter(watched(), unlimited, row.view["end"]) do
    if row.settle ~= "period" or fits(item) then items[#items + 1] = item else left_out = left_out + 1 end
  end
  local function before(a, b)
    local x, y = field(a, row.view["end"]) or math.huge, field(b, row.view["end"]) or math.huge
    return x < y or x == y and tostring(a.id) < tostring(b.id)
  end
  table.sort(items, before)
  return table.move(items, 1, math.min(#items, limit or #items), 1, {}), all, left_out
end

--- Rows for what --where and --expiring-within choose, the soonest end first.
---@param context reseller.cli.Context
---@param client reseller.Client
---@param row table of the endpoint table
---@param params table
---@return reseller.cli.Row[]
function choose.by_selection(context, client, row, params)
  local items, all, left_out = chosen_items(context, client, row, select.read(context))
  if left_out > 0 then
    context:say("left out: %d canceled or not active; see `reseller renew --help`", left_out)
  end
  return plan.of_items(row, params, items, all)
end

--- Rows for something new. One page of the list tells the price, if anything of that shape is on it.
---@param context reseller.cli.Context
---@param client reseller.Client
---@param row table of the endpoint table
---@param params table
---@param count integer
---@return reseller.cli.Row[]
function choose.new(context, client, row, params, count)
  local all, each = {}, each_item(context, client, row)
  for _ = 1, context.settings:get "page_size" do all[#all + 1] = each() end
  return plan.of_new(row, params, count, all)
end

return choose
