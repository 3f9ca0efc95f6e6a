---@meta reseller
---@diagnostic disable: duplicate-doc-field, duplicate-doc-alias
-- The types of everything public, for lua-language-server and the editors that use it. Nothing requires this file.
-- Written by `lua5.4 spec/reference.lua` from the endpoint table, the data model in spec/reference and the annotations
-- of the sources: what is changed here by hand is lost.
-- luacheck: ignore 212 241 631

---@class reseller.ledger
local ledger = {}

--- Opens a ledger: a file of SQLite, made if it is not there, or `postgres://user@host/database`.
---@param where string
---@param options? reseller.ledger.Options
---@return reseller.Ledger?
---@return reseller.Error? err
function ledger.open(where, options) end

---@class reseller
---@field version string
---@field null lightuserdata What stands for a JSON null in arrays, and in objects with `keep_null`; equal to `cjson.null`.
---@field ledger reseller.ledger Where spends are recorded before they are sent: `reseller.ledger.open(path_or_address, options)`.
local reseller = {}

--- A client of Ghostealth (https://ghostealth.com/documentation/reseller/subscriptions).
---@param options? reseller.Options
---@return reseller.ghostealth.Client
function reseller.ghostealth(options) end

--- A client of an installation of ActivePlatform (https://docs.activeplatform.com/activeplatform-reseller-api-reference-guide-en/).
---@param options? reseller.Options
---@return reseller.activeplatform.Client
function reseller.activeplatform(options) end

--- Marks a table as an array, so that it is one in JSON also when it is empty.
---@generic T: table
---@param t T
---@return T
function reseller.array(t) end

--- Runs functions with at most `n` of them under way, and returns when all have ended.
---@param n integer
---@param functions function[]
---@return table[] results in the order of the functions: { value, meta }, or { nil, err }
function reseller.parallel(n, functions) end

--- The endpoint table, for help texts and tools: one table a row, copied anew at each call.
---@return reseller.Endpoint[]
function reseller.endpoints() end

---@class reseller.Client
---@field platform string
---@field base_url string
local Client = {}

--- Closes the connections. Calling the client afterwards raises an error of kind `closed`.
function Client:close() end

--- Seconds until `count` more calls are through, as far as the limit is concerned.
---@param count integer
---@return number? seconds nil when the store of the limit cannot be asked
---@return string? why
function Client:eta(count) end

--- Makes a request that the endpoint table does not know. It counts as a spend, which is sent at most once,
--- unless `effect` says otherwise.
---@param spec reseller.Request
---@return any value
---@return reseller.Meta|reseller.Error
function Client:request(spec) end

---@class reseller.Ledger
local Ledger = {}

--- Iterates over entries, oldest first. Raises the error when the ledger cannot be read.
---@param filter? reseller.ledger.Filter
---@return fun(): reseller.ledger.Entry?
function Ledger:entries(filter) end

--- Counts and sums by day (UTC), endpoint, verdict and currency. `priced` tells how many had a known price.
---@param filter? reseller.ledger.Filter
---@return reseller.ledger.Total[]
function Ledger:totals(filter) end

--- All that was done to one subscription, as a list of entries that prints as text.
---@param subject string its id
---@return reseller.ledger.Entry[]
function Ledger:explain(subject) end

--- Settles the unknowns of a client's account, as far as one look at the platform does.
---@param client reseller.Client
---@return {settled: integer, open: integer}? result
---@return reseller.Error? err
function Ledger:reconcile(client) end

--- Records what a person found out about an unknown.
---@param id integer of the entry
---@param verdict "done"|"refused"
---@param why string how that is known
---@return boolean? ok
---@return reseller.Error? err
function Ledger:settle(id, verdict, why) end

--- Closes the database. Calls of clients with this ledger are refused from then on.
function Ledger:close() end

---@class reseller.ghostealth.Client : reseller.Client
local ghostealth = {}

--- The reseller account: balance, counts of subscriptions, app. `app.apiKey` in it is a live secret.
---
--- GET /resellers; read: changes nothing; sent again after failures that pass, at most `retries` times.
--- [The vendor's page](https://ghostealth.com/documentation/reseller/subscriptions)
---@return reseller.ghostealth.Reseller? value nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function ghostealth:get_reseller() end

---@class reseller.ghostealth.list_subscriptions.params
---@field page? integer page number, from 0; 0 to 1000000000; 0 unless given
---@field size? integer items a page; the vendor's maximum is unknown; 1 to 1000000; 20 unless given
---@field sortBy? string sort key; other keys than `id` are undocumented; id unless given
---@field direction? "ASC"|"DESC" sort order; DESC unless given

--- One page of the subscriptions.
---
--- GET /resellers/subscriptions; read: changes nothing; sent again after failures that pass, at most `retries` times.
--- [The vendor's page](https://ghostealth.com/documentation/reseller/subscriptions)
---@param params? reseller.ghostealth.list_subscriptions.params
---@return reseller.ghostealth.Subscription[]? value nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function ghostealth:list_subscriptions(params) end

--- Iterates over all pages of `list_subscriptions`, no item twice. Raises the error when a page fails.
---@param params? reseller.ghostealth.list_subscriptions.params
---@return fun(): reseller.ghostealth.Subscription?
function ghostealth:each_subscription(params) end

---@class reseller.ghostealth.create_subscription.params
---@field billingCycle "WEEKLY"|"MONTHLY"|"ANNUAL" length of a paid period
---@field connections 100|200|500|1000|2000 simultaneous connections
---@field authentications? integer authenticated addresses; the first is free; 1 to 10; 1 unless given
---@field key? string your own name for this call: once done, a call with the same key returns what was recorded and sends nothing; needs a ledger

--- Buys a subscription. The reply has neither price nor period: list to learn them.
---
--- POST /resellers/subscriptions; spend: costs money; sent again only if it was never sent, or refused unread.
--- [The vendor's page](https://ghostealth.com/documentation/reseller/subscriptions)
---@param params reseller.ghostealth.create_subscription.params
---@return reseller.ghostealth.SubscriptionBrief? value nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function ghostealth:create_subscription(params) end

---@class reseller.ghostealth.update_subscription.params
---@field billingCycle "WEEKLY"|"MONTHLY"|"ANNUAL" length of a paid period
---@field connections 100|200|500|1000|2000 simultaneous connections
---@field authentications? integer authenticated addresses; the first is free; 1 to 10; 1 unless given
---@field key? string your own name for this call: once done, a call with the same key returns what was recorded and sends nothing; needs a ledger

--- Replaces the plan of a subscription; what it charges is undocumented.
---
--- POST /resellers/subscriptions/{subscriptionId}; spend: costs money; sent again only if it was never sent, or refused unread.
--- [The vendor's page](https://ghostealth.com/documentation/reseller/subscriptions)
---@param subscriptionId string id of the subscription (`su_…`), from the list
---@param params reseller.ghostealth.update_subscription.params
---@return reseller.ghostealth.SubscriptionBrief? value nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function ghostealth:update_subscription(subscriptionId, params) end

---@class reseller.ghostealth.renew_subscription.params
---@field key? string your own name for this call: once done, a call with the same key returns what was recorded and sends nothing; needs a ledger
---@field expect_end? integer renews only if the period still ends then (milliseconds since 1970, as in `period["end"].timestamp`)

--- Buys another period. Not idempotent, in spite of its verb.
---
--- PUT /resellers/subscriptions/{subscriptionId}; spend: costs money; sent again only if it was never sent, or refused unread.
--- [The vendor's page](https://ghostealth.com/documentation/reseller/subscriptions)
---@param subscriptionId string id of the subscription (`su_…`), from the list
---@param params? reseller.ghostealth.renew_subscription.params
---@return reseller.ghostealth.Confirmation? value nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function ghostealth:renew_subscription(subscriptionId, params) end

---@class reseller.ghostealth.suspend_subscription.params
---@field key? string your own name for this call: once done, a call with the same key returns what was recorded and sends nothing; needs a ledger

--- Suspends an active subscription. The reply does not tell the new state.
---
--- PUT /resellers/subscriptions/{subscriptionId}/suspend; transition: changes a state; sent again only if it was never sent, or refused unread.
--- [The vendor's page](https://ghostealth.com/documentation/reseller/subscriptions)
---@param subscriptionId string id of the subscription (`su_…`), from the list
---@param params? reseller.ghostealth.suspend_subscription.params
---@return table? value empty; nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function ghostealth:suspend_subscription(subscriptionId, params) end

---@class reseller.ghostealth.resume_subscription.params
---@field key? string your own name for this call: once done, a call with the same key returns what was recorded and sends nothing; needs a ledger

--- Resumes a suspended subscription. The reply does not tell the new state.
---
--- PUT /resellers/subscriptions/{subscriptionId}/resume; transition: changes a state; sent again only if it was never sent, or refused unread.
--- [The vendor's page](https://ghostealth.com/documentation/reseller/subscriptions)
---@param subscriptionId string id of the subscription (`su_…`), from the list
---@param params? reseller.ghostealth.resume_subscription.params
---@return table? value empty; nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function ghostealth:resume_subscription(subscriptionId, params) end

---@class reseller.ghostealth.cancel_subscription.params
---@field key? string your own name for this call: once done, a call with the same key returns what was recorded and sends nothing; needs a ledger

--- Cancels a subscription. No endpoint takes it back.
---
--- PUT /resellers/subscriptions/{subscriptionId}/cancel; transition: changes a state; sent again only if it was never sent, or refused unread.
--- [The vendor's page](https://ghostealth.com/documentation/reseller/subscriptions)
---@param subscriptionId string id of the subscription (`su_…`), from the list
---@param params? reseller.ghostealth.cancel_subscription.params
---@return table? value empty; nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function ghostealth:cancel_subscription(subscriptionId, params) end

--- The reseller's account.
---@class reseller.ghostealth.Reseller
---@field id string `rs_…`
---@field balance reseller.ghostealth.Balance
---@field statistic reseller.ghostealth.Statistic counts of subscriptions
---@field app reseller.ghostealth.App

--- What is left to spend.
---@class reseller.ghostealth.Balance
---@field id string `rb_…`
---@field amount reseller.ghostealth.Amount

--- An amount of money.
---@class reseller.ghostealth.Amount
---@field currency string ISO 4217, such as `USD`
---@field value integer minor units, as far as prices tell: the vendor's sample is 0
---@field fee integer undocumented; 0 in the sample

--- Counts of subscriptions by status.
---@class reseller.ghostealth.Statistic
---@field id string `rs_…` as well, but not the reseller's
---@field totalSubscriptions integer
---@field activeSubscriptions integer
---@field stoppedSubscriptions integer
---@field terminatedSubscriptions integer
---@field suspendedSubscriptions integer

--- The application that the key belongs to.
---@class reseller.ghostealth.App
---@field id string `ap_…`
---@field title string
---@field description string has the id of a user in it
---@field apiKey string a live secret: keep it out of logs

--- A subscription as a purchase or an update answers it: without period and price.
---@class reseller.ghostealth.SubscriptionBrief
---@field id string `su_…`
---@field status "ACTIVE"|"STOPPED"|"SUSPENDED"|"TERMINATED"|string only ACTIVE is documented; the others follow from the counts of Statistic
---@field type "STANDARD"|string
---@field canceled boolean apart from `status`: an active one may be canceled
---@field plan reseller.ghostealth.PlanBrief

--- A subscription as lists show it.
---@class reseller.ghostealth.Subscription : reseller.ghostealth.SubscriptionBrief
---@field period reseller.ghostealth.Period what is paid for
---@field consumption reseller.ghostealth.Consumption
---@field plan reseller.ghostealth.Plan
---@field slots reseller.ghostealth.Slot[] one for each authenticated address

--- A paid period. `end` is a word of Lua: write `period["end"]`.
---@class reseller.ghostealth.Period
---@field start reseller.ghostealth.Moment
---@field ["end"] reseller.ghostealth.Moment

--- A moment, told twice.
---@class reseller.ghostealth.Moment
---@field timestamp integer milliseconds since 1970, UTC
---@field date integer the same number

--- What was used; up to two minutes old.
---@class reseller.ghostealth.Consumption
---@field bytes integer bytes by its name; another page of the vendor speaks of gigabytes
---@field requests integer

--- What was ordered.
---@class reseller.ghostealth.PlanBrief
---@field billingCycle "WEEKLY"|"MONTHLY"|"ANNUAL"|string
---@field configuration reseller.ghostealth.ConfigurationBrief

--- The plan of a subscription.
---@class reseller.ghostealth.Plan : reseller.ghostealth.PlanBrief
---@field id string `pl_…`
---@field title string such as `GS-DAT 100`
---@field description string such as `Weekly billing`
---@field price reseller.ghostealth.Price of one period
---@field configuration reseller.ghostealth.Configuration

--- The price of a period, in minor units; gross is net plus tax.
---@class reseller.ghostealth.Price
---@field currency string ISO 4217, such as `USD`
---@field netAmount integer
---@field taxAmount integer
---@field grossAmount integer
---@field feeAmount integer undocumented; 0 in the sample
---@field taxRate number percent

--- The size of a plan.
---@class reseller.ghostealth.ConfigurationBrief
---@field connections integer simultaneous connections
---@field authentications integer authenticated addresses

--- The size and kind of a plan.
---@class reseller.ghostealth.Configuration : reseller.ghostealth.ConfigurationBrief
---@field type "DATACENTER"|string

--- Room for one authenticated address. How a bound address is told is undocumented.
---@class reseller.ghostealth.Slot
---@field id string `sl_…`
---@field status "ENABLED"|string
---@field state "UNBOUND"|"BOUND"|string only UNBOUND is documented
---@field synchronization "SYNCED"|"PENDING"|string only SYNCED is documented
---@field type "IP"|string

--- A yes. A `success` that is not true comes as an error.
---@class reseller.ghostealth.Confirmation
---@field success true
---@field message string for people

---@class reseller.activeplatform.Client : reseller.Client
local activeplatform = {}

---@class reseller.activeplatform.list_child_subscriptions.params.page
---@field size? integer items a page; the vendor's maximum is unknown; 1 to 1000000; 50 unless given
---@field number? integer page number, from 1; 1 to 1000000000; 1 unless given

---@class reseller.activeplatform.list_child_subscriptions.params
---@field reseller_id? integer|string id of the reseller, own or downstream; the client's unless given
---@field page? reseller.activeplatform.list_child_subscriptions.params.page
---@field meta? boolean adds `meta.applications`, which holds customers' credentials

--- One page of the subscriptions of all downstream resellers; never with `include`.
---
--- GET /api/v3/resellers/{reseller_id}/child_reseller_subscriptions; read: changes nothing; sent again after failures that pass, at most `retries` times.
--- [The vendor's page](https://docs.activeplatform.com/api-guide/latest/en/resellery/podpiski-resellerov/poluchenie-spiska-podpisok-vseh-niyoestoyashchih-resellerov)
---@param params? reseller.activeplatform.list_child_subscriptions.params
---@return reseller.activeplatform.Subscription[]? value nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function activeplatform:list_child_subscriptions(params) end

---@class reseller.activeplatform.each_child_subscription.params : reseller.activeplatform.list_child_subscriptions.params
---@field pages_ahead? integer how many pages may be fetched at once; 0 unless given

--- Iterates over all pages of `list_child_subscriptions`, no item twice. Raises the error when a page fails.
---@param params? reseller.activeplatform.each_child_subscription.params
---@return fun(): reseller.activeplatform.Subscription?
function activeplatform:each_child_subscription(params) end

---@class reseller.activeplatform.get_subscription.params
---@field reseller_id? integer|string id of the reseller, own or downstream; the client's unless given
---@field meta? boolean adds `meta.applications`, which holds customers' credentials
---@field include? ("account"|"plan"|"subscription_period"|"subscription_resources")[]|"account"|"plan"|"subscription_period"|"subscription_resources" related objects to send along

--- One subscription, own or downstream.
---
--- GET /api/v3/resellers/{reseller_id}/subscriptions/{subscription_id}; read: changes nothing; sent again after failures that pass, at most `retries` times.
--- [The vendor's page](https://docs.activeplatform.com/activeplatform-reseller-api-reference-guide-en/get-subscription)
---@param subscription_id integer|string id of the subscription
---@param params? reseller.activeplatform.get_subscription.params
---@return reseller.activeplatform.Subscription? value nil when it failed
---@return reseller.Meta|reseller.Error meta the error when it failed
function activeplatform:get_subscription(subscription_id, params) end

--- A subscription of a customer.
---@class reseller.activeplatform.Subscription
---@field id string
---@field type "subscriptions"
---@field name string
---@field status "active"|"stopped"|"graced"|"installing"|"deleted"|string only active is documented as text; the control panel knows some twenty states
---@field trial boolean
---@field account_id integer
---@field plan_id integer
---@field plan_period_id integer id of one of the plan's `plan_periods`, not of `subscription_period`
---@field start_date string a day, such as `2020-08-05`, without time zone
---@field expiration_date? string a day; an endless one has none
---@field promo_code? string
---@field payment_model "prepay"|"postpay"|string
---@field payment_model_parameters reseller.activeplatform.PaymentModelParameters
---@field renewal_settings reseller.activeplatform.RenewalSettings
---@field fixed_price boolean
---@field custom_price? boolean older platforms do not have it
---@field ability? reseller.activeplatform.Ability older platforms do not have it, which does not mean no
---@field account reseller.activeplatform.Account|reseller.activeplatform.Ref an Account if included
---@field plan reseller.activeplatform.Plan|reseller.activeplatform.Ref a Plan if included
---@field subscription_period? reseller.activeplatform.SubscriptionPeriod|reseller.activeplatform.Ref a SubscriptionPeriod if included
---@field subscription_resources (reseller.activeplatform.SubscriptionResource|reseller.activeplatform.Ref)[] each a SubscriptionResource if included
---@field meta? reseller.activeplatform.SubscriptionMeta if asked for
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- What was not included: it tells what to ask for.
---@class reseller.activeplatform.Ref
---@field id string
---@field type string such as `accounts`

--- Whether and when a subscription renews itself.
---@class reseller.activeplatform.RenewalSettings
---@field autorenew boolean
---@field disable_autorenew boolean true: the option is not to be had for this subscription
---@field autorenew_point integer days
---@field manual_renew_point integer days; -1 in a sample, undocumented

--- Empty for what is paid in advance.
---@class reseller.activeplatform.PaymentModelParameters
---@field credit_limit? number
---@field current_debt? number

--- What can be done to a subscription now.
---@class reseller.activeplatform.Ability
---@field stop boolean
---@field activate boolean
---@field destroy boolean delete it
---@field adjust boolean order a change
---@field renew boolean
---@field prolong boolean
---@field change_auto_renew_option boolean
---@field immediate_switch_plan_order boolean
---@field delayed_switch_plan_order boolean
---@field change_resources_renewal_order boolean
---@field decrease_resources_change_order boolean
---@field decrease_resources_prolong_order boolean

--- What `meta = true` adds.
---@class reseller.activeplatform.SubscriptionMeta
---@field applications table<string, string>[] customers' credentials: keep them out of logs; names depend on the plugin, such as `first_password`

--- What a subscription has of something.
---@class reseller.activeplatform.SubscriptionResource
---@field id string
---@field type "subscription_resources"
---@field additional integer units beyond those included
---@field priority integer undocumented
---@field name string
---@field measurable? boolean null in all samples
---@field unit_of_measure "unit"|"boolean"|string
---@field application_template_name string
---@field included integer units that the fee covers
---@field minimum integer
---@field limit integer 0: without limit if `unlimited_units`, or none to be had if `minimum` is 0 as well
---@field setup_fee string a decimal number as text, such as `"410.5"`
---@field recurring_fee string a decimal number as text, such as `"410.5"`, a month
---@field overuse_fee string a decimal number as text, such as `"410.5"`
---@field renewal_fee string a decimal number as text, such as `"410.5"`
---@field unlimited_units boolean
---@field public boolean
---@field status "active"|"inactive"|"deleted"|string
---@field resource_id integer the same number on both; it is neither the `id` of the one nor of the other
---@field custom_attributes table<string, string> the vendor's text says a list, its sample is an object
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- The period of a subscription.
---@class reseller.activeplatform.SubscriptionPeriod
---@field id string
---@field type "subscription_periods"
---@field endless boolean
---@field duration_value? integer how many of `duration_type`; null in a sample
---@field duration_type? "month"|string null in a sample
---@field setup_fee string a decimal number as text, such as `"410.5"`
---@field recurring_fee string a decimal number as text, such as `"410.5"`
---@field transfer_fee string a decimal number as text, such as `"410.5"`
---@field renewal_fee string a decimal number as text, such as `"410.5"`
---@field trial boolean
---@field public boolean
---@field status "active"|"deleted"|string
---@field description? string may be empty
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- What is sold.
---@class reseller.activeplatform.Plan
---@field id string
---@field type "plans"
---@field status "active"|"inactive"|string
---@field name string
---@field description string
---@field public boolean
---@field billing_type string the plugin, such as `g_suite`
---@field plan_currency string ISO 4217, such as `RUB`
---@field fixed_price boolean
---@field reseller_id integer
---@field plan_class_id integer
---@field plan_class string
---@field product_id integer
---@field product string
---@field product_category_id integer
---@field product_category string
---@field ancestry? string undocumented
---@field plan_periods reseller.activeplatform.PlanPeriod[]
---@field plan_resources reseller.activeplatform.PlanResource[]
---@field available_account_types reseller.activeplatform.AccountType[]
---@field custom_attributes table<string, string>
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- A period that can be ordered.
---@class reseller.activeplatform.PlanPeriod
---@field id string
---@field type "plan_periods"
---@field duration_value? integer how many of `duration_type`; null in a sample
---@field duration_type? "month"|string null in a sample
---@field setup_fee string a decimal number as text, such as `"410.5"`
---@field recurring_fee string a decimal number as text, such as `"410.5"`
---@field transfer_fee string a decimal number as text, such as `"410.5"`
---@field renewal_fee string a decimal number as text, such as `"410.5"`
---@field trial boolean
---@field public boolean
---@field status "active"|"deleted"|string
---@field description? string may be empty
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- What a plan offers of something.
---@class reseller.activeplatform.PlanResource
---@field id string
---@field type "plan_resources"
---@field name string
---@field measurable? boolean null in all samples
---@field unit_of_measure "unit"|"boolean"|string
---@field application_template_name string
---@field included integer units that the fee covers
---@field minimum integer
---@field limit integer 0: without limit if `unlimited_units`, or none to be had if `minimum` is 0 as well
---@field setup_fee string a decimal number as text, such as `"410.5"`
---@field recurring_fee string a decimal number as text, such as `"410.5"`, a month
---@field overuse_fee string a decimal number as text, such as `"410.5"`
---@field renewal_fee string a decimal number as text, such as `"410.5"`
---@field unlimited_units boolean
---@field public boolean
---@field status "active"|"inactive"|"deleted"|string
---@field resource_id integer the same number on both; it is neither the `id` of the one nor of the other
---@field custom_attributes table<string, string> the vendor's text says a list, its sample is an object
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- A customer. Most of it is personal data.
---@class reseller.activeplatform.Account
---@field id string
---@field type "accounts"
---@field reseller_id integer
---@field name string
---@field primary_name string
---@field first_name string this and what follows may be empty
---@field middle_name string
---@field last_name string
---@field country string ISO 3166-1, two letters
---@field region string
---@field city string
---@field street string
---@field building string
---@field office string
---@field zip string
---@field phone string
---@field email string
---@field status "active"|string
---@field balance string a decimal number as text, such as `"9066.03"`
---@field usable_balance string a decimal number as text
---@field current_debt number
---@field subscription_credit_limit number text inside `account_class`
---@field financial_blocking_threshold number text inside `account_class`
---@field default_payment_model "prepay"|"postpay"|string
---@field account_class_id integer
---@field account_class reseller.activeplatform.AccountClass
---@field account_type_id integer
---@field account_type reseller.activeplatform.AccountType
---@field owner_id integer
---@field owner reseller.activeplatform.Owner
---@field tech_user_id integer
---@field bill_user_id integer
---@field manager_id? integer
---@field manager? table never seen but null
---@field custom_attributes table<string, string>
---@field subscriptions (reseller.activeplatform.Subscription|reseller.activeplatform.Ref)[] can be long
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- The user who owns an account.
---@class reseller.activeplatform.Owner
---@field email string
---@field account_status "active"|string
---@field global_status "active"|string
---@field first_name string
---@field middle_name string
---@field last_name string
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- Such as a person or a company. Its id is an integer.
---@class reseller.activeplatform.AccountType
---@field id integer
---@field name string
---@field key "business"|"personal"|string
---@field reseller_id integer
---@field name_pattern string such as `%primary_name`
---@field primary_name string what the field of that name is called
---@field default_payment_method_id integer
---@field ancestry? string undocumented
---@field use_by_default boolean
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- The terms of a customer. Its id is an integer.
---@class reseller.activeplatform.AccountClass
---@field id integer
---@field name string
---@field key string
---@field color string
---@field reseller_id integer
---@field default boolean
---@field denominated boolean
---@field payment_model "prepay"|"postpay"|string
---@field buy_with_negative_balance boolean
---@field subscription_credit_limit string a decimal number as text; a number on the account
---@field financial_blocking_threshold string a decimal number as text; a number on the account
---@field guaranteed_payment_limit number
---@field guaranteed_payment_period integer days, it seems, as in what follows
---@field due_order_period integer
---@field due_payment_period integer
---@field subzero_period integer
---@field receipt_day? integer never seen but null
---@field stop_subscription_type "automatically"|string
---@field delete_subscription_type "automatically"|string
---@field created_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`
---@field updated_at string ISO 8601 with milliseconds and offset, such as `2020-08-05T05:44:55.355+03:00`

--- A row of the endpoint table.
---@class reseller.Endpoint
---@field index integer its place in the table
---@field id string name of the method
---@field platform "ghostealth"|"activeplatform"
---@field method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"
---@field path string below `base_url`; `{name}` stands for a parameter
---@field effect "read"|"write"|"transition"|"spend"
---@field paging? "counted"|"linked" of a list
---@field result "one"|"many"|"confirmed"|"nothing" what a success holds
---@field params reseller.Parameter[] those by position first, in their order
---@field settle? "period"|"plan"|"status"|"new" by what a look tells that it was carried out
---@field view? reseller.View where one looks
---@field becomes? reseller.State what is so when it was carried out, for `settle` by status
---@field doc string
---@field source string the vendor's page

--- A parameter of an endpoint.
---@class reseller.Parameter
---@field name string as the vendor spells it
---@field place "path"|"query"|"body"
---@field type "string"|"integer"|"boolean"|"list"
---@field required boolean
---@field option boolean it falls back to the client's option of this name
---@field min? integer
---@field max? integer
---@field choices? (string|integer)[]
---@field default? string|integer|boolean sent when it is not given
---@field seen? string where the list shows it; dotted
---@field doc string

--- Where one looks at what calls change.
---@class reseller.View
---@field list string id of the endpoint that lists it
---@field ["end"] string field with the end of the period; dotted, as the next ones
---@field price string
---@field currency string

--- A field and its value as text.
---@class reseller.State
---@field field string
---@field value string

--- A spend or a change of state, as the ledger has it.
---@class reseller.ledger.Entry
---@field id integer
---@field revision integer number of its last change, over all entries
---@field at string when it was intended, UTC
---@field account string a hash of the credential
---@field platform "ghostealth"|"activeplatform"
---@field endpoint string
---@field effect "transition"|"spend"
---@field subject string id of what it is about; `new …` for a purchase
---@field parameters string JSON
---@field state_before? string JSON: what was seen before
---@field caller_key? string the call's `key`
---@field verdict "intent"|"sent"|"done"|"refused"|"unknown"
---@field kind? reseller.kind of the error
---@field evidence? string how the verdict is known
---@field changed string when it was changed last, UTC
---@field since_ms integer the same in milliseconds since 1970
---@field sends integer how often it went on the wire
---@field amount? integer minor units, if the price is known
---@field currency? string ISO 4217
---@field made? string id of what it made
---@field result? string the body of the reply
---@field host string of the process, as the next ones
---@field pid integer
---@field started integer
---@field turn integer
---@field lease_ms integer

---@class reseller.ledger.Options
---@field grace? number seconds after which a request that shows no effect will have none, 120
---@field fresh? number seconds for which a look at the platform is used, unless the ledger knows of a change since; 60
---@field busy? number seconds to wait for other processes that write, 10
---@field page_size? integer items a page that a look asks for; the platform's default
---@field system? table who the processes are, for tests

---@class reseller.Error
---@field kind reseller.kind
---@field endpoint string
---@field platform? string
---@field message string
---@field field? string the parameter at fault
---@field status? integer
---@field headers? table<string, string>
---@field retry_after? number seconds
---@field body? string the first 512 bytes of the reply, secrets masked
---@field sent "no"|"maybe"|"yes" whether the last try reached the server
---@field attempts integer how often the request was sent
---@field elapsed number seconds
---@field request_id? string
---@field entry? integer number of the call in the ledger
---@field unrecorded? string why the ledger could not take the outcome

---@class reseller.Options
---@field api_key? string Ghostealth's key, from the reseller dashboard (GHOSTEALTH_API_KEY)
---@field api_token? string ActivePlatform's manager token (ACTIVEPLATFORM_API_TOKEN)
---@field base_url? string where the platform is (ACTIVEPLATFORM_BASE_URL); https, or http to this machine
---@field reseller_id? integer|string default of that parameter (ACTIVEPLATFORM_RESELLER_ID)
---@field timeout? number seconds for a whole call, 30
---@field connect_timeout? number seconds until a connection stands, 10
---@field ca_file? string certificates to trust, instead of the system's
---@field ca_path? string a directory of certificates to trust, instead of the system's
---@field proxy? string URL of an HTTP or SOCKS proxy; NO_PROXY is respected
---@field user_agent? string
---@field max_body? integer bytes a reply may have, 32 MiB
---@field keep_null? boolean nulls become `reseller.null` instead of absent keys
---@field retries? integer how often a call may be repeated, where it may be at all, 3
---@field limit? reseller.Limit|false how many requests the server takes; Ghostealth: 10 in 60 s
---@field patience? number longest wait for the limit, seconds; for ever
---@field ledger? reseller.Ledger|string a ledger, or where to open one
---@field cap? reseller.Cap how much may be spent; needs a ledger
---@field on_wait? fun(seconds: number, reason: "limit"|"pause"|"retry"|"settle") called before each wait
---@field on_event? fun(event: reseller.Event) called after each attempt
---@field host? table how to wait and to tell the time, for tests and event loops of your own

---@class reseller.Request
---@field method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"
---@field path string below `base_url`, with what is no letter or digit percent-encoded
---@field query? table a list as a value is joined by commas, a table makes name[key]
---@field body? any what JSON can hold
---@field effect? "read"|"write"|"transition"|"spend" a spend unless it says otherwise
---@field key? string your own name for a spend or a transition; needs a ledger

---@class reseller.Meta
---@field status? integer nil when the result was recorded before
---@field headers table<string, string> by lower-case name
---@field attempts integer how often the request was sent
---@field elapsed number seconds
---@field request_id? string
---@field page? reseller.Place of a list
---@field entry? integer number of the call in the ledger
---@field replayed? boolean the result was recorded before; nothing was sent now
---@field note? string what the ledger has to say of it
---@field unrecorded? string why the ledger could not take the outcome
---@field document any the reply as it was decoded, before flattening; made when first read

---@class reseller.ledger.Filter
---@field subject? string such as a subscription's id
---@field endpoint? string
---@field platform? string
---@field verdict? "intent"|"sent"|"done"|"refused"|"unknown"
---@field key? string the caller's
---@field account? string
---@field since? string a day or time such as 2026-03-10, UTC: from then on
---@field before? string likewise: until then

---@class reseller.ledger.Total
---@field day string UTC
---@field endpoint string
---@field verdict string
---@field currency? string
---@field count integer
---@field amount integer sum of the known prices, minor units
---@field priced integer how many had a known price

---@alias reseller.kind
---| "invalid"   refused here, nothing sent
---| "auth"      401 or 403
---| "not_found" 404
---| "limited"   429, or 503 with Retry-After
---| "rejected"  any other 4xx, a redirect, or a success body that says no
---| "server"    5xx
---| "network"   no connection, or it broke
---| "timeout"
---| "tls"       the certificate or the handshake was not good
---| "decode"    a reply that cannot be read
---| "too_large" a reply over the cap
---| "unknown"   a change may or may not have happened
---| "refused"   a guard of ours
---| "closed"    the client was closed
---| "memory"

---@class reseller.Limit
---@field requests integer how many requests, up to 256
---@field seconds number in how many seconds
---@field scope? "key"|"endpoint" one count for the key, or one for each endpoint; "key"
---@field store? "memory"|"file"|"nginx"|"redis" "nginx" where there is a `lua_shared_dict reseller`, else "memory"
---@field path? string the file of the store "file"
---@field dict? string a lua_shared_dict: that of the store "nginx"; with "redis", what counts while Redis is away
---@field redis? reseller.Redis where Redis is, for the store "redis"; 127.0.0.1:6379

---@class reseller.Cap
---@field per_day? integer minor units that may be spent in a day of UTC
---@field per_run? integer spends that this process may make

---@class reseller.Event
---@field platform string
---@field endpoint string
---@field effect string
---@field method string
---@field target string path and query below base_url
---@field attempt integer number of this try
---@field status? integer
---@field kind? string what went wrong when there is no status
---@field elapsed number seconds
---@field sends integer how often this try went on the wire

---@class reseller.Place what a list's reply tells of its place among the pages
---@field single boolean it came as one object
---@field links boolean it had links; the rest is the page numbers in them
---@field number? integer
---@field next? integer
---@field last? integer

---@class reseller.Redis
---@field host? string "127.0.0.1"; other names than addresses need a `resolver` in nginx.conf
---@field port? integer 6379
---@field socket? string the path of a unix socket, instead of host and port
---@field user? string
---@field password? string
---@field database? integer
---@field ssl? boolean encrypts, and checks the certificate by nginx's lua_ssl_trusted_certificate
---@field timeout? number seconds, 1

return reseller
