--- Races: processes that renew one subscription at the same moment, under one condition. Exactly one charge
--- each.
---
---     lua5.4 spec/proof/race.lua [--races 50] [--processes 8] [--postgres 1]
---
--- Every second race also carries one key: then one process sends, and all others get its result. With
--- `--postgres 1` the ledger is in a server that this program starts, for itself, in a folder of its own.

local core = require "reseller.core"
local reseller = require "reseller"
local postgres = require "spec.proof.postgres"
local sandbox = require "spec.support.sandbox"

local SHAPE = { billingCycle = "WEEKLY", connections = 100, authentications = 1 }

local options = { races = 50, processes = 8, postgres = 0 }
for i = 1, #arg, 2 do options[arg[i]:match "^%-%-(%a+)$"] = assert(tonumber(arg[i + 1]), "expected --name number") end

local function check(ok, ...)
  if not ok then error((...):format(select(2, ...)), 0) end
end

local platform = core.platforms().ghostealth

--- The processes, each with a pipe to it; what they say comes back through one fifo.
local function start_racers(box, folder, where)
  local fifo, racers = folder .. "/replies", {}
  check(os.execute("mkfifo " .. fifo), "cannot make %s", fifo)
  for i = 1, options.processes do
    racers[i] = assert(io.popen(("exec %s spec/proof/racer.lua %s%s '%s' >%s"):format(arg[-1], box.url,
      platform.sandbox_path, where, fifo), "w"))
    racers[i]:setvbuf "no"
  end
  local replies = assert(io.open(fifo))
  for _ = 1, options.processes do check(replies:read "*l" == "ready", "a racer did not start") end
  return racers, replies
end

local function end_of(gs, id)
  for sub in gs:each_subscription() do
    if sub.id == id then return sub.period["end"].timestamp end
  end
end

--- What is to come of a race, by word.
local function check_words(words, key)
  local others = key == "-" and "stale" or "replayed"
  local fine = words.done == 1 and (words[others] or 0) == options.processes - 1
  if fine then return end
  local texts = {}
  for word, count in pairs(words) do texts[#texts + 1] = ("%d %s"):format(count, word) end
  check(false, "%s", table.concat(texts, ", "))
end

local function race(number, gs, id, racers, replies)
  local ends, words = end_of(gs, id), {}
  local key = number % 2 == 0 and "race-" .. number or "-"
  for _, racer in ipairs(racers) do racer:write(("%s %.0f %s\n"):format(id, ends, key)) end
  for _ = 1, #racers do
    local word = replies:read "*l"
    check(word, "a racer is gone")
    words[word] = (words[word] or 0) + 1
  end
  check_words(words, key)
end

local function run(box, folder, where)
  local racers, replies = start_racers(box, folder, where)
  local gs = reseller.ghostealth { base_url = box.url .. platform.sandbox_path, limit = false,
    api_key = platform.sandbox_credential }
  local id = assert(gs:create_subscription(SHAPE)).id
  local bought, began = #box:charges(), core.now()
  for number = 1, options.races do
    race(number, gs, id, racers, replies)
    local charged = #box:charges(bought)
    check(charged == number, "%d charges after %d races", charged, number)
  end
  local each = (core.now() - began) / options.races * 1000
  for _, racer in ipairs(racers) do racer:close() end
  replies:close()
  return ("%d races of %d processes: %d charges, %.0f ms each"):format(options.races, options.processes, options.races, each)
end

local folder = os.tmpname()
os.remove(folder)
check(os.execute("mkdir -m 711 " .. folder), "cannot make %s", folder)
local box = sandbox.start { limit = false, subscriptions = 0, balance = 2000000000 }
local server
local ok, words = pcall(function()
  if options.postgres == 0 then return run(box, folder, folder .. "/ledger.db") end
  server = postgres.start()
  return run(box, folder, server.address)
end)
if server then server:stop() end
box:stop()
os.execute("rm -r " .. folder)
print(words)
os.exit(ok and 0 or 1, true)
