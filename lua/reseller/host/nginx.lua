--- Waiting inside nginx's Lua module: requests and timers wait, their worker goes on.
---
--- Finished transfers announce themselves by a byte on a unix socket. A cosocket belongs to who made it, so one
--- reader, in a timer of its own, reads it for everybody and posts a semaphore for each. It starts with the
--- first transfer and leaves when there have been none for a while: with `lua_code_cache off` each request has
--- its own, and a reader that stayed would keep that request's Lua state for ever.
local core = require "reseller.core"
local plain = require "reseller.host.plain"
local semaphore = require "ngx.semaphore"
local tasks = require "reseller.host.tasks"

local TURN = 1 -- seconds between looks at whether the reader is needed and lives
local EXIT_TURN = 0.1 -- the same while the worker exits
local START = 5 -- seconds that a reader may take to begin
local SPARE = 64 -- semaphores kept to be used again
local FOREVER = 0x7ffffff -- milliseconds, the longest that a timer of nginx takes: 37 hours

--- Phases in which nginx lets Lua wait, and those in which nothing else is served that a blocking call could hold
--- up.
local waits = { rewrite = true, server_rewrite = true, access = true, content = true, timer = true, ssl_cert = true,
  ssl_client_hello = true, ssl_session_fetch = true, preread = true }
local blocks = { init = true, init_worker = true }

local get_phase = ngx.get_phase

local spare = {}

local host, deliver, is_idle
local mailbox -- made when the first transfer needs it
local reader -- nil, or { since=, used= } of the one that runs or is about to

local function is_needed() return not is_idle(mailbox) or reader.used end

--- Connects to the mailbox.
local function connect()
  local path, why = mailbox:listen()
  if not path then return nil, why end
  local socket = ngx.socket.tcp()
  socket:settimeouts(TURN * 1000, TURN * 1000, FOREVER)
  local ok
  ok, why = socket:connect("unix:" .. path)
  if mailbox:accept() then return socket end
  return nil, ok and "somebody else connected" or why
end

--- Reads until nobody needs it.
local function read(self)
  local socket, why = connect()
  if not socket then return why end
  self.since = nil
  repeat
    deliver(mailbox)
    if self.leaves or ngx.worker.exiting() and is_idle(mailbox) then return end
    local bytes
    bytes, why = socket:receiveany(64)
  until not bytes
  return why
end

local function run(_, self)
  if reader ~= self then return end -- nginx was so late that another one was asked for
  local why = read(self)
  if reader == self then reader = nil end
  if why and not self.leaves then ngx.log(ngx.ERR, "reseller: the reader of replies ended: ", why) end
end

--- When the worker exits, what was abandoned must not hold it up until its time is out.
local function exit(self)
  while reader == self and not is_idle(mailbox) do
    collectgarbage()
    ngx.sleep(EXIT_TURN)
  end
  mailbox:kick()
end

--- Tells the reader to leave when it has had nothing to do for a turn. nginx calls its timers early when it
--- exits; a reader that waits would else keep it from that.
local function look_after(premature, self)
  if reader ~= self then return end
  if not premature and is_needed() then
    self.used = false
    if ngx.timer.at(TURN, look_after, self) then return end
    premature = ngx.worker.exiting()
  end
  if premature then return exit(self) end
  self.leaves, reader = true, nil
  mailbox:kick()
end

local function start_reader()
  local self = { since = core.now(), used = true }
  local ok, why = ngx.timer.at(0, run, self)
  if not ok then return nil, "cannot start the reader of replies: " .. why end
  reader = self
  self.leaves = not ngx.timer.at(TURN, look_after, self) and not ngx.timer.at(0, look_after, self)
  return true
end

--- Sees to it that a reader runs.
local function check()
  if mailbox then deliver(mailbox) end
  if reader and reader.since and core.now() - reader.since > START then reader = nil end
  if reader then
    reader.used = true
    return true
  end
  return start_reader()
end

host, deliver, is_idle = tasks.host {
  signal = function() return table.remove(spare) or semaphore.new(0) end,
  reuse = function(signal)
    if #spare < SPARE then spare[#spare + 1] = signal end
  end,
  wait = function(signal, seconds) return signal:wait(seconds or TURN) end,
  post = function(signal) signal:post(1) end,
  start = function(fn) return ngx.thread.spawn(fn) end,
  sleep = function(seconds) return ngx.sleep(seconds) end,
  check = check,
  mailbox = function()
    mailbox = mailbox or core.mailbox()
    local ok, why = check()
    if not ok then return nil, why end
    return mailbox
  end,
}

local nginx = { now = core.now, wait = host.wait, cancel = host.cancel }

--- Why no call is possible in this phase; nil where it is. A worker that ends fires its timers early: what may be
--- done once only is not begun by them.
---@param effect? string of the call
---@return string|nil
function nginx.refusal(effect)
  local phase = get_phase()
  if phase == "timer" and ngx.worker.exiting() and (effect == "spend" or effect == "transition") then
    return "this worker of nginx is about to end, and fires its timers early; leave it to the next worker's"
  end
  if blocks[phase] or waits[phase] and core.can_yield() then return nil end
  if waits[phase] then
    return "nothing can wait below `require` or another function in C: call from the handler itself"
  end
  return ("nothing can wait in nginx's %s phase: call from rewrite, access, content or a timer (ngx.timer.at(0, ...))")
    :format(phase)
end

--- Moves one request. While nginx starts, when nothing is served yet, this blocks.
function nginx.perform(session, ...)
  local phase = get_phase()
  if waits[phase] then return host.perform(session, ...) end
  if blocks[phase] then return plain.perform(session, ...) end
  return nil, "refused", nginx.refusal(), 0, 0
end

--- Waits.
---@param seconds number
function nginx.sleep(seconds)
  if blocks[ngx.get_phase()] then return plain.sleep(seconds) end
  return host.sleep(seconds)
end

--- Lets other requests go on. A sleep of 0 would not: nginx runs timers that are due before it looks at its sockets,
--- also those that such a timer has set.
function nginx.pause()
  if waits[get_phase()] and core.can_yield() then ngx.sleep(0.001) end
end

--- Starts a function as a task. Where there are no light threads it has ended when this returns.
---@param fn function
---@return table task
function nginx.spawn(fn)
  if waits[ngx.get_phase()] then return host.spawn(fn) end
  local function ended(ok, ...) return { done = true, ok = ok, results = { n = select("#", ...), ... } } end
  return ended(pcall(fn))
end

local outliving = setmetatable({}, { __mode = "k" }) -- coroutines that run to their end anyway

--- Runs a function in a timer of its own and waits for it. It goes on when the request that asks is gone.
---@param fn function
---@return boolean? begun
---@return any ... what it returned, or why it was not begun
function nginx.outlive(fn)
  if blocks[get_phase()] or outliving[coroutine.running()] then return true, fn() end
  local deadline, begun, withdrawn = core.now() + START, false, false
  local ok, why
  local task = host.spawn(fn, function(work)
    ok, why = ngx.timer.at(0, function()
      begun = not withdrawn
      local self = coroutine.running()
      outliving[self] = true
      if begun then work() end
      outliving[self] = nil
    end)
  end)
  local done, results = host.wait(task, function() return not ok or not begun and core.now() > deadline end)
  if done then return true, unpack(results, 1, results.n) end
  if results then error(results[1], 0) end
  withdrawn = true
  return nil, "nginx does not start a timer: " .. (why or "see lua_max_running_timers")
end

--- How to do what blocks without holding up this worker; nil where nothing is served yet, and while a module is
--- loaded, which cannot wait.
---@return {ask: function, lock: function, alone: function, outlive: function}|nil
---@return string? why nothing can be done at all
function nginx.beside()
  local phase = get_phase()
  if not waits[phase] and not blocks[phase] then return nil, nginx.refusal() end
  if blocks[phase] or not core.can_yield() then return nil end
  return { ask = host.ask, lock = host.lock, alone = host.alone, outlive = nginx.outlive }
end

return nginx
