/* The pass that makes what lua-cjson decoded exact, the same on every Lua and every build of it.
 *
 * lua-cjson has checked the structure of the text and built the tables. This pass reads the text
 * again, strictly, beside them: it puts integers in place of floats, text in place of integers that
 * this Lua's numbers cannot hold, takes nulls out of objects, and marks empty arrays. A duplicate
 * key leaves the table with the last value only: a value that is not of the text's kind is another
 * one's, and stays. */
#include "ljson.h"

#include "json.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 128
#define MAX_KEY   256 /* longest key with escapes in it; longer ones keep cjson's value */

/* Slots of the Lua stack during the pass. */
enum { TEXT = 1, TREE, ARRAY_MT, KEEP_NULL, NULL_VALUE, BASE };

typedef struct {
  lua_State *L;
  const char *end;
  const char *fault;
  bool keep_null;
  int depth;
} pass;

/* Where a value sits: under a key of the text or an index, in the table at `table`; 0: nowhere. */
typedef struct {
  int table;
  const char *key;
  size_t key_len;
  bool escaped;
  int index;
} place;

static const char *value(pass *s, const char *p, const place *at);

static const char *fail(pass *s, const char *fault) {
  if (s->fault == NULL) s->fault = fault;
  return NULL;
}

/* [-0, +1, m] the key that leads to the place */
static void push_key(lua_State *L, const place *at) {
  char plain[MAX_KEY];
  if (at->escaped && at->key_len <= MAX_KEY)
    lua_pushlstring(L, plain, rs_json_unescape(at->key, at->key_len, plain));
  else
    lua_pushlstring(L, at->key, at->key_len);
}

/* [-0, +1, m] the value at the place, nil if there is none */
static void push_value(lua_State *L, const place *at) {
  if (at->table == 0) {
    lua_pushnil(L);
  } else if (at->key == NULL) {
    lua_rawgeti(L, at->table, at->index);
  } else {
    push_key(L, at);
    lua_rawget(L, at->table);
  }
}

/* [-1, +0, m] puts the value on top into the place */
static void store(lua_State *L, const place *at) {
  if (at->key == NULL) {
    lua_rawseti(L, at->table, at->index);
    return;
  }
  push_key(L, at);
  lua_insert(L, -2);
  lua_rawset(L, at->table);
}

/* [-0, +1, m] the number from its text: an integer, or its text if this Lua cannot hold it */
static void push_whole(lua_State *L, const char *p, size_t len) {
  long long n;
  errno = 0;
  n = strtoll(p, NULL, 10);
  if (errno == 0 && n >= -RS_INTEGER_MAX && n <= RS_INTEGER_MAX)
    rs_pushinteger(L, n);
  else
    lua_pushlstring(L, p, len);
}

/* Where all numbers are doubles, any 15 digits are right already, but for the sign of -0. */
static bool needs_care(const char *p, size_t len) {
  return RS_EXACT_INTEGERS || len >= 16 || (p[0] == '-' && p[1] == '0');
}

static const char *number(pass *s, const char *p, const place *at) {
  rs_json_token t;
  if (!rs_json_number(p, s->end, &t)) return fail(s, "a malformed number");
  if (at->table == 0 || (!t.fraction && !needs_care(p, (size_t)(t.end - p)))) return t.end;
  push_value(s->L, at);
  if (lua_type(s->L, -1) == LUA_TNUMBER) {
    if (t.fraction && isinf(lua_tonumber(s->L, -1))) return fail(s, "a number too large");
    if (t.fraction)
      lua_pushnumber(s->L, lua_tonumber(s->L, -1));
    else
      push_whole(s->L, p, (size_t)(t.end - p));
    store(s->L, at);
  }
  lua_pop(s->L, 1);
  return t.end;
}

static const char *null(pass *s, const char *p, const place *at) {
  if (s->keep_null || at->table == 0 || at->key == NULL) return p + 4;
  push_value(s->L, at);
  if (lua_rawequal(s->L, -1, NULL_VALUE)) {
    lua_pushnil(s->L);
    store(s->L, at);
  }
  lua_pop(s->L, 1);
  return p + 4;
}

static const char *string(pass *s, const char *p) {
  rs_json_token t;
  return rs_json_string(p, s->end, &t) ? t.end : fail(s, "text that is not valid UTF-8");
}

/* After a value: the next one after a comma, or the end of its container. */
static const char *next(pass *s, const char *p, char close, bool *more) {
  p = rs_json_space(p, s->end);
  if (p == s->end || (*p != ',' && *p != close)) return fail(s, "a malformed list");
  *more = *p == ',';
  return rs_json_space(p + 1, s->end);
}

static const char *member(pass *s, const char *p, int table) {
  rs_json_token t;
  place at = {.table = table, .key = p + 1};
  if (p == s->end || *p != '"') return fail(s, "a key that is no text");
  if (!rs_json_string(p, s->end, &t)) return fail(s, "text that is not valid UTF-8");
  at.key_len = (size_t)(t.end - p) - 2;
  at.escaped = t.escaped;
  p = rs_json_space(t.end, s->end);
  if (p == s->end || *p != ':') return fail(s, "a key without a value");
  return value(s, rs_json_space(p + 1, s->end), &at);
}

static const char *object(pass *s, const char *p, int table) {
  bool more = true;
  p = rs_json_space(p + 1, s->end);
  if (p < s->end && *p == '}') return p + 1;
  while (p != NULL && more) {
    p = member(s, p, table);
    if (p != NULL) p = next(s, p, '}', &more);
  }
  return p;
}

/* [-0, +0, m] marks the table as an array if nothing in it tells so */
static void mark_empty(lua_State *L, int table) {
  if (table == 0) return;
  lua_pushnil(L);
  if (lua_next(L, table) != 0) {
    lua_pop(L, 2);
    return;
  }
  lua_pushvalue(L, ARRAY_MT);
  lua_setmetatable(L, table);
}

static const char *array(pass *s, const char *p, int table) {
  bool more = true;
  place at = {.table = table};
  p = rs_json_space(p + 1, s->end);
  if (p < s->end && *p == ']') {
    mark_empty(s->L, table);
    return p + 1;
  }
  while (p != NULL && more) {
    at.index++;
    p = value(s, p, &at);
    if (p != NULL) p = next(s, p, ']', &more);
  }
  return p;
}

static const char *container(pass *s, const char *p, const place *at) {
  int table = lua_gettop(s->L) + 1;
  if (++s->depth > MAX_DEPTH) return fail(s, "more than 128 levels");
  luaL_checkstack(s->L, 6, NULL);
  push_value(s->L, at);
  if (!lua_istable(s->L, -1)) {
    lua_pop(s->L, 1);
    table = 0;
  }
  p = *p == '{' ? object(s, p, table) : array(s, p, table);
  if (table != 0) lua_pop(s->L, 1);
  s->depth--;
  return p;
}

static bool word(const pass *s, const char *p, const char *w, size_t n) {
  return (size_t)(s->end - p) >= n && memcmp(p, w, n) == 0;
}

static const char *value(pass *s, const char *p, const place *at) {
  if (p == s->end) return fail(s, "an end too early");
  switch (*p) {
  case '{':
  case '[': return container(s, p, at);
  case '"': return string(s, p);
  case 't': return word(s, p, "true", 4) ? p + 4 : fail(s, "an unknown word");
  case 'f': return word(s, p, "false", 5) ? p + 5 : fail(s, "an unknown word");
  case 'n': return word(s, p, "null", 4) ? null(s, p, at) : fail(s, "an unknown word");
  default: return number(s, p, at);
  }
}

/* exact(text, tree, array_mt, keep_null, null) -> value | nil, what is wrong
 * `tree` is what lua-cjson made of `text`, and is changed in place. */
int rs_lua_exact(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, TEXT, &len), *p;
  place at = {.table = BASE, .index = 1};
  pass s = {.L = L, .end = text + len, .keep_null = lua_toboolean(L, KEEP_NULL)};
  lua_settop(L, NULL_VALUE);
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, TREE);
  lua_rawseti(L, BASE, 1);
  p = value(&s, rs_json_space(text, s.end), &at);
  if (p != NULL && rs_json_space(p, s.end) != s.end) p = fail(&s, "more after its end");
  lua_settop(L, BASE);
  if (p == NULL) {
    lua_pushnil(L);
    lua_pushstring(L, s.fault);
    return 2;
  }
  lua_rawgeti(L, BASE, 1);
  return 1;
}

/* valid_utf8(text) -> boolean */
int rs_lua_valid_utf8(lua_State *L) {
  size_t len;
  const char *s = luaL_checklstring(L, 1, &len);
  lua_pushboolean(L, rs_utf8_valid(s, len));
  return 1;
}
