--- reseller subscription ID: one subscription of ActivePlatform, own or downstream.
local parameters = require "reseller.cli.parameters"
local views = require "reseller.cli.views"

local ID = "get_subscription"

local function run(context)
  local arguments, params = parameters.read(views.row("activeplatform", ID), context.flags)
  local client = context:client("activeplatform", { reads = true })
  local value, err = client[ID](client, arguments[1], params)
  if not value then return context:fail(err) end
  return context:show(value, { one = true, columns = views.of("activeplatform", ID) })
end

return {
  name = "subscription", summary = "Show one subscription of ActivePlatform.", group = "daily", data = true,
  configure = function(command, tools) parameters.configure(command, views.row("activeplatform", ID), tools) end,
  examples = [[
  reseller subscription 3007095 --include account,plan
  reseller subscription 3007095 --include plan --json]],
  run = run,
}
