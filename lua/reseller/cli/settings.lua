--- What is in force, and where it comes from: flags, then the environment, then config.lua, then defaults.
local config_file = require "reseller.cli.config_file"
local core = require "reseller.core"
local credential = require "reseller.cli.credential"
local exit = require "reseller.cli.exit"
local files = require "reseller.cli.files"
local known = require "reseller.cli.known"
local nearest = require "reseller.nearest"

local platforms = core.platforms()

---@class reseller.cli.Settings
---@field state string the folder of ledger and limiter file; one of its own while a sandbox is used
---@field sandbox? string the address of the sandbox
---@field path string of config.lua
---@field profile? string
local Settings = {}
Settings.__index = Settings

local settings = {}

--- Where config.lua is, and what says so.
local function locate(world, flags)
  if flags.config then return flags.config, "--config" end
  local variable = world.getenv "RESELLER_CONFIG"
  if variable then return files.expand(world, variable), "RESELLER_CONFIG" end
  return files.xdg(world, "XDG_CONFIG_HOME", ".config") .. "/reseller/config.lua", nil
end

--- The file's content; nothing when there is none and nobody named it.
local function load_file(world, path, named_by)
  if files.exists(path) or named_by then return config_file.read(world, path), true end
  return {}, false
end

local function choose_profile(world, flags, content, path)
  local name = flags.profile or world.getenv "RESELLER_PROFILE" or content.default
  if not name then return nil, {} end
  local profiles = content.profiles or {}
  if profiles[name] then return name, profiles[name] end
  local near = nearest(name, known.names(profiles))
  local hint = near and ("did you mean %s?"):format(near)
    or next(profiles) and "there are " .. table.concat(known.names(profiles), ", ")
    or "write `profiles = { " .. name .. " = { … } }` into " .. path
  exit.misuse(("profile %s: it is not in %s"):format(name, path), hint)
end

--- The state folder that belongs to an address: real spends and those in a sandbox never meet.
local function state_of(world, sandbox)
  local folder = files.xdg(world, "XDG_STATE_HOME", ".local/state") .. "/reseller"
  if not sandbox then return folder end
  return settings.sandbox_state(folder, sandbox)
end

--- The folder for the ledger of a sandbox: one for each port.
---@param folder string that of real use
---@param url string
---@return string
function settings.sandbox_state(folder, url) return ("%s/sandbox-%s"):format(folder, url:match ":(%d+)" or "80") end

--- The state folder of real use.
---@param world reseller.cli.World
---@return string
function settings.real_state(world) return state_of(world) end

--- The layers in which a setting of a platform, or of none, may stand, strongest first.
local function layers_of(self, platform)
  local layers = {}
  local function add(values, place)
    if values then layers[#layers + 1] = { values = values, place = place } end
  end
  local file = self.path:match "[^/]+$"
  local function add_level(values, place)
    if platform then add(values[platform], ("%s, %s"):format(place, platform)) end
    add(values, place)
  end
  add_level(self.profile_, ("%s, profile %s"):format(file, self.profile or ""))
  add_level(self.content_, file)
  return layers
end

--- Reads the settings. A file that cannot be used is a fault.
---@param world reseller.cli.World
---@param flags table of the command line
---@param how? {without_file?: boolean}
---@return reseller.cli.Settings
function settings.read(world, flags, how)
  local self = setmetatable({ world_ = world, flags_ = flags }, Settings)
  local named_by
  self.path, named_by = locate(world, flags)
  self.content_, self.has_file = {}, false
  if not (how and how.without_file) then self.content_, self.has_file = load_file(world, self.path, named_by) end
  self.profile, self.profile_ = choose_profile(world, flags, self.content_, self.path)
  self.sandbox = world.getenv "RESELLER_SANDBOX"
  self.state = state_of(world, self.sandbox)
  return self
end

--- What a text of a flag or a variable stands for.
local function read_text(kind, text, source)
  local rule = known.kinds[kind]
  local value
  if rule.read then value = rule.read(text) else value = text end
  if value ~= nil and rule.fits(value) then return value end
  local shown = kind == "secret" and "something else" or ("%q"):format(text)
  exit.misuse(("%s: expected %s, got %s"):format(source, rule.expected, shown), "mend it, or leave it out")
end

local function kind_of(name, platform)
  return (known.platform[platform] or {})[name] or known.common[name] or known.single[name]
end

-- Of the flags, these are settings: others of the same name, such as --limit, mean something else.
local flags_of_settings = { timeout = true, patience = true, retries = true, ledger = true }

local function flag_of(name) return "--" .. name:gsub("_", "-") end

--- What is said outside of the file.
local function from_outside(self, name, platform, kind)
  local flag = flags_of_settings[name] and self.flags_[name]
  if flag then return read_text(kind, tostring(flag), flag_of(name)), flag_of(name) end
  local variable = known.variable(name, platform)
  local text = self.world_.getenv(variable)
  if text then return read_text(kind, text, variable), variable end
end

--- A setting and where it comes from; nil and nil if it is nowhere.
---@param name string
---@param platform? string
---@return any value
---@return string? source
function Settings:get(name, platform)
  local kind = kind_of(name, platform)
  local value, source = from_outside(self, name, platform, kind)
  if value ~= nil then return value, source end
  for _, layer in ipairs(layers_of(self, platform)) do
    if layer.values[name] ~= nil then return layer.values[name], layer.place end
  end
  if known.defaults[name] ~= nil then return known.defaults[name], "default" end
end

--- Where the key of a platform is: "itself", "file" or "command", what is said of it, and the source. Of two,
--- the one that stands in the stronger place counts.
---@return string? how
---@return string? value
---@return string? source
function Settings:key_place(platform)
  local key = platforms[platform].credential
  local ways = { { "itself", key }, { "file", key .. "_file" }, { "command", key .. "_command" } }
  for _, way in ipairs(ways) do
    local value, source = from_outside(self, way[2], platform, kind_of(way[2], platform))
    if value then return way[1], value, source end
  end
  for _, layer in ipairs(layers_of(self, platform)) do
    for _, way in ipairs(ways) do
      if layer.values[way[2]] then return way[1], layer.values[way[2]], layer.place end
    end
  end
end

--- The key of a platform.
---@param platform string
---@return string
function Settings:key(platform)
  local how, value = self:key_place(platform)
  local key = platforms[platform].credential
  if not how then
    exit.misuse(("no key for %s"):format(platforms[platform].title),
      ("set %s, or %s_file in %s; or try without an account: `reseller sandbox`"):format(known.variable(key, platform),
        key, self.path))
  end
  return credential[how](self.world_, value, ("%s_%s"):format(key, how))
end

--- A file in the state folder, which is made for it.
---@param name string
---@return string
function Settings:state_file(name)
  files.make_private_folder(self.world_, self.state)
  return self.state .. "/" .. name
end

--- Where the ledger is; nil when there is to be none.
---@return string? where
---@return string source
function Settings:ledger_place()
  local where, source = self:get "ledger"
  if where == false then return nil, source end
  if self.sandbox and source ~= "--ledger" then return self.state .. "/ledger.db", "RESELLER_SANDBOX" end
  if where == nil then return self.state .. "/ledger.db", "default" end
  return where:find "^postgres" and where or files.expand(self.world_, where), source
end

--- The limit of a platform, and its source; without a limit false, or nil when none is known.
function Settings:limit(platform)
  local limit, source = self:get("limit", platform)
  if limit == nil then return platforms[platform].limit, "default" end
  return limit, source
end

local function limit_option(self, platform)
  local limit = self:limit(platform)
  if not limit then return limit end
  local copy = {}
  for name, value in pairs(limit) do copy[name] = value end
  if copy.store == nil then copy.store, copy.path = "file", self:state_file "limits" end
  return copy
end

--- Where to send to, and with which key; in a sandbox the client knows that by itself.
local function add_access(self, platform, options)
  if self.sandbox then return end
  options[platforms[platform].credential] = self:key(platform)
  options.base_url = self:get("base_url", platform)
  if platforms[platform].base_url or options.base_url then return end
  exit.misuse(("no address for %s"):format(platforms[platform].title),
    ("set %s, or base_url under %s in %s"):format(known.variable("base_url", platform), platform, self.path))
end

--- Options for a client, but for the ledger and its cap.
---@param platform string
---@return reseller.Options
function Settings:client_options(platform)
  local options = {}
  for name, kind in pairs(known.common) do
    local value = self:get(name, platform)
    if kind == "path" and value then value = files.expand(self.world_, value) end
    options[name] = value
  end
  if known.platform[platform].reseller_id then options.reseller_id = self:get("reseller_id", platform) end
  options.limit = limit_option(self, platform)
  add_access(self, platform, options)
  return options
end

return settings
