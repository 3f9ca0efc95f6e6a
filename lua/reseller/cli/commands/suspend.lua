--- reseller suspend: stops active subscriptions, until they are resumed.
local change = require "reseller.cli.change"

return change.command {
  endpoint = "suspend_subscription",
  summary = "Suspend subscriptions.",
  description = "Suspends active subscriptions. Those that are suspended already need nothing.",
  examples = [[
  reseller suspend su_69afba98bc32119ad6daa8f0
  reseller suspend --from unpaid.txt
  reseller suspend --from unpaid.csv --dry-run]],
}
