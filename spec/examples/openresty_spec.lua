local openresty = require "spec.support.openresty"
local script = require "spec.support.script"

if not script.is_main_run then return end -- it is nginx's own LuaJIT that runs what is tested here

local await = openresty.await

describe("examples/openresty/start.sh", function()
  local desk, box
  after_each(function()
    if desk then desk:stop() end
    if box then box:stop() end
    desk, box = nil, nil
  end)

  local function port_of(output, name) return tonumber(output:match(name .. " +http://127%.0%.0%.1:(%d+)")) end

  it("starts all with one command, and Ctrl-C ends all", function()
    desk = openresty.start(nil)
    local output = desk:output()
    assert.truthy(desk.pages, output)
    local platform = port_of(output, "platform")
    for path in output:gmatch("127%.0%.0%.1:" .. desk.pages .. "(/[^%s']*)") do
      assert.equal(200, desk:get(path).status, path)
    end
    local commands = 0
    for line in output:gmatch "\n  (%l+ [^\n]*)" do
      if line:find "^curl" or line:find "^luajit" then
        local said, status = script.shell(line)
        assert.equal(0, status, said)
        commands = commands + 1
      end
    end
    assert.equal(3, commands)
    assert.equal(200, desk:get("/").status)
    assert.truthy(desk:get("/").body:find("unpaid invoice-1", 1, true))
    local room = desk.room
    assert.equal(130, desk:finish "INT")
    for _, port in ipairs { desk.pages, desk.webhooks, platform } do assert.is_false(openresty.listens(port)) end
    assert.truthy(script.shell("ls -d " .. room):find "No such file")
  end)

  it("leaves nothing when it is killed", function()
    desk = openresty.start(nil)
    local platform, room = port_of(desk:output(), "platform"), desk.room
    desk:finish "KILL"
    assert.is_true(await(function()
      return not (openresty.listens(desk.pages) or openresty.listens(platform))
    end))
    assert.is_true(await(function() return script.shell("ls -d " .. room):find "No such file" ~= nil end))
  end)

  it("takes the real platform from the environment, and keeps the ledger", function()
    box = openresty.sandbox()
    desk = openresty.start(nil, { arguments = "--live" })
    local output = desk:output()
    assert.equal("-- --live wants GHOSTEALTH_API_KEY in the environment\n", output)
    assert.equal(2, desk:finish())
    desk:stop()
    local ledger = script.folder() .. "/ledger.db"
    local key = "GHO-sandboxkey-STEA-sandboxkey-LTH"
    desk = openresty.start(nil, { arguments = "--live", variables = { GHOSTEALTH_API_KEY = key,
      GHOSTEALTH_BASE_URL = box.url .. "/dev/v1.0", DESK_LEDGER = ledger } })
    assert.equal(200, desk:get("/subscriptions/expiring?within=30d").status, desk:output())
    assert.is_true(#box:requests() > 0)
    for _, text in ipairs { desk:output(), (script.shell("cat " .. desk.room .. "/error.log")), desk:get("/").body,
      (script.shell(("ps -o args= --pid %s --ppid %s"):format(desk.pid, desk.pid))) } do
      assert.is_nil(text:find(key, 1, true))
      assert.is_nil(text:find(openresty.SECRET, 1, true))
    end
    desk:finish()
    assert.equal(0, select(2, script.shell("ls " .. ledger)))
    script.remove(ledger:match "^(.*)/")
  end)

  it("says how it is used", function()
    for _, arguments in ipairs { "--code-cache maybe", "--code-cache", "now" } do
      desk = openresty.start(nil, { arguments = arguments })
      assert.equal("sh examples/openresty/start.sh [--code-cache off] [--live]\n", desk:output())
      assert.equal(2, desk:finish())
      desk:stop()
    end
    desk = nil
  end)

  for name, value in pairs { DESK_LIMIT = "ten", DESK_REFRESH = "often", DESK_PATIENCE = "-1", DESK_GRACE = "1e9",
    DESK_SECRET_FILE = "/dev/null" } do
    it("does not start with a wrong " .. name .. ", and says what was expected", function()
      box = openresty.sandbox()
      desk = openresty.start(box, { variables = { [name] = value } })
      assert.truthy(desk:output():find("nginx did not start", 1, true), desk:output())
      assert.truthy(desk:output():find(name .. ": expected ", 1, true), desk:output())
      assert.equal(1, desk:finish())
      assert.same({}, box:requests())
    end)
  end

  it("without a cache of code serves all the same", function()
    box = openresty.sandbox()
    desk = openresty.start(box, { arguments = "--code-cache off", variables = { DESK_REFRESH = "0.3" } })
    local subscription = desk:get("/subscriptions/expiring?within=30d").value.subscriptions[1].id
    for i = 1, 2 do
      local reply = desk:webhook { event = "cacheless", subscription = subscription }
      assert.same({ 200, i == 2 }, { reply.status, reply.value.replayed })
    end
    for _, path in ipairs { "/", "/metrics", "/subscriptions/expiring" } do assert.equal(200, desk:get(path).status) end
    local seen = #box:requests()
    assert.is_true(await(function() return #box:requests() > seen + 3 end)) -- it looks again and again
    assert.equal("", desk:log "error")
  end)
end)
