--- Ghostealth's replies as JSON, with the keys in the order of the vendor's samples.

local template = require "reseller.sandbox.template"

local texts = {}

texts.RENEWED = '{"success":true,"message":"Subscription renewed successfully."}'

--- Values: currency, value, key, and the counts by status.
texts.reseller = template.compile [[
{"data":{"id":"rs_69b139e97d16bed7023855d3",
"balance":{"id":"rb_69b139e97d16bed7023855cf","amount":{"currency":$currency,"value":$value,"fee":0}},
"statistic":{"id":"rs_69b139e97d16bed7023855d0","totalSubscriptions":$total,"activeSubscriptions":$active,
"stoppedSubscriptions":$stopped,"terminatedSubscriptions":$terminated,"suspendedSubscriptions":$suspended},
"app":{"id":"ap_69b139e97d16bed7023855d2","title":"Reseller-App",
"description":"Reseller-App for: us_69b139e17d16bed7023855c9","apiKey":$key}}}
]]

--- Values: message.
texts.failure = template.compile [[{"success":false,"message":$message}]]

local render_subscription = template.compile [[
{"id":$id,"status":$status,"type":"STANDARD","canceled":$canceled,
"period":{"start":{"timestamp":$start_ms,"date":$start_ms},"end":{"timestamp":$end_ms,"date":$end_ms}},
"consumption":{"bytes":$bytes,"requests":$requests},
"plan":{"id":$plan_id,"title":$title,"description":$description,"billingCycle":$cycle,
"price":{"currency":$currency,"netAmount":$net,"grossAmount":$gross,"taxAmount":$tax,"feeAmount":$fee,
"taxRate":$rate},
"configuration":{"type":"DATACENTER","connections":$connections,"authentications":$authentications}},
"slots":$$slots}
]]

local render_slot = template.compile [[
{"id":$id,"status":"ENABLED","state":$state,"synchronization":$synchronization,"type":"IP"}
]]

local render_brief = template.compile [[
{"data":{"id":$id,"status":$status,"type":"STANDARD","canceled":$canceled,
"plan":{"billingCycle":$cycle,"configuration":{"connections":$connections,
"authentications":$authentications}}}}
]]

-- The fields of a subscription, its plan and its price in one table; inner ones do not hide outer ones.
local function flat(subscription)
  local values = { plan_id = subscription.plan.id }
  for _, part in ipairs { subscription.plan.price, subscription.plan, subscription } do
    for name, value in pairs(part) do
      values[name] = value
    end
  end
  return values
end

--- What create and update answer.
---@param subscription table
---@return string
function texts.brief(subscription)
  return render_brief(flat(subscription))
end

--- A subscription in a list; kept until the record's `text` is cleared.
---@param subscription table
---@return string
function texts.subscription(subscription)
  if subscription.text then return subscription.text end
  local slots = {}
  for i, slot in ipairs(subscription.slots) do
    slots[i] = render_slot(slot)
  end
  local values = flat(subscription)
  values.slots = template.array(slots)
  subscription.text = render_subscription(values)
  return subscription.text
end

local shapes = {
  array = function(items) return '{"data":' .. template.array(items) .. "}" end,
  null = function() return '{"data":null}' end,
  missing = function() return "{}" end,
  content = function(items) return '{"data":{"content":' .. template.array(items) .. "}}" end,
}

-- The vendor's sample of a list shows one object where an array is expected.
function shapes.object(items)
  if #items ~= 1 then return shapes.array(items) end
  return '{"data":' .. items[1] .. "}"
end

--- The shapes a list can have.
---@return string[]
function texts.list_shapes()
  return { "array", "object", "null", "missing", "content" }
end

--- A list in one of the shapes: `array`, `object` when it has one item, `null`, `missing`, `content`.
---@param shape string
---@param items string[]
---@return string
function texts.list(shape, items)
  return shapes[shape](items)
end

return texts
