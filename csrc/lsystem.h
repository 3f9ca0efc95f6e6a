/* What the system tells and Lua's own library does not. */
#ifndef RS_LSYSTEM_H
#define RS_LSYSTEM_H

#include "lcompat.h"

int rs_lua_process(lua_State *L);
int rs_lua_pid(lua_State *L);
int rs_lua_alive(lua_State *L);
int rs_lua_private_file(lua_State *L);
int rs_lua_wall(lua_State *L);
int rs_lua_reset_on_close(lua_State *L);

#endif
