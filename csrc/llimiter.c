/* Leases as Lua sees them: the same object over memory or over a file. */
#include "llimiter.h"

#include "leasefile.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LEASES "reseller.leases"

typedef struct {
  rs_leases *own; /* in memory; or */
  rs_leasefile *file;
} leases;

/* [-0, +0, e] requests and window, in the arguments from `first` on */
static rs_limit check_limit(lua_State *L, int first) {
  double requests = luaL_checknumber(L, first);
  luaL_argcheck(L, requests >= 0 && requests <= RS_MAX_LEASES, first, "from 0 to 256 requests");
  return (rs_limit){.requests = (unsigned)requests, .window = luaL_checknumber(L, first + 1)};
}

/* [-0, +0, e] the leases, locked if they are shared */
static rs_leases *enter(lua_State *L, leases **self, const rs_limit *l) {
  bool cold = false;
  const char *why;
  rs_leases *all;
  *self = luaL_checkudata(L, 1, LEASES);
  if ((*self)->file == NULL) return (*self)->own;
  all = rs_leasefile_lock((*self)->file, &cold, &why);
  if (all == NULL) luaL_error(L, "the file of leases cannot be used: %s", why);
  if (cold) rs_leases_cool(all, l, luaL_checknumber(L, 2));
  return all;
}

static void leave(const leases *self) {
  if (self->file != NULL) rs_leasefile_unlock(self->file);
}

/* leases:acquire(now, requests, window, longest) -> 0, index, holder | seconds to wait */
static int leases_acquire(lua_State *L) {
  leases *self;
  double now = luaL_checknumber(L, 2), longest = luaL_checknumber(L, 5), wait;
  rs_limit limit = check_limit(L, 3);
  unsigned index;
  uint64_t holder;
  rs_leases *all = enter(L, &self, &limit);
  wait = rs_leases_acquire(all, &limit, now, longest, &index, &holder);
  leave(self);
  lua_pushnumber(L, wait);
  if (wait > 0) return 1;
  rs_pushinteger(L, (long long)index);
  rs_pushinteger(L, (long long)holder);
  return 3;
}

/* leases:release(now, requests, window, index, holder) */
static int leases_release(lua_State *L) {
  leases *self;
  double now = luaL_checknumber(L, 2);
  rs_limit limit = check_limit(L, 3);
  unsigned index = (unsigned)luaL_checknumber(L, 5);
  uint64_t holder = (uint64_t)luaL_checknumber(L, 6);
  rs_leases_release(enter(L, &self, &limit), &limit, index, holder, now);
  leave(self);
  return 0;
}

/* leases:pause(now, requests, window, seconds); a pause is never cut short */
static int leases_pause(lua_State *L) {
  leases *self;
  rs_limit limit = check_limit(L, 3);
  double until = luaL_checknumber(L, 2) + luaL_checknumber(L, 5);
  rs_leases *all = enter(L, &self, &limit);
  if (until > all->paused_until) all->paused_until = until;
  leave(self);
  return 0;
}

/* leases:eta(now, requests, window, count) -> seconds until `count` more requests are done with */
static int leases_eta(lua_State *L) {
  leases *self;
  rs_limit limit = check_limit(L, 3);
  double now = luaL_checknumber(L, 2), count = luaL_checknumber(L, 5), eta;
  rs_leases *all = enter(L, &self, &limit);
  eta = rs_leases_eta(all, &limit, count > 0 ? (unsigned)count : 0, now);
  leave(self);
  lua_pushnumber(L, eta);
  return 1;
}

/* leases:load(text|nil), as `dump` gave it; nil: all are free. For leases in memory only. */
static int leases_load(lua_State *L) {
  leases *self = luaL_checkudata(L, 1, LEASES);
  size_t n;
  const char *text = luaL_optlstring(L, 2, "", &n);
  luaL_argcheck(L, self->own != NULL, 1, "leases in memory");
  luaL_argcheck(L, n <= sizeof *self->own, 2, "a dump of leases");
  memset(self->own, 0, sizeof *self->own);
  memcpy(self->own, text, n);
  return 0;
}

/* leases:dump(requests) -> text */
static int leases_dump(lua_State *L) {
  const leases *self = luaL_checkudata(L, 1, LEASES);
  double requests = luaL_checknumber(L, 2);
  luaL_argcheck(L, self->own != NULL, 1, "leases in memory");
  luaL_argcheck(L, requests >= 0 && requests <= RS_MAX_LEASES, 2, "from 0 to 256 requests");
  lua_pushlstring(L, (const char *)self->own,
                  offsetof(rs_leases, leases) + (size_t)requests * sizeof(rs_lease));
  return 1;
}

static int leases_close(lua_State *L) {
  leases *self = luaL_checkudata(L, 1, LEASES);
  rs_leasefile_close(self->file);
  free(self->own);
  self->file = NULL;
  self->own = NULL;
  return 0;
}

/* leases(key, path|nil) -> leases | nil, why
 * `path` names the file that shares them with other processes; `key` says which of its records. */
int rs_lua_leases(lua_State *L) {
  size_t key_len;
  const char *key = luaL_checklstring(L, 1, &key_len), *path = luaL_optstring(L, 2, NULL);
  const char *why = "not enough memory";
  uint8_t hash[RS_SHA256_BYTES];
  leases *self = rs_newuserdata(L, sizeof *self);
  memset(self, 0, sizeof *self);
  rs_setmetatable(L, LEASES);
  rs_sha256(key, key_len, hash);
  if (path != NULL)
    self->file = rs_leasefile_open(path, hash, &why);
  else
    self->own = calloc(1, sizeof *self->own);
  if (self->file != NULL || self->own != NULL) return 1;
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

static const luaL_Reg methods[] = {
    {"acquire", leases_acquire}, {"release", leases_release},
    {"pause", leases_pause},     {"eta", leases_eta},
    {"load", leases_load},       {"dump", leases_dump},
    {"__gc", leases_close},      {NULL, NULL},
};

void rs_lua_leases_type(lua_State *L) {
  rs_newtype(L, LEASES, methods);
  lua_pop(L, 1);
}
