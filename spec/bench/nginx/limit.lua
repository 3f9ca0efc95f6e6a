--- The share of the limit that workers of nginx get who share one key: eight of one nginx over a lua_shared_dict, and
--- two nginx of four each over Redis.
---     lua5.4 spec/bench/nginx/limit.lua [rounds] [windows]
local core = require "reseller.core"
local clients = require "spec.support.clients"
local measure = require "spec.bench.nginx.measure"
local nginx = require "spec.support.nginx"
local redis = require "spec.support.redis"
local sandbox = require "spec.support.sandbox"

local rounds, windows = tonumber(arg[1] or 3), tonumber(arg[2] or 10)
local WINDOW, REQUESTS = 1, 10

local PAGES = [[
  location = /call { content_by_lua_block {
    local value, err = require("page").gs:get_reseller()
    ngx.say(value and "good" or tostring(err)) } }
]]

local module = [[
  local reseller = require "reseller"
  return { gs = reseller.ghostealth { base_url = "%s", api_key = "%s", retries = 0, patience = 1e9,
    limit = { requests = %d, seconds = %g, %s } } }
]]

--- Each round has a key of its own: leases outlive a round in Redis.
local function start(box, limit, workers, key)
  local text = module:format(clients.ghostealth(box).base_url, clients.keys()[key], REQUESTS, WINDOW, limit)
  return nginx.start { server = PAGES, workers = workers, http = "lua_shared_dict reseller 1m;",
    files = { ["page.lua"] = text } }
end

--- Calls enough for so many windows, all at once, against what the limit allows; and calls that went wrong.
local function burst(box, servers)
  local count, bad, replies = REQUESTS * (windows + 1), 0, {}
  local begin = core.now()
  for i = 1, count do replies[i] = servers[i % #servers + 1]:send "/call" end
  for _, reply in ipairs(replies) do if reply() ~= "good\n" then bad = bad + 1 end end
  return windows * WINDOW / (core.now() - begin), bad + box:state().limiter.refused
end

local function compare(title, limit, workers)
  local shares, bad = {}, 0
  for round = 1, rounds do
    local box, servers = sandbox.start { window = WINDOW, requests = REQUESTS }, {}
    for i, count in ipairs(workers) do servers[i] = start(box, limit, count, round) end
    local share, wrong = burst(box, servers)
    shares[round], bad = share * 100, bad + wrong
    for _, server in ipairs(servers) do server:stop() end
    box:stop()
  end
  print(title)
  measure.report("of what the limit allows, %", measure.median(shares), 95, true, "%.1f")
  measure.report("calls refused by the platform, or failed", bad, 0, false, "%d")
end

compare("eight workers over a lua_shared_dict", 'store = "nginx"', { 8 })
local database = redis.start()
local store = ('store = "redis", redis = { socket = %q }'):format(database.socket)
compare("two nginx of four workers over Redis", store, { 4, 4 })
database:remove()
measure.exit()
