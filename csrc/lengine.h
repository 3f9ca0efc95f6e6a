/* Sessions: the base URL, the secrets and the connections of one client. */
#ifndef RS_LENGINE_H
#define RS_LENGINE_H

#include "lcompat.h"

#include "engine.h"

typedef struct rs_session rs_session;

int rs_lua_base_url(lua_State *L);
int rs_lua_proxy_is_local(lua_State *L);
int rs_lua_session(lua_State *L);

/* [-0, +0, m] registers the type; once for each Lua state */
void rs_lua_session_type(lua_State *L);

/* [-0, +0, e] the request in the arguments from `first` on (method, target, body|nil, timeout,
 * once) to the session at 1; its URL is the session's, and good until the next request */
rs_route *rs_session_read(lua_State *L, int first, rs_request *q);

/* [-0, +5, m] status|nil, headers|kind, body|message, elapsed, sends */
int rs_push_reply(lua_State *L, const rs_reply *r);

#endif
