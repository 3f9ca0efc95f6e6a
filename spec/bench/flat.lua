--- Makes many calls of all kinds and fails when memory or descriptors grew after warm-up.
--- Usage: flat.lua PORT [CALLS [KIB]], KIB being what the process may grow by.
local reseller = require "reseller"

local port, calls, allowed = arg[1], tonumber(arg[2] or 10000), tonumber(arg[3] or 1024)
local origin = "http://127.0.0.1:" .. port

local gs = reseller.ghostealth { api_key = "GHO-benchbench-STEA-benchbench-LTH", base_url = origin .. "/dev/v1.0",
  limit = false, retries = 0 }
local ap = reseller.activeplatform { api_token = "bench-manager-token00", base_url = origin, reseller_id = 1,
  retries = 0 }

local plan = { billingCycle = "MONTHLY", connections = 100 }

-- How often in twenty calls, what is called, and the kind of error that must come.
local mix = {
  { 4, function() return gs:get_reseller() end },
  { 3, function(i) return gs:list_subscriptions { page = i % 50 } end },
  { 2, function(i) return ap:list_child_subscriptions { page = { number = i % 20 + 1, size = 50 } } end },
  { 2, function() return gs:create_subscription(plan) end },
  { 1, function() return gs:renew_subscription "su_1" end },
  { 1, function() return gs:suspend_subscription "su_1" end },
  { 1, function() return gs:create_subscription { billingCycle = "DAILY", connections = 100 } end, "invalid" },
  { 1, function() return gs:list_subscriptions { pages = 1 } end, "invalid" },
  { 1, function() return gs:cancel_subscription "reply-404" end, "not_found" },
  { 1, function() return gs:renew_subscription "reply-402" end, "rejected" },
  { 1, function() return gs:renew_subscription "drop" end, "unknown" },
  { 1, function() return gs:request { method = "GET", path = "/cut", effect = "read" } end, "network" },
  { 1, function() return gs:request { method = "GET", path = "/garbled", effect = "read" } end, "decode" },
}

local order = {}
for _, entry in ipairs(mix) do
  for _ = 1, entry[1] do order[#order + 1] = entry end
end

local function run(count)
  for i = 1, count do
    local entry = order[i % #order + 1]
    local value, err = entry[2](i)
    local kind = value == nil and err.kind or nil
    if kind ~= entry[3] then error(("expected %s, got %s"):format(entry[3] or "a value", tostring(err))) end
  end
end

local function resident_kib()
  local file = assert(io.open "/proc/self/smaps_rollup")
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "\nRss:%s*(%d+) kB")
end

--- Open descriptors of this process, which is the parent of the shell.
local function descriptors()
  local pipe = assert(io.popen "ls /proc/$PPID/fd | wc -l")
  local count = tonumber(pipe:read "*a")
  pipe:close()
  return count
end

local function sample(title)
  collectgarbage()
  collectgarbage()
  local now = { kib = resident_kib(), files = descriptors(), lua = collectgarbage "count" }
  print(("%-15s resident %d KiB, descriptors %d, Lua memory %.0f KiB"):format(title, now.kib, now.files, now.lua))
  return now
end

print(jit and jit.version or _VERSION) -- luacheck: ignore 113
run(math.ceil(calls / 10))
local before = sample "after warm-up"
run(calls)
local after = sample("after " .. calls)
local flat = after.kib - before.kib <= allowed and after.files <= before.files
print(flat and "flat" or "it grew")
os.exit(flat and 0 or 1, true)
