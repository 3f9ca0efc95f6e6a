--- Started by bin/reseller: sets where modules are looked for, then hands over to the command. The folder of
--- this file's own modules comes first, so that a tree of files can be moved as it is.
---
--- Arguments: the folder `lib` with C modules, its part for this kind of machine, and those of the command.
local VERSION = _VERSION:match "%d+%.%d+"

-- Without the places that are meant for another version of Lua.
local function of_this_version(places)
  local kept = {}
  for place in places:gmatch "[^;]+" do
    local version = place:match "/lua/(%d+%.%d+)/"
    if not version or version == VERSION then kept[#kept + 1] = place end
  end
  return kept
end

-- Without those that depend on where the command was called: a stranger's folder may hold anything.
local function absolute(places)
  local kept = {}
  for place in places:gmatch "[^;]+" do
    if place:sub(1, 1) == "/" then kept[#kept + 1] = place end
  end
  return kept
end

-- What the user wishes to be searched, as the interpreter would read it but for its own places, which follow.
local function wished(name)
  return of_this_version(os.getenv(name .. "_" .. VERSION:gsub("%.", "_")) or os.getenv(name) or "")
end

local function join(...)
  local all = {}
  for i, places in ipairs { ... } do all[i] = table.concat(places, ";") end
  return (table.concat(all, ";"):gsub(";;+", ";"))
end

local lib, triplet = table.remove(arg, 1), table.remove(arg, 1)
local modules = arg[0]:match "^(.*)/reseller/cli/start%.lua$"
local own = { modules .. "/?.lua", modules .. "/?/init.lua" }
local own_c = { ("%s/lua/%s/?.so"):format(lib, VERSION), ("%s/%s/lua/%s/?.so"):format(lib, triplet, VERSION) }
package.path = join(own, wished "LUA_PATH", absolute(package.path))
package.cpath = join(own_c, wished "LUA_CPATH", absolute(package.cpath))
os.exit(require("reseller.cli.main").run(arg), true)
