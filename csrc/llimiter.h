/* Leases as Lua sees them. */
#ifndef RS_LLIMITER_H
#define RS_LLIMITER_H

#include "lcompat.h"

int rs_lua_leases(lua_State *L);

/* [-0, +0, m] registers the type; once for each Lua state */
void rs_lua_leases_type(lua_State *L);

#endif
