--- Ghostealth's side of the sandbox: a reseller with a balance and its subscriptions. Pure: the date,
--- the seed and the book of charges are passed in.

local fleet = require "reseller.sandbox.ghostealth_fleet"
local texts = require "reseller.sandbox.ghostealth_texts"

local ghostealth = {}

local BALANCE_CENTS = 2500000
local FLEET = 45
-- Room in the counter of ids for the plan and ten slots of a subscription.
local COUNTER_STEP = 32

---@class reseller.sandbox.Ghostealth : reseller.sandbox.Machine
---@field private subscriptions_ table[]  oldest first, which is the order of their ids
---@field private by_id_ table<string, table>
---@field private balance_ integer  cents
local Ghostealth = {}
Ghostealth.__index = Ghostealth
Ghostealth.__name = "reseller.sandbox.ghostealth"

Ghostealth.handlers = {}
Ghostealth.invalid_status = 400

---@class reseller.sandbox.ghostealth.options
---@field now fun(): integer  the date, ms since the Unix epoch
---@field charge fun(endpoint: string, subject: string, amount: integer, currency: string)
---@field key string  echoed by `get_reseller`
---@field seed? integer
---@field subscriptions? integer  how many to start with
---@field balance? integer  cents

---@param options reseller.sandbox.ghostealth.options
---@return reseller.sandbox.Ghostealth
function ghostealth.new(options)
  local count = options.subscriptions or FLEET
  local subscriptions, counter = fleet.build(options.seed or 1, count, options.now())
  local self = setmetatable({
    now_ = options.now,
    charge_ = options.charge,
    key_ = options.key,
    balance_ = options.balance or BALANCE_CENTS,
    subscriptions_ = subscriptions,
    counter_ = counter,
    by_id_ = {},
    list_shape_ = "array",
  }, Ghostealth)
  for _, subscription in ipairs(subscriptions) do
    self.by_id_[subscription.id] = subscription
  end
  return self
end

--- How lists answer: `array`; `object` for a list of one; `null`; `missing`; `content`.
---@param shape string
function Ghostealth:set_list_shape(shape)
  self.list_shape_ = shape
end

--- Cents left.
---@return integer cents
---@return string currency
function Ghostealth:balance()
  return self.balance_, fleet.CURRENCY
end

---@param cents integer
function Ghostealth:set_balance(cents)
  self.balance_ = cents
end

--- A refusal's body; the status is not in it.
---@param message string
---@return string body
function Ghostealth.failure(_, _, message)
  return texts.failure { message = message }
end

local function fail(status, message)
  return status, texts.failure { message = message }
end

local function is_over(subscription, now_ms)
  return subscription.status ~= "TERMINATED" and subscription.end_ms <= now_ms
end

-- Ends what was not renewed in time.
function Ghostealth:settle_()
  local now_ms = self.now_()
  if self.next_end_ and now_ms < self.next_end_ then return end
  self.next_end_ = math.huge
  for _, subscription in ipairs(self.subscriptions_) do
    if is_over(subscription, now_ms) then
      subscription.status, subscription.text = "TERMINATED", nil
    elseif subscription.status ~= "TERMINATED" then
      self.next_end_ = math.min(self.next_end_, subscription.end_ms)
    end
  end
end

local STATUSES = { "ACTIVE", "STOPPED", "TERMINATED", "SUSPENDED" }

--- Subscriptions by status in lower case, and `total`.
---@return table<string, integer>
function Ghostealth:counts()
  self:settle_()
  local counts = { total = #self.subscriptions_ }
  for _, status in ipairs(STATUSES) do
    counts[status:lower()] = 0
  end
  for _, subscription in ipairs(self.subscriptions_) do
    local status = subscription.status:lower()
    counts[status] = counts[status] + 1
  end
  return counts
end

function Ghostealth.handlers:get_reseller()
  local values = self:counts()
  values.currency, values.value, values.key = fleet.CURRENCY, self.balance_, self.key_
  return 200, texts.reseller(values)
end

-- A misbehaving server may cap the size, repeat a page or show it shifted by some items.
local function first_of_page(args, oddity)
  local size = math.min(args.size, oddity.cap or args.size)
  local page = oddity.stuck or args.page
  return math.max(0, page * size + (oddity.shift or 0)), size
end

function Ghostealth.handlers:list_subscriptions(args, request)
  if args.sortBy ~= "id" then return fail(400, "sortBy: expected id") end
  self:settle_()
  local all, items = self.subscriptions_, {}
  local skipped, size = first_of_page(args, request.oddity or {})
  for i = skipped + 1, math.min(skipped + size, #all) do
    local at = args.direction == "ASC" and i or #all + 1 - i
    items[#items + 1] = texts.subscription(all[at])
  end
  return 200, texts.list(self.list_shape_, items)
end

-- Takes the price of a plan off the balance; false when it does not suffice.
function Ghostealth:pay_(endpoint, subject, plan)
  local amount = plan.price.gross
  if amount > self.balance_ then return false end
  self.balance_ = self.balance_ - amount
  self.charge_(endpoint, subject, amount, fleet.CURRENCY)
  return true
end

function Ghostealth:next_counter_()
  local counter = self.counter_
  self.counter_ = counter + COUNTER_STEP
  return counter
end

function Ghostealth.handlers:create_subscription(args)
  local subscription = fleet.subscription(self.now_(), self:next_counter_(), args)
  if not self:pay_("create_subscription", subscription.id, subscription.plan) then
    return fail(402, "Insufficient balance.")
  end
  table.insert(self.subscriptions_, subscription)
  self.by_id_[subscription.id] = subscription
  self.next_end_ = nil
  return 200, texts.brief(subscription)
end

-- The subscription, if it is in one of the given states; else status and body of the refusal.
function Ghostealth:find_(args, action, states)
  self:settle_()
  local subscription = self.by_id_[args.subscriptionId]
  if not subscription then return nil, fail(404, "Subscription not found.") end
  local status = subscription.status
  if subscription.canceled then status = "CANCELED" end
  if states[status] then return subscription end
  return nil, fail(409, ("Subscription cannot be %s: it is %s."):format(action, status))
end

local RUNNING = { ACTIVE = true, SUSPENDED = true }

function Ghostealth.handlers:update_subscription(args)
  local subscription, status, body = self:find_(args, "updated", RUNNING)
  if not subscription then return status, body end
  local now_ms, counter = self.now_(), self:next_counter_()
  local plan = fleet.plan(now_ms, counter, args)
  if not self:pay_("update_subscription", subscription.id, plan) then
    return fail(402, "Insufficient balance.")
  end
  subscription.plan, subscription.text = plan, nil
  subscription.slots = fleet.slots(subscription.at_ms, subscription.counter, plan.authentications)
  subscription.start_ms, subscription.end_ms = now_ms, now_ms + fleet.cycle_ms(plan.cycle)
  self.next_end_ = nil
  return 200, texts.brief(subscription)
end

function Ghostealth.handlers:renew_subscription(args)
  local subscription, status, body = self:find_(args, "renewed", RUNNING)
  if not subscription then return status, body end
  if not self:pay_("renew_subscription", subscription.id, subscription.plan) then
    return fail(402, "Insufficient balance.")
  end
  subscription.end_ms = subscription.end_ms + fleet.cycle_ms(subscription.plan.cycle)
  subscription.text, self.next_end_ = nil, nil
  return 200, texts.RENEWED
end

-- A handler that moves subscriptions out of the given states.
local function transition(action, states, change)
  return function(self, args)
    local subscription, status, body = self:find_(args, action, states)
    if not subscription then return status, body end
    change(subscription)
    subscription.text = nil
    return 200, "{}"
  end
end

Ghostealth.handlers.suspend_subscription = transition("suspended", { ACTIVE = true }, function(subscription)
  subscription.status = "SUSPENDED"
end)

Ghostealth.handlers.resume_subscription = transition("resumed", { SUSPENDED = true }, function(subscription)
  subscription.status = "ACTIVE"
end)

local NOT_OVER = { ACTIVE = true, SUSPENDED = true, STOPPED = true }

Ghostealth.handlers.cancel_subscription = transition("canceled", NOT_OVER, function(subscription)
  subscription.canceled = true
end)

--- The subscriptions as plain records, oldest first.
---@return table[]
function Ghostealth:subscriptions()
  self:settle_()
  return self.subscriptions_
end

return ghostealth
