/* What the several Luas lack or do differently. */
#include "lcompat.h"

#include <limits.h>

void rs_setfuncs(lua_State *L, const luaL_Reg *funcs) {
  for (; funcs->name != NULL; funcs++) {
    lua_pushcfunction(L, funcs->func);
    lua_setfield(L, -2, funcs->name);
  }
}

void rs_setmetatable(lua_State *L, const char *name) {
  luaL_getmetatable(L, name);
  lua_setmetatable(L, -2);
}

void rs_newtype(lua_State *L, const char *name, const luaL_Reg *funcs) {
  luaL_newmetatable(L, name);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  rs_setfuncs(L, funcs);
}

void rs_pushinteger(lua_State *L, long long n) {
#if RS_EXACT_INTEGERS
  lua_pushinteger(L, (lua_Integer)n);
#else
  lua_pushnumber(L, (lua_Number)n);
#endif
}

int rs_tointeger(lua_State *L, int i, long long *n) {
  lua_Number d;
  if (lua_type(L, i) != LUA_TNUMBER) return 0;
#if RS_EXACT_INTEGERS
  if (lua_isinteger(L, i)) {
    *n = lua_tointeger(L, i);
    return 1;
  }
#endif
  d = lua_tonumber(L, i);
  if (!(d >= -9007199254740992.0 && d <= 9007199254740992.0)) return 0;
  *n = (long long)d;
  return (lua_Number)*n == d;
}

/* LuaJIT has it, PUC 5.1 does not. */
#if LUA_VERSION_NUM < 502
#pragma weak lua_isyieldable
int lua_isyieldable(lua_State *L);
#endif

int rs_can_yield(lua_State *L) {
#if LUA_VERSION_NUM < 502
  if (lua_isyieldable == NULL) return 1;
#endif
  return lua_isyieldable(L);
}

lua_State *rs_mainthread(lua_State *L) {
#if LUA_VERSION_NUM >= 502
  lua_State *main_thread;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  main_thread = lua_tothread(L, -1);
  lua_pop(L, 1);
  return main_thread;
#else
  return L; /* hooks are common to all threads of LuaJIT */
#endif
}
