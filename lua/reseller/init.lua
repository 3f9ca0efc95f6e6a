--- Run a reseller business from short scripts: Ghostealth and ActivePlatform from Lua.
---
---     local reseller = require "reseller"
---     local gs = reseller.ghostealth { api_key = os.getenv "GHOSTEALTH_API_KEY" }
---     local account = assert(gs:get_reseller())
local core = require "reseller.core"
local host = require "reseller.host"
local json = require "reseller.json"
local new_platform = require "reseller.client"
local ledger = require "reseller.ledger"
local parallel = require "reseller.parallel"

local rows, platforms = core.endpoints(), core.platforms()

local reseller = {
  version = require "reseller.version",
  --- What stands for a JSON null in arrays, and in objects with `keep_null`; equal to `cjson.null`.
  null = json.null,
  --- Marks a table as an array, so that an empty one is sent as [].
  array = json.array,
  --- Where spends are recorded before they are sent: `reseller.ledger.open(path_or_address, options)`.
  ledger = { open = ledger.open },
}

--- A client of Ghostealth (https://ghostealth.com/documentation/reseller/subscriptions).
---@type fun(options?: reseller.Options): reseller.ghostealth.Client
reseller.ghostealth = new_platform(platforms.ghostealth, rows)

--- A client of an installation of ActivePlatform
--- (https://docs.activeplatform.com/activeplatform-reseller-api-reference-guide-en/).
---@type fun(options?: reseller.Options): reseller.activeplatform.Client
reseller.activeplatform = new_platform(platforms.activeplatform, rows)

--- Runs functions with at most `n` of them under way, and returns when all have ended.
---@param n integer
---@param functions function[]
---@return table[] results in the order of the functions: { value, meta }, or { nil, err }
function reseller.parallel(n, functions) return parallel(host.current(), n, functions) end

--- The endpoint table, for help texts and tools: one table a row, copied anew at each call.
---@return reseller.Endpoint[]
function reseller.endpoints() return core.endpoints() end

return reseller
