--- reseller cancel: ends subscriptions for good.
local change = require "reseller.cli.change"

return change.command {
  endpoint = "cancel_subscription",
  summary = "Cancel subscriptions, which nothing takes back.",
  description = "Cancels subscriptions. No call of the platform takes that back.",
  examples = [[
  reseller cancel su_69afba98bc32119ad6daa8f0
  reseller cancel --from gone.txt --dry-run]],
}
