/* Decoding JSON, strictly and exactly. */
#ifndef RS_LJSON_H
#define RS_LJSON_H

#include "lcompat.h"

int rs_lua_decode(lua_State *L);
int rs_lua_slices(lua_State *L);
int rs_lua_decode_slice(lua_State *L);
int rs_lua_valid_utf8(lua_State *L);

#endif
