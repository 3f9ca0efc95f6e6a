--- reseller config: what is in force, and from where.
local core = require "reseller.core"
local exit = require "reseller.cli.exit"
local known = require "reseller.cli.known"
local settings = require "reseller.cli.settings"

local COLUMNS = {
  { path = "platform" }, { path = "setting", whole = true }, { path = "value" }, { path = "source" },
}

local MASKED = "***"

-- What happens without these.
local UNSET = { ca_file = "the system's", ca_path = "the system's", cap = "none", max_body = "32 MiB",
  patience = "for ever", profile = "none", proxy = "that of the environment", user_agent = "reseller" }

local platforms = core.platforms()

--- An address without the user and password that may be in it.
local function mask(text)
  return (text:gsub("://[^/]*@", "://" .. MASKED .. "@"):gsub("password=[^&]*", "password=" .. MASKED))
end

--- A value as one line, secrets out of it.
local function describe(value, setting)
  if value == nil then return UNSET[setting] or "not set" end
  if type(value) == "string" then return mask(value) end
  if type(value) ~= "table" then return tostring(value) end
  if value.requests then return ("%d in %g s"):format(value.requests, value.seconds) end
  local parts = {}
  for _, name in ipairs(known.names(value)) do parts[#parts + 1] = ("%s %s"):format(name, tostring(value[name])) end
  return table.concat(parts, ", ")
end

local function add(rows, platform, setting, value, source)
  rows[#rows + 1] = { platform = platform or "", setting = setting, value = describe(value, setting),
    source = source or "" }
end

local function describe_key(how, value)
  if not how then return nil end
  if how == "itself" then return MASKED end
  return how == "file" and "in the file " .. value or ("from `%s`"):format(value)
end

--- What a client is told that goes to the sandbox, whatever else is set.
local function add_sandbox(rows, name, sandbox)
  add(rows, name, "base_url", sandbox .. platforms[name].sandbox_path, "RESELLER_SANDBOX")
  add(rows, name, platforms[name].credential, "the sandbox's own", "RESELLER_SANDBOX")
end

local function add_platform(rows, found, name)
  local key = platforms[name].credential
  if found.sandbox then
    add_sandbox(rows, name, found.sandbox)
  else
    local usual = platforms[name].base_url
    local base, base_source = found:get("base_url", name)
    add(rows, name, "base_url", base or usual, base_source or usual and "default")
    local how, value, source = found:key_place(name)
    add(rows, name, key, describe_key(how, value), source)
  end
  if known.platform[name].reseller_id then
    local id, source = found:get("reseller_id", name)
    add(rows, name, "reseller_id", found.sandbox and 1 or id, found.sandbox and "RESELLER_SANDBOX" or source)
  end
  local limit, source = found:limit(name)
  add(rows, name, "limit", limit or "none", source)
end

local function add_common(rows, found)
  for _, name in ipairs(known.names(known.common)) do
    local value, source = found:get(name)
    add(rows, nil, name, value, source)
    for _, platform in ipairs(known.platforms) do
      local own, own_source = found:get(name, platform)
      if own ~= value then add(rows, platform, name, own, own_source) end
    end
  end
  for _, name in ipairs { "page_size", "cap" } do add(rows, nil, name, found:get(name)) end
end

local function rows_of(context, found)
  local rows = {}
  add(rows, nil, "file", found.path, found.has_file and "read" or "not there")
  local flag = context.flags.profile and "--profile" or context.world.getenv "RESELLER_PROFILE" and "RESELLER_PROFILE"
  add(rows, nil, "profile", found.profile, found.profile and (flag or "`default` in the file"))
  if found.sandbox then add(rows, nil, "sandbox", found.sandbox, "RESELLER_SANDBOX") end
  local ledger, source = found:ledger_place()
  add(rows, nil, "ledger", ledger or "none", source)
  add(rows, nil, "state", found.state, context.world.getenv "XDG_STATE_HOME" and "XDG_STATE_HOME" or "default")
  for _, name in ipairs(known.platforms) do add_platform(rows, found, name) end
  add_common(rows, found)
  return rows
end

--- The settings; those without the file when that cannot be used, and the fault.
local function read(context)
  local ok, found = pcall(settings.read, context.world, context.flags)
  if ok then return found end
  if type(found) ~= "table" or not found.fault then error(found, 0) end
  local flags = { config = context.flags.config }
  return settings.read(context.world, flags, { without_file = true }), found
end

local function run(context)
  local found, fault = read(context)
  context:show(rows_of(context, found), { columns = COLUMNS })
  for _, name in ipairs(context.world.missing) do context:say("missing: the Lua module %s", name) end
  if not fault then return exit.DONE end
  return context:fail(fault)
end

local DESCRIPTION = [[
Show the settings that are in force, and where each comes from: a flag, a
variable of the environment, config.lua, or the default. Secrets are masked.

~/.config/reseller/config.lua is a plain table:

  return {
    default = "work",
    timeout = 20,                                 -- for all profiles
    profiles = {
      work = {
        ghostealth = { api_key_file = "~/.config/reseller/ghostealth.key" },
        activeplatform = {
          base_url = "https://portal.example.com", reseller_id = 1,
          api_token_command = "pass show portal", -- its output is the token
        },
        cap = { per_day = 50000, per_run = 20 },  -- minor units; spends a run
      },
    },
  }

Keys: api_key, api_key_file or api_key_command for Ghostealth, api_token… for
ActivePlatform. A file with a key in it is refused when others may read it.]]

return {
  name = "config", summary = "Show what is in force and from where.", description = DESCRIPTION,
  group = "tools", data = true,
  examples = "  reseller config\n  reseller config --profile work --json", run = run,
}
