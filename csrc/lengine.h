/* Sessions: an engine with the base URL and the secrets of one client. */
#ifndef RS_LENGINE_H
#define RS_LENGINE_H

#include "lcompat.h"

int rs_lua_base_url(lua_State *L);
int rs_lua_proxy_is_local(lua_State *L);
int rs_lua_session(lua_State *L);

/* [-0, +0, m] registers the type; once for each Lua state */
void rs_lua_session_type(lua_State *L);

#endif
