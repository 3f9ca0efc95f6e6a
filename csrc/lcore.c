/* require "reseller.core": what Lua may call of the C side. */
#include "lcompat.h"

#include "lendpoint.h"
#include "lengine.h"
#include "ljson.h"
#include "lparams.h"

#define RS_EXPORT __attribute__((visibility("default")))

static const luaL_Reg functions[] = {
    {"endpoints", rs_lua_endpoints}, {"platforms", rs_lua_platforms}, {"check", rs_lua_check},
    {"prepare", rs_lua_prepare},     {"exact", rs_lua_exact},         {"valid_utf8", rs_lua_valid_utf8},
    {"base_url", rs_lua_base_url},   {"session", rs_lua_session},     {"proxy_is_local", rs_lua_proxy_is_local},
    {NULL, NULL},
};

RS_EXPORT int luaopen_reseller_core(lua_State *L);

RS_EXPORT int luaopen_reseller_core(lua_State *L) {
  rs_lua_session_type(L);
  lua_newtable(L);
  rs_setfuncs(L, functions);
  return 1;
}
