--- One of the processes that race: reads "subscription end key" lines and tries to renew at once, each time.
---
---     lua5.4 spec/proof/racer.lua BASE_URL LEDGER
---
--- Prints "done", "replayed", "stale", or what else came of it.

local core = require "reseller.core"
local reseller = require "reseller"

local gs = reseller.ghostealth {
  base_url = arg[1], api_key = core.platforms().ghostealth.sandbox_credential, limit = false,
  ledger = assert(reseller.ledger.open(arg[2])),
}

local function race(id, ends, key)
  local value, meta = gs:renew_subscription(id, { expect_end = tonumber(ends), key = key ~= "-" and key or nil })
  if value then return meta.replayed and "replayed" or "done" end
  return meta.field == "expect_end" and "stale" or (tostring(meta):gsub("%s+", " "))
end

io.stdout:setvbuf "line"
io.stdout:write "ready\n"
for line in io.lines() do
  io.stdout:write(race(line:match "^(%S+) (%S+) (%S+)$"), "\n")
end
