/* A set of ids that an iterator has seen. */
#ifndef RS_LSEEN_H
#define RS_LSEEN_H

#include "lcompat.h"

int rs_lua_seen(lua_State *L);

/* [-0, +0, m] registers the type; once for each Lua state */
void rs_lua_seen_type(lua_State *L);

#endif
