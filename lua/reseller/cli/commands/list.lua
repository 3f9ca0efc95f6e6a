--- reseller list: the subscriptions of Ghostealth.
local select = require "reseller.cli.select"
local views = require "reseller.cli.views"

local function run(context)
  local options = select.read(context)
  options.page_size = context.settings:get "page_size"
  local client = context:client("ghostealth", { reads = true })
  local rows = select.each(client, "ghostealth", options)
  return context:show(rows, { columns = views.of("ghostealth", "list_subscriptions"), noun = "subscriptions" })
end

return {
  name = "list", summary = "List the subscriptions.", group = "daily", data = true,
  configure = function(command) select.configure(command) end,
  examples = [[
  reseller list --expiring-within 3d
  reseller list --where status=SUSPENDED --columns id,plan.title,period.end
  reseller list --where 'plan.price.grossAmount>=5000' --csv >dear.csv]],
  run = run,
}
