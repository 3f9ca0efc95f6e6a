--- Lists of resources as the command shows them: an aligned table. For Lua 5.4, as the command is.
local columns = require "reseller.cli.output.columns"
local fields = require "reseller.cli.fields"
local plain = require "reseller.cli.output.plain"
local reseller = require "reseller"
local tables = require "reseller.cli.output.table"
local views = require "reseller.cli.views"

local lists = {}

--- The columns of the endpoint whose results look most like this one.
local function columns_for(item)
  local best, most = nil, 0
  for _, row in ipairs(reseller.endpoints()) do
    local list, count = row.result == "many" and views.of(row.platform, row.id) or {}, 0
    for _, column in ipairs(list) do
      if fields.get(item, column.path) ~= nil then count = count + 1 end
    end
    if count > most and count > #list / 2 then best, most = list, count end
  end
  return best
end

--- A table of a list.
---@param list table[]
---@param world reseller.cli.World
---@return string
function lists.text(list, world)
  local rows = {}
  for i, item in ipairs(list) do rows[i] = plain.copy(item) end
  local chosen = columns_for(list[1]) or columns.infer(rows, false)
  return (tables.list(rows, chosen, world, world.out_is_terminal):gsub("\n$", ""))
end

return lists
