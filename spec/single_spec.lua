local clients = require "spec.support.clients"
local ledgers = require "spec.support.ledgers"
local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

if not script.is_main_run then return end

local PAGE = [[
  local reseller = require "reseller"
  local page = {}
  function page.renew()
    page.gs = page.gs or reseller.ghostealth { base_url = "%s", api_key = "%s", limit = false, ledger = "%s" }
    local value, err = page.gs:renew_subscription("%s")
    return value and "renewed by " .. reseller.version or err.message
  end
  return page
]]

describe("the module in one file", function()
  local folder, top
  setup(function()
    local output, status = script.shell "cmake --build build --target single"
    assert.equal(0, status, output)
    folder, top = script.folder(), (script.shell "pwd"):match "[^\n]+"
  end)
  teardown(function() script.remove(folder) end)

  --- Runs a text where nothing but that file is to be found, beside the packages of the system.
  local function run(lua, abi, text)
    local variables = { LUA_PATH = ";;", LUA_CPATH = ("%s/build/single/%s/?.so;;"):format(top, abi) }
    return (script.shell(("%s -e '%s'"):format(lua, text), { folder = folder, variables = variables }))
  end

  for lua, abi in pairs { ["lua5.4"] = "5.4", luajit = "5.1" } do
    it("works on " .. lua, function()
      local box = sandbox.shared()
      local text = [[
        local reseller = require "reseller"
        local gs = reseller.ghostealth { base_url = "%s", api_key = "%s", limit = false }
        print(gs:list_subscriptions()[1].id, package.loaded["reseller.client"] ~= nil,
          (package.searchpath("reseller.client", package.path)))]]
      local gs = clients.ghostealth(box)
      local output = run(lua, abi, text:format(gs.base_url, clients.keys()[1]))
      assert.equal(gs:list_subscriptions()[1].id .. "\ttrue\tnil\n", output)
    end)

    it("tells errors of its Lua files by their names on " .. lua, function()
      local output = run(lua, abi, [[require("reseller").parallel(1, { 7 })]])
      assert.matches("expected a list of functions, got a number at 1", output)
    end)
  end

  it("works inside nginx, with a ledger", function()
    local box, path = sandbox.shared(), ledgers.path()
    local gs = clients.ghostealth(box)
    local id = gs:list_subscriptions()[1].id
    local server = nginx.start { one_file = true, prepare = ("cp %s/build/single/5.1/reseller.so ."):format(top),
      files = { ["page.lua"] = PAGE:format(gs.base_url, clients.keys()[1], path, id) },
      server = [[ location = / { content_by_lua_block { ngx.say(require("page").renew()) } } ]] }
    assert.equal("renewed by " .. require("reseller").version .. "\n", (server:get "/"))
    assert.equal("", server:log "error")
    assert.equal(1, #box:charges())
    server:stop()
    ledgers.clean()
  end)
end)
