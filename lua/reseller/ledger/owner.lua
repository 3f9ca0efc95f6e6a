--- Who made an entry, and whether that process can still send anything.
local core = require "reseller.core"

local owner = {}

--- The real system; tests have one of their own.
owner.system = { process = core.process, alive = core.alive, pid = core.pid, wall = core.wall }

---@class reseller.ledger.Owner
---@field host string name, boot and process space: where they are equal, pids can be compared
---@field pid integer
---@field start integer when the process began, in ticks since boot

--- This process.
---@param ledger reseller.Ledger
---@return reseller.ledger.Owner
function owner.me(ledger)
  local pid = ledger.system_.pid()
  if not ledger.me_ or ledger.me_.pid ~= pid then ledger.me_ = ledger.system_.process() end
  return ledger.me_
end

--- Whether the process that made an entry is gone. On the same host that is certain. Of another host
--- only the lease tells, which runs out long after the last moment at which the call could be sent.
---@param ledger reseller.Ledger
---@param entry table
---@return boolean
function owner.gone(ledger, entry)
  local me = owner.me(ledger)
  local mine = entry.pid == me.pid and entry.started == me.start
  if entry.host == me.host and not mine then return not ledger.system_.alive(entry.pid, entry.started) end
  return entry.lease_ms < ledger.now_ms_
end

--- The process of an entry, for messages.
---@param entry table
---@return string
function owner.name(entry)
  return ("process %d on %s"):format(entry.pid, entry.host:match "^%S+" or "an unnamed host")
end

return owner
