--- The settings that there are: what each takes, and where it may stand.
---
--- `common` ones may stand at the top of the file, in a profile, or in a platform's table in either;
--- `single` ones at the top or in a profile; `platform` ones in a platform's table only.
local core = require "reseller.core"
local limiter = require "reseller.limiter"
local cap = require "reseller.ledger.cap"

local known = {}

local function positive(value) return type(value) == "number" and value > 0 and value < math.huge end
local function whole(value) return math.type(value) == "integer" and value >= 0 end
local function integer(word) return math.tointeger(tonumber(word)) end
local function text(value) return type(value) == "string" and value ~= "" and not value:find "%c" end

---@class reseller.cli.Kind
---@field expected string
---@field fits fun(value: any): boolean
---@field read? fun(text: string): any what a text of the environment or a flag stands for

---@type table<string, reseller.cli.Kind>
known.kinds = {
  text = { expected = "text", fits = text },
  path = { expected = "the name of a file", fits = text },
  secret = { expected = "text without spaces", fits = function(v) return text(v) and not v:find "%s" end },
  seconds = { expected = "seconds, more than 0", fits = positive, read = tonumber },
  patience = { expected = "seconds", fits = function(v) return v == 0 or positive(v) end, read = tonumber },
  count = { expected = "a whole number of at least 0", fits = whole, read = integer },
  id = { expected = "a whole number of at least 1", fits = function(v) return whole(v) and v > 0 end,
    read = integer },
  ledger = { expected = "the name of a file, postgres://… or false",
    fits = function(v) return v == false or text(v) end, read = function(v) return v ~= "false" and v end },
  limit = { expected = "false, or a table like { requests = 10, seconds = 60 }",
    fits = function(v) return v == false or type(v) == "table" and not limiter.fault(v) end },
  cap = { expected = "a table like { per_day = 5000, per_run = 20 }",
    fits = function(v) return type(v) == "table" and not cap.fault(v) end },
}

known.common = { timeout = "seconds", connect_timeout = "seconds", retries = "count", patience = "patience",
  proxy = "text", ca_file = "path", ca_path = "path", user_agent = "text", max_body = "count" }

known.single = { ledger = "ledger", cap = "cap", page_size = "id", grace = "patience" }

known.defaults = { timeout = 30, connect_timeout = 10, retries = 3, page_size = 100, grace = 120 }

--- By platform: its own settings.
---@type table<string, table<string, string>>
known.platform = {}

for name, platform in pairs(core.platforms()) do
  local key = platform.credential
  known.platform[name] = { [key] = "secret", [key .. "_file"] = "path", [key .. "_command"] = "text",
    base_url = "text", limit = "limit" }
end
known.platform.activeplatform.reseller_id = "id"

--- The platforms in the order in which they are told.
known.platforms = { "ghostealth", "activeplatform" }

--- The variable of the environment for a setting.
---@param name string
---@param platform? string
---@return string
function known.variable(name, platform)
  return ((known.platform[platform] or {})[name] and platform or "reseller"):upper() .. "_" .. name:upper()
end

--- The names that may stand in a place, sorted.
---@param ... table<string, string>
---@return string[]
function known.names(...)
  local names = {}
  for _, set in ipairs { ... } do
    for name in pairs(set) do names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

return known
