--- Keeps secrets out of what is printed: credentials of the clients, texts of a key's shape, and fields whose
--- name says that they hold one.
local core = require "reseller.core"
local plain = require "reseller.cli.output.plain"

local MASK = plain.MASK
local SHORTEST = 4 -- less is no secret, and masking it garbles texts

local secrets = {}

---@class reseller.repl.Secrets
---@field private session_ userdata masks by shape and by name
---@field private clients_ reseller.Client[]
---@field private seen_ table<string, boolean> values of secret fields that were met
local Secrets = {}
Secrets.__index = Secrets

--- Nothing is ever sent through this one: it knows the shapes and names that the C side masks.
local function mask_only()
  return core.session { base_url = "https://localhost", headers = {}, secrets = {}, connect_timeout = 1, max_head = 1,
    max_body = 1 }
end

---@return reseller.repl.Secrets
function secrets.new()
  return setmetatable({ session_ = mask_only(), clients_ = {}, seen_ = {} }, Secrets)
end

--- From now on the credentials of a client are masked.
---@param client reseller.Client
function Secrets:know(client) self.clients_[#self.clients_ + 1] = client end

--- From now on a value is masked wherever it stands.
---@param value any
function Secrets:remember(value)
  if type(value) == "string" and #value >= SHORTEST then self.seen_[value] = true end
end

local function is_open(client) return client.session_:is_open() end

local function without(text, secret)
  local at = 1
  local from, to = text:find(secret, at, true)
  while from do
    text = text:sub(1, from - 1) .. MASK .. text:sub(to + 1)
    at = from + #MASK
    from, to = text:find(secret, at, true)
  end
  return text
end

--- A text without what is known to be secret.
---@param text string
---@return string
function Secrets:mask(text)
  for _, client in ipairs(self.clients_) do
    if is_open(client) then text = client:mask_(text) end
  end
  for secret in pairs(self.seen_) do text = without(text, secret) end
  return self.session_:mask(text)
end

--- Whether a field is not to be shown.
---@param name any
---@param value any
---@param of_access? boolean whether it is a part of customers' access to applications
---@return boolean
function secrets.hides(name, value, of_access)
  if type(value) == "table" or type(value) == "boolean" or value == "" then return false end
  if of_access then return name ~= "plugin_name" end
  return type(name) == "string" and plain.is_secret(name)
end

--- Whether a line of Lua holds a secret: one that is known, or a text that is given to a secret name.
---@param line string
---@return boolean
function Secrets:is_in(line)
  if self:mask(line) ~= line then return true end
  for name in line:gmatch "([%a_][%w_]*)[\"'%]%s]*=%s*[\"'%[]" do
    if plain.is_secret(name) then return true end
  end
  return false
end

--- Whether an expression ends in a secret field, as in `reseller.app.apiKey`.
---@param source string
---@return boolean
function secrets.is_asked_for(source)
  local name = source:match "[%.%]\"'%s]([%a_][%w_]*)[\"'%]%s;]*$"
  return name ~= nil and plain.is_secret(name)
end

secrets.MASK = MASK

return secrets
