--- reseller create: buys subscriptions.
local change = require "reseller.cli.change"

return change.command {
  endpoint = "create_subscription",
  summary = "Buy subscriptions.",
  description = "Buys subscriptions, and prints their ids. With --key, the same command again buys nothing more: it "
    .. "prints what was bought under that key. With --count, the keys of several are TEXT/1, TEXT/2 and so on.",
  examples = [[
  reseller create --billing-cycle WEEKLY --connections 100
  reseller create --billing-cycle MONTHLY --connections 200 --key order-4711
  reseller create --billing-cycle WEEKLY --connections 100 --count 5]],
}
