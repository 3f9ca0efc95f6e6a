--- The doctor: looks at everything that a call needs, changes nothing, and asks each platform once.
local library = require "reseller.cli.doctor.library"
local limits = require "reseller.cli.doctor.limits"
local own_files = require "reseller.cli.doctor.own_files"
local reach = require "reseller.cli.doctor.reach"
local trust = require "reseller.cli.doctor.trust"
local versions = require "reseller.cli.doctor.versions"

local doctor = {}

--- The files in which limits are counted, each once.
local function check_limiter_files(report, context)
  local seen = {}
  for _, platform in ipairs(own_files.platforms) do
    local limit = context.settings:limit(platform)
    local path = limit and (limit.store == nil and context.settings.state .. "/limits" or limit.path)
    if path and not seen[path] then
      seen[path] = true
      limits.check(report, context, path)
    end
  end
end

--- One platform, if there is a key for it.
---@return boolean configured
local function check_platform(report, context, platform, loaded, resolve)
  local title = own_files.titles[platform]
  if not own_files.check_key(report, context, platform, title) then return false end
  if not context.settings.sandbox then trust.check(report, context, platform, title, loaded) end
  reach.check(report, context, platform, { title = title, resolve = resolve })
  return true
end

--- Checks everything.
---@param report reseller.cli.doctor.Report
---@param context reseller.cli.Context
---@param how? { resolve?: fun(host: string): string[]? }
function doctor.examine(report, context, how)
  local loaded = library.find()
  versions.check(report, loaded)
  if not own_files.check_settings(report, context) then return end
  own_files.check_state(report, context)
  check_limiter_files(report, context)
  own_files.check_ledger(report, context)
  local configured = 0
  for _, platform in ipairs(own_files.platforms) do
    if check_platform(report, context, platform, loaded, how and how.resolve) then
      configured = configured + 1
    else
      report:ok(own_files.titles[platform], "not used: there is no key for it")
    end
  end
  if configured > 0 then return end
  report:failed("platforms", "there is no key for any",
    "set GHOSTEALTH_API_KEY, or write api_key_file into config.lua; without an account, try `reseller sandbox`")
end

return doctor
