--- What the environment says, checked while nginx starts: a wrong setting keeps it from starting.
--- nginx hands on only what nginx.conf names in an `env` line.
-- luacheck: std min+ngx_lua

local SHORTEST_SECRET = 16 -- bytes

local function refuse(name, expected, got)
  error(("%s: expected %s, got %s; set it in the environment of nginx"):format(name, expected, got), 0)
end

--- A variable of the environment; nil when it is empty.
local function variable(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function seconds(name, default)
  local text = variable(name)
  local value = text and tonumber(text) or not text and default
  if not value or value < 0 or value >= 1e6 then refuse(name, "seconds", text) end
  return value
end

--- How many requests the platform takes, such as 10/60: ten in 60 seconds.
local function limit(name, default)
  local text = variable(name) or default
  local requests, window = text:match "^(%d+)/([%d.]+)$"
  requests, window = tonumber(requests), tonumber(window)
  if not requests or not window or requests < 1 or requests > 256 or window <= 0 then
    refuse(name, "up to 256 requests and seconds, such as 10/60", text)
  end
  return { requests = requests, seconds = window }
end

--- The first line of a file.
local function line_of(name, path)
  local file, why = io.open(path)
  if not file then refuse(name, "a file that nginx can read", why) end
  local line = file:read "*l"
  file:close()
  return line or ""
end

--- The secret that webhooks are signed with. A file is better: others may see an environment.
local function secret()
  local path = variable "DESK_SECRET_FILE"
  local value = path and line_of("DESK_SECRET_FILE", path) or variable "DESK_SECRET" or ""
  if #value < SHORTEST_SECRET then
    refuse(path and "DESK_SECRET_FILE" or "DESK_SECRET_FILE or DESK_SECRET",
      ("a secret of at least %d bytes"):format(SHORTEST_SECRET), #value .. " bytes")
  end
  return value
end

---@class desk.settings
---@field ledger string where suspensions are recorded: a file that the workers may write to, or postgres://…
---@field secret string what webhooks are signed with
---@field refresh number seconds between two looks at the fleet
---@field patience number longest wait for the limit, seconds
---@field grace number seconds after which a suspension that shows no effect will have none
---@field limit reseller.Limit
return {
  ledger = variable "DESK_LEDGER" or ngx.config.prefix() .. "ledger.db",
  secret = secret(),
  refresh = seconds("DESK_REFRESH", 120),
  patience = seconds("DESK_PATIENCE", 70),
  grace = seconds("DESK_GRACE", 120),
  limit = limit("DESK_LIMIT", "10/60"),
}
