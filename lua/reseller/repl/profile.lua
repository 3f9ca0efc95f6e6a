--- The clients that a prompt starts with: those of the command's settings; where the command does not run, as on
--- LuaJIT, those that the environment has keys for.
local core = require "reseller.core"
local environment = require "reseller.repl.environment"
local reseller = require "reseller"

local profile = {}

---@class reseller.repl.Profile
---@field clients table<string, reseller.Client> by platform
---@field missing table<string, string> by platform: why there is none
---@field ledger? reseller.Ledger
---@field history? string
---@field after? fun()

--- The words of something raised.
local function words_of(raised)
  if type(raised) == "table" and raised.fault then
    return raised.hint and ("%s: %s"):format(raised.fault, raised.hint) or raised.fault
  end
  return (tostring(raised):gsub("^[^\n]-:%d+: ", ""):gsub("\n.*", ""))
end

--- Asks for the client of each platform.
local function gather(make)
  local found = { clients = {}, missing = {} }
  for name in pairs(environment.CLIENTS) do
    local ok, made = pcall(make, name)
    if ok then found.clients[name] = made else found.missing[name] = words_of(made) end
  end
  return found
end

local reasons = { limit = "for the limit of requests", pause = "because the server asked for a pause",
  retry = "to try again", settle = "until the outcome of an earlier call can be told" }

local function tell_wait(context)
  return function(seconds, why)
    if seconds >= 1 then context:status("waiting %.0f s %s; Ctrl-C gives it up", seconds, reasons[why] or why) end
  end
end

--- A client by the settings. Not that of the command, whose way of waiting blocks: here Ctrl-C must be heard.
local function make(context, platform)
  local options = context.settings:client_options(platform)
  options.ledger = context:ledger()
  options.cap = options.ledger and context.settings:get "cap"
  options.on_wait = tell_wait(context)
  return reseller[platform](options)
end

--- From the settings of the command.
---@param context reseller.cli.Context
---@return reseller.repl.Profile
function profile.of_context(context)
  local found = gather(function(name) return make(context, name) end)
  local ok, opened = pcall(context.ledger, context)
  found.ledger = ok and opened or nil
  local made, path = pcall(function() return context.settings:state_file "history" end)
  found.history = made and path or nil
  found.after = function() context:status(nil) end
  return found
end

--- From the environment alone.
---@return reseller.repl.Profile
function profile.of_environment()
  return gather(function(name) return reseller[name]() end)
end

--- From what the caller has made.
---@param clients table<string, reseller.Client> such as { gs = client }
---@return reseller.repl.Profile
function profile.of_clients(clients)
  local found = { clients = {}, missing = {} }
  for platform, name in pairs(environment.CLIENTS) do
    found.clients[platform] = clients[name]
    if not clients[name] then found.missing[platform] = "none was given" end
  end
  return found
end

--- Any client of a platform, to reach the methods of all of them by.
---@param found reseller.repl.Profile
---@param platform string
---@return reseller.Client
function profile.any(found, platform)
  local known = core.platforms()[platform]
  return found.clients[platform] or reseller[platform] { [known.credential] = "none", base_url = "https://localhost" }
end

return profile
