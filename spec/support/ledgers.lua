--- Ledgers in files of their own, with a clock that specs move and processes that specs end.
local core = require "reseller.core"
local reseller = require "reseller"

local clients = require "spec.support.clients"
local sandbox = require "spec.support.sandbox"

local ledgers = {}

local paths = {}

--- The name of a file that does not exist, removed by `clean`.
function ledgers.path()
  local path = os.tmpname()
  os.remove(path)
  paths[#paths + 1] = path
  return path
end

--- Removes all files.
function ledgers.clean()
  for _, path in ipairs(paths) do
    for _, suffix in ipairs { "", "-wal", "-shm", "-journal" } do os.remove(path .. suffix) end
  end
  paths = {}
end

--- A host with its own clock, and processes on it, of which `process.alive` tells whether they live.
function ledgers.machine()
  local machine = { host = clients.host(), processes = {}, wall = core.wall() }
  local began = machine.host.time

  --- A process, as a ledger sees it.
  function machine.process(name)
    local process = { pid = #machine.processes + 100, start = 1, host = name or "here", is_alive = true }
    machine.processes[#machine.processes + 1] = process
    return process
  end

  function machine.alive(pid) return machine.processes[pid - 99].is_alive end
  function machine.time() return machine.wall + machine.host.time - began end

  --- Opens a ledger as a process does.
  function machine.open(where, process, options)
    process = process or machine.process()
    local all = { system = { process = function() return process end, pid = function() return process.pid end,
      alive = machine.alive, wall = machine.time } }
    for name, value in pairs(options or {}) do all[name] = value end
    return assert(reseller.ledger.open(where, all))
  end

  return machine
end

--- What most specs of the ledger start from: the shared sandbox, a machine with a ledger on it, and a client with both.
---@return spec.Sandbox box
---@return table machine
---@return string path
---@return reseller.Ledger ledger
---@return reseller.Client gs
---@return fun(options?: table): reseller.Client client makes more of them
function ledgers.stage()
  local box, machine, path = sandbox.shared(), ledgers.machine(), ledgers.path()
  local ledger = machine.open(path)
  local function client(options)
    local all = { ledger = ledger, host = machine.host }
    for name, value in pairs(options or {}) do all[name] = value end
    return clients.ghostealth(box, all)
  end
  return box, machine, path, ledger, client(), client
end

--- How many requests of an endpoint, or of any, came to a sandbox, or were carried out.
function ledgers.count(box, endpoint, executed)
  local count = 0
  for _, request in ipairs(box:requests()) do
    local meant = not endpoint or request.endpoint == endpoint
    if meant and (request.executed or not executed) then count = count + 1 end
  end
  return count
end

--- A subscription bought now, without a ledger, and when its period ends.
function ledgers.buy(box)
  local gs = clients.ghostealth(box)
  local id = assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }).id
  for sub in gs:each_subscription() do
    if sub.id == id then return id, sub.period["end"].timestamp end
  end
end

--- Calls a function where the call of an endpoint would wait for the limit: between intent and sending.
function ledgers.stop_before(client, endpoint, fn)
  local acquire = client.limiter_.acquire
  function client.limiter_.acquire(limiter, id, ...)
    if id == endpoint then fn() end
    return acquire(limiter, id, ...)
  end
end

--- The latest of the entries that a filter chooses.
function ledgers.last(ledger, filter)
  local last
  for entry in ledger:entries(filter) do last = entry end
  return last
end

--- The entries that a filter chooses.
function ledgers.list(ledger, filter)
  local all = {}
  for entry in ledger:entries(filter) do all[#all + 1] = entry end
  return all
end

return ledgers
