--- What the hosts have in common whose own scheduler resumes coroutines: transfers that are waited for, and
--- tasks. How that scheduler waits is passed in.
local core = require "reseller.core"

---@class reseller.Scheduler
---@field signal fun(): table a signal that one coroutine waits for
---@field wait fun(signal: table, seconds?: number) may return early, for nothing
---@field post fun(signal: table) ends the wait for it, if somebody waits
---@field start fun(fn: function) runs it as a coroutine of the scheduler
---@field sleep fun(seconds: number) outside of tasks
---@field mailbox fun(): userdata|nil, string? where transfers of the running coroutine arrive, watched or about
---to be
---@field check? fun() called when a wait for a transfer ended early
---@field left? fun(mailbox: userdata) a transfer was given up: nobody may be waiting any more

local CANCELLED = "cancelled"

local tasks = {}

local function close(transfer, ...)
  transfer:close()
  return ...
end

--- Makes a host.
---@param scheduler reseller.Scheduler
---@return table host
---@return fun(mailbox: userdata) deliver gives finished transfers to who waits for them
---@return fun(mailbox: userdata): boolean is_idle whether nobody waits for that mailbox
function tasks.host(scheduler)
  local host, last_tag = { now = core.now }, 0
  local by_coroutine = setmetatable({}, { __mode = "k" })
  local by_mailbox = setmetatable({}, { __mode = "k" })

  --- By tag. Weak, so that what nobody waits for any more is collected, and its transfer cancelled.
  local function waiters(mailbox)
    by_mailbox[mailbox] = by_mailbox[mailbox] or setmetatable({}, { __mode = "v" })
    return by_mailbox[mailbox]
  end

  local function current() return by_coroutine[coroutine.running() or false] end

  --- Waits for a signal; a task that has been cancelled ends here.
  local function block(task, signal, seconds)
    if not task then return scheduler.wait(signal, seconds) end
    if task.done then error(CANCELLED, 0) end
    task.signal = signal
    scheduler.wait(signal, seconds)
    if task.done then error(CANCELLED, 0) end
  end

  local function deliver(mailbox)
    local waiting = waiters(mailbox)
    for tag in mailbox.take, mailbox do
      local waiter = waiting[tag]
      waiting[tag] = nil
      if waiter then
        waiter.done = true
        scheduler.post(waiter.signal)
      end
    end
  end

  local function is_idle(mailbox) return next(waiters(mailbox)) == nil end

  --- Waits for a transfer that was started.
  local function await(waiter)
    local task, posted = waiter.transfer and current(), nil
    if task then task.waiter = waiter end
    while not waiter.done do
      posted = block(task, waiter.signal)
      if not waiter.done and scheduler.check then scheduler.check() end
    end
    if task then task.waiter = nil end
    if posted and scheduler.reuse then scheduler.reuse(waiter.signal) end
  end

  local function new_waiter(mailbox)
    last_tag = last_tag + 1
    return { signal = scheduler.signal(), mailbox = mailbox, tag = last_tag }
  end

  --- Moves one request on the I/O thread, while others go on.
  function host.perform(session, ...)
    local mailbox, why = scheduler.mailbox()
    if not mailbox then return nil, "memory", why, 0, 0 end
    local waiter = new_waiter(mailbox)
    waiter.transfer = session:start(mailbox, waiter.tag, ...)
    if not waiter.transfer then return nil, "memory", "cannot start the I/O thread", 0, 0 end
    waiters(mailbox)[waiter.tag] = waiter
    await(waiter)
    return close(waiter.transfer, waiter.transfer:reply())
  end

  --- Has a worker thread do something, while others go on. Not to be broken off.
  ---@param worker userdata
  ---@param ... any what it is asked
  ---@return boolean ok
  ---@return any ... its answer, or what it raised
  function host.ask(worker, ...)
    local mailbox, why = scheduler.mailbox()
    if not mailbox then return false, { fault = why } end
    local waiter = new_waiter(mailbox)
    waiters(mailbox)[waiter.tag] = waiter
    worker:ask(mailbox, waiter.tag, ...)
    await(waiter)
    return worker:answer()
  end

  --- What one coroutine at a time may hold.
  ---@return table
  function host.lock() return { queue = {} } end

  --- Calls a function when nobody else holds the lock any more: first come, first served. Not to be broken off.
  ---@param lock table
  ---@param fn function
  ---@return any ... what it returned
  function host.alone(lock, fn, ...)
    local queue, turn = lock.queue, { signal = scheduler.signal() }
    queue[#queue + 1] = turn
    while queue[1] ~= turn do scheduler.wait(turn.signal) end
    local function leave(ok, ...)
      table.remove(queue, 1)
      if queue[1] then scheduler.post(queue[1].signal) end
      if not ok then error(..., 0) end
      return ...
    end
    return leave(pcall(fn, ...))
  end

  --- Waits while others go on.
  function host.sleep(seconds)
    local task = current()
    if not task then return scheduler.sleep(seconds) end
    local deadline = core.now() + seconds
    local signal = scheduler.signal()
    repeat
      block(task, signal, math.max(deadline - core.now(), 0))
    until core.now() >= deadline
  end

  local function finish(task, ok, ...)
    if task.done then return end
    task.done, task.ok, task.results = true, ok, { n = select("#", ...), ... }
    for _, signal in ipairs(task.waiters) do scheduler.post(signal) end
  end

  --- Starts a function as a task of its own.
  ---@param fn function
  ---@param start? fun(fn: function) another way to start it
  ---@return table task
  function host.spawn(fn, start)
    local task = { waiters = {} }
    (start or scheduler.start)(function()
      local self = coroutine.running()
      by_coroutine[self] = task
      finish(task, pcall(fn))
      by_coroutine[self] = nil -- nginx uses coroutines again
    end)
    return task
  end

  --- Waits for a task to end.
  ---@param task table
  ---@param hopeless? fun(): boolean asked now and then whether to give the wait up
  ---@return boolean ok nil when the wait was given up
  ---@return table results what it returned, or what it raised, with their number in `n`
  function host.wait(task, hopeless)
    local signal = not task.done and scheduler.signal()
    if signal then task.waiters[#task.waiters + 1] = signal end
    while not task.done do
      if hopeless and hopeless() then return nil end
      block(current(), signal)
    end
    return task.ok, task.results
  end

  local function give_up(waiter)
    waiter.transfer:close()
    waiters(waiter.mailbox)[waiter.tag] = nil
    if scheduler.left then scheduler.left(waiter.mailbox) end
  end

  --- Ends a task, and its transfer with it, without waiting for it.
  ---@param task table
  function host.cancel(task)
    if task.done then return end
    finish(task, false, CANCELLED)
    if task.waiter then give_up(task.waiter) end
    if task.signal then scheduler.post(task.signal) end
  end

  --- Whether the running coroutine is a task of this host.
  function host.is_task() return current() ~= nil end

  return host, deliver, is_idle
end

--- A host that is one thing in some places and another one elsewhere.
---@param host table
---@param other table
---@param here fun(): any true where `host` can wait
---@return table
function tasks.either(host, other, here)
  local both = { now = core.now }
  for _, name in ipairs { "sleep", "perform", "spawn", "wait", "cancel" } do
    both[name] = function(...) return (here() and host or other)[name](...) end
  end
  return both
end

return tasks
