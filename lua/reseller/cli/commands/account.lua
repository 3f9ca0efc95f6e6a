--- reseller account: balance, counts, app.
local views = require "reseller.cli.views"

local function run(context)
  local value, err = context:client("ghostealth", { reads = true }):get_reseller()
  if not value then return context:fail(err) end
  return context:show(value, { one = true, columns = views.of("ghostealth", "get_reseller") })
end

return {
  name = "account", group = "daily", data = true, run = run,
  summary = "Show the reseller account: balance and counts of subscriptions.",
  examples = "  reseller account\n  reseller account --json | jq .balance.amount.value",
}
