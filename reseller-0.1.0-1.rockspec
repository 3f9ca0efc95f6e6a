rockspec_format = "3.0"
package = "reseller"
version = "0.1.0-1"
-- The archive of this release, which holds this file too and is not published anywhere yet: unpack it, and there
-- `luarocks make reseller-0.1.0-1.rockspec`.
source = { url = "reseller-0.1.0.tar.gz", dir = "reseller-0.1.0" }
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
