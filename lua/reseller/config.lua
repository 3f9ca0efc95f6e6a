--- Reads the options of a client: checks them, fills in the environment and the defaults.
local core = require "reseller.core"
local cap = require "reseller.ledger.cap"
local ledger = require "reseller.ledger"
local limiter = require "reseller.limiter"
local nearest = require "reseller.nearest"
local version = require "reseller.version"

local MIB = 1024 * 1024

---@class reseller.Options
---@field api_key? string Ghostealth's key, from the reseller dashboard (GHOSTEALTH_API_KEY)
---@field api_token? string ActivePlatform's manager token (ACTIVEPLATFORM_API_TOKEN)
---@field base_url? string where the platform is (ACTIVEPLATFORM_BASE_URL); https, or http to this machine
---@field reseller_id? integer|string default of that parameter (ACTIVEPLATFORM_RESELLER_ID)
---@field timeout? number seconds for a whole call, 30
---@field connect_timeout? number seconds until a connection stands, 10
---@field ca_file? string certificates to trust, instead of the system's
---@field ca_path? string a directory of certificates to trust, instead of the system's
---@field proxy? string URL of an HTTP or SOCKS proxy; NO_PROXY is respected
---@field user_agent? string
---@field max_body? integer bytes a reply may have, 32 MiB
---@field keep_null? boolean nulls become `reseller.null` instead of absent keys
---@field retries? integer how often a call may be repeated, where it may be at all, 3
---@field limit? reseller.Limit|false how many requests the server takes; Ghostealth: 10 in 60 s
---@field patience? number longest wait for the limit, seconds; for ever
---@field ledger? reseller.Ledger|string a ledger, or where to open one
---@field cap? reseller.Cap how much may be spent; needs a ledger
---@field on_wait? fun(seconds: number, reason: "limit"|"pause"|"retry"|"settle") called before each wait
---@field on_event? fun(event: reseller.Event) called after each attempt
---@field host? table how to wait and to tell the time, for tests and event loops of your own

local function whole(value) return type(value) == "number" and value >= 0 and value % 1 == 0 end
local function positive(value) return type(value) == "number" and value > 0 and value < math.huge end

local checks = {
  text = { "text that is not empty", function(v) return type(v) == "string" and v ~= "" end },
  seconds = { "seconds, more than 0", positive },
  bytes = { "a number of bytes, more than 0", function(v) return positive(v) and v < 2 ^ 40 end },
  boolean = { "true or false", function(v) return type(v) == "boolean" end },
  count = { "a whole number of at least 0", whole },
  patience = { "seconds", function(v) return type(v) == "number" and v >= 0 end },
  limit = { "false or a table like { requests = 10, seconds = 60 }",
    function(v) return not v or type(v) == "table" end },
  ledger = { "a ledger, the name of a file, or postgres://…",
    function(v) return type(v) == "string" and v ~= "" or ledger.is(v) end },
  cap = { "a table like { per_day = 5000, per_run = 20 }", function(v) return type(v) == "table" end },
  host = { "a table with now, sleep and perform",
    function(v) return type(v) == "table" and v.now and v.sleep and v.perform end },
  callback = { "a function", function(v) return type(v) == "function" end },
  id = { "an integer of at least 1",
    function(v) return type(v) == "string" and v:find "^%d+$" or positive(v) and v % 1 == 0 end },
  credential = { "text without spaces and control characters",
    function(v) return type(v) == "string" and v:find "^[\33-\126]+$" end },
}

local common = {
  base_url = "text", timeout = "seconds", connect_timeout = "seconds", ca_file = "text", ca_path = "text",
  proxy = "text", user_agent = "text", max_body = "bytes", keep_null = "boolean", on_event = "callback",
  on_wait = "callback", retries = "count", patience = "patience", limit = "limit", host = "host",
  ledger = "ledger", cap = "cap",
}

local defaults = { timeout = 30, connect_timeout = 10, max_body = 32 * MIB, retries = 3, patience = math.huge,
  user_agent = "reseller/" .. version }

local environment = { api_key = true, api_token = true, base_url = true, reseller_id = true }

local config = {}

local function known_options(platform)
  local known = { [platform.credential] = "credential" }
  for name, check in pairs(common) do known[name] = check end
  if platform.name == "activeplatform" then known.reseller_id = "id" end
  return known
end

local function refuse(platform, message, level)
  error(("reseller.%s: %s"):format(platform.name, message), level)
end

--- How a refused value looks in a message; what holds a secret is never shown.
local function shown(value, check)
  if value == nil then return "nothing" end
  if type(value) ~= "string" then return type(value) == "number" and tostring(value) or "a " .. type(value) end
  return check == "credential" and "text with others in it" or ("%q"):format(value)
end

local function check_names(platform, options, known, level)
  local names = {}
  for name in pairs(known) do names[#names + 1] = name end
  table.sort(names)
  for name in pairs(options) do
    if not known[name] then
      local near = nearest(tostring(name), names)
      local hint = near and ("did you mean `%s`?"):format(near) or "known are " .. table.concat(names, ", ")
      refuse(platform, ("unknown option `%s`; %s"):format(tostring(name), hint), level + 1)
    end
  end
end

local function from_environment(platform, name)
  local value = os.getenv(platform.name:upper() .. "_" .. name:upper())
  return value ~= "" and value or nil
end

--- Points the client at the sandbox, if the environment says so. A real credential is never sent there.
local function enter_sandbox(platform, settings, level)
  local origin = os.getenv "RESELLER_SANDBOX"
  if not origin or origin == "" then return end
  local base = core.base_url(origin)
  if not base or not base.loopback then
    local message = "RESELLER_SANDBOX: expected the URL of a server on this machine, got %q"
    refuse(platform, message:format(origin), level + 1)
  end
  settings.base_url = base.url .. platform.sandbox_path
  settings[platform.credential] = platform.sandbox_credential
  if platform.name == "activeplatform" then settings.reseller_id = 1 end
end

local function check_base(platform, settings, level)
  local base, expected = core.base_url(settings.base_url)
  if not base then
    refuse(platform, ("base_url: expected %s, got %q"):format(expected, settings.base_url), level + 1)
  end
  if not base.https and settings.proxy and not core.proxy_is_local(settings.proxy) then
    refuse(platform, "proxy: expected one on this machine for a base_url with http://", level + 1)
  end
  settings.base_url, settings.loopback = base.url, base.loopback
end

--- The user and password inside a proxy's URL, as texts to mask.
local function proxy_secrets(proxy)
  local user_info = proxy and proxy:match "^[^/]*//([^/]*)@" or proxy and proxy:match "^([^/]*)@"
  return user_info and { user_info, user_info:match ":(.*)$" } or {}
end

--- What the C side needs to know.
local function session_settings(platform, settings)
  local credential = settings[platform.credential]
  local secrets = proxy_secrets(settings.proxy)
  table.insert(secrets, 1, credential)
  return {
    base_url = settings.base_url,
    headers = { platform.auth_header .. credential, "Content-Type: " .. platform.media_type,
      "Accept: " .. platform.media_type, "Expect:" },
    secrets = secrets,
    ca_file = settings.ca_file, ca_path = settings.ca_path, proxy = settings.proxy,
    direct = settings.loopback and not settings.proxy, user_agent = settings.user_agent,
    connect_timeout = settings.connect_timeout, max_head = 256 * 1024, max_body = settings.max_body,
  }
end

local function check_ledger(platform, settings, level)
  if settings.cap and not settings.ledger then
    refuse(platform, "cap: expected the option `ledger` with it: without one nothing is counted", level + 1)
  end
  local fault = settings.cap and cap.fault(settings.cap)
  if fault then refuse(platform, fault, level + 1) end
end

--- Opens the ledger, once nothing else can be wrong.
local function open_ledger(platform, settings, level)
  if type(settings.ledger) ~= "string" then return end
  local opened, err = ledger.open(settings.ledger)
  if not opened then refuse(platform, "ledger: " .. err.message, level + 1) end
  settings.ledger = opened
end

--- The options, with the environment and the defaults filled in, each checked by itself.
local function gather(platform, options, level)
  local known, settings = known_options(platform), {}
  check_names(platform, options, known, level + 1)
  for name, check in pairs(known) do
    local value = options[name]
    if value == nil and environment[name] then value = from_environment(platform, name) end
    if value == nil then value = defaults[name] end
    settings[name] = value
    local expected, fits = checks[check][1], checks[check][2]
    if value ~= nil and not fits(value) then
      refuse(platform, ("%s: expected %s, got %s"):format(name, expected, shown(value, check)), level + 1)
    end
  end
  return settings
end

local function check_limit(platform, settings, level)
  if settings.limit == nil then settings.limit = platform.limit end
  local fault = settings.limit and limiter.fault(settings.limit)
  if fault then refuse(platform, fault, level + 1) end
end

--- What no client can do without.
local function check_needed(platform, settings, level)
  for _, name in ipairs { platform.credential, "base_url" } do
    if settings[name] == nil then
      local variable = platform.name:upper() .. "_" .. name:upper()
      local message = "%s: expected text (or %s in the environment), got nothing"
      refuse(platform, message:format(name, variable), level + 1)
    end
  end
end

--- Reads the options of a client.
---@param platform table as of `core.platforms`
---@param options reseller.Options
---@param level integer where a misuse is reported, as for `error`
---@return table settings without the credential
---@return userdata session
function config.read(platform, options, level)
  level = level + 2
  local settings = gather(platform, options, level)
  settings.base_url = settings.base_url or platform.base_url
  check_limit(platform, settings, level)
  check_ledger(platform, settings, level)
  enter_sandbox(platform, settings, level)
  check_needed(platform, settings, level)
  check_base(platform, settings, level)
  open_ledger(platform, settings, level)
  local session = core.session(session_settings(platform, settings))
  settings[platform.credential], settings.proxy = nil, nil
  return settings, session
end

return config
