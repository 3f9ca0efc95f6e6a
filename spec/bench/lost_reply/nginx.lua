--- An nginx in front of a sandbox, as lost_reply/nginx.conf says: in a folder of its own, on free ports of
--- loopback, gone when this program is.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local script = require "spec.support.script"

local TEMPLATE = "spec/bench/lost_reply/nginx.conf"
local FRONTS = { "plain", "keepalive", "no_next", "two_servers" }
local START_SECONDS, POLL_SECONDS, STARTS = 5, 0.02, 5
local PATH = "/usr/sbin:" .. os.getenv "PATH"
-- Ends the one nginx that it starts when told to, or when whoever would tell it has died.
local RUN = "cd %s; PATH=%s; nginx -p $PWD -c nginx.conf -e error.log 2>/dev/null & read _; kill $! 2>/dev/null; wait $!"

local nginx = {}

---@class spec.Nginx
---@field ports table<string, integer>  by the name that the configuration has for them, in lower case
local Nginx = {}
Nginx.__index = Nginx
Nginx.__name = "spec.nginx"

local function return_error(_, _, code) return code end

--- Ports that were free a moment ago.
local function free_ports(names)
  local ports, held = {}, {}
  for i, name in ipairs(names) do
    held[i] = socket.listen { host = "127.0.0.1", port = 0 }
    assert(held[i]:listen())
    ports[name] = select(3, held[i]:localname())
  end
  for _, listener in ipairs(held) do listener:close() end
  return ports
end

local function configure(folder, ports)
  local template = assert(io.open(TEMPLATE))
  local file = assert(io.open(folder .. "/nginx.conf", "w"))
  file:write((template:read("*a"):gsub("@([%u_]+)@", function(name) return ("%d"):format(ports[name:lower()]) end)))
  file:close()
  template:close()
end

local function answers(port)
  local peer = socket.connect { host = "127.0.0.1", port = port }
  peer:onerror(return_error)
  peer:settimeout(1)
  local connected = peer:connect() == peer
  peer:close()
  return connected
end

local function await(port)
  local deadline = cqueues.monotime() + START_SECONDS
  while cqueues.monotime() < deadline do
    if answers(port) then return true end
    cqueues.sleep(POLL_SECONDS)
  end
end

--- Starts one. Another process may have taken a port in between, hence some tries.
---@param sandbox integer  the port of the sandbox
---@return spec.Nginx
function nginx.start(sandbox)
  for _ = 1, STARTS do
    local folder, ports = script.folder(), free_ports(FRONTS)
    ports.sandbox = sandbox
    configure(folder, ports)
    local pipe = io.popen(RUN:format(folder, PATH), "w")
    local front = setmetatable({ ports = ports, folder_ = folder, pipe_ = pipe }, Nginx)
    if await(ports.plain) then return front end
    front:stop()
  end
  error "nginx does not start"
end

--- Ends it and waits until it is gone.
function Nginx:stop()
  self.pipe_:close()
  script.remove(self.folder_)
end

--- What calls itself nginx here, nil if nothing does.
---@return string? version
function nginx.version()
  local output = script.shell(("PATH=%s nginx -v"):format(PATH))
  return output:match "nginx/(%S+)"
end

return nginx
