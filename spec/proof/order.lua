--- The order in which the system sees it: what is to be sent is on the disk before a connection is opened.
---
---     lua5.4 spec/proof/order.lua
---
--- Traces a run that renews a few subscriptions. From one to the next, three things must reach the write-ahead
--- log: what came of the first, the intent of the second, and its mark as sent. Then comes the connection.

local core = require "reseller.core"
local reseller = require "reseller"
local sandbox = require "spec.support.sandbox"

local RENEWS, WRITES = 5, 3
local COMMAND = "strace -f -y -e trace=fdatasync,connect,sendto -o %s/trace %s spec/proof/renewals.lua %s%s %s/ledger.db %.0f 1"

local platform = core.platforms().ghostealth

local function prepare(box)
  local gs = reseller.ghostealth { base_url = box.url .. platform.sandbox_path, limit = false,
    api_key = platform.sandbox_credential }
  for _ = 1, RENEWS do assert(gs:create_subscription { billingCycle = "WEEKLY", connections = 100 }) end
  local last = 0
  for sub in gs:each_subscription() do last = math.max(last, sub.period["end"].timestamp) end
  return last + 86400000
end

--- Reads the trace: how many renewals were sent, and what was wrong with the first that was.
local function judge(path)
  local synced, connected_after, renewals = 0, 0, 0
  for line in io.lines(path) do
    if line:find "fdatasync%(%d+<[^>]*%-wal>" then synced = synced + 1 end
    if line:find "connect%(%d+.*AF_INET" then connected_after = synced end
    if line:find 'sendto%(%d+<[^>]*>, "PUT ' then
      renewals = renewals + 1
      if connected_after < WRITES then return nil, ("renewal %d: %d writes were on the disk"):format(renewals, connected_after) end
      synced, connected_after = 0, 0
    end
  end
  return renewals
end

local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir -m 700 " .. folder))
local box = sandbox.start { limit = false, subscriptions = 0 }
local before = prepare(box)
os.execute(COMMAND:format(folder, arg[-1], box.url, platform.sandbox_path, folder, before))
local renewals, fault = judge(folder .. "/trace")
box:stop()
os.execute("rm -r " .. folder)
print(fault or ("%d renewals, each on the disk before its connection"):format(renewals))
os.exit(renewals == RENEWS and 0 or 1, true)
