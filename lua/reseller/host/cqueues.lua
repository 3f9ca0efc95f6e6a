--- Waiting inside a controller of cqueues; elsewhere as in plain Lua.
local core = require "reseller.core"
local cqueues = require "cqueues"
local condition = require "cqueues.condition"
local plain = require "reseller.host.plain"
local tasks = require "reseller.host.tasks"

local by_controller = setmetatable({}, { __mode = "k" })
local by_mailbox = setmetatable({}, { __mode = "k" })

local host, deliver, is_idle

--- The running coroutine's controller, nil if it is none that a controller resumes, and where it cannot be left.
local function controller()
  local running, directly = cqueues.running()
  return directly and core.can_yield() and running or nil
end

--- Gives replies to who waits in a controller, as long as somebody does: it must not keep the loop from ending.
local function watch(box)
  while not is_idle(box.mailbox) do
    cqueues.poll(box.pollable, box.left)
    deliver(box.mailbox)
  end
  box.watched = false
end

local function new_box()
  local mailbox = core.mailbox()
  local box = { mailbox = mailbox, pollable = { pollfd = mailbox:fd(), events = "r" }, left = condition.new() }
  by_mailbox[mailbox] = box
  return box
end

local function own_mailbox()
  local running = controller()
  local box = by_controller[running] or new_box()
  by_controller[running] = box
  if not box.watched then
    box.watched = true
    running:wrap(watch, box)
  end
  return box.mailbox
end

host, deliver, is_idle = tasks.host {
  signal = condition.new,
  wait = function(signal, seconds) signal:wait(seconds) end,
  post = function(signal) signal:signal() end,
  start = function(fn) controller():wrap(fn) end,
  sleep = cqueues.sleep,
  mailbox = own_mailbox,
  left = function(mailbox) by_mailbox[mailbox].left:signal() end,
}

return tasks.either(host, plain, controller)
