local core = require "reseller.core"
local clients = require "spec.support.clients"
local nginx = require "spec.support.nginx"
local redis = require "spec.support.redis"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

if not script.is_main_run then return end -- it is nginx's own LuaJIT that runs what is tested here

local WINDOW, REQUESTS = 1, 10
local MARGIN = 1.001 -- as in csrc/limiter.c

--- A page that makes one call and says what it came to, and which worker made it.
local server = [[
  location = /call { content_by_lua_block {
    local page = require "page"
    local value, err = page.gs:get_reseller()
    ngx.say(value and "good" or err.kind .. ": " .. err.message, " ", ngx.worker.pid()) } }
  location = /eta { content_by_lua_block { ngx.say(require("page").gs:eta(tonumber(ngx.var.arg_count))) } }
]]

local module = [[
  local reseller = require "reseller"
  return { gs = reseller.ghostealth { base_url = "%s/dev/v1.0", api_key = "%s", retries = 0, patience = %g, limit = %s } }
]]

describe("a limit inside nginx", function()
  local box, running
  before_each(function()
    box = sandbox.start { window = WINDOW, requests = REQUESTS }
    running = {}
  end)
  after_each(function()
    for _, one in ipairs(running) do one:stop() end
    box:stop()
  end)

  local function start(limit, options)
    options = options or {}
    local text = ("{ requests = %d, seconds = %g, %s }"):format(REQUESTS, options.window or WINDOW, limit)
    local one = nginx.start { server = server, workers = options.workers or 1, http = "lua_shared_dict reseller 1m;",
      files = { ["page.lua"] = module:format(box.url, clients.keys()[1], options.patience or 1e9, text) } }
    running[#running + 1] = one
    return one
  end

  --- Makes calls at once, and holds them against what the limit allows.
  local function burst(servers, count)
    local begin, replies, workers = core.now(), {}, {}
    for i = 1, count do replies[i] = servers[i % #servers + 1]:send "/call" end
    for _, reply in ipairs(replies) do
      local answer, pid = reply():match "^(.*) (%d+)\n$"
      assert.equal("good", answer)
      workers[pid] = true
    end
    local took, least = core.now() - begin, (count / REQUESTS - 1) * WINDOW * MARGIN
    local different = 0
    for _ in pairs(workers) do different = different + 1 end
    assert.equal(0, box:state().limiter.refused)
    assert.equal(count, #box:requests())
    assert.is_true(took >= least, took .. " s")
    return least / took, different
  end

  it("is kept by eight workers on one key, which use most of it", function()
    local share, workers = burst({ start('store = "nginx"', { workers = 8 }) }, 80)
    assert.is_true(workers > 1)
    assert.is_true(share >= 0.7, share .. " of what is allowed")
  end)

  it("is shared by all workers without being told, where there is a dictionary", function()
    local one = start("", { workers = 4, window = 60, patience = 0 })
    local good, limited = 0, 0
    for _ = 1, 30 do
      local answer = one:get "/call"
      if answer:find "^good" then good = good + 1 elseif answer:find "^limited: the limit asks for a wait of" then limited = limited + 1 end
    end
    assert.same({ REQUESTS, 30 - REQUESTS }, { good, limited })
    assert.near(60 * MARGIN, tonumber((one:get "/eta?count=1")), 5)
  end)

  it("goes on after a reload", function()
    local one = start("", { window = 60, patience = 0 })
    for _ = 1, REQUESTS do assert.truthy(one:get("/call"):find "^good") end
    local before = one:workers()[1]
    one:signal "HUP"
    repeat local pids = one:workers() until #pids == 1 and pids[1] ~= before
    assert.truthy(one:get("/call"):find "^limited")
  end)

  it("waits for a pause that another worker was told", function()
    box:fault { kind = "status", status = 429, headers = { ["retry-after"] = "30" }, body = "{}" }
    local one = start("", { workers = 4, patience = 0 })
    assert.truthy(one:get("/call"):find "^limited")
    for _ = 1, 12 do assert.truthy(one:get("/call"):find "^limited: the limit asks for a wait of [23]%d") end
    assert.equal(1, #box:requests())
  end)

  it("says what is missing when there is no such dictionary", function()
    local one = start('store = "nginx", dict = "other"')
    one:get "/call"
    assert.truthy(one:log("error"):find("limit.dict: expected a line like `lua_shared_dict other 1m;` in nginx.conf", 1, true))
  end)

  describe("with Redis", function()
    local database, store
    before_each(function()
      database = redis.start()
      store = ('store = "redis", redis = { socket = %q }'):format(database.socket)
    end)
    after_each(function() database:remove() end)

    it("is kept by two nginx of four workers, which use most of it", function()
      local share = burst({ start(store, { workers = 4 }), start(store, { workers = 4 }) }, 80)
      assert.is_true(share >= 0.7, share .. " of what is allowed")
      assert.equal("", running[1]:log "error")
    end)

    it("is told in advance, and names no key", function()
      local one = start(store, { window = 60, patience = 0 })
      assert.equal(0, tonumber((one:get "/eta?count=10")))
      assert.near(60 * MARGIN, tonumber((one:get "/eta?count=11")), 0.1)
      for _ = 1, REQUESTS do assert.truthy(one:get("/call"):find "^good") end
      assert.truthy(one:get("/call"):find "^limited: the limit asks for a wait of [56]%d%.")
      assert.near(60 * MARGIN, tonumber((one:get "/eta?count=1")), 5)
      assert.near(2 * 60 * MARGIN, tonumber((one:get "/eta?count=11")), 5)
      assert.is_nil(database:command("keys '*'"):find(clients.keys()[1], 1, true))
    end)

    it("is paused for all nginx, and no pause is cut short", function()
      box:fault { { kind = "status", status = 429, headers = { ["retry-after"] = "30" }, body = "{}" } }
      local one, two = start(store, { patience = 0 }), start(store, { patience = 0 })
      assert.truthy(one:get("/call"):find "^limited")
      assert.truthy(two:get("/call"):find "^limited: the limit asks for a wait of [23]%d")
      assert.equal(1, #box:requests())
    end)

    it("takes a host, a port, a user with a password and a database", function()
      local port = redis.port()
      local other = redis.start(("--port %d --bind 127.0.0.1 --user limits on '>s3cret' '~*' +@all --user default off"):format(port))
      local options = 'store = "redis", redis = { host = "127.0.0.1", port = %d, user = "limits", password = "%s", database = 3 }'
      local one = start(options:format(port, "s3cret"))
      for _ = 1, 3 do assert.truthy(one:get("/call"):find "^good") end
      assert.truthy(other:command("--user limits --pass s3cret --no-auth-warning -n 3 keys '*'"):find "reseller:")
      assert.equal("\n", (other:command "--user limits --pass s3cret --no-auth-warning -n 0 keys '*'"))
      local two = start(options:format(port, "wr0ng"))
      local answer = two:get "/call"
      assert.truthy(answer:find(("refused: Redis at 127.0.0.1:%d cannot be used: WRONGPASS"):format(port), 1, true), answer)
      assert.is_nil((answer .. two:log()):find("wr0ng", 1, true))
      other:remove()
    end)

    it("is not asked without encryption when that is wanted and the module has none", function()
      local one = start(('store = "redis", redis = { host = "127.0.0.1", port = %d, ssl = true }'):format(redis.port()))
      one:get "/call"
      assert.truthy(one:log("error"):find("limit.redis.ssl: expected lua-resty-redis 0.28 or newer, got 0.27", 1, true))
    end)

    it("away refuses calls, and says why", function()
      local one = start(store)
      assert.truthy(one:get("/call"):find "^good")
      database:stop()
      assert.truthy(one:get("/call"):find(("refused: Redis at %s cannot be used: "):format(database.socket), 1, true))
      assert.equal(1, #box:requests())
      database:start()
      assert.truthy(one:get("/call"):find "^good")
    end)

    it("away counts for this nginx alone when told to, and says so", function()
      local one = start(store .. ', dict = "reseller"', { window = 60, patience = 0 })
      database:stop()
      for _ = 1, REQUESTS do assert.truthy(one:get("/call"):find "^good") end
      assert.truthy(one:get("/call"):find "^limited")
      assert.truthy(one:log("error"):find("the limit is now counted for this nginx alone", 1, true))
    end)
  end)

  it("with Redis works inside nginx only", function()
    local ok, message = pcall(clients.ghostealth, box, { limit = { requests = 1, seconds = 1, store = "redis" } })
    assert.is_false(ok)
    assert.truthy(message:find("limit.store: redis works inside nginx only", 1, true))
  end)
end)
