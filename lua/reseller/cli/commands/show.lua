--- reseller show ID: one subscription of Ghostealth, which has no call for it: the list is read until it is there.
local exit = require "reseller.cli.exit"
local nearest = require "reseller.nearest"
local select = require "reseller.cli.select"
local views = require "reseller.cli.views"

local function missing(id, ids)
  if id:find "^%d+$" then
    exit.fail(("there is no subscription %s"):format(id), ("did you mean `reseller subscription %s`?"):format(id))
  end
  local near = nearest(id, ids)
  exit.fail(("there is no subscription %s"):format(id), near and ("did you mean %s?"):format(near)
    or "`reseller list` shows those that are there")
end

local function find(context, id)
  local options = { where = {}, now = context.world.time(), page_size = context.settings:get "page_size" }
  local ids = {}
  for row in select.each(context:client("ghostealth", { reads = true }), "ghostealth", options) do
    if row.id == id then return row end
    ids[#ids + 1] = tostring(row.id)
  end
  missing(id, ids)
end

local function run(context)
  return context:show(find(context, context.flags.id), { one = true, columns = views.details "ghostealth" })
end

return {
  name = "show", summary = "Show one subscription.", group = "daily", data = true,
  configure = function(command) command:argument("id", "Id of the subscription (su_…)."):argname "ID" end,
  examples = "  reseller show su_69afba98bc32119ad6daa8f0\n  reseller show su_69afba98bc32119ad6daa8f0 --json",
  run = run,
}
