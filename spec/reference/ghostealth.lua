--- What Ghostealth's replies hold, an example of each call, and what its pages do not say. From its own page,
--- the samples on it, and what the sandbox, which was made after them, sends.
---
--- A class has fields `{ name, type, meaning }`; `?` after a name: may be absent. A type that begins with a
--- capital letter is a class of this file. `| string` after the values of an enumeration: others may come.
local PAGE = "https://ghostealth.com/documentation/reseller/subscriptions"

local ghostealth = { variable = "gs", page = PAGE }

ghostealth.about = {
  "Proxy subscriptions, paid from a balance. Amounts are integers in minor units (cents), times are milliseconds since "
    .. "1970 in UTC, ids are text to be taken as they are.",
  "The vendor documents no errors: neither their status nor their body. What is said of them here is what this module "
    .. "makes of them.",
}

ghostealth.classes = {
  { name = "Reseller", doc = "The reseller's account.", source = PAGE,
    { "id", "string", "`rs_…`" },
    { "balance", "Balance" },
    { "statistic", "Statistic", "counts of subscriptions" },
    { "app", "App" } },
  { name = "Balance", doc = "What is left to spend.", source = PAGE,
    { "id", "string", "`rb_…`" },
    { "amount", "Amount" } },
  { name = "Amount", doc = "An amount of money.", source = PAGE,
    { "currency", "string", "ISO 4217, such as `USD`" },
    { "value", "integer", "minor units, as far as prices tell: the vendor's sample is 0" },
    { "fee", "integer", "undocumented; 0 in the sample" } },
  { name = "Statistic", doc = "Counts of subscriptions by status.", source = PAGE,
    { "id", "string", "`rs_…` as well, but not the reseller's" },
    { "totalSubscriptions", "integer" },
    { "activeSubscriptions", "integer" },
    { "stoppedSubscriptions", "integer" },
    { "terminatedSubscriptions", "integer" },
    { "suspendedSubscriptions", "integer" } },
  { name = "App", doc = "The application that the key belongs to.", source = PAGE,
    { "id", "string", "`ap_…`" },
    { "title", "string" },
    { "description", "string", "has the id of a user in it" },
    { "apiKey", "string", "a live secret: keep it out of logs" } },
  { name = "SubscriptionBrief", doc = "A subscription as a purchase or an update answers it: without period and price.",
    source = PAGE,
    { "id", "string", "`su_…`" },
    { "status", '"ACTIVE"|"STOPPED"|"SUSPENDED"|"TERMINATED"|string', "only ACTIVE is documented; the others follow "
      .. "from the counts of Statistic" },
    { "type", '"STANDARD"|string' },
    { "canceled", "boolean", "apart from `status`: an active one may be canceled" },
    { "plan", "PlanBrief" } },
  { name = "Subscription", extends = "SubscriptionBrief", doc = "A subscription as lists show it.", source = PAGE,
    { "period", "Period", "what is paid for" },
    { "consumption", "Consumption" },
    { "plan", "Plan" },
    { "slots", "Slot[]", "one for each authenticated address" } },
  { name = "Period", doc = "A paid period. `end` is a word of Lua: write `period[\"end\"]`.", source = PAGE,
    { "start", "Moment" },
    { "end", "Moment" } },
  { name = "Moment", doc = "A moment, told twice.", source = PAGE,
    { "timestamp", "integer", "milliseconds since 1970, UTC" },
    { "date", "integer", "the same number" } },
  { name = "Consumption", doc = "What was used; up to two minutes old.", source = PAGE,
    { "bytes", "integer", "bytes by its name; another page of the vendor speaks of gigabytes" },
    { "requests", "integer" } },
  { name = "PlanBrief", doc = "What was ordered.", source = PAGE,
    { "billingCycle", '"WEEKLY"|"MONTHLY"|"ANNUAL"|string' },
    { "configuration", "ConfigurationBrief" } },
  { name = "Plan", extends = "PlanBrief", doc = "The plan of a subscription.", source = PAGE,
    { "id", "string", "`pl_…`" },
    { "title", "string", "such as `GS-DAT 100`" },
    { "description", "string", "such as `Weekly billing`" },
    { "price", "Price", "of one period" },
    { "configuration", "Configuration" } },
  { name = "Price", doc = "The price of a period, in minor units; gross is net plus tax.", source = PAGE,
    { "currency", "string", "ISO 4217, such as `USD`" },
    { "netAmount", "integer" },
    { "taxAmount", "integer" },
    { "grossAmount", "integer" },
    { "feeAmount", "integer", "undocumented; 0 in the sample" },
    { "taxRate", "number", "percent" } },
  { name = "ConfigurationBrief", doc = "The size of a plan.", source = PAGE,
    { "connections", "integer", "simultaneous connections" },
    { "authentications", "integer", "authenticated addresses" } },
  { name = "Configuration", extends = "ConfigurationBrief", doc = "The size and kind of a plan.", source = PAGE,
    { "type", '"DATACENTER"|string' } },
  { name = "Slot", doc = "Room for one authenticated address. How a bound address is told is undocumented.",
    source = PAGE,
    { "id", "string", "`sl_…`" },
    { "status", '"ENABLED"|string' },
    { "state", '"UNBOUND"|"BOUND"|string', "only UNBOUND is documented" },
    { "synchronization", '"SYNCED"|"PENDING"|string', "only SYNCED is documented" },
    { "type", '"IP"|string' } },
  { name = "Confirmation", doc = "A yes. A `success` that is not true comes as an error.", source = PAGE,
    { "success", "true" },
    { "message", "string", "for people" } },
}

local BALANCE = { kind = "rejected", when = "among others, when the balance does not suffice; the sandbox says so with "
  .. "status 402" }
local STATE = { kind = "rejected", when = "among others, when the state of the subscription does not allow it; the "
  .. "sandbox says so with status 409" }

-- By the id of the row.
ghostealth.calls = {
  get_reseller = { result = "Reseller", example = [[
local account = assert(gs:get_reseller())
local balance, counts = account.balance.amount, account.statistic
print(("%.2f %s"):format(balance.value / 100, balance.currency)) --> 25000.00 USD
print(counts.activeSubscriptions, counts.totalSubscriptions) --> 34 45]] },
  list_subscriptions = { result = "Subscription", example = [[
local page = assert(gs:list_subscriptions { size = 5 })
local newest = page[1]
print(#page, newest.id, newest.plan.title) --> 5 su_69afba98bc32119ad6daa8f0 GS-DAT 100
local ends = math.floor(newest.period["end"].timestamp / 1000)
print(newest.status, os.date("!%Y-%m-%d %H:%M", ends)) --> ACTIVE 2026-03-17 06:30]],
    each = [[
local cents = 0
for sub in gs:each_subscription { size = 50 } do
  if sub.status == "ACTIVE" and sub.plan.billingCycle == "MONTHLY" then cents = cents + sub.plan.price.grossAmount end
end
print(("%.2f a month"):format(cents / 100)) --> 7581.60 a month]],
    notes = {
      "A list always comes as an array, whether the server sends an array, a single object, `null` or nothing.",
      "Nothing in the reply tells how many pages there are. The walk ends with a page that is empty, shorter than the "
        .. "one before it, or brings nothing new.",
      "There is no call that reads one subscription: walk the list and compare the `id`.",
    } },
  create_subscription = { result = "SubscriptionBrief", errors = { BALANCE }, example = [[
local sub, err = gs:create_subscription { billingCycle = "MONTHLY", connections = 200, authentications = 3 }
if sub then
  print(sub.status, sub.plan.billingCycle, sub.plan.configuration.connections) --> ACTIVE MONTHLY 200
elseif err.kind == "unknown" then
  print("perhaps bought: look at the list before you try again", err)
else
  print("not bought", err)
end]],
    notes = { "Prices are shown in lists only, for what was bought already: there is no price list." } },
  update_subscription = { result = "SubscriptionBrief", errors = { BALANCE, STATE }, example = [[
local sub = assert(gs:list_subscriptions())[1]
local updated = assert(gs:update_subscription(sub.id, { billingCycle = "MONTHLY", connections = 500 }))
print(updated.id == sub.id, updated.plan.configuration.connections) --> true 500]],
    notes = {
      "It replaces the plan as a whole: what is left out is not kept. Without `authentications`, one address is left.",
      "When it takes effect, what it costs, and whether a smaller plan is allowed, is undocumented.",
    } },
  renew_subscription = { result = "Confirmation", errors = { BALANCE, STATE }, example = [[
local sub = assert(gs:list_subscriptions())[1]
local ends = sub.period["end"].timestamp
print(assert(gs:renew_subscription(sub.id, { expect_end = ends })).message) --> Subscription renewed successfully.
local again, err = gs:renew_subscription(sub.id, { expect_end = ends })
print(again, err.kind, err.sent) --> nil refused no]],
    notes = {
      "It is a PUT to the address that a POST updates. PUT is commonly taken for harmless to repeat: this one buys a "
        .. "period each time.",
      "Whether the new period begins now or at the end of the old one is undocumented.",
    } },
  suspend_subscription = { errors = { STATE }, example = [[
local sub = assert(gs:list_subscriptions())[1]
assert(gs:suspend_subscription(sub.id))
print(assert(gs:list_subscriptions())[1].status) --> SUSPENDED]],
    notes = { "Whether a suspended subscription still costs is undocumented." } },
  resume_subscription = { errors = { STATE }, example = [[
local sub = assert(gs:list_subscriptions())[1]
assert(gs:suspend_subscription(sub.id))
assert(gs:resume_subscription(sub.id))
print(assert(gs:list_subscriptions())[1].status) --> ACTIVE]] },
  cancel_subscription = { errors = { STATE }, example = [[
local sub = assert(gs:list_subscriptions())[1]
assert(gs:cancel_subscription(sub.id))
local now = assert(gs:list_subscriptions())[1]
print(now.status, now.canceled) --> ACTIVE true]],
    notes = { "Whether it ends at once or with the period, and whether money comes back, is undocumented." } },
}

ghostealth.notes = {
  "Only the key from the reseller dashboard works here; the key of the ordinary account settings does not.",
  "The vendor's pages write the address with `/dev/v1.0` in samples and with `/api/v1.0` in headings. Which of them is "
    .. "meant is not said: take both for live. The other one is a matter of "
    .. "`base_url = \"https://api.ghostealth.com/api/v1.0\"`.",
  "Two samples of the vendor call a bare address over plain HTTP. This module does not: that would give the key away.",
  "How the ten requests in 60 seconds are counted is not said (by key, by endpoint, by address), nor what a refusal "
    .. "looks like. All calls of a key are counted together unless `limit.scope` says otherwise.",
  "Suspend, resume and cancel answer with an empty object: look at the list to see the new state.",
  "The list may show a change late: purchases may be carried out after the reply.",
  "Endpoints for IP slots and lists exist, but their paths are not documented in full. `gs:request` reaches them.",
}

return ghostealth
