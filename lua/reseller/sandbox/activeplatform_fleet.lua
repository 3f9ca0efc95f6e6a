--- The accounts and subscriptions an ActivePlatform sandbox starts with. Subscription 3007095 of
--- account 523 is the one on the vendor's pages, and sits where its sample of a list shows it.

local catalogue = require "reseller.sandbox.activeplatform_catalogue"
local random = require "reseller.sandbox.random"

local fleet = {}

local DAY = 86400
local ZONE = 3 * 3600
local ACCOUNTS = 310
local FIRST_ACCOUNT = 401
-- The vendor's sample is the 791st of 1,146.
local FIRST_ID = 3007095 - 790
local FIRST_RESOURCE = 34847 - 790
local FIRST_PERIOD = 6200 - 790

-- Who is above whom; 1 is the token's own reseller.
local PARENTS = { [2] = 1, [3] = 1, [4] = 2, [5] = 2, [6] = 4 }

local SAMPLE_MANUAL = '<h3>G Suite activation steps</h3><br><ul><li>1. Go to the account admin console '
  .. '<a class="link" href="https://admin.google.com" target="blank">https://admin.google.com</a> '
  .. "using the credentials below.<li><li>2. Accept the G Suite Agreement.<li><li>3. Create a new, strong "
  .. "password for your G Suite Account.<li><li>4. Accept the Term of Service.<li><li>5. Verify your domain "
  .. 'to activate G Suite using the "Start Setup" button.</li></ul>'

local SAMPLE_ACCOUNT = {
  id = 523, reseller_id = 1, created_at = "2019-08-20T04:38:39.065+03:00",
  updated_at = "2020-08-05T05:44:06.676+03:00", name = "Test company 2", first_name = "Natal",
  middle_name = "Yur", last_name = "Smith", country = "US", region = "NY", city = "Brooklyn",
  street = "Westminister ave.", building = "w", zip = "11000", phone = "+15555554108",
  email = "test@example.com", balance = "9066.03", usable_balance = "9051.33", owner_id = 949,
  owner_created_at = "2020-08-05T05:43:26.424+03:00", owner_updated_at = "2020-08-05T05:43:26.427+03:00",
  owner_first_name = "Tann", owner_middle_name = "J", owner_last_name = "Owner",
}

-- What the vendor's page shows of 3007095 and 3007096, over what is drawn.
local SAMPLES = {
  [3007095] = {
    account_id = 523, plan = 1, name = "1200 G Suite Business test.activeplatform.com", status = "active",
    created_at = "2020-08-05T05:44:55.355+03:00", updated_at = "2020-08-05T06:26:53.948+03:00",
    start_date = "2020-08-05", expiration_date = "2020-09-05", renewable = false, additional = 2,
    resource_created_at = "2020-08-05T05:44:55.357+03:00",
    resource_updated_at = "2020-08-05T06:26:49.047+03:00",
    period_created_at = "2020-08-05T05:44:55.358+03:00",
    application = { manual = SAMPLE_MANUAL, customer = "new1", login = "admin",
      domain = "test.activeplatform.com", password = "pass123" },
  },
  [3007096] = {
    account_id = 685, plan = 2, name = "CSP monthly", status = "active", manual_renew_point = -1,
    created_at = "2020-08-11T08:15:18.760+03:00", updated_at = "2020-08-11T08:15:58.394+03:00",
    start_date = "2020-08-11", expiration_date = "2022-08-11", renewable = true,
  },
  [3007094] = { account_id = 523, plan = 1, status = "active" },
}

local FIRST_NAMES = { "Иван", "Мария", "Пётр", "Анна", "Олег", "Natal", "Karin", "José", "Айгүл" }
local LAST_NAMES = { "Иванов", "Смирнова", "Кузнецов", "Ли", "O'Neill", "Müller", "Сидоренко", "Ахметов" }
local COMPANIES = { "ООО «Ромашка»", "ЗАО Вектор", "Test company", "Nordwind GmbH", "АО «Север»" }
local CITIES = { { "RU", "Москва" }, { "KZ", "Алматы" }, { "BY", "Минск" }, { "US", "Albany" } }
local STATUSES = {
  "active", "active", "active", "active", "active", "active", "stopped", "graced", "installing", "deleted",
}

local function stamp(seconds, ms)
  return os.date("!%Y-%m-%dT%H:%M:%S", seconds + ZONE) .. (".%03d+03:00"):format(ms)
end

local function date(seconds)
  return os.date("!%Y-%m-%d", seconds + ZONE)
end

-- Money as the platform writes it: text, in places with one decimal only.
local function money(draw)
  return ("%d.%d"):format(draw:between(0, 20000), draw:between(0, 99))
end

local function draw_account(draw, id, now)
  local place = draw:pick(CITIES)
  local created = now - draw:between(400, 2400) * DAY
  local owned = stamp(created, draw:between(0, 999))
  return {
    owner_created_at = owned, owner_updated_at = owned, owner_first_name = draw:pick(FIRST_NAMES),
    owner_middle_name = "", owner_last_name = draw:pick(LAST_NAMES),
    id = id, reseller_id = draw:between(1, 6), owner_id = id + 426,
    created_at = stamp(created, draw:between(0, 999)),
    updated_at = stamp(created + 31 * DAY, draw:between(0, 999)),
    name = ("%s %d"):format(draw:pick(COMPANIES), id), first_name = draw:pick(FIRST_NAMES), middle_name = "",
    last_name = draw:pick(LAST_NAMES), country = place[1], region = "", city = place[2],
    street = "ул. Ленина", building = tostring(draw:between(1, 90)), zip = "", phone = "+70000000000",
    email = ("client%d@example.com"):format(id), balance = money(draw), usable_balance = money(draw),
  }
end

local function draw_accounts(draw, now)
  local accounts = {}
  for i = 1, ACCOUNTS do
    accounts[i] = draw_account(draw, FIRST_ACCOUNT + i - 1, now)
  end
  for name, value in pairs(SAMPLE_ACCOUNT) do
    accounts[SAMPLE_ACCOUNT.id - FIRST_ACCOUNT + 1][name] = value
  end
  return accounts
end

-- The vendor's account has the vendor's subscriptions and no others.
local function draw_account_id(draw)
  local id = draw:between(FIRST_ACCOUNT, FIRST_ACCOUNT + ACCOUNTS - 1)
  return id == SAMPLE_ACCOUNT.id and id + 1 or id
end

local function draw_dates(draw, subscription, now)
  local created = now - draw:between(1, 1500) * DAY - draw:between(0, DAY)
  local updated = math.min(now, created + draw:between(0, 60) * DAY)
  subscription.created_at = stamp(created, draw:between(0, 999))
  subscription.updated_at = stamp(updated, draw:between(0, 999))
  subscription.start_date = date(created)
  if draw:chance(96) then subscription.expiration_date = date(now + draw:between(1, 365) * DAY) end
end

local function draw_terms(draw, subscription)
  subscription.trial = draw:chance(5)
  subscription.status = draw:pick(STATUSES)
  subscription.autorenew = draw:chance(60)
  subscription.promo_code = draw:chance(8) and "ВЕСНА2026" or nil
  subscription.postpay_debt = draw:chance(15) and draw:between(0, 90000) / 100 or nil
  subscription.additional = draw:between(0, 40)
  subscription.has_application = draw:chance(35)
  subscription.has_period = draw:chance(98)
  subscription.renewable = subscription.status == "active"
end

local function draw_subscription(draw, index, plans, now)
  local subscription = {
    id = FIRST_ID + index - 1,
    period_ref = FIRST_PERIOD + index - 1,
    plan = draw:between(1, #plans),
    account_id = draw_account_id(draw),
    manual_renew_point = 0,
  }
  draw_dates(draw, subscription, now)
  draw_terms(draw, subscription)
  return subscription
end

-- The vendor's subscriptions are the same whatever was drawn.
local function lay_sample(subscription)
  local sample = SAMPLES[subscription.id]
  if not sample then return end
  subscription.trial, subscription.autorenew, subscription.has_period = false, false, true
  subscription.promo_code, subscription.postpay_debt, subscription.has_application = nil, nil, nil
  for name, value in pairs(sample) do
    subscription[name] = value
  end
end

local function draw_application(draw, subscription, vendor)
  if not subscription.has_application then return nil end
  return {
    manual = ("<h3>%s</h3><p>Войдите и смените пароль.</p>"):format(vendor),
    customer = ("cust%d"):format(subscription.id),
    login = "admin",
    domain = ("client%d.example.com"):format(subscription.account_id),
    password = ("pass%d"):format(draw:between(100000, 999999)),
  }
end

-- Ids beyond the block that belongs to the first resource of each subscription.
local function resource_ids(subscription, index, count)
  local ids = {}
  for i = 1, count do
    ids[i] = i == 1 and FIRST_RESOURCE + index - 1 or subscription.id * 10 + i
  end
  return ids
end

local function complete(draw, subscription, index, plans)
  lay_sample(subscription)
  subscription.plan = plans[subscription.plan]
  local plan = subscription.plan
  subscription.period = plan.periods[SAMPLES[subscription.id] and 1 or draw:between(1, #plan.periods)]
  subscription.name = subscription.name or plan.name
  subscription.resource_ids = resource_ids(subscription, index, #plan.resources)
  subscription.application = subscription.application or draw_application(draw, subscription, plan.vendor)
end

local function index_by_id(items)
  local by_id = {}
  for _, item in ipairs(items) do
    by_id[item.id] = item
  end
  return by_id
end

--- `count` subscriptions in the order of their ids, with their accounts.
---@param seed integer
---@param count integer
---@param now_ms integer
---@return { subscriptions: table[], subscription: table<integer, table>, account: table<integer, table> }
function fleet.build(seed, count, now_ms)
  local draw, now = random.new(seed), math.floor(now_ms / 1000)
  local plans, accounts, subscriptions = catalogue.plans(), draw_accounts(draw, now), {}
  for i = 1, count do
    local subscription = draw_subscription(draw, i, plans, now)
    complete(draw, subscription, i, plans)
    subscriptions[i] = subscription
  end
  local by_id, account = index_by_id(subscriptions), index_by_id(accounts)
  for _, item in pairs(account) do
    item.subscription_ids = {}
  end
  for i = #subscriptions, 1, -1 do
    table.insert(account[subscriptions[i].account_id].subscription_ids, subscriptions[i].id)
  end
  return { subscriptions = subscriptions, subscription = by_id, account = account }
end

--- Whether a reseller exists.
---@param id integer
---@return boolean
function fleet.is_reseller(id)
  return id == 1 or PARENTS[id] ~= nil
end

--- Whether `id` is `above` or lies below it.
---@param id integer
---@param above integer
---@return boolean
function fleet.is_within(id, above)
  while id and id ~= above do
    id = PARENTS[id]
  end
  return id ~= nil
end

return fleet
