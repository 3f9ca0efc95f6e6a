--- What a call costs inside nginx, against a cosocket client that does the same (lua-resty-http if LUA_PATH has it
--- for LuaJIT, else a minimal one) and against a captured subrequest to proxy_pass, and what other requests of the
--- worker notice. Medians of paired ratios.
---     lua5.4 spec/bench/nginx.lua [rounds] [seconds]
local socket = require "cqueues.socket"

local nginx = require "spec.support.nginx"

local rounds, seconds = tonumber(arg[1] or 8), tonumber(arg[2] or 1)
local folder = os.getenv "RESELLER_BUILD" or "build"

local function shell(command)
  local pipe = io.popen(command)
  local text = pipe:read "*a"
  pipe:close()
  return text
end

--- A server of replies that take so long: its port, and what ends it.
local function serve(latency_ms)
  local announced = os.tmpname()
  local pipe = io.popen(("exec %s/bench/server --latency %d >%s"):format(folder, latency_ms, announced), "w")
  local port
  repeat
    os.execute "sleep 0.05"
    local file = io.open(announced)
    port = file:read "*n"
    file:close()
  until port
  os.remove(announced)
  return port, pipe
end

local function free_port()
  local listener = socket.listen("127.0.0.1", 0)
  listener:listen()
  local _, _, port = listener:localname()
  listener:close()
  return port
end

local module = [[
  local cjson = require "cjson"
  local reseller = require "reseller"
  local bench = { clients = {} }
  local path, key = "/dev/v1.0/resellers", "GHO-benchbench-STEA-benchbench-LTH"

  function bench.ours(port)
    local gs = bench.clients[port]
    if not gs then
      gs = reseller.ghostealth { api_key = key, base_url = "http://127.0.0.1:" .. port .. "/dev/v1.0", limit = false, retries = 0 }
      bench.clients[port] = gs
    end
    return assert(gs:get_reseller()).id
  end

  function bench.idle(port)
    local gs = bench.ours(port) and bench.clients[port]
    return gs:request { method = "GET", path = "/idle", effect = "read" }
  end

  function bench.cosocket(port)
    local sock = ngx.socket.tcp()
    sock:settimeout(30000)
    assert(sock:connect("127.0.0.1", port))
    assert(sock:send { "GET ", path, " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ApiKey ", key,
      "\r\nAccept: application/json\r\n\r\n" })
    local headers, status = {}, assert(sock:receive "*l")
    for line in function() return sock:receive "*l" end do
      if line == "" then break end
      local name, value = line:match "^([^:]+):%s*(.*)$"
      headers[name:lower()] = value
    end
    local body = assert(sock:receive(tonumber(headers["content-length"])))
    sock:setkeepalive(10000, 256)
    assert(status:find " 200 ")
    return cjson.decode(body).data.id
  end

  local found, http = pcall(require, "resty.http")
  if found then
    function bench.cosocket(port)
      local client = http.new()
      assert(client:connect { scheme = "http", host = "127.0.0.1", port = tonumber(port) })
      local reply = assert(client:request { path = path, headers = { Host = "127.0.0.1", Authorization = "ApiKey " .. key,
        Accept = "application/json" } })
      local body = assert(reply:read_body())
      client:set_keepalive(10000, 256)
      assert(reply.status == 200)
      return cjson.decode(body).data.id
    end
  end

  function bench.capture(port)
    local reply = ngx.location.capture("/proxied/" .. port .. path)
    return cjson.decode(reply.body).data.id
  end

  return bench
]]

local latencies = { 0, 5, 50, 2000 }
local upstreams, pipes = {}, {}
for _, ms in ipairs(latencies) do upstreams[ms], pipes[#pipes + 1] = serve(ms) end
local port = free_port()

local http, server = {}, { ("listen 127.0.0.1:%d backlog=1024;"):format(port) }
for _, ms in ipairs(latencies) do
  http[#http + 1] = ("upstream at%d { server 127.0.0.1:%d; keepalive 256; }"):format(upstreams[ms], upstreams[ms])
  server[#server + 1] = ('location /proxied/%d/ { internal; proxy_pass http://at%d/; proxy_http_version 1.1; proxy_set_header Connection ""; }')
    :format(upstreams[ms], upstreams[ms])
end
server[#server + 1] = "location = /trivial { content_by_lua_block { ngx.say(1) } }"
server[#server + 1] = [[location ~ ^/(?<how>\w+)/(?<to>\d+)$ { content_by_lua_block { ngx.say(require("bench")[ngx.var.how](ngx.var.to)) } }]]
local running = nginx.start { http = table.concat(http, "\n"), server = table.concat(server, "\n"), files = { ["bench.lua"] = module } }
local worker = running:workers()[1]

--- Nanoseconds of CPU: of the worker's own thread, and of all its threads.
local function cpu()
  local own, all = 0, 0
  for thread in shell("ls /proc/" .. worker .. "/task"):gmatch "%d+" do
    local ns = tonumber(shell(("cat /proc/%s/task/%s/schedstat"):format(worker, thread)):match "%d+")
    if thread == worker then own = ns end
    all = all + ns
  end
  return own, all
end

local units = { us = 1e-6, ms = 1e-3, s = 1 }
local function duration(text) return tonumber(text:match "[%d.]+") * units[text:match "%a+"] end

local function load(path, connections)
  local own, all = cpu()
  local text = shell(("wrk -t1 -c%d -d%gs --latency http://127.0.0.1:%d%s"):format(connections, seconds, port, path))
  local own_after, all_after = cpu()
  local requests = tonumber(text:match "(%d+) requests in")
  if text:find "Non%-2xx" then error(path .. "\n" .. running:log("error"):sub(-600)) end
  return { p50 = duration(text:match "\n%s+50%%%s+(%S+)"), p99 = duration(text:match "\n%s+99%%%s+(%S+)"), rate = tonumber(text:match "Requests/sec:%s+(%S+)"),
    own = (own_after - own) / requests, all = (all_after - all) / requests }
end

local function median(list)
  table.sort(list)
  return (list[math.ceil(#list / 2)] + list[#list // 2 + 1]) / 2
end

local met = true
local function report(what, ratio, target, more)
  local good = not target or more and ratio >= target or not more and ratio <= target
  met = met and good
  print(("  %-38s %5.2f%s"):format(what, ratio, target and (" (target %s %.2f, %s)"):format(more and "at least" or "at most", target, good and "met" or "missed") or ""))
end

local P50, CAPTURE = { [0] = 1.25, [5] = 1.10, [50] = 1.03 }, { [5] = 1.10 }

local function compare(ms, connections)
  local ratios = { p50 = {}, own = {}, all = {}, capture = {} }
  local shown = {}
  for _, how in ipairs { "ours", "cosocket", "capture" } do load(("/%s/%d"):format(how, upstreams[ms]), connections) end
  for round = 1, rounds do
    local seen, order = {}, { "ours", "cosocket", "capture" }
    for i = 1, 3 do
      local how = order[(round + i) % 3 + 1]
      seen[how] = load(("/%s/%d"):format(how, upstreams[ms]), connections)
    end
    ratios.p50[round], ratios.own[round] = seen.ours.p50 / seen.cosocket.p50, seen.ours.own / seen.cosocket.own
    ratios.all[round], ratios.capture[round] = seen.ours.all / seen.cosocket.all, seen.ours.p50 / seen.capture.p50
    shown[round] = seen.ours.p50 * 1e6
  end
  print(("%d ms away, %d at a time (ours %.0f us)"):format(ms, connections, median(shown)))
  report("median latency over cosocket", median(ratios.p50), P50[ms])
  report("CPU of the worker over cosocket", median(ratios.own), 0.8)
  report("CPU with the helper over cosocket", median(ratios.all), 1.5)
  report("median latency over proxy_pass", median(ratios.capture), connections <= 16 and CAPTURE[ms] or nil)
end

--- Other requests while 128 calls wait for 2 s.
local function others()
  local rate, p99 = {}, {}
  for round = 1, rounds do
    local alone = load("/trivial", 2)
    local background = io.popen(("wrk -t1 -c128 -d%gs http://127.0.0.1:%d/ours/%d"):format(seconds + 4, port, upstreams[2000]))
    os.execute "sleep 0.7"
    local beside = load("/trivial", 2)
    background:read "*a"
    background:close()
    rate[round], p99[round] = beside.rate / alone.rate, beside.p99 / alone.p99
  end
  print "other requests, 128 calls to a 2 s upstream under way"
  report("rate over that of an idle worker", median(rate), 0.9, true)
  report("p99 over that of an idle worker", median(p99), 1.5)
end

for _, ms in ipairs { 0, 5, 50 } do
  for _, connections in ipairs { 1, 16 } do compare(ms, connections) end
end
others()
running:stop()
for _, pipe in ipairs(pipes) do pipe:close() end
os.exit(met and 0 or 1, true)
