/* A set of ids that an iterator has seen: 64 bits each, where a Lua table takes ten times as much.
 * Two ids among a million share their 64 bits with a chance of 1 in 37 million. */
#include "lseen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SEEN      "reseller.seen"
#define MIN_SLOTS 256

typedef struct {
  uint64_t *slots; /* 0: empty */
  size_t size, count;
} seen;

/* FNV-1a, with the finish of MurmurHash3 for its weak last bits; never 0. */
static uint64_t hash(const char *s, size_t n) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
  h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
  h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
  h ^= h >> 33;
  return h != 0 ? h : 1;
}

/* The slot that holds the hash, or the empty one where it belongs. */
static uint64_t *find(uint64_t *slots, size_t size, uint64_t h) {
  size_t i = (size_t)h & (size - 1);
  while (slots[i] != 0 && slots[i] != h) i = (i + 1) & (size - 1);
  return &slots[i];
}

static int grow(seen *s) {
  size_t size = s->size != 0 ? s->size * 2 : MIN_SLOTS;
  uint64_t *slots = calloc(size, sizeof *slots);
  if (slots == NULL) return 0;
  for (size_t i = 0; i < s->size; i++)
    if (s->slots[i] != 0) *find(slots, size, s->slots[i]) = s->slots[i];
  free(s->slots);
  s->slots = slots;
  s->size = size;
  return 1;
}

/* seen:add(id) -> whether it is new */
static int seen_add(lua_State *L) {
  seen *s = luaL_checkudata(L, 1, SEEN);
  size_t n;
  const char *id = luaL_checklstring(L, 2, &n);
  uint64_t h = hash(id, n), *slot;
  if (s->count * 4 >= s->size * 3 && !grow(s)) return luaL_error(L, "not enough memory");
  slot = find(s->slots, s->size, h);
  lua_pushboolean(L, *slot == 0);
  s->count += *slot == 0;
  *slot = h;
  return 1;
}

static int seen_gc(lua_State *L) {
  seen *s = luaL_checkudata(L, 1, SEEN);
  free(s->slots);
  memset(s, 0, sizeof *s);
  return 0;
}

/* seen() -> an empty set */
int rs_lua_seen(lua_State *L) {
  memset(rs_newuserdata(L, sizeof(seen)), 0, sizeof(seen));
  rs_setmetatable(L, SEEN);
  return 1;
}

static const luaL_Reg methods[] = {{"add", seen_add}, {"__gc", seen_gc}, {NULL, NULL}};

void rs_lua_seen_type(lua_State *L) {
  rs_newtype(L, SEEN, methods);
  lua_pop(L, 1);
}
