local core = require "reseller.core"
local cqueues = require "cqueues"
local reseller = require "reseller"
local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local nginx = require "spec.support.nginx"
local postgres = require "spec.proof.postgres"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

if not script.is_main_run then return end -- it is nginx's own LuaJIT that runs what is tested here

--- What all pages share: a client with a ledger, opened when first needed.
local module = [[
  local reseller = require "reseller"
  local page = {}
  local gs
  function page.client()
    gs = gs or reseller.ghostealth { base_url = "%s", api_key = "%s", limit = false, ledger = "%s" }
    return gs
  end
  function page.renew(params)
    local value, meta = page.client():renew_subscription("%s", params)
    if not value then return meta.kind .. ": " .. meta.message end
    return meta.replayed and "replayed" or "renewed"
  end
  return page
]]

local PAGES = [[
  location = /renew { content_by_lua_block { ngx.say(require("page").renew()) } }
  location = /key { content_by_lua_block { ngx.say(require("page").renew { key = "order-1" }) } }
  location = /entries { content_by_lua_block {
    local words = {}
    for entry in require("page").client().ledger_:entries() do words[#words + 1] = entry.verdict end
    ngx.say(table.concat(words, " ")) } }
  location = /trivial { content_by_lua_block { ngx.say "trivial" } }
]]

local function await(condition)
  local deadline = core.now() + 10
  while not condition() do
    if core.now() > deadline then return false end
    cqueues.sleep(0.02)
  end
  return true
end

local function threads(pid)
  for line in io.lines(("/proc/%s/status"):format(pid)) do
    local count = line:match "^Threads:%s*(%d+)"
    if count then return tonumber(count) end
  end
end

describe("a ledger inside nginx", function()
  local box, server, path, id
  before_each(function()
    box, path = sandbox.shared(), ledgers.path()
    id = assert(clients.ghostealth(box):list_subscriptions())[1].id
  end)
  after_each(function()
    if server then server:stop() end
    server = nil
    ledgers.clean()
  end)

  local function start(options)
    options = options or {}
    options.server = PAGES .. (options.server or "")
    local gs = clients.ghostealth(box)
    options.files = { ["page.lua"] = module:format(gs.base_url, clients.keys()[1], path, id) }
    server = nginx.start(options)
    return server
  end

  local function charges() return #box:charges() end

  --- The verdicts in the ledger, as another process sees them.
  local function verdicts()
    local ledger, words = assert(reseller.ledger.open(path)), {}
    for entry in ledger:entries() do words[#words + 1] = entry.verdict end
    ledger:close()
    return table.concat(words, " ")
  end

  it("records what a request spends", function()
    start()
    assert.equal("renewed\n", (server:get "/renew"))
    assert.equal("renewed\n", (server:get "/key"))
    assert.equal("replayed\n", (server:get "/key"))
    assert.equal("done done\n", (server:get "/entries"))
    assert.equal(2, charges())
    assert.equal("", server:log "error")
  end)

  it("makes one charge for many requests with one key, at once and in several workers", function()
    start { workers = 3 }
    local paths = {}
    for i = 1, 24 do paths[i] = "/key" end
    local counts = {}
    for _, body in ipairs(server:get_all(paths)) do counts[body] = (counts[body] or 0) + 1 end
    assert.same({ ["renewed\n"] = 1, ["replayed\n"] = 23 }, counts)
    assert.equal(1, charges())
  end)

  it("holds up no other request while another process has the database", function()
    start()
    assert.equal("renewed\n", (server:get "/renew"))
    local environment = require("luasql.sqlite3").sqlite3()
    local other = environment:connect(path)
    assert(other:execute "BEGIN IMMEDIATE")
    local reply = server:send "/renew"
    for _ = 1, 20 do assert.equal("trivial\n", (server:get "/trivial")) end
    assert.equal(1, charges())
    assert(other:execute "COMMIT")
    other:close()
    environment:close()
    assert.equal("renewed\n", (reply()))
    assert.equal(2, charges())
  end)

  it("in PostgreSQL holds up nobody either", function()
    local database = postgres.start()
    path = database.address
    start()
    assert.equal("renewed\n", (server:get "/key"))
    local ledger, reply = assert(reseller.ledger.open(path)), nil
    ledger.store_:transaction(function()
      reply = server:send "/renew"
      for _ = 1, 20 do assert.equal("trivial\n", (server:get "/trivial")) end
      assert.equal(1, charges())
    end)
    assert.equal("renewed\n", (reply()))
    assert.equal("replayed\n", (server:get "/key"))
    assert.equal("done done\n", (server:get "/entries"))
    ledger:close()
    server:stop()
    server = nil
    database:stop()
  end)

  it("is written to the end when the request is gone before the reply", function()
    start { server = [[ location = /gone { lua_check_client_abort on; content_by_lua_block { require("page").renew() } } ]] }
    server:get "/entries"
    box:fault { kind = "delay", endpoint = "renew_subscription", seconds = 0.5, when = "after" }
    local _, peer = server:send "/gone"
    assert.is_true(await(function() return charges() == 1 end))
    assert.equal("sent", verdicts())
    peer:close()
    assert.is_true(await(function() return verdicts() == "done" end), verdicts())
    assert.equal("done\n", (server:get "/entries"))
    assert.equal(1, charges())
  end)

  it("is written to the end by a worker that a reload has told to go", function()
    start()
    box:fault { kind = "delay", endpoint = "renew_subscription", seconds = 0.5, when = "after" }
    local reply = server:send "/renew"
    assert.is_true(await(function() return charges() == 1 end))
    server:signal "HUP"
    assert.equal("renewed\n", (reply()))
    assert.equal("done", verdicts())
    assert.equal("done\n", (server:get "/entries"))
  end)

  it("settles what a worker that was ended had sent", function()
    start()
    box:fault { kind = "delay", endpoint = "renew_subscription", seconds = 20, when = "after" }
    server:send "/renew"
    assert.is_true(await(function() return charges() == 1 end))
    server:signal "TERM"
    local _, status = server:await_end()
    assert.equal(0, status)
    assert.equal("sent", verdicts())
    local ledger = assert(reseller.ledger.open(path))
    local gs = clients.ghostealth(box, { ledger = ledger, api_key = clients.keys()[1] })
    assert.same({ settled = 1, open = 0 }, assert(ledger:reconcile(gs)))
    ledger:close()
    assert.equal("done", verdicts())
    assert.equal(1, charges())
  end)

  for _, kind in ipairs { "spend", "transition" } do
    it(("is not asked for a %s by a timer that a reload fires early"):format(kind), function()
      local call = kind == "spend" and [[require("page").renew()]]
        or [[select(2, require("page").client():suspend_subscription(ID)).message]]
      start { server = ([[ location = /later { content_by_lua_block {
        ngx.timer.at(3600, function() ngx.log(ngx.WARN, "it said: ", %s) end) ngx.say "armed" } } ]])
        :format((call:gsub("ID", ("%q"):format(id)))) }
      assert.equal("armed\n", (server:get "/later"))
      local worker = server:workers()[1]
      server:signal "HUP"
      assert.is_true(await(function() return server:log():find("it said: ", 1, true) ~= nil end), server:log())
      assert.matches("about to end, and fires its timers early", server:log())
      assert.is_true(await(function() return server:workers()[1] ~= worker and #server:workers() == 1 end))
      for _, request in ipairs(box:requests()) do assert.equal("GET", request.method) end
      assert.equal(0, charges())
      assert.equal("", verdicts())
    end)
  end

  it("sends nothing when nginx has no timer left", function()
    start { http = [[ lua_max_pending_timers 0; init_worker_by_lua_block { require("page").client() } ]] }
    assert.matches("^refused: .*nginx does not start a timer: too many pending timers", (server:get "/renew"))
    assert.equal(0, charges())
  end)

  it("sends nothing in a phase where nothing can wait", function()
    start { http = [[ init_worker_by_lua_block { require("page").client() } ]],
      server = [[ location = /log { content_by_lua_block { ngx.say " " }
      log_by_lua_block { require("page").said = require("page").renew() } }
      location = /then { content_by_lua_block { ngx.say(require("page").said) } } ]] }
    server:get "/log"
    assert.is_true(await(function() return (server:get "/then") ~= "nil\n" end))
    assert.matches("^refused: .*nginx's log phase", (server:get "/then"))
    assert.equal(0, charges())
  end)

  it("is opened while nginx starts, and then used by requests", function()
    start { http = [[ init_worker_by_lua_block { started = require("page").renew() } ]],
      server = [[ location = /started { content_by_lua_block { ngx.say(started) } } ]] }
    assert.equal("renewed\n", (server:get "/started"))
    assert.equal("renewed\n", (server:get "/renew"))
    assert.equal("done done\n", (server:get "/entries"))
    assert.equal("", server:log "error")
  end)

  it("can be opened while a module is loaded, which makes no calls", function()
    local gs = clients.ghostealth(box)
    start { server = [[ location = /loaded { content_by_lua_block { ngx.say(require("early").said) ngx.say(require("early").renew()) } } ]],
      prepare = ([[cat >early.lua <<'END'
local reseller = require "reseller"
local gs = reseller.ghostealth { base_url = "%s", api_key = "%s", limit = false, ledger = "%s" }
local early = {}
function early.renew()
  local value, err = gs:renew_subscription("%s")
  return value and "renewed" or err.kind .. ": " .. err.message
end
early.said = early.renew() .. " / " .. tostring(select(2, gs:get_reseller()).message)
return early
END
:]]):format(gs.base_url, clients.keys()[1], path, id) }
    local body = server:get "/loaded"
    assert.matches("^refused: nothing can wait below `require` .* / nothing can wait below `require`", body)
    assert.matches("\nrenewed\n$", body)
    assert.equal(1, charges())
  end)

  it("leaves no thread behind, without a cache of code", function()
    start { http = "lua_code_cache off;" }
    assert.equal("renewed\n", (server:get "/renew"))
    local pid = server:workers()[1]
    local before = threads(pid)
    for _ = 1, 10 do assert.equal("renewed\n", (server:get "/renew")) end
    assert.is_true(await(function()
      server:get "/trivial"
      return threads(pid) <= before
    end), threads(pid) .. " threads")
    assert.equal(11, charges())
  end)

  it("tells when the database cannot be had", function()
    os.execute(("mkdir %s"):format(path))
    start()
    local body, status = server:get "/renew"
    assert.equal(500, status, body)
    assert.matches("ledger: ", server:log "error")
    os.execute(("rmdir %s"):format(path))
    assert.equal("renewed\n", (server:get "/renew"))
  end)
end)
