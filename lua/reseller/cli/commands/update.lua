--- reseller update: gives subscriptions another plan.
local change = require "reseller.cli.change"

return change.command {
  endpoint = "update_subscription",
  summary = "Give subscriptions another plan.",
  description = "Replaces the plan of subscriptions. What that charges is not documented: the price shown is that of "
    .. "the new plan, where the list of subscriptions tells it.",
  examples = [[
  reseller update su_69afba98bc32119ad6daa8f0 --billing-cycle MONTHLY --connections 200
  reseller update --from grown.txt --billing-cycle MONTHLY --connections 500]],
}
