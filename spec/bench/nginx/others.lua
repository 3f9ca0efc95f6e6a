--- What other requests of the same worker notice of calls that are under way: of many that wait, of fresh TLS
--- connections, of large replies. Medians over rounds in which an idle and a busy worker take turns.
---     lua5.4 spec/bench/nginx/others.lua [rounds] [seconds]
local measure = require "spec.bench.nginx.measure"
local nginx = require "spec.support.nginx"
local tls = require "spec.support.tls"

local rounds, seconds = tonumber(arg[1] or 8), tonumber(arg[2] or 2)
local WAITING, TLS_CLIENTS = 128, 4
local BODY = 10 * 1024 * 1024
local PACE = 500 -- requests a second

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

--- Replies of that size: one text, and what a long list looks like.
local function write_bodies(folder)
  local item = '{"id":"su_69b139e97d16bed7023855d3","status":"ACTIVE","canceled":false,'
    .. '"period":{"start":{"timestamp":1773124248000},"end":{"timestamp":1775802648000}},'
    .. '"plan":{"billingCycle":"MONTHLY","configuration":{"connections":200}}}'
  write(folder .. "/text", ('{"data":{"id":"one","text":"%s"}}'):format(("x"):rep(BODY)))
  write(folder .. "/list", ('{"data":[%s]}'):format((item .. ","):rep(BODY // (#item + 1)) .. item))
end

--- The store that is parsed with each fresh connection unless care is taken: the system's, and our server's.
local function write_store(server)
  local path = server.folder .. "/store.pem"
  os.execute(("cat /etc/ssl/certs/ca-certificates.crt %s >%s 2>/dev/null"):format(server.certificate, path))
  write(server.folder .. "/reply", 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"data":{"id":"one"}}')
  return path
end

local module = [[
  local reseller = require "reseller"
  local page = { under_way = 0, failed = 0, done = 0 }
  local function client(url, more)
    more = more or {}
    more.api_key, more.base_url, more.limit, more.retries = "GHO-benchbench-STEA-benchbench-LTH", url, false, 0
    return reseller.ghostealth(more)
  end
  local slow, big = client "http://127.0.0.1:%d/dev/v1.0", client "http://127.0.0.1:%d"
  local secret = client("https://localhost:%d", { ca_file = "%s" })
  function page.slow() return slow:get_reseller() end
  function page.tls() return secret:request { method = "GET", path = "/reply", effect = "read" } end
  function page.text() return big:request { method = "GET", path = "/text", effect = "read" } end
  function page.list() return big:request { method = "GET", path = "/list", effect = "read" } end
  function page.run(name)
    page.under_way = page.under_way + 1
    local value, err = page[name]()
    page.under_way, page.done = page.under_way - 1, page.done + 1
    if value == nil then
      page.failed = page.failed + 1
      ngx.log(ngx.ERR, tostring(err))
    end
    ngx.say "called"
  end
  return page
]]

local PAGES = [[
  listen 127.0.0.1:%d backlog=1024;
  keepalive_requests 1000000000;
  location = /trivial { content_by_lua_block { ngx.say "trivial" } }
  location = /counts { content_by_lua_block {
    local page = require "page"
    ngx.say(page.under_way, " ", page.failed, " ", page.done) } }
  location ~ ^/(?<name>\w+)$ { content_by_lua_block { require("page").run(ngx.var.name) } }
]]

local upstream, stop_upstream = measure.serve(2000)
local secret = tls.start()
local big_port, port = measure.free_port(), measure.free_port()
local files = "server { listen 127.0.0.1:%d; location / { root FOLDER; } }"
local big = nginx.start { http = files:format(big_port), server = "" }
write_bodies(big.folder)
local running = nginx.start { server = PAGES:format(port),
  files = { ["page.lua"] = module:format(upstream, big_port, secret.port, write_store(secret)) } }

local function counts()
  local under_way, failed, done = running:get("/counts"):match "(%d+) (%d+) (%d+)"
  return tonumber(under_way), tonumber(failed), tonumber(done)
end

local function url(path) return ("http://127.0.0.1:%d/%s"):format(port, path) end
local function trivial() return measure.load(url "trivial", 2, seconds) end
local function paced()
  return measure.pace(function() return running:connect() end, "/trivial", PACE, seconds)
end

--- Measures while so many are at a page all the time.
local function beside(page, clients, measurement)
  local stop = measure.start_load(url(page), clients)
  local _, _, before = counts()
  measure.await(function()
    local under_way, _, done = counts()
    return under_way == clients or done > before
  end, page .. " is not called")
  _, _, before = counts()
  local result = measurement()
  local _, _, after = counts()
  stop()
  measure.await(function() return counts() == 0 end, "calls did not end")
  return result, after - before
end

--- Idle and busy by turns, each first every other time.
local function compare(page, clients)
  local rate, p99, busy_p99, least = {}, {}, {}, math.huge
  for round = 1, rounds do
    local idle, busy
    if round % 2 == 0 then idle = trivial() end
    busy = beside(page, clients, trivial)
    idle = idle or trivial()
    rate[round], p99[round], busy_p99[round] = busy.rate / idle.rate, busy.p99 / idle.p99, busy.p99 * 1e3
    least = math.min(least, idle.count, busy.count)
  end
  return measure.median(rate), measure.median(p99), measure.median(busy_p99), least
end

local function absolute(title, page, clients, target)
  print(title)
  local rate, _, p99, least = compare(page, clients)
  local open, calls = {}, {}
  for round = 1, rounds do
    local wait, done = beside(page, clients, paced)
    open[round], calls[round] = wait * 1e3, done / seconds
  end
  measure.report("calls a second", measure.median(calls), nil, nil, "%.1f")
  measure.report("rate of others over that of an idle worker", rate)
  measure.report(("p99 of others, ms (%d or more a round)"):format(least), p99, target)
  measure.report(("p99 when they come %d times a second, whatever happens, ms"):format(PACE), measure.median(open))
end

print(("%d calls to a 2 s upstream under way"):format(WAITING))
local rate, p99, _, least = compare("slow", WAITING)
measure.report("rate of others over that of an idle worker", rate, 0.9, true)
measure.report(("p99 of others over that of an idle worker (%d or more)"):format(least), p99, 1.5)
absolute(("%d clients opening fresh TLS connections"):format(TLS_CLIENTS), "tls", TLS_CLIENTS, 10)
absolute("a client reading replies of 10 MB, one text", "text", 1, 10)
absolute("a client reading replies of 10 MB, a list", "list", 1, 10)
local _, failed = counts()
measure.report("calls that failed", failed, 0, false, "%d")
print((running:log "error":sub(1, 600)))

running:stop()
big:stop()
secret:stop()
stop_upstream()
measure.exit()
