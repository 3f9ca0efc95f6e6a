--- Virtual time, and tasks that wait in it. A task that is killed is simply never resumed.

local clock = {}

local Clock = {}
Clock.__index = Clock

function clock.new(time)
  return setmetatable({ time = time, events_ = {}, last_ = 0 }, Clock)
end

--- Calls a function later.
function Clock:after(seconds, fn)
  self.last_ = self.last_ + 1
  self.events_[#self.events_ + 1] = { time = self.time + seconds, number = self.last_, fn = fn }
end

local function earlier(a, b)
  return a.time < b.time or a.time == b.time and a.number < b.number
end

local function take_first(events)
  local first = 1
  for i = 2, #events do
    if earlier(events[i], events[first]) then first = i end
  end
  return table.remove(events, first)
end

--- Lets time pass until nothing is left to happen.
function Clock:run()
  while #self.events_ > 0 do
    local event = take_first(self.events_)
    self.time = event.time
    event.fn()
  end
end

local function resume(task)
  local ok, raised = coroutine.resume(task)
  if not ok then error(debug.traceback(task, tostring(raised)), 0) end
end

--- Lets the running task wait.
function Clock:sleep(seconds)
  local task = coroutine.running()
  self:after(seconds, function() resume(task) end)
  coroutine.yield()
end

--- Starts a task.
function Clock:spawn(fn)
  local task = coroutine.create(fn)
  self:after(0, function() resume(task) end)
end

return clock
