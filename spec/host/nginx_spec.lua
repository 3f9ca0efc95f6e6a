local core = require "reseller.core"
local cqueues = require "cqueues"
local clients = require "spec.support.clients"
local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

if not script.is_main_run then return end -- it is nginx's own LuaJIT that runs what is tested here

--- What all pages share: a client, and a page that says what a call came to.
local module = [[
  local reseller = require "reseller"
  local page = { reseller = reseller }
  page.gs = reseller.ghostealth { base_url = "%s", api_key = "%s", limit = false, retries = 0 }
  function page.call()
    local value, err = page.gs:get_reseller()
    return value and "good" or err.kind .. ": " .. err.message
  end
  return page
]]

local function count(command)
  local pipe = io.popen(command)
  local n = #pipe:read "*a":gsub("[^\n]", "")
  pipe:close()
  return n
end

local function descriptors(pid) return count("ls /proc/" .. pid .. "/fd") end
local function threads(pid) return count("ls /proc/" .. pid .. "/task") end
local function sockets_to(pid, port)
  return count(("ss -Htnp state established dport = :%d 2>/dev/null | grep pid=%s,"):format(port, pid))
end

local function await(condition)
  local deadline = core.now() + 10
  while not condition() do
    if core.now() > deadline then return false end
    cqueues.sleep(0.02)
  end
  return true
end

describe("inside nginx", function()
  local box, server
  before_each(function() box = sandbox.shared() end)
  after_each(function()
    if server then server:stop() end
    server = nil
  end)

  local function start(options)
    for name, text in pairs(options.urls or {}) do options.server = options.server:gsub(name, text) end
    options.files = { ["page.lua"] = module:format(clients.ghostealth(box).base_url, clients.keys()[1]) }
    server = nginx.start(options)
    return server
  end

  local CALL = [[ location = /call { content_by_lua_block { ngx.say(require("page").call()) } }
    location = /trivial { content_by_lua_block { ngx.say "trivial" } }
    location = /collect { content_by_lua_block { collectgarbage() collectgarbage() ngx.say "collected" } } ]]

  for phase, text in pairs {
    rewrite = [[ location = / { rewrite_by_lua_block { ngx.say(require("page").call()) ngx.exit(200) } } ]],
    access = [[ location = / { access_by_lua_block { ngx.say(require("page").call()) ngx.exit(200) } } ]],
    content = [[ location = / { content_by_lua_block { ngx.say(require("page").call()) } } ]],
    timer = [[ location = / { content_by_lua_block {
      local semaphore = require("ngx.semaphore").new()
      local answer
      ngx.timer.at(0, function() answer = require("page").call() semaphore:post() end)
      semaphore:wait(10)
      ngx.say(answer) } } ]],
  } do
    it("a call waits in the phase " .. phase, function()
      start { server = text }
      for _ = 1, 3 do assert.equal("good\n", (server:get "/")) end
      assert.equal("", server:log "error")
    end)
  end

  for phase, text in pairs {
    set = [[ location = / { set_by_lua_block $answer { return require("page").call() } content_by_lua_block { ngx.say(ngx.var.answer) } } ]],
    header_filter = [[ location = / { content_by_lua_block { ngx.header["x"] = 1 ngx.say(" ") }
      header_filter_by_lua_block { require("page").answer = require("page").call() } }
      location = /then { content_by_lua_block { ngx.say(require("page").answer) } } ]],
    body_filter = [[ location = / { content_by_lua_block { ngx.say(" ") }
      body_filter_by_lua_block { require("page").answer = require("page").call() } }
      location = /then { content_by_lua_block { ngx.say(require("page").answer) } } ]],
    log = [[ location = / { content_by_lua_block { ngx.say(" ") }
      log_by_lua_block { require("page").answer = require("page").call() } }
      location = /then { content_by_lua_block { ngx.say(require("page").answer) } } ]],
  } do
    it("a call in the phase " .. phase .. " is refused, and says what to do instead", function()
      start { server = text }
      local answer = server:get "/"
      if text:find "/then" then answer = server:get "/then" end
      assert.truthy(answer:find("refused: nothing can wait in nginx's " .. phase .. " phase: call from", 1, true), answer)
      assert.equal(0, #box:requests())
    end)
  end

  it("a call blocks while nginx starts, and those of the workers wait", function()
    start { workers = 2, server = CALL .. [[ location = /then { content_by_lua_block { ngx.say(require("page").init, require("page").worker) } } ]],
      http = [[ init_by_lua_block { require("page").init = require("page").call() }
        init_worker_by_lua_block {
          local page = require "page"
          local results = page.reseller.parallel(2, { page.call, page.call })
          page.worker = results[1][1] .. results[2][1]
        } ]] }
    assert.equal("goodgoodgood\n", (server:get "/then"))
    for _ = 1, 4 do assert.equal("good\n", (server:get "/call")) end
    for _, pid in ipairs(server:workers()) do assert.is_true(threads(pid) <= 3) end
  end)

  it("a call waits while a certificate is chosen", function()
    start { server = CALL, http = [[ server {
        listen unix:FOLDER/tls ssl;
        ssl_certificate FOLDER/cert.pem;
        ssl_certificate_key FOLDER/key.pem;
        ssl_certificate_by_lua_block { require("page").answer = require("page").call() }
        location = / { content_by_lua_block { ngx.say(require("page").answer) } }
      } ]], prepare = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem" }
    local output = script.shell(("sh -c \"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet -ign_eof -unix %s/tls 2>/dev/null\"")
      :format(server.folder))
    assert.truthy(output:find("\r\n\r\ngood\n", 1, true), output)
  end)

  it("calls wait side by side, and other requests do not wait for them", function()
    box:fault { kind = "delay", seconds = 1, times = 64 }
    start { server = CALL }
    local start_time, replies = core.now(), {}
    for i = 1, 64 do replies[i] = server:send "/call" end
    assert.is_true(await(function() return #box:requests() == 64 end))
    local before = core.now()
    for _ = 1, 50 do assert.equal("trivial\n", (server:get "/trivial")) end
    local trivial = core.now() - before
    for _, reply in ipairs(replies) do assert.equal("good\n", (reply())) end
    assert.is_true(trivial < 0.9, tostring(trivial)) -- before the replies came
    assert.is_true(core.now() - start_time < 32) -- half of what one after the other would take
  end)

  it("works with reseller.parallel, iterators and the limit", function()
    start { server = [[ location = / { content_by_lua_block {
      local page = require "page"
      local ap = page.reseller.activeplatform { base_url = "]] .. box.url .. [[", api_token = "]]
      .. core.platforms().activeplatform.sandbox_credential .. [[", reseller_id = 1 }
      local results = page.reseller.parallel(3, {
        function()
          local n = 0
          for _ in ap:each_child_subscription { page = { size = 100 } } do n = n + 1 end
          return n
        end,
        function()
          local n = 0
          for _ in ap:each_child_subscription { pages_ahead = 4 } do n = n + 1 end
          return n
        end,
        function()
          local limited = page.reseller.ghostealth { base_url = page.gs.base_url, api_key = "]] .. clients.keys()[2] .. [[",
            limit = { requests = 2, seconds = 0.05 } }
          for _ = 1, 5 do assert(limited:get_reseller()) end
          return "limited"
        end,
      })
      for _, result in ipairs(results) do ngx.say(tostring(result[1] or result[2])) end
    } } ]] }
    assert.equal("1146\n1146\nlimited\n", (server:get "/"))
  end)

  it("an error in reseller.parallel ends what is under way", function()
    box:fault { kind = "delay", seconds = 20, times = 4 }
    start { server = [[ location = / { content_by_lua_block {
      local host = require("reseller.host").current()
      local page = require "page"
      local task = host.spawn(page.call)
      local sleeper = host.spawn(function() host.sleep(20) end)
      host.sleep(0.05)
      host.cancel(task)
      host.cancel(sleeper)
      local ok, results = host.wait(task)
      ngx.say(tostring(ok), results[1])
    } } ]] }
    local start_time = core.now()
    assert.equal("falsecancelled\n", (server:get "/"))
    assert.is_true(core.now() - start_time < 32) -- half of what one after the other would take
  end)

  it("a request whose client is gone leaves a transfer that the next collection cancels", function()
    box:fault { kind = "delay", seconds = 30, times = 1 }
    start { server = CALL, http = "lua_check_client_abort on;" }
    local _, peer = server:send "/call"
    assert.is_true(await(function() return #box:requests() == 1 end))
    local pid = server:workers()[1]
    assert.equal(1, sockets_to(pid, box.port))
    peer:close()
    assert.is_true(await(function()
      server:get "/collect"
      return sockets_to(pid, box.port) == 0
    end))
    assert.equal("good\n", (server:get "/call"))
  end)

  it("a large list comes whole, decoded while others are served", function()
    start { server = CALL .. [[ location = /list { content_by_lua_block {
      local reseller = require "reseller"
      local ap = reseller.activeplatform { base_url = "URL", api_token = "TOKEN", reseller_id = 1 }
      local host, pauses = require "reseller.host.nginx", 0
      local pause = host.pause
      function host.pause() pauses = pauses + 1 pause() end
      local list, meta = assert(ap:list_child_subscriptions { page = { size = 2000 } })
      ngx.say(pauses > 5, " ", #list, " ", list[1].id, " ", list[#list].name, " ", list[#list].plan.id, " ", meta.page.last) } } ]],
      urls = { URL = box.url, TOKEN = require("reseller.core").platforms().activeplatform.sandbox_credential } }
    local ap = clients.activeplatform(box)
    local list, meta = assert(ap:list_child_subscriptions { page = { size = 2000 } })
    assert.is_true(#list > 1000)
    assert.equal(("true %d %s %s %s %d\n"):format(#list, list[1].id, list[#list].name, list[#list].plan.id, meta.page.last),
      (server:get "/list"))
  end)

  it("a pause lets other requests go on", function()
    start { server = [[
      location = /pause { content_by_lua_block {
        local host, page, pauses = require "reseller.host.nginx", require "page", 0
        while not page.flag and pauses < 5000 do
          pauses = pauses + 1
          host.pause()
        end
        ngx.say(page.flag and "served meanwhile" or "held up") } }
      location = /flag { content_by_lua_block { require("page").flag = true ngx.say "flagged" } } ]] }
    local reply = server:send "/pause"
    assert.equal("flagged\n", (server:get "/flag"))
    assert.equal("served meanwhile\n", (reply()))
  end)

  it("threads and descriptors stay as few, also without a cache of code", function()
    start { server = CALL, http = "lua_code_cache off;" }
    server:get "/call"
    local pid = server:workers()[1]
    local before, few = threads(pid), descriptors(pid) + 10
    for _ = 1, 60 do assert.equal("good\n", (server:get "/call")) end
    assert.equal(before, threads(pid))
    assert.is_true(await(function() return descriptors(pid) <= few end), descriptors(pid) .. " descriptors")
    assert.equal(0, count("ls -d /tmp/reseller-?????? 2>/dev/null"))
  end)

  it("its reader leaves when it has nothing to do, and comes back", function()
    start { server = CALL }
    server:get "/call"
    local pid = server:workers()[1]
    local with_reader = descriptors(pid)
    assert.is_true(await(function() return descriptors(pid) < with_reader end))
    assert.equal("good\n", (server:get "/call"))
    assert.equal("", server:log "error")
  end)

  it("a call ends also when nginx has no timer left for the reader", function()
    start { server = CALL .. [[ location = /hog { content_by_lua_block { ngx.timer.at(0, function() ngx.sleep(3) end) ngx.say "hog" } } ]],
      http = "lua_max_running_timers 1;" }
    server:get "/hog"
    assert.equal("good\n", (server:get "/call"))
  end)

  it("a reload under load fails no call, and a quit waits for the last reply only", function()
    box:fault { kind = "delay", seconds = 0.1, times = 10000 }
    start { server = CALL, workers = 2 }
    local replies, bad = {}, 0
    for round = 1, 10 do
      for _ = 1, 8 do replies[#replies + 1] = server:send "/call" end
      cqueues.sleep(0.05)
      if round % 2 == 0 then server:signal "HUP" end
    end
    for _, reply in ipairs(replies) do if reply() ~= "good\n" then bad = bad + 1 end end
    assert.equal(0, bad)
    assert.is_true(await(function() return #server:workers() == 2 end))
    box:clear_faults()
    box:fault { kind = "delay", seconds = 0.5, times = 16 }
    local last = {}
    for i = 1, 16 do last[i] = server:send "/call" end
    assert.is_true(await(function() return #box:requests() == 96 end))
    server:signal "QUIT"
    for _, reply in ipairs(last) do assert.equal("good\n", (reply())) end
    local took, status = server:await_end()
    assert.is_true(took < 5, tostring(took))
    assert.equal(0, status)
  end)

  it("TERM ends it at once, with calls under way", function()
    box:fault { kind = "delay", seconds = 20, times = 16 }
    start { server = CALL }
    for _ = 1, 16 do server:send "/call" end
    assert.is_true(await(function() return #box:requests() == 16 end))
    server:signal "TERM"
    local took, status = server:await_end()
    assert.is_true(took < 5, tostring(took))
    assert.equal(0, status)
    assert.equal(0, count("ls -d /tmp/reseller-?????? 2>/dev/null"))
  end)
end)
