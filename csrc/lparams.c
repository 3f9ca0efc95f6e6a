/* Arguments of a call, checked against the endpoint's row, made into a request target and body. */
#include "lparams.h"

#include "endpoint.h"
#include "json.h"
#include "url.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TARGET 8000 /* what servers commonly take as a request line */
#define MAX_SHOWN  40   /* characters of a refused value in a message */

/* Slots of the Lua stack: the arguments of prepare, then what it makes of them. */
enum { INDEX = 1, DEFAULTS, PARAMS, FLAT, BODY, FIRST_PATH };

typedef struct {
  lua_State *L;
  const rs_endpoint *row;
  rs_buf target;
  const char *field; /* what is wrong, when something is */
  char expected[400];
} call;

static bool refuse(call *c, const char *field, const char *expected) {
  c->field = field;
  if (expected != c->expected) snprintf(c->expected, sizeof c->expected, "%s", expected);
  return false;
}

/* Describes what a parameter takes, for messages. */
static void describe(const rs_param *p, char *out, size_t size) {
  size_t n = (size_t)snprintf(out, size, p->type == RS_LIST ? "a list of " : "one of ");
  if (p->choices != NULL) {
    for (int i = 0; p->choices[i] != NULL && n < size; i++)
      n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? ", " : "", p->choices[i]);
  } else if (p->type == RS_INTEGER && p->max != 0) {
    snprintf(out, size, "an integer from %lld to %lld", p->min, p->max);
  } else if (p->type == RS_INTEGER) {
    snprintf(out, size, p->min != 0 ? "an integer of at least %lld" : "an integer", p->min);
  } else {
    snprintf(out, size, "%s",
             p->type == RS_BOOLEAN ? "true or false"
             : p->type == RS_LIST  ? "a list of texts"
                                   : "text");
  }
}

static bool refuse_value(call *c, const rs_param *p) {
  describe(p, c->expected, sizeof c->expected);
  return refuse(c, p->name, c->expected);
}

static bool chosen(const rs_param *p, const char *s, size_t n) {
  if (p->choices == NULL) return true;
  for (const char *const *choice = p->choices; *choice != NULL; choice++)
    if (strlen(*choice) == n && memcmp(*choice, s, n) == 0) return true;
  return false;
}

/* [-0, +0, -] an integer in bounds; ids in a path may come as text, as the replies give them */
static bool read_integer(lua_State *L, int i, const rs_param *p, long long *n) {
  char text[24], *end;
  if (p->place == RS_PATH && lua_type(L, i) == LUA_TSTRING) {
    const char *s = lua_tostring(L, i);
    if (*s < '0' || *s > '9' || strlen(s) > 18) return false;
    *n = strtoll(s, &end, 10);
    if (*end != '\0') return false;
  } else if (!rs_tointeger(L, i, n)) {
    return false;
  }
  if ((p->min != 0 || p->max != 0) && (*n < p->min || (p->max != 0 && *n > p->max))) return false;
  snprintf(text, sizeof text, "%lld", *n);
  return chosen(p, text, strlen(text));
}

/* [-0, +0 or +1, m] the checked value in the form in which it is sent; false: refused */
static bool push_checked(call *c, const rs_param *p, int i) {
  lua_State *L = c->L;
  long long n;
  size_t len;
  const char *s;
  if (p->type == RS_INTEGER) {
    if (!read_integer(L, i, p, &n)) return refuse_value(c, p);
    rs_pushinteger(L, n);
    return true;
  }
  if (p->type == RS_BOOLEAN) {
    if (!lua_isboolean(L, i)) return refuse_value(c, p);
    lua_pushvalue(L, i);
    return true;
  }
  if (lua_type(L, i) != LUA_TSTRING) return refuse_value(c, p);
  s = lua_tolstring(L, i, &len);
  if (!chosen(p, s, len)) return refuse_value(c, p);
  if (!rs_utf8_valid(s, len)) return refuse(c, p->name, "valid UTF-8");
  lua_pushvalue(L, i);
  return true;
}

/* [-0, +0, m] the value on top as text, percent-encoded */
static bool add_scalar(call *c) {
  char text[24];
  long long n;
  size_t len;
  const char *s;
  if (lua_isboolean(c->L, -1))
    return rs_buf_adds(&c->target, lua_toboolean(c->L, -1) ? "true" : "false");
  if (rs_tointeger(c->L, -1, &n)) {
    snprintf(text, sizeof text, "%lld", n);
    return rs_buf_adds(&c->target, text);
  }
  s = lua_tolstring(c->L, -1, &len);
  return rs_url_escape(&c->target, s, len);
}

/* The items of "a,b", each checked and percent-encoded, the commas as they are. */
static bool add_csv(call *c, const rs_param *p, const char *s, size_t len) {
  const char *end = s + len;
  for (;;) {
    const char *comma = memchr(s, ',', (size_t)(end - s));
    size_t n = (size_t)((comma != NULL ? comma : end) - s);
    if (n == 0 || !chosen(p, s, n)) return refuse_value(c, p);
    if (!rs_url_escape(&c->target, s, n)) return false;
    if (comma == NULL) return true;
    s = comma + 1;
    if (!rs_buf_adds(&c->target, ",")) return false;
  }
}

/* [-0, +0, m] a list given as a table of texts, or as one text with commas */
static bool add_list(call *c, const rs_param *p, int i) {
  size_t len;
  const char *s;
  if (lua_type(c->L, i) == LUA_TSTRING) {
    s = lua_tolstring(c->L, i, &len);
    return add_csv(c, p, s, len);
  }
  if (!lua_istable(c->L, i) || lua_rawlen(c->L, i) == 0) return refuse_value(c, p);
  for (int k = 1, n = (int)lua_rawlen(c->L, i); k <= n; k++) {
    if (k > 1 && !rs_buf_adds(&c->target, ",")) return false;
    lua_rawgeti(c->L, i, k);
    s = lua_type(c->L, -1) == LUA_TSTRING ? lua_tolstring(c->L, -1, &len) : "";
    if (*s == '\0' || memchr(s, ',', len) != NULL) return refuse_value(c, p);
    if (!add_csv(c, p, s, len)) return false;
    lua_pop(c->L, 1);
  }
  return true;
}

/* [-0, +1, m] what the caller gave for the parameter, its default from the client, or nil */
static void push_given(call *c, const rs_param *p, int *next_path) {
  lua_State *L = c->L;
  if (p->place == RS_PATH && !p->option) {
    lua_pushvalue(L, (*next_path)++);
    return;
  }
  lua_getfield(L, FLAT, p->name);
  if (lua_isnil(L, -1) && p->option) {
    lua_pop(L, 1);
    lua_getfield(L, DEFAULTS, p->name);
  }
}

/* The order of path parameters in the row is that of their places in the template. */
static bool add_path(call *c) {
  const char *t = c->row->path;
  int next_path = FIRST_PATH;
  for (const rs_param *p = c->row->params; p->name != NULL && p->place == RS_PATH; p++) {
    const char *brace = strchr(t, '{'), *fault;
    if (!rs_buf_add(&c->target, t, (size_t)(brace - t))) return false;
    t = strchr(brace, '}') + 1;
    push_given(c, p, &next_path);
    if (!push_checked(c, p, lua_gettop(c->L))) return false;
    fault = lua_type(c->L, -1) == LUA_TSTRING
                ? rs_url_segment_fault(lua_tostring(c->L, -1), lua_rawlen(c->L, -1))
                : NULL;
    if (fault != NULL) return refuse(c, p->name, fault);
    if (!add_scalar(c)) return false;
    lua_pop(c->L, 2);
  }
  return rs_buf_adds(&c->target, t);
}

static bool add_query(call *c, const rs_param *p, char *mark) {
  if (!rs_buf_add(&c->target, mark, 1) || !rs_url_escape(&c->target, p->name, strlen(p->name)) ||
      !rs_buf_adds(&c->target, "="))
    return false;
  *mark = '&';
  if (p->type == RS_LIST) return add_list(c, p, lua_gettop(c->L));
  if (!push_checked(c, p, lua_gettop(c->L)) || !add_scalar(c)) return false;
  lua_pop(c->L, 1);
  return true;
}

/* [-0, +0, m] body[name] = the checked value on top */
static bool set_member(call *c, const rs_param *p) {
  if (!push_checked(c, p, lua_gettop(c->L))) return false;
  lua_setfield(c->L, BODY, p->name);
  return true;
}

/* [-0, +1, m] the default of the row, in the type in which it is sent */
static void push_fallback(lua_State *L, const rs_param *p) {
  if (p->type == RS_INTEGER)
    rs_pushinteger(L, strtoll(p->fallback, NULL, 10));
  else if (p->type == RS_BOOLEAN)
    lua_pushboolean(L, p->fallback[0] == 't');
  else
    lua_pushstring(L, p->fallback);
}

static bool add_rest(call *c) {
  char mark = '?';
  for (const rs_param *p = c->row->params; p->name != NULL; p++) {
    if (p->place == RS_PATH) continue;
    push_given(c, p, NULL);
    if (lua_isnil(c->L, -1) && p->fallback != NULL) {
      lua_pop(c->L, 1);
      push_fallback(c->L, p);
    }
    if (lua_isnil(c->L, -1) && p->required) return refuse_value(c, p);
    if (!lua_isnil(c->L, -1) && !(p->place == RS_QUERY ? add_query(c, p, &mark) : set_member(c, p)))
      return false;
    lua_pop(c->L, 1);
  }
  return true;
}

static bool may_be_named(const rs_endpoint *row, const char *name) {
  const rs_param *p = rs_param_find(row, name);
  return p != NULL && (p->place != RS_PATH || p->option);
}

static bool has_children(const rs_endpoint *row, const char *name) {
  size_t n = strlen(name);
  for (const rs_param *p = row->params; p->name != NULL; p++)
    if (strncmp(p->name, name, n) == 0 && p->name[n] == '[') return true;
  return false;
}

/* [-0, +0, m] page = { size = 50 } on top, key below it: FLAT["page[size]"] = 50 */
static bool flatten_children(call *c, const char *name) {
  lua_State *L = c->L;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    const char *child = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
    lua_pushfstring(L, "%s[%s]", name, child);
    if (!may_be_named(c->row, lua_tostring(L, -1))) return refuse(c, lua_tostring(L, -1), "");
    lua_pushvalue(L, -2);
    lua_rawset(L, FLAT);
  }
  return true;
}

/* [-0, +0, m] moves the named parameters into FLAT; false when one is unknown to the row */
static bool flatten(call *c) {
  lua_State *L = c->L;
  for (lua_pushnil(L); lua_next(L, PARAMS); lua_pop(L, 1)) {
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
    if (name != NULL && may_be_named(c->row, name)) {
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, FLAT);
    } else if (name != NULL && lua_istable(L, -1) && has_children(c->row, name)) {
      if (!flatten_children(c, name)) return false;
    } else {
      return refuse(c, name != NULL ? name : lua_typename(L, lua_type(L, -2)), "");
    }
  }
  return true;
}

static bool has_body(const rs_endpoint *row) {
  for (const rs_param *p = row->params; p->name != NULL; p++)
    if (p->place == RS_BODY) return true;
  return false;
}

/* [-0, +1, m] how the refused value on top looks in a message */
static void push_shown(lua_State *L) {
  int t = lua_type(L, -1);
  if (t == LUA_TSTRING && lua_rawlen(L, -1) > MAX_SHOWN) {
    lua_pushfstring(L, "a text of %d bytes", (int)lua_rawlen(L, -1));
  } else if (t == LUA_TSTRING) {
    lua_pushfstring(L, "\"%s\"", lua_tostring(L, -1));
  } else if (t == LUA_TNUMBER) {
    lua_pushvalue(L, -1);
    lua_tostring(L, -1);
  } else if (t == LUA_TBOOLEAN) {
    lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
  } else if (t == LUA_TNIL) {
    lua_pushliteral(L, "nothing");
  } else {
    lua_pushfstring(L, "a %s", lua_typename(L, t));
  }
}

/* [-0, +3 or +4, m] nil, field, expectation, shown value; without the last two: no such field */
static int push_refusal(call *c) {
  lua_State *L = c->L;
  int value = lua_gettop(L);
  if (c->field == NULL) refuse(c, "target", "a path and query of at most 8000 bytes");
  lua_pushnil(L);
  lua_pushstring(L, c->field);
  if (c->expected[0] == '\0') return 2;
  lua_pushstring(L, c->expected);
  lua_pushvalue(L, value);
  push_shown(L);
  lua_remove(L, -2);
  return 4;
}

/* prepare(index, defaults, params|nil, path values…) -> target, body|nil
 *                                                     | nil, field, expectation, shown value
 *                                                     | nil, unknown field */
int rs_lua_prepare(lua_State *L) {
  char space[MAX_TARGET];
  lua_Integer index = luaL_checkinteger(L, INDEX);
  call c = {.L = L, .target = {.data = space, .size = sizeof space, .cap = sizeof space}};
  luaL_argcheck(L, index >= 1 && (size_t)index <= rs_endpoint_count, INDEX, "no such endpoint");
  c.row = &rs_endpoints[index - 1];
  lua_newtable(L);
  lua_insert(L, FLAT);
  if (has_body(c.row))
    lua_newtable(L);
  else
    lua_pushnil(L);
  lua_insert(L, BODY);
  if (lua_gettop(L) < FIRST_PATH + 4)
    lua_settop(L, FIRST_PATH + 4); /* absent path values are nil */
  luaL_checkstack(L, 10, NULL);
  if ((lua_istable(L, PARAMS) && !flatten(&c)) || !add_path(&c) || !add_rest(&c))
    return push_refusal(&c);
  lua_pushlstring(L, c.target.data, c.target.len);
  lua_pushvalue(L, BODY);
  return 2;
}
