--- Starts a Redis in a folder of its own, on a unix socket and, where asked, on ports. It ends with the process that started it.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local script = require "spec.support.script"

local START_SECONDS = 15

local redis = {}

local Redis = {}
Redis.__index = Redis

--- Starts it, or starts it again after `stop`.
function Redis:start()
  self.pipe = io.popen(("cd %s && { env -u LD_PRELOAD redis-server --port 0 --unixsocket %s %s --save '' --appendonly no >out 2>&1 & pid=$!; "
    .. "read _; kill -TERM $pid; wait $pid; }"):format(self.folder, self.socket, self.options), "w")
  local deadline = cqueues.monotime() + START_SECONDS
  repeat
    assert(cqueues.monotime() < deadline, "Redis did not start")
    cqueues.sleep(0.02)
  until self:command("ping"):find "^PONG\n" or self:command("ping"):find "^NOAUTH"
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

--- A port that nobody has at the moment.
function redis.port()
  local listener = socket.listen("127.0.0.1", 0)
  assert(listener:listen())
  local _, _, port = listener:localname()
  listener:close()
  return port
end

---@param options? string more for `redis-server`
function redis.start(options)
  local folder = script.folder()
  local self = setmetatable({ folder = folder, socket = folder .. "/socket", options = options or "" }, Redis)
  self:start()
  return self
end

return redis
