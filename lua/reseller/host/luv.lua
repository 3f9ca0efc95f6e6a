--- Waiting in a loop of luv: every coroutine that waits is resumed by a callback. Outside of coroutines, as in
--- plain Lua.
local core = require "reseller.core"
local plain = require "reseller.host.plain"
local tasks = require "reseller.host.tasks"
local uv = require "luv"

local host, deliver, is_idle
local mailbox, poll -- made when the first transfer needs them

-- Nothing else may hold a coroutine that waits for a callback.
local suspended = {}

local function resume(signal)
  local waiting = suspended[signal]
  if not waiting then return end
  suspended[signal] = nil
  local ok, err = coroutine.resume(waiting)
  if not ok then error(debug.traceback(waiting, tostring(err)), 0) end
end

--- Leaves the running coroutine until the signal is posted, or for so long.
local function wait(signal, seconds)
  local timer = seconds and uv.new_timer()
  if timer then timer:start(math.ceil(seconds * 1000), 0, function() resume(signal) end) end
  suspended[signal] = coroutine.running()
  coroutine.yield()
  if timer then timer:close() end
end

--- A poll that nobody needs must not keep uv.run from ending.
local function stop_if_idle()
  if is_idle(mailbox) then poll:stop() end
end

local function own_mailbox()
  if not mailbox then
    mailbox = core.mailbox()
    poll = assert(uv.new_poll(mailbox:fd()))
  end
  poll:start("r", function()
    deliver(mailbox)
    stop_if_idle()
  end)
  return mailbox
end

host, deliver, is_idle = tasks.host {
  signal = function() return {} end,
  wait = wait,
  post = resume,
  start = function(fn) coroutine.wrap(fn)() end,
  sleep = function(seconds) wait({}, seconds) end,
  mailbox = own_mailbox,
  left = stop_if_idle,
}

--- The running coroutine, nil for the main one, which no callback can resume, and where it cannot be left.
local function in_coroutine()
  local running, is_main = coroutine.running()
  return not is_main and core.can_yield() and running or nil
end

local luv = tasks.either(host, plain, in_coroutine)
luv.spawn, luv.wait, luv.cancel, luv.is_task = host.spawn, host.wait, host.cancel, host.is_task

return luv
