--- ActivePlatform's resources as JSON, with the keys in the order of the vendor's samples.

local template = require "reseller.sandbox.template"

local texts = {}

--- A subscription up to its relationships; `meta` and the closing brace follow.
local open_subscription = template.compile [[
{"id":$id,"type":"subscriptions","attributes":{"created_at":$created_at,"updated_at":$updated_at,
"plan_id":$plan_id,"account_id":$account_id,"name":$name,"trial":$trial,"status":$status,
"start_date":$start_date,"expiration_date":$expiration_date,"plan_period_id":$plan_period_id,
"promo_code":$promo_code,"payment_model":$payment_model,
"payment_model_parameters":$$payment_model_parameters,
"renewal_settings":{"autorenew":$autorenew,"disable_autorenew":false,
"autorenew_point":$autorenew_point,"manual_renew_point":$manual_renew_point},"fixed_price":$fixed_price,
"ability":{"stop":$stop,"activate":$activate,"destroy":true,"adjust":$stop,
"immediate_switch_plan_order":false,"delayed_switch_plan_order":false,"renew":$renew,
"change_auto_renew_option":true,"prolong":$renew,"change_resources_renewal_order":true,
"decrease_resources_change_order":$renew,"decrease_resources_prolong_order":$renew},
"custom_price":false},
"relationships":{"account":{"data":{"id":$account_ref,"type":"accounts"}},
"subscription_resources":{"data":$$resource_refs},
"subscription_period":{"data":$$period_ref},
"plan":{"data":{"id":$plan_ref,"type":"plans"}}}
]]

local render_ref = template.compile [[{"id":$id,"type":$type}]]

texts.application = template.compile [[
{"user_manual":$manual,"customer_id":$customer,"admin_login":$login,"domain_name":$domain,
"first_password":$password,"plugin_name":"Vendor service"}
]]

texts.account = template.compile [[
{"id":$id,"type":"accounts","attributes":{"created_at":$created_at,"updated_at":$updated_at,
"reseller_id":$reseller_id,"name":$name,"account_class_id":1,"primary_name":$name,
"first_name":$first_name,"middle_name":$middle_name,"last_name":$last_name,"country":$country,
"region":$region,"city":$city,"street":$street,"building":$building,"office":"","zip":$zip,
"phone":$phone,"email":$email,"status":"active","balance":$balance,"usable_balance":$usable_balance,
"current_debt":0,"subscription_credit_limit":8800,"financial_blocking_threshold":4000,
"account_type_id":1602,"manager_id":null,"owner_id":$owner_id,"tech_user_id":$owner_id,
"bill_user_id":$owner_id,
"custom_attributes":{"test_attr":"","inn":"","unp_test":"","position":"manager"},"manager":null,
"owner":{"created_at":$owner_created_at,"updated_at":$owner_updated_at,"email":$email,
"account_status":"active","global_status":"active","first_name":$owner_first_name,
"middle_name":$owner_middle_name,"last_name":$owner_last_name},
"default_payment_model":"prepay",
"account_type":{"id":1602,"name":"Юридическое лицо","created_at":"2017-03-21T10:48:13.152+03:00",
"updated_at":"2020-05-05T12:58:44.367+03:00","reseller_id":1,"name_pattern":"%primary_name",
"primary_name":"Company name","key":"business","default_payment_method_id":1,"ancestry":"1600",
"use_by_default":false},
"account_class":{"id":1,"reseller_id":1,"name":"Default","created_at":"2016-08-25T09:26:12.820+03:00",
"updated_at":"2020-04-03T10:50:35.132+03:00","financial_blocking_threshold":"4000.0",
"due_order_period":90,"subzero_period":1,"stop_subscription_type":"automatically","key":"default",
"color":"grey","guaranteed_payment_limit":1000,"guaranteed_payment_period":7,
"delete_subscription_type":"automatically","denominated":false,"buy_with_negative_balance":true,
"receipt_day":null,"payment_model":"prepay","default":false,"due_payment_period":3,
"subscription_credit_limit":"8800.0"}},
"relationships":{"subscriptions":{"data":$$subscription_refs}}}
]]

texts.subscription_resource = template.compile [[
{"id":$id,"type":"subscription_resources","attributes":{"created_at":$created_at,
"updated_at":$updated_at,"name":$name,"measurable":null,"unit_of_measure":"unit",
"application_template_name":$vendor,"included":0,"minimum":1,"limit":750,"additional":$additional,
"priority":0,"setup_fee":"0.0","recurring_fee":$fee,"overuse_fee":"0.0","renewal_fee":"0.0",
"unlimited_units":false,"public":true,"status":"active","resource_id":$resource_id,
"custom_attributes":{"item_1c_id":""}}}
]]

texts.subscription_period = template.compile [[
{"id":$id,"type":"subscription_periods","attributes":{"created_at":$created_at,
"updated_at":$created_at,"duration_value":$duration,"duration_type":$unit,"setup_fee":"0.0",
"recurring_fee":$fee,"transfer_fee":"0.0","renewal_fee":"0.0","endless":$endless,"trial":$trial,
"public":true,"status":"active","description":null}}
]]

texts.plan = template.compile [[
{"id":$id,"type":"plans","attributes":{"created_at":$created_at,
"updated_at":"2020-08-05T07:45:46.451+03:00","status":$status,"name":$name,
"description":$description,"public":$public,"plan_class_id":10158,"product_id":$product_id,
"billing_type":$billing_type,"ancestry":null,"reseller_id":1,"fixed_price":false,
"plan_class":$vendor,"product_category_id":190,"product_category":"default","product":$vendor,
"plan_resources":{"data":$$resources},"plan_periods":{"data":$$periods},
"available_account_types":[
{"id":1564,"name":"Физическое лицо","created_at":"2017-03-20T16:34:28.163+03:00",
"updated_at":"2020-05-05T13:01:02.962+03:00","reseller_id":1,
"name_pattern":"%first_name %middle_name %last_name","primary_name":"","key":"personal",
"default_payment_method_id":2,"ancestry":"1562","use_by_default":false},
{"id":1602,"name":"Юридическое лицо","created_at":"2017-03-21T10:48:13.152+03:00",
"updated_at":"2020-05-05T12:58:44.367+03:00","reseller_id":1,"name_pattern":"%primary_name",
"primary_name":"Company name","key":"business","default_payment_method_id":1,"ancestry":"1600",
"use_by_default":false}],
"plan_currency":"RUB","custom_attributes":{"item_1c_id":""}}}
]]

texts.plan_resource = template.compile [[
{"id":$id,"type":"plan_resources","attributes":{"created_at":$created_at,
"updated_at":"2019-11-02T02:47:50.871+03:00","name":$name,"measurable":null,
"unit_of_measure":"unit","application_template_name":$vendor,"included":0,"minimum":1,"limit":750,
"setup_fee":"0.0","recurring_fee":$fee,"overuse_fee":"0.0","renewal_fee":"0.0",
"unlimited_units":false,"public":true,"status":"active","resource_id":$resource_id,
"custom_attributes":{"item_1c_id":""}}}
]]

texts.plan_period = template.compile [[
{"id":$id,"type":"plan_periods","attributes":{"created_at":$created_at,"updated_at":$created_at,
"duration_value":$duration,"duration_type":$unit,"setup_fee":"0.0","recurring_fee":$fee,
"transfer_fee":"0.0","renewal_fee":"0.0","trial":$trial,"public":true,"status":"active",
"description":$description}}
]]

local render_links = template.compile [[
{"self":$self,"first":$first,"prev":$prev,"next":$next,"last":$last}
]]
local render_last_links = template.compile [[
{"self":$self,"first":$first,"prev":$prev,"last":$last}
]]

local failures = {
  object = template.compile [[{"errors":{"title":$title,"status":$status}}]],
  array = template.compile [[{"errors":[{"title":$title,"status":$status}]}]],
}

--- An error; `shape` is `object`, as the vendor shows it, or `array`, as JSON:API has it.
---@param shape "object"|"array"
---@param status integer
---@param title string
---@return string
function texts.failure(shape, status, title)
  return failures[shape] { status = ("%d"):format(status), title = title }
end

--- Links of a page: `prev` is null on the first, `next` is not there on the last.
---@param links table<string, string>
---@return string
function texts.links(links)
  return links.next and render_links(links) or render_last_links(links)
end

--- Resource identifiers.
---@param kind string
---@param ids integer[]
---@return string
function texts.refs(kind, ids)
  local items = {}
  for i, id in ipairs(ids) do
    items[i] = render_ref { id = ("%d"):format(id), type = kind }
  end
  return template.array(items)
end

--- A subscription; with `meta` when wanted.
---@param values table
---@param meta boolean
---@return string
function texts.subscription(values, meta)
  local text = open_subscription(values)
  if not meta then return text .. "}" end
  return text .. ',"meta":{"applications":' .. template.array(values.applications) .. "}}"
end

return texts
