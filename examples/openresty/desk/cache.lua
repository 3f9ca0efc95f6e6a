--- The fleet as it was seen last, in a lua_shared_dict for all workers. One of them looks at it every so often;
--- when a look fails the old picture stays, and says so.
-- luacheck: std min+ngx_lua
local json = require "reseller.json"
local metrics = require "desk.metrics"
local platform = require "desk.platform"
local settings = require "desk.settings"

local TICK = 1 -- seconds between two thoughts about whether it is time
local RETRY = 5 -- seconds until the next look after one that failed
local LOOK_SECONDS = 180 -- after that without an item a worker that died while it looked is forgotten
local SOON = 30 -- seconds until the next look after a change; a look costs three of ten requests a minute
local PAGE = 1000 -- items asked for at a time; a platform that gives fewer is asked more often
local POLL = 0.05

local cache = {}

local dict = ngx.shared.desk_fleet

--- What pages need of a subscription; nothing that is a customer's.
local function brief(sub)
  local plan, period = sub.plan or {}, sub.period or {}
  local price = plan.price or {}
  return { id = sub.id, status = sub.status, canceled = sub.canceled == true, plan = plan.title,
    cycle = plan.billingCycle, ends_ms = period["end"] and period["end"].timestamp, price = price.grossAmount,
    currency = price.currency }
end

local function collect(gs)
  local all = json.array {}
  for sub in gs:each_subscription { size = PAGE } do
    all[#all + 1] = brief(sub)
    dict:expire("looking", LOOK_SECONDS)
  end
  return all
end

--- What is left to spend, in minor units, and its currency. A fleet is worth showing without.
local function balance(gs)
  local account, err = metrics.call("get_reseller", gs.get_reseller, gs)
  if not account then
    ngx.log(ngx.WARN, "desk: the balance was not refreshed: ", tostring(err))
    return nil
  end
  local amount = account.balance and account.balance.amount or {}
  return amount.value, amount.currency
end

--- Finds out what came of calls whose reply was lost, in case nobody asks for them again.
local function settle(gs)
  local ok, count = pcall(platform.unknowns)
  if not ok or count == 0 then return end
  local result, err = platform.ledger():reconcile(gs)
  if not result then ngx.log(ngx.WARN, "desk: what is unknown stays so: ", tostring(err)) end
end

--- Looks at the platform. Raises what goes wrong.
local function look()
  local gs, err = platform.client()
  if not gs then error(err, 0) end
  settle(gs)
  local began = ngx.time()
  local fleet = { fetched_at = began, subscriptions = metrics.call("each_subscription", collect, gs) }
  fleet.balance, fleet.currency = balance(gs)
  return fleet
end

local function keep(fleet)
  local ok, why = dict:safe_set("fleet", assert(json.encode(fleet)))
  if not ok then error(("lua_shared_dict desk_fleet cannot hold the fleet (%s): make it larger"):format(why), 0) end
  dict:delete "fault"
end

local function keep_fault(fault)
  dict:set("fault", assert(json.encode { at = ngx.time(), message = tostring(fault) }))
  ngx.log(ngx.WARN, "desk: the fleet was not refreshed: ", tostring(fault))
end

--- Seconds until it is time for the next look.
local function pause_after(ok, fault)
  if ok then return settings.refresh end
  local asked = type(fault) == "table" and fault.retry_after or 0
  return math.min(settings.refresh, math.max(RETRY, asked))
end

--- Looks once, unless somebody is at it.
---@return boolean ok
function cache.refresh()
  if not dict:add("looking", ngx.worker.pid(), LOOK_SECONDS) then return false end
  local ok, fault = pcall(function() keep(look()) end)
  if not ok then keep_fault(fault) end
  metrics.add(1, "desk_fleet_refreshes_total", "result", ok and "ok" or "failed")
  dict:set("next_at", ngx.now() + pause_after(ok, fault))
  dict:delete "looking"
  return ok
end

--- nginx calls timers early when a worker is to exit: then nothing is begun.
local function tick(premature)
  if premature or ngx.worker.exiting() then return end
  if ngx.now() >= (dict:get "next_at" or 0) then cache.refresh() end
end

--- Starts the timer, in one worker. It goes on after an error, and a worker that takes over after a reload goes on
--- where the old one was.
function cache.start()
  if ngx.worker.id() ~= 0 then return end
  assert(ngx.timer.at(0, tick))
  assert(ngx.timer.every(math.min(TICK, math.max(settings.refresh, POLL)), tick))
end

--- Asks for a look before long: something was changed.
function cache.hurry()
  dict:set("next_at", math.min(dict:get "next_at" or 0, ngx.now() + SOON))
end

local seen, fleet -- the text that this worker decoded last, and what it holds

--- The last picture of the fleet; nil when there is none yet.
---@return {fetched_at: integer, subscriptions: table[], balance?: integer, currency?: string}?
---@return {at: integer, message: string}? fault why the last look failed, if it did
function cache.read()
  local text, fault = dict:get "fleet", dict:get "fault"
  if text ~= seen then seen, fleet = text, text and json.decode(text) end
  return fleet, fault and json.decode(fault)
end

--- Waits for the first picture.
---@param longest number seconds
function cache.await(longest)
  local deadline = ngx.now() + longest
  repeat
    local current, fault = cache.read()
    if current or fault then return current, fault end
    ngx.sleep(POLL)
  until ngx.now() > deadline
end

return cache
