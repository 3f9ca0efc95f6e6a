--- What 100,000 calls leave behind in a worker of nginx: memory, descriptors, threads.
---     lua5.4 spec/bench/nginx/memory.lua [calls] [rounds]
local measure = require "spec.bench.nginx.measure"
local nginx = require "spec.support.nginx"

local calls, rounds = tonumber(arg[1] or 100000), tonumber(arg[2] or 10)
local CONNECTIONS = 16
local WARM = 3 -- rounds before the first look

-- How often in ten calls, what is called, and the kind of error that must come.
local module = [[
  local reseller = require "reseller"
  local origin = "http://127.0.0.1:%d"
  local gs = reseller.ghostealth { api_key = "GHO-benchbench-STEA-benchbench-LTH", base_url = origin .. "/dev/v1.0",
    limit = false, retries = 0 }
  local ap = reseller.activeplatform { api_token = "bench-manager-token00", base_url = origin, reseller_id = 1,
    retries = 0 }
  local mix = {
    { 5, function() return gs:get_reseller() end },
    { 1, function(i) return gs:list_subscriptions { page = i %% 50 } end },
    { 1, function(i) return ap:list_child_subscriptions { page = { number = i %% 20 + 1, size = 50 } } end },
    { 1, function() return gs:suspend_subscription "su_1" end },
    { 1, function() return gs:cancel_subscription "reply-404" end, "not_found" },
    { 1, function() return gs:request { method = "GET", path = "/cut", effect = "read" } end, "network" },
  }
  local order, page = {}, { done = 0 }
  for _, entry in ipairs(mix) do for _ = 1, entry[1] do order[#order + 1] = entry end end
  function page.call()
    page.done = page.done + 1
    local entry = order[page.done %% #order + 1]
    local value, err = entry[2](page.done)
    local kind = value == nil and err.kind or nil
    if kind ~= entry[3] then error(("expected %%s, got %%s"):format(entry[3] or "a value", tostring(err))) end
  end
  return page
]]

local PAGES = [[
  listen 127.0.0.1:%d backlog=1024;
  keepalive_requests 1000000000;
  location = /call { content_by_lua_block { require("page").call() ngx.say "called" } }
  location = /done { content_by_lua_block { ngx.say(require("page").done) } }
  location = /collect { content_by_lua_block {
    collectgarbage() collectgarbage()
    ngx.say(math.floor(collectgarbage "count")) } }
]]

local upstream, stop_upstream = measure.serve(0)
local port = measure.free_port()
local running = nginx.start { server = PAGES:format(port), files = { ["page.lua"] = module:format(upstream) } }
local worker = running:workers()[1]

local function done() return tonumber((running:get "/done")) end

--- Makes so many calls or a few more.
---@return integer number
local function run(count)
  local first = done()
  local stop = measure.start_load(("http://127.0.0.1:%d/call"):format(port), CONNECTIONS)
  repeat os.execute "sleep 0.1" until done() >= first + count
  stop()
  return done() - first
end

--- What is in use once all is at rest.
local function look(title)
  os.execute "sleep 0.3"
  running:get "/collect"
  local lua = tonumber((running:get "/collect"))
  local size = measure.size(worker)
  print(("  %-22s resident %6d KiB, of that Lua %6d KiB, threads %d, descriptors %d"):format(title, size.kib, lua,
    size.threads, size.descriptors))
  return size
end

run(calls / rounds * WARM)
local before, count, most, after = look "after warming up", 0, 0, nil
for _ = 1, rounds do
  count = count + run(calls / rounds)
  after = look(("after %d"):format(count))
  most = math.max(most, after.kib)
end
measure.report("memory at the end over that at the start, MiB", (after.kib - before.kib) / 1024, 1)
measure.report("the most in between, MiB", (most - before.kib) / 1024)
measure.report("threads more", after.threads - before.threads, 0, false, "%d")
measure.report("descriptors more", after.descriptors - before.descriptors, 0, false, "%d")
measure.report("errors in the log", select(2, running:log "error":gsub("[^\n]+", "")), 0, false, "%d")
print((running:log "error":sub(1, 600)))
running:stop()
stop_upstream()
measure.exit()
