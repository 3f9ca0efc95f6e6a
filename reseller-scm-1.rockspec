rockspec_format = "3.0"
package = "reseller"
version = "scm-1"
source = { url = "." } -- this checkout: `luarocks make`
description = {
  summary = "Run a reseller business from short Lua scripts",
  detailed = "Speaks to Ghostealth and ActivePlatform, and never pays twice for one call.",
  license = "MIT",
}
supported_platforms = { "linux" }
-- LuaJIT counts as 5.1. The module itself needs lua-cjson, the command argparse too. Loaded only when they are used:
-- luasql-sqlite3 or luasql-postgres by a ledger, http by the sandbox, luafilesystem, lua-term and readline by the command,
-- luv by its host, lua-resty-redis by limits in Redis.
dependencies = { "lua >= 5.1, < 5.5, ~= 5.2, ~= 5.3", "lua-cjson", "argparse >= 0.7" }
build = {
  type = "cmake",
  variables = {
    CMAKE_INSTALL_PREFIX = "$(PREFIX)",
    RESELLER_LUA_INCDIR = "$(LUA_INCDIR)",
    RESELLER_LIBDIR = "$(LIBDIR)",
    RESELLER_LUADIR = "$(LUADIR)",
  },
}
