--- Works the I/O thread hard, for ThreadSanitizer and valgrind to watch: many calls at once, broken and cancelled
--- ones, abandoned iterators, coroutines that are collected with a transfer under way.
--- Usage: threads.lua PORT [ROUNDS] [incremental|generational|stop]
local plain = require "reseller.host.plain"
local reseller = require "reseller"

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

local good = 0
for _ = 1, rounds do
  good = good + mixed()
  abandoned()
  cancelled()
end
assert(good == 12 * rounds, good)
print(("%d rounds, nothing lost"):format(rounds))
