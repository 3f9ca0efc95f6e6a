--- Waiting in plain Lua: a single call blocks, tasks share one loop that waits for whichever is next.
---
--- A task is a coroutine that this loop resumes. Nothing else in the module knows how waiting is done:
--- other hosts offer the same functions.
local core = require "reseller.core"

local plain = {}

local mailbox -- made when the first task sends something
local last_tag = 0
local by_coroutine = setmetatable({}, { __mode = "k" })
-- Weak, so that what nobody waits for any more is collected, and its transfer cancelled.
local by_tag = setmetatable({}, { __mode = "v" })
local sleepers = setmetatable({}, { __mode = "k" })
local ready = {}

local function current() return by_coroutine[coroutine.running() or false] end

local function make_ready(task) ready[#ready + 1] = task end

--- Leaves the running task until something makes it ready.
local function block(task)
  task.blocked = true
  coroutine.yield()
end

--- Seconds on a clock that nobody sets.
---@return number
function plain.now() return core.now() end

--- Waits; in a task, others go on meanwhile.
---@param seconds number
function plain.sleep(seconds)
  local task, deadline = current(), core.now() + seconds
  if task then
    sleepers[task] = deadline
    return block(task)
  end
  repeat
    core.sleep(deadline - core.now()) -- a signal cuts it short
  until core.now() >= deadline
end

local function close(transfer, ...)
  transfer:close()
  return ...
end

--- Moves one request and waits for its reply: inline, or on the I/O thread when called from a task.
function plain.perform(session, ...)
  local task = current()
  if not task then return session:perform(...) end
  mailbox = mailbox or core.mailbox()
  last_tag = last_tag + 1
  local transfer = session:start(mailbox, last_tag, ...)
  if not transfer then return nil, "memory", "cannot start the I/O thread", 0, 0 end
  by_tag[last_tag] = task
  task.transfer = transfer
  block(task)
  task.transfer = nil
  return close(transfer, transfer:reply())
end

local function finish(task, ok, ...)
  task.done, task.ok, task.results = true, ok, { n = select("#", ...), ... }
  for _, waiter in ipairs(task.waiters) do make_ready(waiter) end
end

local function after_resume(task, ok, ...)
  if coroutine.status(task.coroutine) == "dead" then return finish(task, ok, ...) end
  if not task.blocked then finish(task, false, "a function of reseller.parallel yielded by itself") end
end

local function resume(task)
  if task.done then return end
  task.blocked = false
  after_resume(task, coroutine.resume(task.coroutine))
end

local function wake_sleepers(now)
  local first = math.huge
  for task, deadline in pairs(sleepers) do
    if deadline <= now then
      sleepers[task] = nil
      make_ready(task)
    else
      first = math.min(first, deadline)
    end
  end
  return first - now
end

--- Does what there is to do, or waits until there is something.
local function turn()
  if #ready > 0 then
    local batch = ready
    ready = {}
    for _, task in ipairs(batch) do resume(task) end
    return
  end
  local wait = wake_sleepers(core.now())
  if #ready > 0 then return end
  mailbox = mailbox or core.mailbox()
  local tag = mailbox:wait(math.min(wait, 3600))
  while tag do
    if by_tag[tag] then make_ready(by_tag[tag]) end
    by_tag[tag] = nil
    tag = mailbox:take()
  end
end

--- Starts a function as a task of its own.
---@param fn function
---@return table task
function plain.spawn(fn)
  local task = { coroutine = coroutine.create(fn), waiters = {} }
  by_coroutine[task.coroutine] = task
  make_ready(task)
  return task
end

--- Waits for a task to end.
---@param task table
---@return boolean ok, table results what it returned, or what it raised, with their number in `n`
function plain.wait(task)
  local waiter = current()
  while not task.done do
    if waiter then
      task.waiters[#task.waiters + 1] = waiter
      block(waiter)
    else
      turn()
    end
  end
  return task.ok, task.results
end

--- Ends a task without waiting for it; its transfer is cancelled.
---@param task table
function plain.cancel(task)
  if task.done then return end
  if task.transfer then task.transfer:close() end
  sleepers[task] = nil
  finish(task, false, "cancelled")
end

return plain
