--- Reads config.lua: a plain table, loaded where there is nothing to call.
local exit = require "reseller.cli.exit"
local files = require "reseller.cli.files"
local known = require "reseller.cli.known"
local nearest = require "reseller.nearest"

local config_file = {}

local HINT = "mend the file; `reseller config --help` shows how it looks"

local function refuse(path, words) exit.misuse(("%s: %s"):format(path, words), HINT) end

local function in_words(why) return (tostring(why):gsub("^.-:(%d+): ", "line %1: ")) end

--- Evaluates the text of the file.
local function evaluate(path, text)
  local chunk, why = load(text, "@" .. path, "t", {})
  if not chunk then refuse(path, in_words(why)) end
  local ok, value = pcall(chunk)
  if not ok then refuse(path, "it may hold a table only, and runs functions: " .. in_words(value)) end
  if type(value) == "table" then return value end
  refuse(path, "expected `return { … }`, got " .. (value == nil and "nothing" or "a " .. type(value)))
end

local function describe(value)
  if type(value) == "string" then return ("%q"):format(value) end
  return type(value) == "number" and tostring(value) or "a " .. type(value)
end

local function check_name(path, place, name, names)
  for _, one in ipairs(names) do
    if one == name then return end
  end
  local near = nearest(tostring(name), names)
  local hint = near and ("did you mean `%s`?"):format(near) or "known are " .. table.concat(names, ", ")
  refuse(path, ("%sunknown setting `%s`; %s"):format(place, tostring(name), hint))
end

local function check_value(path, place, name, value, kind)
  local rule = known.kinds[kind]
  if rule.fits(value) then return end
  local shown = kind == "secret" and "something else" or describe(value)
  refuse(path, ("%s%s: expected %s, got %s"):format(place, name, rule.expected, shown))
end

--- Checks a table in which settings of these sets may stand.
local function check_table(path, place, values, extra, ...)
  if type(values) ~= "table" then refuse(path, ("%sexpected a table, got %s"):format(place, describe(values))) end
  local names, kinds = known.names(extra, ...), {}
  for _, set in ipairs { ... } do
    for name, kind in pairs(set) do kinds[name] = kind end
  end
  for name, value in pairs(values) do
    check_name(path, place, name, names)
    if kinds[name] then check_value(path, place, name, value, kinds[name]) end
  end
end

local PLATFORMS = known.platform

local function check_level(path, place, values, extra)
  local allowed = {}
  for name in pairs(extra) do allowed[name] = true end
  for name in pairs(PLATFORMS) do allowed[name] = true end
  check_table(path, place, values, allowed, known.common, known.single)
  for name, own in pairs(PLATFORMS) do
    if values[name] ~= nil then check_table(path, place .. name .. ": ", values[name], {}, own, known.common) end
  end
end

--- Whether a level holds a key itself, rather than telling where it is.
local function holds_key(level)
  for name, own in pairs(PLATFORMS) do
    for setting in pairs(level[name] or {}) do
      if own[setting] == "secret" then return name .. "." .. setting end
    end
  end
end

local function check_keys(path, levels, found)
  if files.is_private(found) then return end
  for _, level in ipairs(levels) do
    local name = holds_key(level)
    if name then
      exit.misuse(("%s: it holds %s, and others may read it"):format(path, name), "chmod 600 " .. files.quote(path)
        .. ", or name a file or a command instead")
    end
  end
end

--- Reads and checks the file.
---@param world reseller.cli.World
---@param path string
---@return table content
function config_file.read(world, path)
  local found = files.check_trusted(world, path, "settings")
  local text, why = files.read(path)
  if not text then refuse(path, why) end
  local content = evaluate(path, text)
  check_level(path, "", content, { profiles = true, default = true })
  if content.profiles ~= nil and type(content.profiles) ~= "table" then refuse(path, "profiles: expected a table") end
  local levels = { content }
  for name, profile in pairs(content.profiles or {}) do
    check_level(path, ("profile %s: "):format(name), profile, {})
    levels[#levels + 1] = profile
  end
  check_keys(path, levels, found)
  return content
end

return config_file
