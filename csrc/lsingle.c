/* require "reseller" where all of it is one file: reseller.so. */
#include "lsingle.h"

#include "lcompat.h"

#include <string.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int luaopen_reseller(lua_State *L);
int luaopen_reseller_core(lua_State *L);

/* loader(name) -> the module: runs the file of that name */
static int load_module(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const rs_module *m = rs_modules;
  while (m->name != NULL && strcmp(m->name, name) != 0) m++;
  if (m->name == NULL) return luaL_error(L, "module '%s' is not in this file", name);
  if (luaL_loadbuffer(L, (const char *)m->text, m->len, m->chunk) != 0) return lua_error(L);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

EXPORT int luaopen_reseller(lua_State *L) {
  lua_settop(L, 0);
  lua_getglobal(L, "package");
  lua_getfield(L, 1, "preload");
  for (const rs_module *m = rs_modules; m->name != NULL; m++) {
    lua_pushcfunction(L, load_module);
    lua_setfield(L, 2, m->name);
  }
  lua_pushcfunction(L, luaopen_reseller_core);
  lua_setfield(L, 2, "reseller.core");
  lua_pushcfunction(L, load_module);
  lua_pushliteral(L, "reseller");
  lua_call(L, 1, 1);
  return 1;
}
