--- The subscriptions a Ghostealth sandbox starts with, and how plans, slots and ids are made.

local random = require "reseller.sandbox.random"

local fleet = {}

local DAY_MS = 86400 * 1000

fleet.CURRENCY = "USD"

local CYCLES = {
  WEEKLY = { days = 7, weight = 10, description = "Weekly billing" },
  MONTHLY = { days = 30, weight = 36, description = "Monthly billing" },
  ANNUAL = { days = 365, weight = 380, description = "Annual billing" },
}
local CYCLE_NAMES = { "WEEKLY", "MONTHLY", "MONTHLY", "MONTHLY", "ANNUAL" }
local CONNECTIONS = { 100, 100, 200, 200, 500, 1000, 2000 }
-- Gross cents a week; 100 connections cost what the vendor's sample shows.
local WEEKLY_CENTS = { [100] = 2000, [200] = 3700, [500] = 8500, [1000] = 15500, [2000] = 28000 }
local AUTHENTICATION_CENTS = 150
local TAX_PERCENT = 19

-- The vendor's sample: the id's first eight digits are the second the period starts in.
local SAMPLE = { at_ms = 1773124248080, counter = 0xdaa8f0, machine = "bc32119ad6" }

--- An id in the vendor's form: creation second, machine, counter.
---@param prefix string
---@param at_ms integer
---@param counter integer
---@return string
function fleet.id(prefix, at_ms, counter)
  local second = math.floor(at_ms / 1000)
  return ("%s_%08x%s%06x"):format(prefix, second, SAMPLE.machine, counter % 0x1000000)
end

--- Length of a billing cycle.
---@param cycle string
---@return integer ms
function fleet.cycle_ms(cycle)
  return CYCLES[cycle].days * DAY_MS
end

local function price_of(cycle, connections, authentications)
  local weekly = WEEKLY_CENTS[connections] + AUTHENTICATION_CENTS * (authentications - 1)
  local gross = math.floor(weekly * CYCLES[cycle].weight / 10)
  local net = math.floor(gross * 100 / (100 + TAX_PERCENT) + 0.5)
  return {
    currency = fleet.CURRENCY,
    gross = gross,
    net = net,
    tax = gross - net,
    fee = 0,
    rate = TAX_PERCENT + 0.0,
  }
end

--- A plan of the given shape.
---@param at_ms integer
---@param counter integer
---@param shape { billingCycle: string, connections: integer, authentications: integer }
---@return table plan
function fleet.plan(at_ms, counter, shape)
  return {
    id = fleet.id("pl", at_ms, counter),
    title = ("GS-DAT %d"):format(shape.connections),
    description = CYCLES[shape.billingCycle].description,
    cycle = shape.billingCycle,
    connections = shape.connections,
    authentications = shape.authentications,
    price = price_of(shape.billingCycle, shape.connections, shape.authentications),
  }
end

--- The slots of a subscription: one for each authentication.
---@param at_ms integer
---@param counter integer  of the subscription
---@param count integer
---@return table[] slots
function fleet.slots(at_ms, counter, count)
  local slots = {}
  for i = 1, count do
    slots[i] = { id = fleet.id("sl", at_ms, counter + 1 + i), state = "UNBOUND", synchronization = "SYNCED" }
  end
  return slots
end

--- A subscription bought at `at_ms`. Its counter leaves room for a plan and ten slots.
---@param at_ms integer
---@param counter integer
---@param shape { billingCycle: string, connections: integer, authentications: integer }
---@return table subscription
function fleet.subscription(at_ms, counter, shape)
  return {
    id = fleet.id("su", at_ms, counter),
    at_ms = at_ms,
    counter = counter,
    status = "ACTIVE",
    canceled = false,
    start_ms = at_ms,
    end_ms = at_ms + fleet.cycle_ms(shape.billingCycle),
    bytes = 0,
    requests = 0,
    plan = fleet.plan(at_ms - 19000, counter - 8, shape),
    slots = fleet.slots(at_ms, counter, shape.authentications),
  }
end

local function random_shape(draw)
  return {
    billingCycle = draw:pick(CYCLE_NAMES),
    connections = draw:pick(CONNECTIONS),
    authentications = math.max(1, draw:between(-2, 6)),
  }
end

local function use(draw, subscription)
  subscription.bytes = draw:between(0, 400) * 1048576 + draw:between(0, 1048575)
  subscription.requests = draw:between(0, 90000)
  for _, slot in ipairs(subscription.slots) do
    if draw:chance(60) then slot.state = "BOUND" end
    if draw:chance(10) then slot.synchronization = "PENDING" end
  end
end

-- Renewed until the period holds the present; a terminated one stays in a period that is over.
local function age(draw, subscription, now_ms)
  local cycle_ms = fleet.cycle_ms(subscription.plan.cycle)
  local periods = math.max(0, math.floor((now_ms - subscription.at_ms) / cycle_ms))
  subscription.end_ms = subscription.at_ms + (periods + 1) * cycle_ms
  subscription.start_ms = subscription.end_ms - cycle_ms
  local luck = draw:between(1, 100)
  if luck <= 12 and periods > 0 then
    subscription.status = "TERMINATED"
    subscription.end_ms, subscription.start_ms = subscription.start_ms, subscription.start_ms - cycle_ms
  elseif luck <= 22 then
    subscription.status = "SUSPENDED"
  elseif luck <= 27 then
    subscription.status = "STOPPED"
  end
  subscription.canceled = subscription.status == "TERMINATED" and draw:chance(50) or draw:chance(8)
end

--- The vendor's sample subscription, the newest of the fleet.
local function sample()
  local shape = { billingCycle = "WEEKLY", connections = 100, authentications = 1 }
  return fleet.subscription(SAMPLE.at_ms, SAMPLE.counter, shape)
end

--- `count` subscriptions, oldest first, and the first counter that is free.
---@param seed integer
---@param count integer
---@param now_ms integer
---@return table[] subscriptions
---@return integer counter
function fleet.build(seed, count, now_ms)
  local draw, subscriptions = random.new(seed), {}
  local at_ms = SAMPLE.at_ms - count * 9 * DAY_MS
  for i = 1, count - 1 do
    at_ms = at_ms + draw:between(2 * DAY_MS, 9 * DAY_MS)
    local subscription = fleet.subscription(at_ms, SAMPLE.counter - (count - i) * 32, random_shape(draw))
    age(draw, subscription, now_ms)
    use(draw, subscription)
    subscriptions[i] = subscription
  end
  if count > 0 then subscriptions[count] = sample() end
  return subscriptions, SAMPLE.counter + 32
end

return fleet
