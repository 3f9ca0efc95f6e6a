-- Run by inside.sh: buys once in the sandbox, through a ledger, with what the Debian package installed.
local reseller = require "reseller"

local path = os.tmpname()
os.remove(path)
local gs = reseller.ghostealth { ledger = path }
local order = { billingCycle = "WEEKLY", connections = 100, key = "order-1" }
local before = assert(gs:get_reseller()).statistic.totalSubscriptions
local bought = assert(gs:create_subscription(order))
local again = assert(gs:create_subscription(order))
assert(again.id == bought.id, "bought twice")
assert(assert(gs:get_reseller()).statistic.totalSubscriptions == before + 1, "bought twice")
print(_VERSION, reseller.version, bought.id)
os.remove(path)
