--- Clients of a sandbox, without a limit and without waits between tries unless a spec asks for them.
local core = require "reseller.core"
local reseller = require "reseller"

local clients = {}

local platforms = core.platforms()

local function merge(defaults, options)
  for name, value in pairs(options or {}) do defaults[name] = value end
  return defaults
end

local keys = 0

--- Keys that the shared sandbox takes besides its own.
function clients.keys()
  local list = { platforms.ghostealth.sandbox_credential }
  for i = 1, 500 do list[i + 1] = ("GHO-virtual%03d-STEA-sandboxkey-LTH"):format(i) end
  return list
end

--- A host that waits by moving its own clock, with a key of its own: leases of that clock are nobody else's.
function clients.host()
  keys = keys + 1
  local host = { time = core.now(), sleeps = {}, key = clients.keys()[keys + 1] }
  function host.now() return host.time end
  function host.sleep(seconds)
    host.sleeps[#host.sleeps + 1] = seconds
    host.time = host.time + seconds
  end
  function host.perform(session, ...) return session:perform(...) end
  return host
end

function clients.ghostealth(box, options)
  options = merge({ base_url = box.url .. platforms.ghostealth.sandbox_path, limit = false }, options)
  options.host = options.host or clients.host()
  options.api_key = options.api_key or options.host.key or platforms.ghostealth.sandbox_credential
  return reseller.ghostealth(options)
end

function clients.activeplatform(box, options)
  return reseller.activeplatform(merge({ base_url = box.url, api_token = platforms.activeplatform.sandbox_credential,
    limit = false, reseller_id = 1, host = clients.host() }, options))
end

return clients
