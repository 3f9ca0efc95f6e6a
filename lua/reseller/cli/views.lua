--- How the results of endpoints look in a table: columns by the name of the row. What is not here shows its fields.
local reseller = require "reseller"

local views = {}

local GHOSTEALTH_END = "period.end.timestamp"
local ACTIVE_END = "expiration_date"
local PRICE, CURRENCY = "plan.price.grossAmount", "plan.price.currency"
local BALANCE, IN = "balance.amount.value", "balance.amount.currency"

--- The list of subscriptions of each platform, and the field that tells when one ends.
local lists = {
  ghostealth = { list = "list_subscriptions", ends = GHOSTEALTH_END },
  activeplatform = { list = "list_child_subscriptions", ends = ACTIVE_END },
}

local subscription = {
  { path = "id", whole = true },
  { path = "status", kind = "status", flag = "canceled" },
  { path = "plan.title", title = "plan" },
  { path = "plan.billingCycle", title = "billing", optional = true },
  { path = GHOSTEALTH_END, title = "ends", kind = "time" },
  { path = PRICE, title = "price", kind = "money", currency = CURRENCY, optional = true },
  { path = "plan.configuration.connections", title = "connections", optional = true },
}

local subscription_details = {
  { path = "id", whole = true },
  { path = "status", kind = "status", flag = "canceled" },
  { path = "plan.title", title = "plan" },
  { path = "plan.billingCycle", title = "billing" },
  { path = PRICE, title = "price", kind = "money", currency = CURRENCY },
  { path = "plan.configuration.connections", title = "connections" },
  { path = "plan.configuration.authentications", title = "authentications" },
  { path = "plan.configuration.type", title = "type" },
  { path = "period.start.timestamp", title = "began", kind = "time" },
  { path = GHOSTEALTH_END, title = "ends", kind = "time" },
  { path = "consumption.requests", title = "requests", kind = "number" },
  { path = "consumption.bytes", title = "bytes", kind = "number" },
}

local account = {
  { path = "id", whole = true },
  { path = BALANCE, title = "balance", kind = "money", currency = IN },
  { path = "balance.amount.fee", title = "fee", kind = "money", currency = IN },
  { path = "statistic.totalSubscriptions", title = "subscriptions" },
  { path = "statistic.activeSubscriptions", title = "  active" },
  { path = "statistic.suspendedSubscriptions", title = "  suspended" },
  { path = "statistic.stoppedSubscriptions", title = "  stopped" },
  { path = "statistic.terminatedSubscriptions", title = "  terminated" },
  { path = "app.title", title = "app" },
  { path = "app.apiKey", title = "  API key" },
}

local downstream = {
  { path = "id", whole = true },
  { path = "status", kind = "status" },
  { path = "name" },
  { path = ACTIVE_END, title = "ends", kind = "time" },
  { path = "account_id", title = "account" },
  { path = "plan_id", title = "plan" },
  { path = "trial", optional = true },
  { path = "payment_model", title = "pays", optional = true },
}

local downstream_details = {
  { path = "id", whole = true },
  { path = "status", kind = "status" },
  { path = "name" },
  { path = "start_date", title = "began", kind = "time" },
  { path = ACTIVE_END, title = "ends", kind = "time" },
  { path = "trial" },
  { path = "payment_model", title = "pays" },
  { path = "renewal_settings.autorenew", title = "renews itself" },
  { path = "promo_code", title = "promo code", optional = true },
  { path = "account_id", title = "account" },
  { path = "account.name", title = "  name", optional = true },
  { path = "account.email", title = "  email", optional = true },
  { path = "account.status", title = "  status", optional = true, kind = "status" },
  { path = "account.balance", title = "  balance", optional = true },
  { path = "plan_id", title = "plan" },
  { path = "plan.name", title = "  name", optional = true },
  { path = "plan.product", title = "  product", optional = true },
  { path = "plan_period_id", title = "plan period" },
  { path = "subscription_period.recurring_fee", title = "  recurring fee", optional = true },
  { path = "subscription_period.renewal_fee", title = "  renewal fee", optional = true },
}

--- By platform and row.
local by_row = {
  ghostealth = { get_reseller = account, list_subscriptions = subscription },
  activeplatform = { list_child_subscriptions = downstream, get_subscription = downstream_details },
}

--- The columns for the results of a row, nil if there are none of its own.
---@param platform string
---@param id string of the row
---@return reseller.cli.Column[]?
function views.of(platform, id) return (by_row[platform] or {})[id] end

--- The columns for one subscription out of a platform's list.
---@param platform string
---@return reseller.cli.Column[]
function views.details(platform) return platform == "ghostealth" and subscription_details or downstream_details end

--- The list of a platform's subscriptions.
---@param platform string
---@return {list: string, ends: string}
function views.list_of(platform) return lists[platform] end

--- Rows by platform and id.
---@param platform string
---@param id string
---@return table
function views.row(platform, id)
  for _, row in ipairs(reseller.endpoints()) do
    if row.platform == platform and row.id == id then return row end
  end
  error(("no row %s of %s"):format(id, platform))
end

return views
