-- A tour of the ten calls, with nine requests to Ghostealth. It buys, so it wants a sandbox:
--   RESELLER_SANDBOX=http://127.0.0.1:PORT lua5.4 examples/tour.lua
-- With --pay instead, it takes the credentials in the environment and spends real money.
-- Exit codes: 0 done; 1 a call failed; 2 neither a sandbox nor --pay.
local reseller = require "reseller"

if not os.getenv "RESELLER_SANDBOX" and arg[1] ~= "--pay" then
  io.stderr:write "tour.lua: set RESELLER_SANDBOX to the address of a sandbox, or add --pay to spend real money\n"
  os.exit(2)
end

local function line(call, text, ...) print(("  %-25s %s"):format(call, text:format(...))) end

print "Ghostealth"
local gs = reseller.ghostealth()
local counts = assert(gs:get_reseller()).statistic
line("get_reseller", "%d of %d subscriptions are active", counts.activeSubscriptions, counts.totalSubscriptions)
line("list_subscriptions", "%d on the first page", #assert(gs:list_subscriptions()))
local sub = assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100 })
line("create_subscription", "%s is %s", sub.id, sub.status)
sub = assert(gs:update_subscription(sub.id, { billingCycle = "MONTHLY", connections = 200 }))
line("update_subscription", "%s, %d connections", sub.plan.billingCycle, sub.plan.configuration.connections)
line("renew_subscription", "%s", assert(gs:renew_subscription(sub.id)).message)
line("suspend_subscription", "done", assert(gs:suspend_subscription(sub.id)))
line("resume_subscription", "done", assert(gs:resume_subscription(sub.id)))
line("cancel_subscription", "done", assert(gs:cancel_subscription(sub.id)))
for _, item in ipairs(assert(gs:list_subscriptions { sortBy = "id", direction = "DESC" })) do
  if item.id == sub.id then
    local ends = os.date("!%Y-%m-%d", math.floor(item.period["end"].timestamp / 1000))
    line("list_subscriptions", "it is %s%s and ends %s", item.status, item.canceled and ", canceled," or "", ends)
  end
end

print "ActivePlatform"
local ap = reseller.activeplatform()
local children, meta = assert(ap:list_child_subscriptions())
line("list_child_subscriptions", "%d on page 1 of %s", #children, meta.page.last or "?")
local child = assert(ap:get_subscription(children[1].id, { include = { "account", "plan" } }))
line("get_subscription", "%s: %s, for %s", child.plan.name, child.status, child.account.name)
