rockspec_format = "3.0"
package = "reseller"
version = "scm-1"
source = { url = "." } -- this checkout: `luarocks make`
description = {
  summary = "Run a reseller business from short Lua scripts",
  detailed = "Speaks to Ghostealth and ActivePlatform, and never pays twice for one call.",
  license = "MIT",
}
dependencies = { "lua >= 5.1", "lua-cjson" }
build = {
  type = "cmake",
  variables = {
    RESELLER_LUA_INCDIR = "$(LUA_INCDIR)",
    RESELLER_LIBDIR = "$(LIBDIR)",
    RESELLER_LUADIR = "$(LUADIR)",
  },
}
