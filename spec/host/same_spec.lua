local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"
local script = require "spec.support.script"

if not script.is_main_run then return end -- it starts every Lua by itself

local FILE = "examples/downstream_report.lua"

--- Runs a file of ours unchanged, and says what it printed.
local module = [[
  return function(path)
    local lines = {}
    local chunk = assert(loadfile(path))
    setfenv(chunk, setmetatable({ print = function(text) lines[#lines + 1] = text .. "\n" end }, { __index = _G }))
    chunk()
    return table.concat(lines)
  end
]]

local server = [[
  location = /request { content_by_lua_block { ngx.print(require("printed")("FILE")) } }
  location = /timer { content_by_lua_block {
    local done, output = require("ngx.semaphore").new(), nil
    ngx.timer.at(0, function() output = require("printed")("FILE") done:post() end)
    done:wait(30)
    ngx.print(output) } }
]]

describe("one and the same file", function()
  it("prints the same on Lua 5.4, on LuaJIT, in a request of nginx and in a timer", function()
    local box = sandbox.shared()
    local top = script.shell("pwd"):gsub("\n", "")
    local running = nginx.start { server = server:gsub("FILE", top .. "/" .. FILE), files = { ["printed.lua"] = module },
      main = ("env RESELLER_SANDBOX=%s;"):format(box.url) }
    local outputs = {}
    for lua, abi in pairs { ["lua5.4"] = "5.4", luajit = "5.1" } do
      outputs[lua] = script.shell(lua .. " " .. FILE, { variables = { RESELLER_SANDBOX = box.url,
        LUA_PATH = "./lua/?.lua;./lua/?/init.lua;;", LUA_CPATH = ("./%s/lib/lua/%s/?.so;;"):format(script.build, abi) } })
    end
    for _, place in ipairs { "request", "timer" } do outputs[place] = running:get("/" .. place) end
    running:stop()
    assert.truthy(outputs["lua5.4"]:find "all +1146\n$", outputs["lua5.4"])
    for _, output in pairs(outputs) do assert.equal(outputs["lua5.4"], output) end
  end)
end)
