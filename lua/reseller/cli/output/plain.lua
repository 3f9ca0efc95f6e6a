--- Copies of values that are fit to be shown: without cycles, and with secrets masked.
local json = require "reseller.json"

local MASK = "***"

local plain = { MASK = MASK }

local words = { "apikey", "token", "password", "passwd", "secret", "credential", "privatekey" }

--- Whether a field of this name holds a secret.
---@param name string
---@return boolean
function plain.is_secret(name)
  local bare = name:lower():gsub("[_%-]", "")
  for _, word in ipairs(words) do
    if bare:find(word, 1, true) then return true end
  end
  return false
end

local copy

local function copy_list(list, state)
  local result = json.array {}
  for i = 1, #list do result[i] = copy(list[i], state) end
  return result
end

--- Customers' access to applications, whose fields differ from plugin to plugin: all of it is secret but the name
--- of the plugin.
local function copy_access(value)
  if type(value) ~= "table" then return MASK end
  local result = json.is_array(value) and json.array {} or {}
  for name, inner in pairs(value) do result[name] = name == "plugin_name" and inner or copy_access(inner) end
  return result
end

local function hides(name, value)
  if type(value) == "boolean" or value == json.null or value == "" then return false end
  return type(name) == "string" and plain.is_secret(name)
end

local function copy_object(object, state)
  local result = {}
  for name, value in pairs(object) do
    if state.show then result[name] = copy(value, state)
    elseif name == "applications" then result[name] = copy_access(value)
    elseif hides(name, value) then result[name] = MASK
    else result[name] = copy(value, state) end
  end
  return result
end

--- A resource that stands above itself is left as a reference.
function copy(value, state)
  if type(value) ~= "table" then return value end
  if state.above[value] then return { id = value.id, type = value.type } end
  state.above[value] = true
  local result = (json.is_array(value) and copy_list or copy_object)(value, state)
  state.above[value] = nil
  return result
end

--- A copy of a value without cycles, secrets masked unless they are to be shown.
---@param value any
---@param show_secrets? boolean
---@return any
function plain.copy(value, show_secrets) return copy(value, { above = {}, show = show_secrets }) end

return plain
