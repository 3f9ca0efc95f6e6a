--- Shows that iterating over 100,000 subscriptions keeps memory flat. Usage: walk.lua PORT
local reseller = require "reseller"

local MAX_GROWTH_KIB = 4096 -- of it about 2 MiB for the ids that were seen
local gs = reseller.ghostealth { api_key = "GHO-benchbench-STEA-benchbench-LTH", limit = false,
  base_url = ("http://127.0.0.1:%s/dev/v1.0"):format(arg[1]) }

local function resident_kib()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmRSS:%s*(%d+)"
    if kib then return tonumber(kib) end
  end
end

local function report(count)
  collectgarbage()
  collectgarbage()
  local rss, lua = resident_kib(), collectgarbage "count"
  print(("%7d items  resident %6d KiB  Lua %6.0f KiB"):format(count, rss, lua))
  return rss
end

local count, first, last = 0, nil, nil
for _ in gs:each_subscription { size = 100 } do
  count = count + 1
  if count == 2000 then first = report(count) end
  if count % 20000 == 0 then last = report(count) end
end
assert(count == 100000, count)
print(("grew by %d KiB between the first 2,000 and the last"):format(last - first))
os.exit(last - first <= MAX_GROWTH_KIB, true)
