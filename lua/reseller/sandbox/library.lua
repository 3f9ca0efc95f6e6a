--- Finds lua-http where a distribution files its pure Lua modules under other versions of Lua only, as
--- Debian does for 5.4.

local library = {}

local OTHERS = { "5.3", "5.2", "5.1" }

--- The search path with the directories of other versions behind it.
---@param path string  such as `package.path`
---@param version string  this Lua's, such as `5.4`
---@return string
function library.widen(path, version)
  local own, paths = version:gsub("%p", "%%%0"), { path }
  for _, other in ipairs(OTHERS) do
    for template in path:gmatch("[^;]+") do
      local moved, count = template:gsub("/lua/" .. own .. "/", "/lua/" .. other .. "/")
      if count > 0 then paths[#paths + 1] = moved end
    end
  end
  return table.concat(paths, ";")
end

--- Widens `package.path` unless lua-http is found without that.
function library.prepare()
  local version = _VERSION:match("%d+%.%d+")
  if not pcall(require, "http.h1_connection") then package.path = library.widen(package.path, version) end
end

return library
