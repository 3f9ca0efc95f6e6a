--- Checks what the command is made of: Lua, libcurl, and the modules that it can or must have.
local core = require "reseller.core"
local version = require "reseller.version"

local OLDEST_CURL = { 7, 85 } -- what the core is built for

local versions = {}

--- A module that is there, and the version it tells.
local function probe(name)
  local ok, module = pcall(require, name)
  if not ok then return false end
  return true, type(module) == "table" and (rawget(module, "_VERSION") or module.version or module.VERSION) or nil
end

--- Modules by what is lost without them.
local modules = {
  { name = "cjson", title = "lua-cjson", package = "lua-cjson", state = "failed", lost = "nothing works without it" },
  { name = "argparse", title = "argparse", package = "lua-argparse", state = "failed", lost = "the command needs it" },
  { name = "luasql.sqlite3", title = "LuaSQL", package = "lua-sql-sqlite3", state = "failed",
    lost = "the ledger needs it" },
  { name = "lfs", title = "lua-filesystem", package = "lua-filesystem", state = "warning",
    lost = "who may read the key files cannot be told" },
  { name = "term", title = "lua-term", package = "lua-term", state = "warning",
    lost = "a terminal is taken for a pipe" },
  { name = "readline", title = "readline", package = "lua-readline", state = "ok",
    lost = "no line editing in `reseller repl`", quiet = true },
  { name = "cqueues", title = "cqueues", package = "lua-cqueues", state = "ok",
    lost = "in `reseller repl` a second Ctrl-C ends the process", quiet = true },
}

local function check_module(report, module)
  local found, told
  if module.quiet then -- those change the terminal or the process when they are loaded
    found = package.searchpath(module.name, package.path) or package.searchpath(module.name, package.cpath)
  else
    found, told = probe(module.name)
  end
  if found then return report:ok(module.title, told and tostring(told):match "%d[%w%.%-]*" or "there") end
  report:add(module.state, module.title, "missing: " .. module.lost, "apt-get install " .. module.package)
end

local function is_too_old(text)
  local major, minor = text:match "(%d+)%.(%d+)"
  major, minor = tonumber(major), tonumber(minor)
  return major < OLDEST_CURL[1] or major == OLDEST_CURL[1] and minor < OLDEST_CURL[2]
end

local function check_curl(report, found)
  if not found or not found.version then return report:ok("libcurl", "built in; its version cannot be told here") end
  local words = ("%s (%s)"):format(found.version, found.path)
  if not is_too_old(found.version) then return report:ok("libcurl", words) end
  report:failed("libcurl", words, ("install libcurl %d.%d or newer"):format(OLDEST_CURL[1], OLDEST_CURL[2]))
end

--- Checks all of them.
---@param report reseller.cli.doctor.Report
---@param library reseller.cli.doctor.Library|nil
function versions.check(report, library)
  local fault = select(2, core.check())
  if fault then
    report:failed("reseller", version .. ": the endpoint table is wrong: " .. fault, "install it again")
  else
    report:ok("reseller", version)
  end
  report:ok("Lua", _VERSION:match "%d.*")
  check_curl(report, library)
  for _, module in ipairs(modules) do check_module(report, module) end
end

return versions
