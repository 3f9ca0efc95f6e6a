/* A thread with a Lua state of its own, for work that blocks. */
#ifndef RS_LWORKER_H
#define RS_LWORKER_H

#include "lcompat.h"

int rs_lua_worker(lua_State *L);

/* [-0, +0, m] registers the type; once for each Lua state */
void rs_lua_worker_type(lua_State *L);

#endif
