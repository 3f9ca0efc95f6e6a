--- What 20 reloads under load do to requests and to spends: nothing that fails, nothing that is charged twice, nothing
--- that a timer does which a reload fired early.
---     lua5.4 spec/bench/nginx/reload.lua [reloads]
local cqueues = require "cqueues"

local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local measure = require "spec.bench.nginx.measure"
local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"

local reloads = tonumber(arg[1] or 20)
local READERS, BUYERS = 8, 4
local BETWEEN = 0.5 -- seconds from one reload to the next

-- The timer does what it should not: it does not look whether it was called early.
local module = [[
  local reseller = require "reseller"
  local page = {}
  local made
  local function client() -- opening a ledger waits, which `require` cannot
    made = made or reseller.ghostealth { base_url = "%s", api_key = "%s", limit = false, ledger = "%s" }
    return made
  end
  local function answer(value, err)
    if value == nil then
      ngx.status = 500
      ngx.log(ngx.ERR, tostring(err))
    end
    ngx.say(value and "done" or err.kind)
  end
  function page.read() answer(client():get_reseller()) end
  function page.buy(key)
    ngx.timer.at(3600, function()
      ngx.shared.early:incr("count", 1, 0)
      client():renew_subscription("%s")
    end)
    answer(client():create_subscription { billingCycle = "MONTHLY", connections = 100, key = key })
  end
  return page
]]

local PAGES = [[
  location = /read { content_by_lua_block { require("page").read() } }
  location = /early { content_by_lua_block { ngx.say(ngx.shared.early:get "count" or 0) } }
  location = /buy { content_by_lua_block { require("page").buy(ngx.var.arg_key) } }
]]

local box = sandbox.start { limit = false, balance = 10 ^ 12 }
local path = ledgers.path()
local id = assert(clients.ghostealth(box):list_subscriptions())[1].id
local running = nginx.start { server = PAGES, workers = 2, http = "lua_shared_dict early 64k;",
  files = { ["page.lua"] = module:format(clients.ghostealth(box).base_url, clients.keys()[1], path, id) } }

local statuses, orders, done, over = {}, 0, {}, false

local function ask(page)
  local body, status = running:get(page)
  status = status or "no reply"
  statuses[status] = (statuses[status] or 0) + 1
  return body
end

local function buy()
  orders = orders + 1
  local key = "order-" .. orders
  done[key] = ask("/buy?key=" .. key) == "done\n"
end

local function reload()
  for _ = 1, reloads do
    cqueues.sleep(BETWEEN)
    running:signal "HUP"
  end
  cqueues.sleep(BETWEEN)
  over = true
end

local loop = cqueues.new()
for i = 1, READERS + BUYERS do
  loop:wrap(function()
    while not over do if i <= READERS then ask "/read" else buy() end end
  end)
end
loop:wrap(reload)
assert(loop:loop())
measure.await(function() return #running:workers() == 2 end, "old workers did not end")

--- How often each endpoint was charged.
local function charges()
  local counts = {}
  for _, charge in ipairs(box:charges()) do counts[charge.endpoint] = (counts[charge.endpoint] or 0) + 1 end
  return counts.create_subscription or 0, counts.renew_subscription or 0
end

local bought, renewed = charges()
local undone, failed = 0, 0
for _, good in pairs(done) do if not good then undone = undone + 1 end end
for status, count in pairs(statuses) do if status ~= 200 then failed = failed + count end end
for key in pairs(done) do running:get("/buy?key=" .. key) end -- every order once more
local bought_again = charges()

local early = tonumber((running:get "/early"))
print(("%d reloads, %d orders, %d reads, %d timers fired early"):format(reloads, orders,
  (statuses[200] or 0) + failed - orders, early))
measure.report("requests that failed", failed, 0, false, "%d")
measure.report("orders charged twice or more", math.max(0, bought - orders), 0, false, "%d")
measure.report("orders not charged", orders - math.min(bought, orders), undone, false, "%d")
measure.report("charges for the same orders once more", bought_again - math.max(bought, orders), 0, false, "%d")
measure.report("charges by timers that were fired early", renewed, 0, false, "%d")
print((running:log "error":sub(1, 600)))
running:stop()
box:stop()
ledgers.clean()
measure.exit()
