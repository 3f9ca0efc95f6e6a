--- How promptly nginx ends: asked to finish what is under way (QUIT), and told to end at once (TERM) whatever calls
--- are doing, a look-up of a name that no server ever answers among it; and how promptly a collection cancels what
--- aborted clients asked for. Runs where the name server is 127.0.0.1 and nobody else has its port: see run.sh.
---     lua5.4 spec/bench/nginx/exit.lua [rounds]
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local measure = require "spec.bench.nginx.measure"
local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"
local tls = require "spec.support.tls"

local rounds = tonumber(arg[1] or 8)
local CALLS = 16

local module = [[
  local reseller = require "reseller"
  local page = {}
  local base_url, key = "%s", "%s"
  local function client(more)
    more.api_key, more.limit, more.base_url = key, false, more.base_url or base_url
    return reseller.ghostealth(more)
  end
  local made = {}
  local function kept(name, options)
    made[name] = made[name] or client(options)
    return made[name]
  end
  function page.call() return kept("call", {}):get_reseller() end
  function page.name() return kept("name", { base_url = "https://never.example" }):get_reseller() end
  function page.tls()
    local gs = kept("tls", { base_url = "https://localhost:%d", ca_file = "%s" })
    return gs:request { method = "GET", path = "/reply", effect = "read" }
  end
  function page.spend()
    return kept("spend", { ledger = "%s" }):create_subscription { billingCycle = "MONTHLY", connections = 100 }
  end
  function page.run(name)
    local value, err = page[name]()
    if value == nil then ngx.status = 500 end
    ngx.say(value and "good" or tostring(err))
  end
  return page
]]

local PAGES = [[
  location = /collect { content_by_lua_block { collectgarbage() collectgarbage() ngx.say "collected" } }
  location = /idle { content_by_lua_block { ngx.say "good" } }
  location ~ ^/(?<name>\w+)$ { content_by_lua_block { require("page").run(ngx.var.name) } }
]]

--- A name server that never answers. Nothing must wait for it here.
local silent = socket.listen { host = "127.0.0.1", port = 53, type = socket.SOCK_DGRAM }
assert(silent:listen())

local box = sandbox.start { limit = false, balance = 10 ^ 12 }
local secret, path = tls.start(), ledgers.path()
local file = io.open(secret.folder .. "/reply", "w")
file:write 'HTTP/1.0 200 OK\r\n\r\n{"data":{"id":"one"}}'
file:close()

local function start(workers)
  local gs = clients.ghostealth(box)
  return nginx.start { server = PAGES, workers = workers, http = "lua_check_client_abort on;",
    files = { ["page.lua"] = module:format(gs.base_url, clients.keys()[1], secret.port, secret.certificate, path) } }
end

--- Whether all processes said that they ended well.
local function ended_well(running, status)
  local log = running:log()
  return status == 0 and not log:find "exited on signal" and not log:find "exited with code [^0]"
end

--- Seconds from the last reply to the end, and how much went wrong.
local function quit()
  local running, replies = start(2), {}
  box:fault { kind = "delay", seconds = 0.4, times = CALLS }
  local first = #box:requests()
  for i = 1, CALLS do replies[i] = running:send "/call" end
  measure.await(function() return #box:requests() - first == CALLS end, "calls did not begin")
  running:signal "QUIT"
  local bad = 0
  for _, reply in ipairs(replies) do if reply() ~= "good\n" then bad = bad + 1 end end
  local took, status = running:await_end()
  local good = ended_well(running, status)
  running:stop()
  box:clear_faults()
  return took, bad + (good and 0 or 1)
end

--- What calls may be doing, the page that does it, and whether it lasts until the end.
local moments = {
  { "nothing is under way", "idle" },
  { "replies are waited for", "call", lasts = true,
    begin = function() box:fault { kind = "delay", seconds = 20, times = CALLS } end },
  { "calls come and go", "call" },
  { "TLS connections are opened", "tls" },
  { "spends go through a ledger", "spend" },
  { "a name is looked up", "name", lasts = true },
}

--- Seconds from TERM to the end, and whether it was a good one; the moment is another one in each round.
local function term(moment, round)
  local running = start(1)
  if moment.begin then moment.begin() end
  local loop, over, replied = cqueues.new(), false, false
  for _ = 1, CALLS do
    loop:wrap(function()
      while not over do
        local ok, reply = pcall(running.send, running, "/" .. moment[2])
        if not ok or not reply() then return end
        replied = replied or not over
      end
    end)
  end
  local took, status
  loop:wrap(function()
    cqueues.sleep((moment.lasts and 0.3 or 0.05) + 0.037 * round)
    over = true
    assert(not (moment.lasts and replied), "nothing was left to end")
    running:signal "TERM"
    took, status = running:await_end()
  end)
  assert(loop:loop())
  local good = ended_well(running, status)
  running:stop()
  box:clear_faults()
  return took, good and 0 or 1
end

local function worst(title, target, trial)
  local times, bad = {}, 0
  for round = 1, rounds do
    local took, fault = trial(round)
    times[round], bad = took, bad + fault
  end
  measure.report(title .. ", s, median", measure.median(times))
  measure.report("  the longest", measure.quantile(times, 1), target)
  measure.report("  ends that were not good", bad, 0, false, "%d")
end

local function sockets(pid)
  local command = "ss -Htnp state established dport = :%d 2>/dev/null | grep pid=%s, | wc -l"
  return tonumber(measure.shell(command:format(box.port, pid)))
end

--- What is still read after the next collection, of what clients no longer want.
local function aborted()
  local running, peers = start(1), {}
  box:fault { kind = "delay", seconds = 30, times = 64 }
  local first = #box:requests()
  for i = 1, 64 do peers[i] = select(2, running:send "/call") end
  measure.await(function() return #box:requests() - first == 64 end, "calls did not begin")
  local pid = running:workers()[1]
  local before = sockets(pid)
  for _, peer in ipairs(peers) do peer:close() end
  cqueues.sleep(0.2)
  local kept = sockets(pid)
  running:get "/collect"
  cqueues.sleep(0.2)
  local after = sockets(pid)
  running:stop()
  box:clear_faults()
  return before, kept, after
end

print(("QUIT while %d calls are under way"):format(CALLS))
worst("from the last reply to the end", 0.3, quit)
for _, moment in ipairs(moments) do
  print("TERM while " .. moment[1])
  worst("until the end", 0.5, function(round) return term(moment, round) end)
end
local before, kept, after = aborted()
print(("%d clients gone: %d reads before the collection"):format(before, kept))
measure.report("reads after it", after, 0, false, "%d")
box:stop()
secret:stop()
ledgers.clean()
measure.exit()
