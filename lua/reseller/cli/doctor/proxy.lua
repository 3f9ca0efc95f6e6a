--- Looks for what stands between this machine and a platform: proxies that the environment or the settings name, and
--- signs of others in a reply. A proxy may repeat a PUT, which renews twice, and no client can prevent that.
local core = require "reseller.core"

local proxy = {}

local MAY_REPEAT = "a proxy that opens the connection may repeat a PUT, and so renew twice; go around it if you can "
  .. "(no_proxy), or have it told not to repeat"

local TUNNEL = "https passes through it closed, unless it has a certificate of its own that ca_file trusts: "

--- Headers that proxies and delivery networks leave in a reply.
local signs = { "via", "x-cache", "x-cache-hits", "x-served-by", "x-varnish", "x-squid-error", "x-proxy-cache",
  "cf-ray", "x-amz-cf-id", "x-forwarded-for", "proxy-connection", "proxy-agent", "age" }

--- Whether no_proxy takes a host out: a list of names and of domains, or `*`.
---@param list string|nil
---@param host string
---@return boolean
function proxy.is_excepted(list, host)
  host = host:lower()
  for entry in (list or ""):lower():gmatch "[^%s,]+" do
    local name = entry:gsub("^%.", ""):gsub(":%d+$", "")
    if entry == "*" or host == name or host:sub(-#name - 1) == "." .. name then return true end
  end
  return false
end

--- The first variable that is set. libcurl reads http_proxy in small letters only.
local function first_of(getenv, names)
  for _, name in ipairs(names) do
    local value = getenv(name)
    if value then return value, name end
  end
end

--- A proxy's address without the user and the password.
local function masked(url) return (url:gsub("^([^/]*//)[^/]*@", "%1***@"):gsub("^[^/]*@", "***@")) end

--- The proxy through which a URL is reached. Those of the environment are not used within this machine.
---@param world reseller.cli.World
---@param url string
---@param option string|nil the setting `proxy`
---@return string? shown nil: none
---@return string? source
---@return boolean? excepted it is there, but no_proxy takes the host out
function proxy.of(world, url, option)
  local scheme, host = url:match "^(%a+)://%[?([^/:%]]+)"
  local value, source = option, "proxy"
  if not value and not core.base_url(url).loopback then
    local names = scheme == "https" and { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }
      or { "http_proxy", "all_proxy", "ALL_PROXY" }
    value, source = first_of(world.getenv, names)
  end
  if not value then return nil end
  local list = first_of(world.getenv, { "no_proxy", "NO_PROXY" })
  return masked(value), source, proxy.is_excepted(list, host)
end

--- The proxy that is set for a platform.
---@param report reseller.cli.doctor.Report
---@return boolean used
function proxy.check(report, world, title, url, option)
  local check, shown, source, excepted = title .. " proxy", proxy.of(world, url, option)
  if not shown then
    report:ok(check, "none is set")
  elseif excepted then
    report:ok(check, ("%s (%s), but no_proxy takes the host out"):format(shown, source))
  else
    report:warning(check, ("%s (%s)"):format(shown, source), (url:find "^https" and TUNNEL or "") .. MAY_REPEAT)
  end
  return shown ~= nil and not excepted
end

--- Signs of a proxy in a reply.
---@param report reseller.cli.doctor.Report
---@param title string
---@param headers table<string, string>
function proxy.check_signs(report, title, headers)
  local found = {}
  for _, name in ipairs(signs) do
    if headers[name] then found[#found + 1] = ("%s: %s"):format(name, headers[name]:sub(1, 60)) end
  end
  local check = title .. " path"
  if #found > 0 then return report:warning(check, "signs of a proxy: " .. table.concat(found, "; "), MAY_REPEAT) end
  local server = headers.server and (" (server: %s)"):format(headers.server:sub(1, 60)) or ""
  report:ok(check, "no sign of a proxy in the reply" .. server)
end

return proxy
