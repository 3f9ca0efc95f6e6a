--- The script that is killed: renews every subscription that ends before a given time, each once.
---
---     lua5.4 spec/proof/renewals.lua BASE_URL LEDGER END_MS GRACE
---
--- Exits with 0 when nothing is left to do.

local core = require "reseller.core"
local reseller = require "reseller"

local base_url, where, before, grace = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])

local gs = reseller.ghostealth {
  base_url = base_url, api_key = core.platforms().ghostealth.sandbox_credential, limit = false,
  ledger = assert(reseller.ledger.open(where, { grace = grace })),
}

local left = 0
for sub in gs:each_subscription() do
  local ends = sub.period["end"].timestamp
  if sub.status == "ACTIVE" and ends < before then
    local ok, err = gs:renew_subscription(sub.id, { expect_end = ends })
    if not ok and err.field ~= "expect_end" then
      io.stderr:write(tostring(err), "\n")
      left = left + 1
    end
  end
end
os.exit(left == 0 and 0 or 1, true)
