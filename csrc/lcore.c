/* require "reseller.core": what Lua may call of the C side. */
#include "lcompat.h"

#include "lendpoint.h"
#include "lengine.h"
#include "ljson.h"
#include "llimiter.h"
#include "lparams.h"
#include "lseen.h"
#include "lsystem.h"
#include "ltransfer.h"
#include "lworker.h"

#define RS_EXPORT __attribute__((visibility("default")))

static const luaL_Reg functions[] = {
    {"endpoints", rs_lua_endpoints},
    {"platforms", rs_lua_platforms},
    {"check", rs_lua_check},
    {"prepare", rs_lua_prepare},
    {"decode", rs_lua_decode},
    {"slices", rs_lua_slices},
    {"decode_slice", rs_lua_decode_slice},
    {"valid_utf8", rs_lua_valid_utf8},
    {"base_url", rs_lua_base_url},
    {"session", rs_lua_session},
    {"proxy_is_local", rs_lua_proxy_is_local},
    {"mailbox", rs_lua_mailbox},
    {"sleep", rs_lua_sleep},
    {"now", rs_lua_now},
    {"can_yield", rs_lua_can_yield},
    {"reset_on_close", rs_lua_reset_on_close},
    {"leases", rs_lua_leases},
    {"seen", rs_lua_seen},
    {"process", rs_lua_process},
    {"alive", rs_lua_alive},
    {"wall", rs_lua_wall},
    {"private_file", rs_lua_private_file},
    {"pid", rs_lua_pid},
    {"worker", rs_lua_worker},
    {NULL, NULL},
};

RS_EXPORT int luaopen_reseller_core(lua_State *L);

RS_EXPORT int luaopen_reseller_core(lua_State *L) {
  rs_lua_session_type(L);
  rs_lua_leases_type(L);
  rs_lua_transfer_types(L);
  rs_lua_seen_type(L);
  rs_lua_worker_type(L);
  lua_newtable(L);
  rs_setfuncs(L, functions);
  return 1;
}
