--- ActivePlatform's side of the sandbox: subscriptions of the resellers below one, to be read.
--- Pure: the date and the seed are passed in.

local catalogue = require "reseller.sandbox.activeplatform_catalogue"
local fleet = require "reseller.sandbox.activeplatform_fleet"
local json = require "reseller.json"
local template = require "reseller.sandbox.template"
local texts = require "reseller.sandbox.activeplatform_texts"

local activeplatform = {}

local SUBSCRIPTIONS = 1146
-- Links name the vendor's host and no TLS, wherever the request came in.
local LINK_ORIGIN = "http://test.activeplatform.com"

---@class reseller.sandbox.ActivePlatform : reseller.sandbox.Machine
---@field private now_ fun(): integer
---@field private fleet_? table  built when first asked for
---@field private error_shape_ "object"|"array"
local ActivePlatform = {}
ActivePlatform.__index = ActivePlatform
ActivePlatform.__name = "reseller.sandbox.activeplatform"

ActivePlatform.handlers = {}
ActivePlatform.invalid_status = 422

---@class reseller.sandbox.activeplatform.options
---@field now fun(): integer  the date, ms since the Unix epoch
---@field seed? integer
---@field subscriptions? integer  how many there are

---@param options reseller.sandbox.activeplatform.options
---@return reseller.sandbox.ActivePlatform
function activeplatform.new(options)
  return setmetatable({
    now_ = options.now,
    seed_ = options.seed or 1,
    count_ = options.subscriptions or SUBSCRIPTIONS,
    error_shape_ = "object",
    below_ = {},
  }, ActivePlatform)
end

--- How errors answer: `object`, as the vendor shows them, or `array`, as JSON:API has them.
---@param shape "object"|"array"
function ActivePlatform:set_error_shape(shape)
  self.error_shape_ = shape
end

--- How many subscriptions there are.
---@return integer
function ActivePlatform:count()
  return self.count_
end

---@param status integer
---@param message string
---@return string body
function ActivePlatform:failure(status, message)
  return texts.failure(self.error_shape_, status, message)
end

function ActivePlatform:open_()
  if not self.fleet_ then self.fleet_ = fleet.build(self.seed_, self.count_, self.now_()) end
  return self.fleet_
end

local function id_text(id)
  return ("%d"):format(id)
end

local function parameters_text(subscription)
  if not subscription.postpay_debt then return "{}" end
  return ('{"credit_limit":5000.0,"current_debt":%s}'):format(json.encode(subscription.postpay_debt))
end

local function period_ref(subscription)
  if not subscription.has_period then return "null" end
  return texts.refs("subscription_periods", { subscription.period_ref }):sub(2, -2)
end

local function applications(subscription)
  local application = subscription.application
  return application and { texts.application(application) } or {}
end

local function values_of(subscription)
  return setmetatable({
    id = id_text(subscription.id),
    plan_id = subscription.plan.id,
    plan_period_id = subscription.period.id,
    payment_model = subscription.postpay_debt and "postpay" or "prepay",
    payment_model_parameters = parameters_text(subscription),
    autorenew_point = subscription.autorenew and 5 or 0,
    fixed_price = false,
    stop = subscription.status == "active",
    activate = subscription.status == "stopped",
    renew = subscription.renewable,
    account_ref = id_text(subscription.account_id),
    plan_ref = id_text(subscription.plan.id),
    resource_refs = texts.refs("subscription_resources", subscription.resource_ids),
    period_ref = period_ref(subscription),
    applications = applications(subscription),
  }, { __index = subscription })
end

-- Nothing changes a subscription, so its text is kept from the first time on.
local function subscription_text(subscription, meta)
  local slot = meta and "text_with_meta" or "text"
  local text = subscription[slot]
  if not text then
    text = texts.subscription(values_of(subscription), meta)
    subscription[slot] = text
  end
  return text
end

-- The subscriptions of a reseller and of all below it.
function ActivePlatform:of_reseller_(id)
  local all, chosen = self:open_(), self.below_[id]
  if chosen then return chosen end
  chosen = {}
  for _, subscription in ipairs(all.subscriptions) do
    local owner = all.account[subscription.account_id].reseller_id
    if fleet.is_within(owner, id) then chosen[#chosen + 1] = subscription end
  end
  self.below_[id] = chosen
  return chosen
end

local function link_to(number, size, request, origin)
  local meta = request.query.meta and "meta=" .. request.query.meta .. "&" or ""
  return ("%s%s?%spage%%5Bnumber%%5D=%d&page%%5Bsize%%5D=%d"):format(origin, request.path, meta, number, size)
end

local function links_of(number, last, size, request)
  local oddity = request.oddity or {}
  local origin = oddity.host or LINK_ORIGIN
  local function link(to)
    if to >= 1 and to <= last then return link_to(to, size, request, origin) end
  end
  local links = { self = link_to(number, size, request, origin), first = link(1), last = link(last) }
  links.prev, links.next = link(number - 1), link(number + 1)
  if oddity.next == "self" then links.next = links.self end
  if oddity.last == "self" then links.last = links.self end
  return texts.links(links)
end

-- A misbehaving server may cap the size, repeat a page or show it shifted by some items.
local function page_of(all, args, oddity)
  local size = math.min(args["page[size]"], oddity.cap or math.huge)
  local number = oddity.stuck or args["page[number]"]
  local skipped, items = math.max(0, (number - 1) * size + (oddity.shift or 0)), {}
  for i = skipped + 1, math.min(skipped + size, #all) do
    items[#items + 1] = subscription_text(all[i], args.meta)
  end
  return items, size
end

function ActivePlatform.handlers:list_child_subscriptions(args, request)
  if not fleet.is_reseller(args.reseller_id) then return 404, self:failure(404, "Reseller not found.") end
  local all = self:of_reseller_(args.reseller_id)
  local items, size = page_of(all, args, request.oddity or {})
  local last = math.max(1, math.ceil(#all / size))
  local links = links_of(args["page[number]"], last, size, request)
  return 200, '{"data":' .. template.array(items) .. ',"links":' .. links .. "}"
end

-- Related objects by their name in `include`; each returns the texts of resource objects.
local related = {}

function related.account(all, subscription)
  local account = all.account[subscription.account_id]
  local refs = texts.refs("subscriptions", account.subscription_ids)
  local values = { id = id_text(account.id), subscription_refs = refs }
  return { texts.account(setmetatable(values, { __index = account })) }
end

function related.plan(_, subscription)
  return { catalogue.text(subscription.plan) }
end

function related.subscription_period(_, subscription)
  if not subscription.has_period then return {} end
  return { texts.subscription_period {
    id = id_text(subscription.period_ref),
    created_at = subscription.period_created_at or subscription.created_at,
    duration = subscription.period.duration,
    unit = subscription.period.unit,
    fee = subscription.period.fee,
    endless = subscription.expiration_date == nil,
    trial = subscription.trial,
  } }
end

function related.subscription_resources(_, subscription)
  local items = {}
  for i, id in ipairs(subscription.resource_ids) do
    local resource = subscription.plan.resources[i]
    items[i] = texts.subscription_resource {
      id = id_text(id),
      created_at = subscription.resource_created_at or subscription.created_at,
      updated_at = subscription.resource_updated_at or subscription.updated_at,
      name = resource.name,
      vendor = subscription.plan.vendor,
      additional = subscription.additional,
      fee = resource.fee,
      resource_id = resource.resource_id,
    }
  end
  return items
end

-- In the order of the vendor's sample, whatever the order asked for.
local RELATED_ORDER = { "account", "subscription_resources", "subscription_period", "plan" }

local function included(all, subscription, names)
  local wanted, items = {}, {}
  for _, name in ipairs(names) do
    wanted[name] = true
  end
  for _, name in ipairs(RELATED_ORDER) do
    for _, item in ipairs(wanted[name] and related[name](all, subscription) or {}) do
      items[#items + 1] = item
    end
  end
  return template.array(items)
end

function ActivePlatform.handlers:get_subscription(args)
  local all = self:open_()
  local subscription = all.subscription[args.subscription_id]
  local owner = subscription and all.account[subscription.account_id].reseller_id
  if not fleet.is_reseller(args.reseller_id) or not fleet.is_within(owner, args.reseller_id) then
    return 404, self:failure(404, "Subscription not found.")
  end
  local body = '{"data":' .. subscription_text(subscription, args.meta)
  if args.include then body = body .. ',"included":' .. included(all, subscription, args.include) end
  return 200, body .. "}"
end

return activeplatform
