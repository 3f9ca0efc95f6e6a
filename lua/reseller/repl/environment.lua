--- What a prompt knows besides Lua's own names: clients, help, and a few helpers.
local help = require "reseller.repl.help"
local nearest = require "reseller.nearest"
local view = require "reseller.repl.view"

local environment = {}

--- How clients are called.
environment.CLIENTS = { ghostealth = "gs", activeplatform = "ap" }

local kinds = { confirm = "boolean", traceback = "boolean", depth = "number" }

--- A table of settings that refuses what it does not know.
---@param values { confirm: boolean, traceback: boolean, depth: integer }
---@return table
function environment.settings(values)
  return setmetatable({}, {
    __index = values,
    __newindex = function(_, name, value)
      if kinds[name] == nil then
        local near = nearest(tostring(name), { "confirm", "traceback", "depth" })
        error(("repl.%s: there is no such setting; %s"):format(tostring(name),
          near and "did you mean " .. near .. "?" or "there are confirm, depth, traceback"), 2)
      end
      if type(value) ~= kinds[name] then
        error(("repl.%s: expected a %s, got a %s"):format(name, kinds[name], type(value)), 2)
      end
      values[name] = value
    end,
    __tostring = function()
      return ("confirm %s, depth %d, traceback %s"):format(tostring(values.confirm), values.depth,
        tostring(values.traceback))
    end,
  })
end

--- The name of the call that a method of a client makes.
local function name_of(env, method)
  for _, name in pairs(environment.CLIENTS) do
    local metatable = getmetatable(env[name])
    for id, fn in pairs(type(metatable) == "table" and metatable.__index or {}) do
      if fn == method then return id end
    end
  end
end

local function help_on_name(name)
  if environment.CLIENTS[name] then return help.platform(name, environment.CLIENTS[name]) end
  local texts = {}
  for _, row in ipairs(help.find(name)) do
    texts[#texts + 1] = help.row(row, environment.CLIENTS[row.platform])
  end
  return #texts > 0 and table.concat(texts, "\n\n") or help.unknown(name)
end

local function help_on(env, topic)
  if type(topic) == "string" then return help_on_name(topic) end
  if type(topic) == "table" and environment.CLIENTS[topic.platform] then return help_on_name(topic.platform) end
  local name = type(topic) == "function" and name_of(env, topic)
  if name then return help_on_name(name) end
  return "no help on that: help() tells what there is"
end

--- All items of an iterator, or the first ones, as a list.
local function all(iterator, limit)
  if type(iterator) ~= "function" then
    error("all: expected an iterator such as gs:each_subscription(), got a " .. type(iterator), 2)
  end
  local list = {}
  while not limit or #list < limit do
    local item = iterator()
    if item == nil then break end
    list[#list + 1] = item
  end
  return list
end

--- As Lua's own, but secrets are masked.
local function printer(show)
  return function(...)
    local texts = {}
    for i = 1, select("#", ...) do texts[i] = tostring((select(i, ...))) end
    show:write(table.concat(texts, "\t"))
  end
end

local function revealer(show)
  return function(...)
    local out = show.world.out
    for i = 1, select("#", ...) do
      out:write(view.safe(view.tree((select(i, ...)), show:style(false))), "\n")
    end
    out:flush()
  end
end

--- The names to add.
---@param env table the globals
---@param show reseller.repl.Show
---@return table<string, any>
function environment.names(env, show)
  return {
    help = function(...)
      show:write(select("#", ...) == 0 and help.OVERVIEW or help_on(env, (...)))
    end,
    all = all, print = printer(show), reveal = revealer(show), repl = show.settings,
  }
end

return environment
