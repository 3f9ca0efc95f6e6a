--- Checks the files of the command: settings, keys, the state folder, the ledger.
local core = require "reseller.core"
local files = require "reseller.cli.files"
local known = require "reseller.cli.known"
local ledger = require "reseller.ledger"

local own_files = {}

local function attributes(world, path) return world.lfs and world.lfs.attributes(path) end

--- Settings that can be read.
---@param report reseller.cli.doctor.Report
---@param context reseller.cli.Context
---@return boolean ok
function own_files.check_settings(report, context)
  local ok, settings = pcall(function() return context.settings end)
  if not ok then
    local fault = type(settings) == "table" and settings or { fault = tostring(settings) }
    report:failed("settings", fault.fault, fault.hint)
    return false
  end
  local words = settings.has_file and settings.path or "no config.lua; defaults and the environment"
  if settings.profile then words = ("%s, profile %s"):format(words, settings.profile) end
  if settings.sandbox then words = ("%s; RESELLER_SANDBOX is set: all goes to %s"):format(words, settings.sandbox) end
  report:ok("settings", words)
  return true
end

--- The folder of ledger and limiter file.
function own_files.check_state(report, context)
  local path = context.settings.state
  local found = attributes(context.world, path)
  if not found then return report:ok("state folder", path .. ": not there yet; made when it is needed") end
  local is_mine = found.uid == context.world.lfs.attributes("/proc/self", "uid")
  if not is_mine then
    return report:failed("state folder", path .. ": it belongs to another user", "set XDG_STATE_HOME")
  end
  if found.permissions == "rwx------" then return report:ok("state folder", path .. ", for you alone") end
  report:warning("state folder", ("%s: others may look into it (%s)"):format(path, found.permissions),
    "chmod 700 " .. files.quote(path))
end

local function key_words(how, value, source)
  if how == "itself" then return "from " .. source end
  if how == "command" then return ("from a command (%s)"):format(source) end
  return ("from the %s %s (%s)"):format(how, value, source)
end

--- Where the key of a platform is, and who may read it.
---@return boolean there
function own_files.check_key(report, context, platform, title)
  local settings, world = context.settings, context.world
  if settings.sandbox then return true end
  local how, value, source = settings:key_place(platform)
  local check = title .. " key"
  if not how then return false end
  local words = key_words(how, value, source)
  local found = how == "file" and attributes(world, files.expand(world, value))
  if how == "file" and not found then
    report:failed(check, words .. ": it is not there", "write the key into it, then chmod 600")
  elseif found and not files.is_private(found) then
    report:failed(check, ("%s: others may read it (%s)"):format(words, found.permissions),
      "chmod 600 " .. files.quote(files.expand(world, value)))
  else
    report:ok(check, words)
  end
  return true
end

--- Counts what is not settled.
local function count_open(opened)
  local counts = { unknown = 0, sent = 0, intent = 0 }
  for verdict in pairs(counts) do
    for _ in opened:entries { verdict = verdict } do counts[verdict] = counts[verdict] + 1 end
  end
  return counts
end

local function tell_entries(report, where, opened)
  local ok, counts = pcall(count_open, opened)
  if not ok then
    return report:failed("ledger", ("%s: %s"):format(where, tostring(counts)), "see `reseller ledger list`")
  end
  local under_way = counts.sent + counts.intent
  local words = ("%s opens and can be written"):format(where)
  if under_way > 0 then words = ("%s; %d under way"):format(words, under_way) end
  if counts.unknown == 0 then return report:ok("ledger", words .. "; nothing unknown") end
  report:warning("ledger", ("%s; %d unknown"):format(words, counts.unknown),
    "reseller ledger reconcile looks whether they were done")
end

--- The ledger: that it opens, can be written, and what in it is not settled. It is not made for this.
function own_files.check_ledger(report, context)
  local where, source = context.settings:ledger_place()
  if not where then
    return report:warning("ledger", "none is wanted (" .. source .. ")", "without one nobody knows what was spent")
  end
  local is_file = not where:find "^postgres"
  local shown = where:gsub("://.*@", "://***@")
  if is_file and not files.exists(where) then
    local found = attributes(context.world, where)
    if found then return report:failed("ledger", shown .. ": it cannot be read", "chmod 600 " .. files.quote(where)) end
    return report:ok("ledger", shown .. ": not there yet; made with the first change")
  end
  local ok, opened, err = pcall(ledger.open, where)
  if not ok or not opened then
    local words = ok and err.message or tostring(opened):match "[^\n]*"
    return report:failed("ledger", words, "mend that, or name another file: --ledger FILE")
  end
  local found = is_file and attributes(context.world, where)
  if found and not files.is_private(found) then
    report:warning("ledger file", ("%s: others may read it (%s)"):format(where, found.permissions),
      "chmod 600 " .. files.quote(where))
  end
  tell_entries(report, shown, opened)
  opened:close()
end

own_files.platforms = known.platforms
own_files.titles = {}
for name, platform in pairs(core.platforms()) do own_files.titles[name] = platform.title end

return own_files
