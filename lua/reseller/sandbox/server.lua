--- The sandbox's HTTP server: loopback only, one coroutine for each connection.

local cqueues = require "cqueues"
local condition = require "cqueues.condition"
local errno = require "cqueues.errno"
local signal = require "cqueues.signal"
local socket = require "cqueues.socket"

local connection = require "reseller.sandbox.connection"

local server = {}

local HOST = "127.0.0.1"

---@class reseller.sandbox.Server
---@field private loop_ table
---@field private listener_ table
---@field private world_ reseller.sandbox.World
---@field private connections_ integer
---@field private stopped_? boolean
local Server = {}
Server.__index = Server
Server.__name = "reseller.sandbox.server"

local function return_error(_, _, code)
  return code
end

--- Binds and listens.
---@param world reseller.sandbox.World
---@param port integer  0 for any that is free
---@return reseller.sandbox.Server? server
---@return string? err
function server.listen(world, port)
  local listener = socket.listen { host = HOST, port = port, reuseaddr = true }
  listener:onerror(return_error)
  local ok, code = listener:listen(5)
  if not ok then return nil, ("port %d: %s"):format(port, errno.strerror(code)) end
  return setmetatable({
    world_ = world,
    loop_ = cqueues.new(),
    listener_ = listener,
    stopping_ = condition.new(),
    connections_ = 0,
  }, Server)
end

--- The origin that clients use.
---@return string
function Server:url()
  local _, host, port = self.listener_:localname()
  return ("http://%s:%d"):format(host, port)
end

function Server:serve_(accepted)
  self.connections_ = self.connections_ + 1
  local served = connection.new(self, self.world_, accepted, self.connections_)
  self.loop_:wrap(function() served:serve() end)
end

function Server:accept_()
  while not self.stopped_ do
    local accepted = self.listener_:accept({ nodelay = true }, 0)
    if accepted then
      self:serve_(accepted)
    else
      cqueues.poll(self.listener_, self.stopping_)
    end
  end
end

function Server:watch_signals_()
  signal.block(signal.SIGTERM, signal.SIGINT)
  local pending = signal.listen(signal.SIGTERM, signal.SIGINT)
  while not self.stopped_ do
    if pending:wait(0) then return self:stop() end
    cqueues.poll(pending, self.stopping_)
  end
end

-- A parent that has died leaves the end of its pipe closed.
function Server:watch_stdin_()
  local readable = { pollfd = 0, events = "r" }
  while not self.stopped_ do
    cqueues.poll(readable, self.stopping_)
    if not self.stopped_ and not io.stdin:read(1) then return self:stop() end
  end
end

--- Makes `run` return. Safe to call more than once.
function Server:stop()
  self.stopped_ = true
  self.stopping_:signal()
end

--- Serves until stopped by a signal, by `stop`, or, when wanted, by the end of standard input.
---@param watch_stdin? boolean
function Server:run(watch_stdin)
  local loop = self.loop_
  loop:wrap(function() self:accept_() end)
  loop:wrap(function() self:watch_signals_() end)
  if watch_stdin then loop:wrap(function() self:watch_stdin_() end) end
  while not self.stopped_ do
    local ok, why = loop:step()
    if not ok then io.stderr:write("reseller sandbox: ", tostring(why), "\n") end
  end
  loop:step(0)
  self.listener_:close()
end

return server
