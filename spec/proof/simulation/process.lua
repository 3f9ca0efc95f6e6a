--- A simulated process: a client and a ledger of its own over the database that all share. It can be killed
--- between any two statements, while it waits, and while a request is on its way; its disk can be full.

local core = require "reseller.core"
local reseller = require "reseller"
local ledger = require "reseller.ledger"

local process = {}

local platform = core.platforms().ghostealth
local DEAD = {}

local Process = {}
Process.__index = Process

--- Never returns: the code of a killed process does not get to see that it was.
function Process.stop()
  while true do coroutine.yield() end
end

--- Ends the process while it waits.
function Process:die()
  self:mark_dead()
  self.stop()
end

--- Ends the process inside a transaction, which is undone on the way out.
function Process:cut_off()
  self:mark_dead()
  error(DEAD, 0)
end

function Process:mark_dead()
  self.alive = false
  self.on_death(self)
end

--- The shared database as this process sees it.
local Disk = {}
Disk.__index = Disk

function Disk:execute(sql, ...)
  self.owner.plan.statement(self.owner)
  if sql:find "^INSERT INTO reseller_entries" then self.inserted = (...) end
  return self.real:execute(sql, ...)
end

function Disk:query(...)
  self.owner.plan.statement(self.owner)
  return self.real:query(...)
end

function Disk:one(...) return self:query(...)[1] end
function Disk:now_ms() return self.real:now_ms() end
function Disk.disconnect() end

-- What a transaction came to, unless the process is dead by now.
local function outcome(owner, ok, ...)
  if not owner.alive then owner:stop() end
  if ok then return ... end
  error((...), 0)
end

--- Runs a transaction. It can be cut off before the commit, which undoes it, or right after.
function Disk:transaction(fn)
  local owner = self.owner
  self.inserted = nil
  local function committed(...)
    if self.inserted then owner.entries[self.inserted] = owner.call end
    owner.plan.committed(owner)
    return ...
  end
  return outcome(owner, pcall(function() return committed(self.real:transaction(fn)) end))
end

--- Makes a process. `shared`: clock, wire, store, entries; `plan`: what happens to it.
function process.new(shared, number, plan)
  local self = setmetatable({ alive = true, plan = plan, entries = shared.entries, on_death = shared.on_death }, Process)
  local who = { pid = number, start = 1, host = shared.draw:chance(80) and "here" or "there" }
  local disk = setmetatable({ owner = self, real = shared.store }, Disk)
  self.ledger = ledger.over(disk, { system = { process = function() return who end, pid = function() return number end,
    alive = function(pid) return shared.processes[pid].alive end } })
  local host = { now = function() return shared.clock.time end }
  function host.sleep(seconds)
    plan.pause(self)
    shared.clock:sleep(seconds)
  end
  function host.perform(_, ...) return shared.wire:perform(self, ...) end
  self.client = reseller.ghostealth { api_key = platform.sandbox_credential, base_url = "http://127.0.0.1:1/dev/v1.0",
    limit = false, host = host, ledger = self.ledger, patience = shared.patience }
  self.client.random_ = function() return shared.draw:between(0, 1000) / 1000 end
  shared.processes[number] = self
  return self
end

return process
