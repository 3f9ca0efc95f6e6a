/* Decoding JSON text, strictly and exactly, the same on every Lua: integers are integers, fractions
 * floats, an integer that this Lua's numbers cannot hold stays text, a null is an absent key unless
 * asked for, and an empty array is marked as one. */
#include "ljson.h"

#include "json.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 128
#define SHAPES    64 /* kinds of objects told apart */
#define MAX_HINT  32 /* members that a table gets room for in advance */
#define MIN_ROOM  1024

/* Slots of the Lua stack. */
enum { TEXT = 1, KEEP_NULL, ARRAY_MT, NULL_VALUE, SCRATCH };

typedef struct {
  lua_State *L;
  const char *end;
  const char *fault;
  char *scratch; /* room to unescape into, in slot SCRATCH once it is needed */
  size_t room;   /* of it */
  bool keep_null;
  bool escaped;   /* the last string */
  bool nested;    /* a member `data` was seen inside one named `attributes` */
  int attributes; /* how many members of that name we are in */
  int depth;
  unsigned char members[SHAPES]; /* how many the last object of each shape had */
} pass;

/* These push the value at p and give what follows it; NULL leaves `fault`, and anything on the
 * stack. `shape` tells where an object stands: those in the same place are mostly alike. */
static const char *value(pass *s, const char *p, unsigned shape);

static const char *fail(pass *s, const char *fault) {
  s->fault = fault;
  return NULL;
}

static void push_unescaped(pass *s, const char *p, size_t len) {
  if (s->scratch == NULL || s->room < len) {
    s->room = len < MIN_ROOM ? MIN_ROOM : len;
    s->scratch = rs_newuserdata(s->L, s->room);
    lua_replace(s->L, SCRATCH);
  }
  len = rs_json_unescape(p, len, s->scratch);
  lua_pushlstring(s->L, s->scratch, len);
}

static const char *string(pass *s, const char *p) {
  rs_json_token t;
  size_t len;
  if (!rs_json_string(p, s->end, &t)) return fail(s, "text that is cut, or not valid UTF-8");
  len = (size_t)(t.end - p) - 2;
  s->escaped = t.escaped;
  if (t.escaped)
    push_unescaped(s, p + 1, len);
  else
    lua_pushlstring(s->L, p + 1, len);
  return t.end;
}

/* [-0, +1, m] an integer, or its text if this Lua cannot hold it */
static void push_whole(lua_State *L, const char *p, size_t len) {
  long long n;
  errno = 0;
  n = strtoll(p, NULL, 10);
  if (errno == 0 && n >= -RS_INTEGER_MAX && n <= RS_INTEGER_MAX)
    rs_pushinteger(L, n);
  else
    lua_pushlstring(L, p, len);
}

static const char *number(pass *s, const char *p) {
  rs_json_token t;
  lua_Number n;
  if (!rs_json_number(p, s->end, &t)) return fail(s, "a malformed number");
  if (!t.fraction) {
    push_whole(s->L, p, (size_t)(t.end - p));
    return t.end;
  }
  /* Lua's own conversion does not depend on the locale, as strtod does. */
  lua_pushlstring(s->L, p, (size_t)(t.end - p));
  n = lua_tonumber(s->L, -1);
  lua_pop(s->L, 1);
  lua_pushnumber(s->L, n);
  return isinf(n) ? fail(s, "a number too large") : t.end;
}

static const char *word(pass *s, const char *p, const char *w, size_t n) {
  return (size_t)(s->end - p) >= n && memcmp(p, w, n) == 0 ? p + n : fail(s, "an unknown word");
}

static const char *boolean(pass *s, const char *p) {
  lua_pushboolean(s->L, *p == 't');
  return *p == 't' ? word(s, p, "true", 4) : word(s, p, "false", 5);
}

static const char *null(pass *s, const char *p) {
  lua_pushvalue(s->L, NULL_VALUE);
  return word(s, p, "null", 4);
}

/* After a value: the next one after a comma, or the end of its container. */
static const char *next(pass *s, const char *p, char close, bool *more) {
  p = rs_json_space(p, s->end);
  if (p == s->end || (*p != ',' && *p != close)) return fail(s, "a malformed list");
  *more = *p == ',';
  return *more ? rs_json_space(p + 1, s->end) : p + 1;
}

/* Whether the text from its quote on is this, a name with its quotes. */
static bool is(const char *p, size_t len, const char *name) {
  return strlen(name) == len && memcmp(p, name, len) == 0;
}

/* [-0, +1, m] a key, up to its value; the shape of what stands there */
static const char *name(pass *s, const char *p, unsigned *shape, bool *is_attributes) {
  const char *key = p;
  if (p == s->end || *p != '"') return fail(s, "a key that is no text");
  p = string(s, p);
  if (p == NULL) return NULL;
  *shape = ((unsigned)(p - key) + 8u * (unsigned)s->depth) % SHAPES;
  *is_attributes = is(key, (size_t)(p - key), "\"attributes\"");
  if (s->escaped || (s->attributes > 0 && is(key, (size_t)(p - key), "\"data\""))) s->nested = true;
  p = rs_json_space(p, s->end);
  if (p == s->end || *p != ':') return fail(s, "a key without a value");
  return rs_json_space(p + 1, s->end);
}

/* [-1, +0, m] the value of the key on top, set in the table below it */
static const char *member_value(pass *s, const char *p, unsigned shape, bool is_attributes) {
  bool is_null = p < s->end && *p == 'n';
  s->attributes += is_attributes;
  p = value(s, p, shape);
  s->attributes -= is_attributes;
  if (p == NULL) return NULL;
  if (is_null && !s->keep_null) {
    lua_pop(s->L, 1);
    lua_pushnil(s->L);
  }
  lua_rawset(s->L, -3);
  return p;
}

/* [-0, +0, m] one key and value, set in the table on top */
static const char *member(pass *s, const char *p) {
  unsigned shape;
  bool is_attributes;
  p = name(s, p, &shape, &is_attributes);
  return p == NULL ? NULL : member_value(s, p, shape, is_attributes);
}

static const char *object(pass *s, const char *p, unsigned shape) {
  unsigned char count = 0;
  bool more = true;
  lua_createtable(s->L, 0, s->members[shape]);
  p = rs_json_space(p + 1, s->end);
  if (p < s->end && *p == '}') return p + 1;
  while (p != NULL && more) {
    p = member(s, p);
    if (p != NULL) p = next(s, p, '}', &more);
    if (count < MAX_HINT) count++;
  }
  s->members[shape] = count;
  return p;
}

static const char *array(pass *s, const char *p, unsigned shape) {
  bool more = true;
  lua_newtable(s->L);
  p = rs_json_space(p + 1, s->end);
  if (p < s->end && *p == ']') {
    lua_pushvalue(s->L, ARRAY_MT);
    lua_setmetatable(s->L, -2);
    return p + 1;
  }
  for (int i = 1; p != NULL && more; i++) {
    p = value(s, p, shape);
    if (p == NULL) return NULL;
    lua_rawseti(s->L, -2, i);
    p = next(s, p, ']', &more);
  }
  return p;
}

static const char *container(pass *s, const char *p, unsigned shape) {
  if (++s->depth > MAX_DEPTH) return fail(s, "more than 128 levels");
  luaL_checkstack(s->L, 6, NULL);
  p = *p == '{' ? object(s, p, shape) : array(s, p, shape);
  s->depth--;
  return p;
}

static const char *value(pass *s, const char *p, unsigned shape) {
  if (p == s->end) return fail(s, "an end too early");
  switch (*p) {
  case '{':
  case '[':
    return container(s, p, shape);
  case '"':
    return string(s, p);
  case 't':
  case 'f':
    return boolean(s, p);
  case 'n':
    return null(s, p);
  default:
    return number(s, p);
  }
}

/* [-0, +2, m] nil and what is wrong */
static int push_fault(lua_State *L, const char *fault) {
  lua_pushnil(L);
  lua_pushstring(L, fault);
  return 2;
}

/* [-0, +0, v] a pass over the text in its slot, from its start */
static const char *begin(lua_State *L, pass *s) {
  size_t len;
  const char *p = luaL_checklstring(L, TEXT, &len);
  memset(s, 0, sizeof *s);
  s->L = L;
  s->end = p + len;
  s->keep_null = lua_toboolean(L, KEEP_NULL);
  return rs_json_space(p, s->end);
}

/* decode(text, keep_null, array_mt, null)
 *   -> value, whether there may be JSON:API inside attributes | nil, what is wrong */
int rs_lua_decode(lua_State *L) {
  pass s;
  const char *p = begin(L, &s);
  lua_settop(L, SCRATCH);
  p = value(&s, p, 0);
  if (p != NULL && rs_json_space(p, s.end) != s.end) p = fail(&s, "more after its end");
  if (p == NULL) return push_fault(L, s.fault);
  lua_pushboolean(L, s.nested);
  return 2;
}

/* A document that is decoded slice by slice: between the members of its object, and between the
 * items of a list that is one of them. */
typedef struct {
  pass s;
  const char *p;
  enum { MEMBERS, ITEMS, END } at;
  bool is_attributes; /* the list's name */
  unsigned shape;     /* of the list's items */
  int items;
} slices;

/* More slots: the state, the object, and the list that is being read. */
enum { STATE = SCRATCH + 1, ROOT, LIST };

/* slices(text, keep_null) -> userdata | nil, when it is no object with something in it */
int rs_lua_slices(lua_State *L) {
  pass s;
  slices *z;
  const char *p = begin(L, &s);
  if (p == s.end || *p != '{') return 0;
  p = rs_json_space(p + 1, s.end);
  if (p == s.end || *p == '}') return 0;
  z = rs_newuserdata(L, sizeof *z);
  memset(z, 0, sizeof *z);
  z->s = s;
  z->p = p;
  return 1;
}

/* After a member: the next one, or the end. */
static const char *turn(slices *z, const char *p) {
  bool more;
  p = next(&z->s, p, '}', &more);
  if (p != NULL) z->at = more ? MEMBERS : END;
  return p;
}

/* Begins a list that is a member of the object; NULL when p is at something else. */
static const char *open_list(slices *z, const char *p, unsigned shape, bool is_attributes) {
  lua_State *L = z->s.L;
  if (p == z->s.end || *p != '[') return NULL;
  p = rs_json_space(p + 1, z->s.end);
  if (p == z->s.end || *p == ']') return NULL;
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_replace(L, LIST);
  lua_rawset(L, ROOT);
  z->at = ITEMS;
  z->items = 0;
  z->shape = shape;
  z->is_attributes = is_attributes;
  z->s.attributes += is_attributes;
  return p;
}

static const char *step_member(slices *z, const char *p) {
  unsigned shape;
  bool is_attributes;
  const char *list;
  z->s.depth = 1;
  lua_pushvalue(z->s.L, ROOT);
  p = name(&z->s, p, &shape, &is_attributes);
  if (p == NULL) return NULL;
  list = open_list(z, p, shape, is_attributes);
  if (list == NULL) p = member_value(&z->s, p, shape, is_attributes);
  lua_pop(z->s.L, 1);
  return list != NULL ? list : p == NULL ? NULL : turn(z, p);
}

static const char *step_item(slices *z, const char *p) {
  bool more;
  z->s.depth = 2;
  p = value(&z->s, p, z->shape);
  if (p == NULL) return NULL;
  lua_rawseti(z->s.L, LIST, ++z->items);
  p = next(&z->s, p, ']', &more);
  if (p == NULL || more) return p;
  z->s.attributes -= z->is_attributes;
  return turn(z, p);
}

/* decode_slice(text, keep_null, array_mt, null, nil, state, object, list, bytes), with the same
 * text and what the last call returned
 *   -> true, list | false, whether there may be JSON:API inside attributes | nil, what is wrong */
int rs_lua_decode_slice(lua_State *L) {
  slices *z = lua_touserdata(L, STATE);
  const char *p, *stop;
  luaL_argcheck(L, z != NULL && lua_type(L, TEXT) == LUA_TSTRING, STATE, "no state");
  p = z->p;
  stop = p + (size_t)luaL_checknumber(L, LIST + 1);
  lua_settop(L, LIST);
  luaL_checkstack(L, 8, NULL);
  z->s.L = L;
  z->s.scratch = NULL;
  while (p != NULL && z->at != END && p < stop)
    p = z->at == ITEMS ? step_item(z, p) : step_member(z, p);
  if (p != NULL && z->at == END && rs_json_space(p, z->s.end) != z->s.end)
    p = fail(&z->s, "more after its end");
  if (p == NULL) return push_fault(L, z->s.fault);
  z->p = p;
  lua_pushboolean(L, z->at != END);
  if (z->at == END)
    lua_pushboolean(L, z->s.nested);
  else
    lua_pushvalue(L, LIST);
  return 2;
}

/* valid_utf8(text) -> boolean */
int rs_lua_valid_utf8(lua_State *L) {
  size_t len;
  const char *s = luaL_checklstring(L, 1, &len);
  lua_pushboolean(L, rs_utf8_valid(s, len));
  return 1;
}
