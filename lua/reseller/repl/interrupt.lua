--- Ctrl-C: ends the line that is typed or the call that runs, and not the process.
---
--- The interpreter answers the first Ctrl-C only; the second one ends the process. So the signal is blocked and
--- read from a descriptor, and what is evaluated runs in a controller of cqueues, where calls wait without
--- blocking. Without cqueues it is as the interpreter does it.
local WORDS = "interrupted!" -- as the interpreter calls it
local TURN = 100000 -- instructions between looks at the signal, for loops that never wait

local INPUT = { pollfd = 0, events = "r" }

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local interrupt = {}

local function pack(...) return { n = select("#", ...), ... } end

--- Whether something that was raised means Ctrl-C.
---@param raised any
---@return boolean
function interrupt.is(raised) return type(raised) == "string" and raised:find(WORDS .. "$") ~= nil end

---@class reseller.repl.Interrupt how Ctrl-C is heard
---@field readable fun(self): boolean waits until standard input can be read; false: Ctrl-C came
---@field run fun(self, fn: fun(), insist?: fun(): boolean): boolean calls it; false: Ctrl-C ended it
---@field stop fun(self)

local Plain = {}
Plain.__index = Plain

function Plain.readable() return true end

function Plain.run(_, fn)
  fn()
  return true
end

function Plain.stop() end

--- Without a terminal: Ctrl-C ends the process, as usual.
---@return reseller.repl.Interrupt
function interrupt.plain() return setmetatable({}, Plain) end

local Heard = {}
Heard.__index = Heard

--- Whether Ctrl-C came since the last look.
function Heard:came() return self.listener_:wait(0) ~= nil end

--- Raises inside of what runs, every so often, so that it can clean up after itself.
local function watch(self)
  debug.sethook(function()
    if self:came() then error(WORDS, 0) end
  end, "", TURN)
end

function Heard:readable()
  local controller, directly = self.cqueues_.running()
  if directly then self.cqueues_.poll(INPUT) end -- who runs that controller hears Ctrl-C
  if controller then return true end
  self.cqueues_.poll(INPUT, self.listener_)
  return not self:came()
end

--- Calls a function. When Ctrl-C comes while it waits, `insist` is asked whether it is to be waited for
--- nevertheless; if not, it is left where it is, and its transfers are cancelled.
function Heard:run(fn, insist)
  local controller, results = self.cqueues_.new(), nil
  controller:wrap(function()
    watch(self)
    results = pack(pcall(fn))
    debug.sethook()
  end)
  while not results do
    self.cqueues_.poll(controller, self.listener_)
    if self:came() and not (insist and insist()) then
      controller = nil -- luacheck: ignore 311
      collectgarbage() -- cancels what nobody waits for any more
      return false
    end
    local ok, why = controller:step(0)
    if not ok then error(why, 0) end
  end
  if not results[1] then error(results[2], 0) end
  return true, unpack(results, 2, results.n)
end

function Heard:stop()
  self.signal_.unblock(self.signal_.SIGINT)
end

--- At a terminal: Ctrl-C is heard as often as it comes, if cqueues is there.
---@return reseller.repl.Interrupt
function interrupt.heard()
  local ok, cqueues = pcall(require, "cqueues")
  if not ok then return interrupt.plain() end
  local signal = require "cqueues.signal"
  signal.block(signal.SIGINT)
  return setmetatable({ cqueues_ = cqueues, signal_ = signal, listener_ = signal.listen(signal.SIGINT) }, Heard)
end

return interrupt
