--- Starts the proxy of `proxy_server.lua`, and tells what went through it.
local core = require "reseller.core"
local script = require "spec.support.script"

local proxy = {}

local Proxy = {}
Proxy.__index = Proxy

--- Starts a proxy.
---@param credentials? string user:password that it wants
---@return table proxy with `url`
function proxy.start(credentials)
  local self = setmetatable({ folder = script.folder() }, Proxy)
  local encoded = credentials and script.shell(("printf %s | base64"):format(credentials)) or ""
  self.pipe = io.popen(("exec env -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH lua5.4 spec/examples/proxy_server.lua %s %s "
    .. "2>%s/errors"):format(self.folder, encoded:match "%S*", self.folder), "w")
  local deadline = core.now() + 15
  repeat
    assert(core.now() < deadline, "the proxy did not start: " .. self:read "errors")
    core.sleep(0.01)
  until self:read "port" ~= ""
  self.url = "http://127.0.0.1:" .. self:read("port"):match "%d+"
  return self
end

function Proxy:read(name)
  local file = io.open(self.folder .. "/" .. name)
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return text
end

--- The first lines of the requests that came, one a line.
function Proxy:log() return self:read "log" end

function Proxy:stop()
  self.pipe:close()
  script.remove(self.folder)
end

return proxy
