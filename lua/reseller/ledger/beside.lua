--- A connection that lives in a thread of its own, for hosts that must not block: the same functions as those of
--- `reseller.ledger.connection`, each of which waits while others go on.
local core = require "reseller.core"

local SERVICE = [[
  require "reseller" -- which brings the rest along where all of it is one file
  local connection = require "reseller.ledger.connection"
  local core = require "reseller.core"
  local link
  return function(operation, ...)
    if operation ~= "new" then return link[operation](link, ...) end
    local where, busy = ...
    local why
    link, why = connection.new(where, { busy = busy, wall = core.wall })
    if not link then error({ fault = why }, 0) end
  end
]]

---@class reseller.ledger.Beside
---@field begin string[] the statements that begin a transaction
local Beside = { __name = "reseller.ledger.beside" }
Beside.__index = Beside

local function pass(ok, ...)
  if ok then return ... end
  error(..., 0)
end

function Beside:ask_(...) return pass(self.ask_function_(self.worker_, ...)) end

--- Connects, unless it is.
function Beside:connect()
  if not self.worker_ then
    local ok, worker = pcall(core.worker, package.path, package.cpath, SERVICE)
    if not ok then error({ fault = worker }, 0) end
    self.worker_ = worker
    self:ask_("new", self.where_, self.busy_)
  end
  self:ask_ "connect"
end

for _, name in ipairs { "execute", "query", "one", "now_ms" } do
  Beside[name] = function(self, ...) return self:ask_(name, ...) end
end

--- Closes it, and lets the thread end; it can be connected anew.
function Beside:disconnect()
  if self.worker_ then self.worker_:close() end
  self.worker_ = nil
end

--- A connection beside this thread.
---@param like reseller.ledger.Connection the same one on this thread
---@param where string
---@param busy number seconds to wait for other processes
---@param ask fun(worker: userdata, ...): boolean, any has a worker do something
---@return reseller.ledger.Beside
return function(like, where, busy, ask)
  return setmetatable({ where_ = where, busy_ = busy, ask_function_ = ask, begin = like.begin }, Beside)
end
