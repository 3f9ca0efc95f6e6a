-- Reaches Ghostealth through a proxy, and makes sure that it is the proxy it goes through:
--   GHOSTEALTH_API_KEY=… lua5.4 examples/behind_a_proxy.lua [http://[USER:PASSWORD@]HOST:PORT [CA.pem]]
-- Without an address, that in the variable HTTPS_PROXY counts, which every client of this module heeds by itself. The
-- file is needed when the proxy opens the encryption and shows a certificate of the company's own. It only reads.
-- Exit codes: 0 reached through the proxy; 1 not reached, or not through the proxy; 2 usage.
local reseller = require "reseller"

local proxy, ca_file = arg[1], arg[2]
for _, name in ipairs { "https_proxy", "HTTPS_PROXY" } do
  if not proxy and os.getenv(name) ~= "" then proxy = os.getenv(name) end
end
if not proxy or arg[3] then
  io.stderr:write "usage: behind_a_proxy.lua [http://[USER:PASSWORD@]HOST:PORT [CA.pem]]\n"
  os.exit(2)
end

local function fail(...)
  io.stderr:write("behind_a_proxy.lua: ", ...)
  io.stderr:write "\n"
  os.exit(1)
end

-- NO_PROXY may take this host out without a word. Then even a proxy that is not there lets the call through: on port 1
-- of this machine nobody listens.
local astray = reseller.ghostealth { proxy = "http://127.0.0.1:1", ca_file = ca_file, retries = 0 }
local _, refusal = astray:get_reseller()
if not refusal or refusal.kind ~= "network" then
  fail("calls to ", astray.base_url, " go around every proxy: see the variable NO_PROXY")
end

-- What to do about each kind of error. The proxy's address is not printed: it may hold a password.
local ADVICE = {
  network = "is the proxy's address right, and may it reach that host?",
  timeout = "does the proxy reach that host at all?",
  tls = "give the certificate of the company's own authority as the second argument",
  rejected = "407 means that the proxy wants a user and a password: http://USER:PASSWORD@HOST:PORT",
  auth = "the platform was reached; it does not take the key",
}

local gs = reseller.ghostealth { proxy = proxy, ca_file = ca_file }
local account, err = gs:get_reseller()
if not account then fail(tostring(err), ADVICE[err.kind] and "\n  " .. ADVICE[err.kind] or "") end
local counts = account.statistic
print(("reached %s through the proxy: %d of %d subscriptions are active"):format(
  gs.base_url, counts.activeSubscriptions, counts.totalSubscriptions))
