--- What a call costs inside nginx, against a cosocket client that does the same (lua-resty-http if LUA_PATH has it
--- for LuaJIT, else a minimal one) and against a captured subrequest to proxy_pass. Medians of paired ratios.
--- Given "worker_cpu_affinity auto;", the worker and its helper thread share a processor: one call at a time then
--- costs less CPU, many at a time take longer.
---     lua5.4 spec/bench/nginx.lua [rounds] [seconds] [main: text for nginx.conf]
local measure = require "spec.bench.nginx.measure"
local nginx = require "spec.support.nginx"

local rounds, seconds, main = tonumber(arg[1] or 8), tonumber(arg[2] or 1), arg[3] or ""

local module = [[
  local cjson = require "cjson"
  local reseller = require "reseller"
  local bench = { clients = {} }
  local path, key = "/dev/v1.0/resellers", "GHO-benchbench-STEA-benchbench-LTH"

  function bench.ours(port)
    local gs = bench.clients[port]
    if not gs then
      gs = reseller.ghostealth { api_key = key, base_url = "http://127.0.0.1:" .. port .. "/dev/v1.0", limit = false,
        retries = 0 }
      bench.clients[port] = gs
    end
    return assert(gs:get_reseller()).id
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
  bench.other = found and "lua-resty-http" or "a minimal client"
  if found then
    function bench.cosocket(port)
      local client = http.new()
      assert(client:connect { scheme = "http", host = "127.0.0.1", port = tonumber(port) })
      local reply = assert(client:request { path = path, headers = { Host = "127.0.0.1",
        Authorization = "ApiKey " .. key, Accept = "application/json" } })
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

local LATENCIES = { 0, 5, 50 }
local WAYS = { "ours", "cosocket", "capture" }

-- What is wanted of the median latency, by milliseconds away.
local P50, CAPTURE = { [0] = 1.25, [5] = 1.10, [50] = 1.03 }, { [5] = 1.10 }

local upstreams, stops = {}, {}
for _, ms in ipairs(LATENCIES) do upstreams[ms], stops[#stops + 1] = measure.serve(ms) end
local port = measure.free_port()

local http, server = {}, { ("listen 127.0.0.1:%d backlog=1024;"):format(port), "keepalive_requests 1000000000;" }
for _, ms in ipairs(LATENCIES) do
  http[#http + 1] = ("upstream at%d { server 127.0.0.1:%d; keepalive 256; }"):format(upstreams[ms], upstreams[ms])
  server[#server + 1] = ([[location /proxied/%d/ {
    internal;
    proxy_pass http://at%d/;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
  }]]):format(upstreams[ms], upstreams[ms])
end
server[#server + 1] = [[location = /other { content_by_lua_block { ngx.say(require("bench").other) } }]]
server[#server + 1] = [[location ~ ^/(?<how>\w+)/(?<to>\d+)$ {
    content_by_lua_block { ngx.say(require("bench")[ngx.var.how](ngx.var.to)) }
  }]]
local running = nginx.start { main = main, http = table.concat(http, "\n"), server = table.concat(server, "\n"),
  files = { ["bench.lua"] = module } }
local worker = running:workers()[1]

--- One round: latency, and nanoseconds of CPU a call on the worker's own thread and on all.
local function round_of(how, ms, connections)
  local own, all = measure.cpu(worker)
  local result = measure.load(("http://127.0.0.1:%d/%s/%d"):format(port, how, upstreams[ms]), connections, seconds)
  local own_after, all_after = measure.cpu(worker)
  result.own, result.all = (own_after - own) / result.count, (all_after - all) / result.count
  return result
end

local function compare(ms, connections)
  local p50, own, all, capture, shown = {}, {}, {}, {}, {}
  for _, how in ipairs(WAYS) do round_of(how, ms, connections) end
  for round = 1, rounds do
    local seen = {}
    for i = 1, #WAYS do
      local how = WAYS[(round + i) % #WAYS + 1]
      seen[how] = round_of(how, ms, connections)
    end
    local ours, other = seen.ours, seen.cosocket
    p50[round], own[round], all[round] = ours.p50 / other.p50, ours.own / other.own, ours.all / other.all
    capture[round], shown[round] = ours.p50 / seen.capture.p50, ours.p50 * 1e6
  end
  print(("%d ms away, %d at a time (ours %.0f us)"):format(ms, connections, measure.median(shown)))
  measure.report("median latency", measure.median(p50), P50[ms])
  measure.report("CPU of the worker", measure.median(own), 0.8)
  measure.report("CPU with the helper", measure.median(all), 1.5)
  measure.report("median latency over proxy_pass", measure.median(capture), CAPTURE[ms])
end

print("over " .. running:get "/other")
for _, ms in ipairs(LATENCIES) do
  for _, connections in ipairs { 1, 16 } do compare(ms, connections) end
end
running:stop()
for _, stop in ipairs(stops) do stop() end
measure.exit()
