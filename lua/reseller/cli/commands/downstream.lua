--- reseller downstream: the subscriptions of all downstream resellers of ActivePlatform.
local parameters = require "reseller.cli.parameters"
local select = require "reseller.cli.select"
local views = require "reseller.cli.views"

local ID = "list_child_subscriptions"

local function run(context)
  local options = select.read(context)
  options.page_size = context.settings:get "page_size"
  local _, params = parameters.read(views.row("activeplatform", ID), context.flags)
  local client = context:client("activeplatform", { reads = true })
  local rows = select.each(client, "activeplatform", options, params)
  return context:show(rows, { columns = views.of("activeplatform", ID), noun = "subscriptions" })
end

return {
  name = "downstream", summary = "List the subscriptions of downstream resellers.", group = "daily", data = true,
  configure = function(command, tools)
    select.configure(command)
    parameters.configure(command, views.row("activeplatform", ID), tools, { pages = false })
  end,
  examples = [[
  reseller downstream --where status=active --limit 20
  reseller downstream --expiring-within 2w --csv >expiring.csv]],
  run = run,
}
