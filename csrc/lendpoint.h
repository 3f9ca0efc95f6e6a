/* The table of endpoints as Lua sees it. */
#ifndef RS_LENDPOINT_H
#define RS_LENDPOINT_H

#include "lcompat.h"

int rs_lua_endpoints(lua_State *L);
int rs_lua_platforms(lua_State *L);
int rs_lua_check(lua_State *L);

#endif
