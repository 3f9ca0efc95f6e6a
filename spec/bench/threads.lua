--- Works the I/O thread hard, for ThreadSanitizer and valgrind to watch: many calls at once, broken and cancelled
--- ones, abandoned iterators, coroutines that are collected with a transfer under way, mailboxes that are listened to,
--- and threads with a Lua state of their own.
--- Usage: threads.lua PORT [ROUNDS] [incremental|generational|stop]
local core = require "reseller.core"
local plain = require "reseller.host.plain"
local reseller = require "reseller"
local socket = require "cqueues.socket"

local port, rounds, mode = arg[1], tonumber(arg[2] or 10), arg[3] or "incremental"
local origin = "http://127.0.0.1:" .. port
local gs = reseller.ghostealth { api_key = "GHO-benchbench-STEA-benchbench-LTH", base_url = origin .. "/dev/v1.0",
  limit = false, retries = 0 }
local ap = reseller.activeplatform { api_token = "bench-manager-token00", base_url = origin, reseller_id = 1 }

if mode == "generational" then collectgarbage "generational" end -- luacheck: ignore
--- A full collection at every step, where that is asked for.
local function step() if mode == "stop" then collectgarbage() end end

local function odd(path)
  return function()
    step()
    return gs:request { method = "GET", path = path, effect = "read" }
  end
end

local function mixed()
  local functions = {}
  for i = 1, 24 do
    functions[i] = i % 6 == 0 and odd "/drop" or i % 6 == 1 and odd "/cut" or i % 6 == 2 and odd "/garbled"
      or i % 6 == 3 and function() step() return gs:renew_subscription "su_1" end
      or function() step() return gs:get_reseller() end
  end
  local good = 0
  for _, result in ipairs(reseller.parallel(8, functions)) do good = good + (result[1] and 1 or 0) end
  return good
end

local function abandoned()
  for i = 1, 3 do
    local count = 0
    for _ in ap:each_child_subscription { page = { size = 10 }, pages_ahead = 4 } do
      count = count + 1
      if count == 10 * i then break end
    end
    step()
  end
end

local function cancelled()
  local tasks = {}
  for i = 1, 6 do tasks[i] = plain.spawn(odd "/idle") end
  plain.wait(plain.spawn(function() plain.sleep(0.01) end))
  for i = 1, 3 do plain.cancel(tasks[i]) end
  tasks = nil -- luacheck: ignore 311
  collectgarbage()
end

--- As nginx does it: told by a byte on a socket; half of the time the mailbox is closed with replies still to come.
local function listened(round)
  local mailbox = core.mailbox()
  local peer = socket.connect { path = assert(mailbox:listen()), mode = "bn" }
  peer:settimeout(10)
  assert(peer:connect() and mailbox:accept())
  local transfers = {}
  for i = 1, 6 do transfers[i] = gs.session_:start(mailbox, i, "GET", "/resellers", nil, 10, false) end
  local left = round % 2 == 0 and 6 or 2
  while left > 0 do
    assert(peer:read(1))
    for tag in mailbox.take, mailbox do
      assert(transfers[tag]:reply())
      left = left - 1
    end
    step()
  end
  mailbox:close()
  peer:close()
  for _, transfer in ipairs(transfers) do transfer:close() end
end

local CHUNK = [[
  local core = require "reseller.core"
  return function(words) if words == "fail" then error { fault = words } end return core.wall(), { words } end
]]

--- Asked all at once; some are closed, or forgotten, while they are at work.
local function beside()
  local mailbox, workers = core.mailbox(), {}
  for i = 1, 4 do
    workers[i] = core.worker(package.path, package.cpath, CHUNK)
    workers[i]:ask(mailbox, i, i == 2 and "fail" or ("x"):rep(1000 * i))
  end
  workers[3]:close()
  workers[4] = nil
  step()
  for _ = 1, 4 do
    local tag = mailbox:wait(10)
    if tag < 3 then assert(workers[tag]:answer() == (tag == 1)) end
  end
  workers[1]:ask(mailbox, 5, "again")
  assert(mailbox:wait(10) == 5 and workers[1]:answer())
  workers[2]:ask(mailbox, 6, "never taken")
  mailbox:close()
end

local good = 0
for round = 1, rounds do
  good = good + mixed()
  abandoned()
  cancelled()
  listened(round)
  beside()
end
assert(good == 12 * rounds, good)
print(("%d rounds, nothing lost"):format(rounds))
