--- One renewal through this module, after reads that leave connections open:
--- ours.lua READ_URL RENEW_URL KEY IDLE inline|parallel.
local reseller = require "reseller"

local read_url, renew_url, key, idle, mode = table.unpack(arg)

local gs = reseller.ghostealth { api_key = key, base_url = read_url:match "^(.*)/[^/]+$", limit = false, timeout = 20 }

local function read() return assert(gs:get_reseller()) end

local function renew() return gs:renew_subscription(renew_url:match "[^/]+$") end

local function inline()
  if tonumber(idle) > 0 then read() end
  return renew()
end

local function parallel()
  local reads = {}
  for i = 1, tonumber(idle) do reads[i] = read end
  reseller.parallel(#reads, reads)
  return table.unpack(reseller.parallel(1, { renew })[1])
end

local value, err = (mode == "parallel" and parallel or inline)()
print("version: reseller " .. require "reseller.version")
print("saw: " .. (value and "done" or ("`%s`, sent: %s"):format(err.kind, err.sent)))
