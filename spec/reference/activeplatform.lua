--- What ActivePlatform's replies hold, as this module flattens them; examples; and what the vendor's pages do not
--- say. In the form of ghostealth.lua.
local account = require "spec.reference.activeplatform_account"

local GUIDE = "https://docs.activeplatform.com/activeplatform-reseller-api-reference-guide-en/"
local GET = GUIDE .. "get-subscription"
local TIME = "ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`"
local MONEY = "a decimal number as text, such as `\"410.5\"`"

local activeplatform = { variable = "ap", page = GUIDE }

activeplatform.about = {
  "A cloud marketplace that each operator runs at an address of their own. Replies follow JSON:API and are flattened: "
    .. "attributes and relationships sit on the resource, what was included is linked in place, what was not is left "
    .. "as a `Ref`.",
  "Amounts are decimal numbers as text, in a few places numbers, in the currency of the plan. Times are text. An id is "
    .. "text where it is the resource's own (`sub.id`) and an integer in attributes (`sub.plan_id`); calls take "
    .. "either.",
}

--- Fields that several classes have.
local function with(fields, ...)
  for _, more in ipairs { ... } do
    for _, field in ipairs(more) do fields[#fields + 1] = field end
  end
  return fields
end

local dates = { { "created_at", "string", TIME }, { "updated_at", "string", TIME } }

-- Of the resources of plans and of subscriptions.
local resource = {
  { "name", "string" },
  { "measurable?", "boolean", "null in all samples" },
  { "unit_of_measure", '"unit"|"boolean"|string' },
  { "application_template_name", "string" },
  { "included", "integer", "units that the fee covers" },
  { "minimum", "integer" },
  { "limit", "integer", "0: without limit if `unlimited_units`, or none to be had if `minimum` is 0 as well" },
  { "setup_fee", "string", MONEY },
  { "recurring_fee", "string", MONEY .. ", a month" },
  { "overuse_fee", "string", MONEY },
  { "renewal_fee", "string", MONEY },
  { "unlimited_units", "boolean" },
  { "public", "boolean" },
  { "status", '"active"|"inactive"|"deleted"|string' },
  { "resource_id", "integer", "the same number on both; it is neither the `id` of the one nor of the other" },
  { "custom_attributes", "table<string, string>", "the vendor's text says a list, its sample is an object" },
}

-- Of the periods of plans and of subscriptions.
local period = {
  { "duration_value?", "integer", "how many of `duration_type`; null in a sample" },
  { "duration_type?", '"month"|string', "null in a sample" },
  { "setup_fee", "string", MONEY },
  { "recurring_fee", "string", MONEY },
  { "transfer_fee", "string", MONEY },
  { "renewal_fee", "string", MONEY },
  { "trial", "boolean" },
  { "public", "boolean" },
  { "status", '"active"|"deleted"|string' },
  { "description?", "string", "may be empty" },
}

local subscription = {
  { "id", "string" },
  { "type", '"subscriptions"' },
  { "name", "string" },
  { "status", '"active"|"stopped"|"graced"|"installing"|"deleted"|string', "only active is documented as text; the "
    .. "control panel knows some twenty states" },
  { "trial", "boolean" },
  { "account_id", "integer" },
  { "plan_id", "integer" },
  { "plan_period_id", "integer", "id of one of the plan's `plan_periods`, not of `subscription_period`" },
  { "start_date", "string", "a day, such as `2020-08-05`, without time zone" },
  { "expiration_date?", "string", "a day; an endless one has none" },
  { "promo_code?", "string" },
  { "payment_model", '"prepay"|"postpay"|string' },
  { "payment_model_parameters", "PaymentModelParameters" },
  { "renewal_settings", "RenewalSettings" },
  { "fixed_price", "boolean" },
  { "custom_price?", "boolean", "older platforms do not have it" },
  { "ability?", "Ability", "older platforms do not have it, which does not mean no" },
  { "account", "Account|Ref", "an Account if included" },
  { "plan", "Plan|Ref", "a Plan if included" },
  { "subscription_period?", "SubscriptionPeriod|Ref", "a SubscriptionPeriod if included" },
  { "subscription_resources", "(SubscriptionResource|Ref)[]", "each a SubscriptionResource if included" },
  { "meta?", "SubscriptionMeta", "if asked for" },
}

activeplatform.classes = {
  with({ name = "Subscription", doc = "A subscription of a customer.", source = GET }, subscription, dates),
  { name = "Ref", doc = "What was not included: it tells what to ask for.", source = GET,
    { "id", "string" },
    { "type", "string", "such as `accounts`" } },
  { name = "RenewalSettings", doc = "Whether and when a subscription renews itself.", source = GET,
    { "autorenew", "boolean" },
    { "disable_autorenew", "boolean", "true: the option is not to be had for this subscription" },
    { "autorenew_point", "integer", "days" },
    { "manual_renew_point", "integer", "days; -1 in a sample, undocumented" } },
  { name = "PaymentModelParameters", doc = "Empty for what is paid in advance.", source = GET,
    { "credit_limit?", "number" },
    { "current_debt?", "number" } },
  { name = "Ability", doc = "What can be done to a subscription now.", source = GET,
    { "stop", "boolean" },
    { "activate", "boolean" },
    { "destroy", "boolean", "delete it" },
    { "adjust", "boolean", "order a change" },
    { "renew", "boolean" },
    { "prolong", "boolean" },
    { "change_auto_renew_option", "boolean" },
    { "immediate_switch_plan_order", "boolean" },
    { "delayed_switch_plan_order", "boolean" },
    { "change_resources_renewal_order", "boolean" },
    { "decrease_resources_change_order", "boolean" },
    { "decrease_resources_prolong_order", "boolean" } },
  { name = "SubscriptionMeta", doc = "What `meta = true` adds.", source = GET,
    { "applications", "table<string, string>[]", "customers' credentials: keep them out of logs; names depend on the "
      .. "plugin, such as `first_password`" } },
  with({ name = "SubscriptionResource", doc = "What a subscription has of something.", source = GET,
    { "id", "string" }, { "type", '"subscription_resources"' },
    { "additional", "integer", "units beyond those included" }, { "priority", "integer", "undocumented" } },
    resource, dates),
  with({ name = "SubscriptionPeriod", doc = "The period of a subscription.", source = GET,
    { "id", "string" }, { "type", '"subscription_periods"' }, { "endless", "boolean" } }, period, dates),
  with({ name = "Plan", doc = "What is sold.", source = GUIDE .. "get-plan",
    { "id", "string" },
    { "type", '"plans"' },
    { "status", '"active"|"inactive"|string' },
    { "name", "string" },
    { "description", "string" },
    { "public", "boolean" },
    { "billing_type", "string", "the plugin, such as `g_suite`" },
    { "plan_currency", "string", "ISO 4217, such as `RUB`" },
    { "fixed_price", "boolean" },
    { "reseller_id", "integer" },
    { "plan_class_id", "integer" },
    { "plan_class", "string" },
    { "product_id", "integer" },
    { "product", "string" },
    { "product_category_id", "integer" },
    { "product_category", "string" },
    { "ancestry?", "string", "undocumented" },
    { "plan_periods", "PlanPeriod[]" },
    { "plan_resources", "PlanResource[]" },
    { "available_account_types", "AccountType[]" },
    { "custom_attributes", "table<string, string>" } }, dates),
  with({ name = "PlanPeriod", doc = "A period that can be ordered.", source = GUIDE .. "get-plan",
    { "id", "string" }, { "type", '"plan_periods"' } }, period, dates),
  with({ name = "PlanResource", doc = "What a plan offers of something.", source = GUIDE .. "get-plan",
    { "id", "string" }, { "type", '"plan_resources"' } }, resource, dates),
}
with(activeplatform.classes, account(dates))

-- By the id of the row.
activeplatform.calls = {
  list_child_subscriptions = { result = "Subscription", example = [[
local page, meta = assert(ap:list_child_subscriptions { page = { size = 2, number = 396 } })
print(page[1].id, page[1].status, page[1].expiration_date) --> 3007095 active 2020-09-05
print(page[1].account.id, page[1].account.name) --> 523 nil
print(meta.page.number, meta.page.last) --> 396 573]],
    each = [[
local manual = 0
for sub in ap:each_child_subscription { page = { size = 200 }, pages_ahead = 4 } do
  if not sub.renewal_settings.autorenew then manual = manual + 1 end
end
print(manual) --> 467]],
    notes = {
      "`include` does not work here: take the `id` and call `get_subscription`.",
      "The reply's links are read for their page numbers only. They name a host and no TLS: the token never goes "
        .. "there.",
      "Other paths that begin with `child_reseller_` are missing from the newest release's coverage table: this one, "
        .. "too, may be `not_found` there.",
    } },
  get_subscription = { result = "Subscription", example = [[
local sub = assert(ap:get_subscription(3007095, {
  include = { "account", "plan", "subscription_period", "subscription_resources" },
}))
print(sub.account.name, sub.account.balance) --> Test company 2 9066.03
print(sub.plan.name, #sub.plan.plan_periods, sub.plan.plan_currency) --> G Suite Business 2 RUB
print(sub.subscription_period.duration_value, sub.subscription_period.duration_type) --> 1 month
print(sub.subscription_resources[1].name, sub.subscription_resources[1].additional) --> User 2]],
    notes = {
      "A subscription of a downstream reseller is found under the id of any reseller above it.",
      "An account links back to its subscriptions: `sub.account.subscriptions` has `sub` itself in it.",
    } },
}

activeplatform.notes = {
  "No limit of requests is documented, and none is kept unless `limit` is given. A pause that the server asks for is.",
  "Installations run different releases: `not_found` can mean that the platform is too old for a call.",
  "403 can mean that the state of a subscription does not allow it, not only that the token is wrong.",
  "An error's text may come in the operator's language: branch on `err.kind`.",
  "`meta = true` makes replies carry customers' passwords: ask for it only where you need it.",
  "There are three ids of a resource (its own on the plan, its own on the subscription, and `resource_id`) and two of "
    .. "a period. Orders want one of them each: the vendor's page of the order says which.",
  "Orders, payments, accounts, plans and charges are reached by `ap:request`. An order can be paid and carried out at "
    .. "once, whatever status its reply shows.",
}

return activeplatform
