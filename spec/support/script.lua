--- Runs programs as a user would: processes of their own, with nothing of this one's but what is told.
local script = {}

--- The Lua that runs the specs, and the folder of the build under test.
script.lua = jit and "luajit" or "lua" .. _VERSION:match "%d%.%d" -- luacheck: ignore 113
script.abi = _VERSION:match "%d%.%d"
script.build = os.getenv "RESELLER_BUILD" or "build"

--- True where what is slow and the same everywhere is run: on Lua 5.4, with the ordinary build.
script.is_main_run = script.abi == "5.4" and script.build == "build"

local FORGOTTEN = { "LUA_INIT", "LUA_INIT_5_4", "LUA_PATH_5_4", "LUA_CPATH_5_4", "GHOSTEALTH_API_KEY",
  "GHOSTEALTH_BASE_URL", "ACTIVEPLATFORM_API_TOKEN", "ACTIVEPLATFORM_BASE_URL", "ACTIVEPLATFORM_RESELLER_ID",
  "RESELLER_SANDBOX", "RESELLER_LEDGER", "RESELLER_PROFILE", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HTTPS_PROXY", "https_proxy",
  "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "NO_COLOR", "COLUMNS" }

local function quote(text) return "'" .. text:gsub("'", [['\'']]) .. "'" end

--- What the variables of a process are set to, as words for env(1).
local function settings(variables)
  local words = {}
  for _, name in ipairs(FORGOTTEN) do words[#words + 1] = "-u " .. name end
  for name, value in pairs(variables) do words[#words + 1] = name .. "=" .. quote(value) end
  return table.concat(words, " ")
end

--- Where a tree of modules is found: that of an installation, or of this checkout.
---@param prefix? string
---@return table<string, string> variables
function script.paths(prefix)
  if not prefix then
    return { LUA_PATH = "./lua/?.lua;./lua/?/init.lua;;", LUA_CPATH = ("./%s/lib/lua/%s/?.so;;"):format(script.build, script.abi) }
  end
  local lua = ("%s/share/lua/%s/"):format(prefix, script.abi)
  return { LUA_PATH = ("%s?.lua;%s?/init.lua;;"):format(lua, lua), LUA_CPATH = ("%s/lib/lua/%s/?.so;;"):format(prefix, script.abi) }
end

---@class spec.script.run
---@field variables? table<string, string>
---@field folder? string where it runs
---@field input? string on standard input

--- Runs a command of the shell.
---@param command string
---@param how? spec.script.run
---@return string output both of standard output and of standard error
---@return integer status
function script.shell(command, how)
  how = how or {}
  local line = ("cd %s && env %s %s"):format(quote(how.folder or "."), settings(how.variables or {}), command)
  local feed = how.input and ("printf %%s %s"):format(quote(how.input)) or "true"
  local pipe = io.popen(("{ %s | { %s; } 2>&1; echo \" $?\"; }"):format(feed, line))
  local text = pipe:read "*a"
  pipe:close()
  local output, status = text:match "^(.*) (%d+)\n$"
  return output, tonumber(status)
end

--- Runs a file with the Lua under test.
---@param arguments string the file and what comes after it, as for a shell
---@param variables? table<string, string> beside those of `script.paths`
---@param input? string
---@return string output
---@return integer status
function script.run(arguments, variables, input)
  local all = script.paths()
  for name, value in pairs(variables or {}) do all[name] = value end
  return script.shell(script.lua .. " " .. arguments, { variables = all, input = input })
end

--- Makes a new folder.
---@return string path
function script.folder()
  local pipe = io.popen "mktemp -d"
  local path = pipe:read "*l"
  pipe:close()
  return path
end

---@param path string as `script.folder` gave it
function script.remove(path) os.execute("rm -rf " .. quote(path)) end

--- A copy of this project as a new user has it: nothing built.
---@return string path
function script.copy()
  local path = script.folder()
  local _, status = script.shell(("cp -r CMakeLists.txt CHANGELOG.md LICENSE README.md *.rockspec csrc examples lua spec %s"):format(path))
  assert(status == 0)
  return path
end

return script
