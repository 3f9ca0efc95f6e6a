/* The one place that knows which Lua this is: 5.1 and LuaJIT on one side, 5.3 and later on the
 * other. The 5.1 build must load in PUC 5.1 too, so it calls nothing that only LuaJIT exports. */
#ifndef RS_LCOMPAT_H
#define RS_LCOMPAT_H

#include <lua.h>
#include <lauxlib.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen           lua_objlen
#define lua_absindex(L, i)   ((i) > 0 || (i) <= LUA_REGISTRYINDEX ? (i) : lua_gettop(L) + (i) + 1)
#define rs_newuserdata(L, n) lua_newuserdata(L, n)
#define RS_EXACT_INTEGERS    0
#elif LUA_VERSION_NUM < 504
#define rs_newuserdata(L, n) lua_newuserdata(L, n)
#define RS_EXACT_INTEGERS    (LUA_VERSION_NUM >= 503)
#else
#define rs_newuserdata(L, n) lua_newuserdatauv(L, n, 0)
#define RS_EXACT_INTEGERS    1
#endif

/* Largest magnitude up to which every integer is a number of this Lua. */
#if RS_EXACT_INTEGERS
#define RS_INTEGER_MAX LLONG_MAX
#else
#define RS_INTEGER_MAX (1LL << 53)
#endif

/* [-0, +0, m] adds the functions to the table on top */
void rs_setfuncs(lua_State *L, const luaL_Reg *funcs);

/* [-0, +0, m] gives the value on top the metatable registered under this name */
void rs_setmetatable(lua_State *L, const char *name);

/* [-0, +1, m] pushes a metatable registered under this name, with `funcs` as its methods */
void rs_newtype(lua_State *L, const char *name, const luaL_Reg *funcs);

/* [-0, +1, m] the integer, as exact as this Lua has it */
void rs_pushinteger(lua_State *L, long long n);

/* [-0, +0, -] the state that the interpreter puts its hooks on */
lua_State *rs_mainthread(lua_State *L);

/* [-0, +0, -] whether the running coroutine can be left: not where a C function is in between. True
 * also where that cannot be told. */
int rs_can_yield(lua_State *L);

/* [-0, +0, -] true, and the value in `n`, when the value at `i` is a number without a fraction */
int rs_tointeger(lua_State *L, int i, long long *n);

#endif
