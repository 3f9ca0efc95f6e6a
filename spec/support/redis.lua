--- Starts a Redis in a folder of its own, on a unix socket. It ends with the process that started it.
local cqueues = require "cqueues"

local script = require "spec.support.script"

local START_SECONDS = 15

local redis = {}

local Redis = {}
Redis.__index = Redis

--- Starts it, or starts it again after `stop`.
function Redis:start()
  self.pipe = io.popen(("cd %s && { env -u LD_PRELOAD redis-server --port 0 --unixsocket %s --save '' --appendonly no >out 2>&1 & pid=$!; "
    .. "read _; kill -TERM $pid; wait $pid; }"):format(self.folder, self.socket), "w")
  local deadline = cqueues.monotime() + START_SECONDS
  repeat
    assert(cqueues.monotime() < deadline, "Redis did not start")
    cqueues.sleep(0.02)
  until self:command "ping" == "PONG\n"
end

--- What Redis says to a command.
function Redis:command(text)
  local output = script.shell(("redis-cli -s %s %s"):format(self.socket, text))
  return output
end

--- Ends it; what it knew is gone.
function Redis:stop()
  if not self.pipe then return end
  self.pipe:write "\n"
  self.pipe:close()
  self.pipe = nil
end

--- Ends it for good.
function Redis:remove()
  self:stop()
  script.remove(self.folder)
end

function redis.start()
  local folder = script.folder()
  local self = setmetatable({ folder = folder, socket = folder .. "/socket" }, Redis)
  self:start()
  return self
end

return redis
