/* Hands the table of endpoints to Lua: for methods, reference, help and the sandbox's routes. */
#include "lendpoint.h"

#include "endpoint.h"

#include <stdlib.h>

static const char *const effects[] = {"read", "write", "transition", "spend"};
static const char *const places[] = {"path", "query", "body"};
static const char *const types[] = {"string", "integer", "boolean", "list"};
static const char *const pagings[] = {NULL, "counted", "linked"};
static const char *const settles[] = {NULL, "period", "plan", "status", "new"};
static const char *const results[] = {"one", "many", "confirmed", "nothing"};

/* [-0, +0, m] t[key] = s for the table on top; nothing when s is NULL */
static void set_string(lua_State *L, const char *key, const char *s) {
  lua_pushstring(L, s);
  lua_setfield(L, -2, key);
}

static void set_boolean(lua_State *L, const char *key, bool b) {
  lua_pushboolean(L, b);
  lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, long long n) {
  rs_pushinteger(L, n);
  lua_setfield(L, -2, key);
}

/* [-0, +1, m] a choice or default, in the type of its parameter */
static void push_typed(lua_State *L, const rs_param *p, const char *text) {
  if (p->type == RS_INTEGER)
    rs_pushinteger(L, strtoll(text, NULL, 10));
  else if (p->type == RS_BOOLEAN)
    lua_pushboolean(L, text[0] == 't');
  else
    lua_pushstring(L, text);
}

static void set_choices(lua_State *L, const rs_param *p) {
  if (p->choices == NULL) return;
  lua_newtable(L);
  for (int i = 0; p->choices[i] != NULL; i++) {
    push_typed(L, p, p->choices[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "choices");
}

/* [-0, +1, m] */
static void push_param(lua_State *L, const rs_param *p) {
  lua_newtable(L);
  set_string(L, "name", p->name);
  set_string(L, "place", places[p->place]);
  set_string(L, "type", types[p->type]);
  set_string(L, "seen", p->seen);
  set_string(L, "doc", p->doc);
  set_boolean(L, "required", p->required);
  set_boolean(L, "option", p->option);
  if (p->min != 0 || p->max != 0) set_integer(L, "min", p->min);
  if (p->max != 0) set_integer(L, "max", p->max);
  set_choices(L, p);
  if (p->fallback == NULL) return;
  push_typed(L, p, p->fallback);
  lua_setfield(L, -2, "default");
}

/* [-0, +0, m] how the outcome of a call is looked up, for the row on top */
static void set_settling(lua_State *L, const rs_endpoint *row) {
  set_string(L, "settle", settles[row->settle]);
  if (row->settle == RS_BY_NOTHING) return;
  lua_newtable(L);
  set_string(L, "list", row->view->list);
  set_string(L, "end", row->view->end);
  set_string(L, "price", row->view->price);
  set_string(L, "currency", row->view->currency);
  lua_setfield(L, -2, "view");
  if (row->becomes.field == NULL) return;
  lua_newtable(L);
  set_string(L, "field", row->becomes.field);
  set_string(L, "value", row->becomes.value);
  lua_setfield(L, -2, "becomes");
}

/* [-0, +1, m] */
static void push_endpoint(lua_State *L, const rs_endpoint *row, int index) {
  lua_newtable(L);
  set_integer(L, "index", index);
  set_string(L, "id", row->id);
  set_string(L, "platform", row->platform);
  set_string(L, "method", row->method);
  set_string(L, "path", row->path);
  set_string(L, "effect", effects[row->effect]);
  set_string(L, "paging", pagings[row->paging]);
  set_string(L, "result", results[row->result]);
  set_settling(L, row);
  set_string(L, "doc", row->doc);
  set_string(L, "source", row->source);
  lua_newtable(L);
  for (int i = 0; row->params[i].name != NULL; i++) {
    push_param(L, &row->params[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "params");
}

/* endpoints() -> rows, fresh tables in the order of the C table */
int rs_lua_endpoints(lua_State *L) {
  lua_newtable(L);
  for (size_t i = 0; i < rs_endpoint_count; i++) {
    push_endpoint(L, &rs_endpoints[i], (int)i + 1);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* [-0, +1, m] */
static void push_platform(lua_State *L, const rs_platform *p) {
  lua_newtable(L);
  set_string(L, "name", p->name);
  set_string(L, "title", p->title);
  set_string(L, "base_url", p->base_url);
  set_string(L, "sandbox_path", p->sandbox_path);
  set_string(L, "sandbox_credential", p->sandbox_credential);
  set_string(L, "credential", p->credential);
  set_string(L, "auth_header", p->auth_header);
  set_string(L, "credential_hint", p->credential_hint);
  set_string(L, "media_type", p->media_type);
  set_boolean(L, "jsonapi", p->jsonapi);
  if (p->limit_requests == 0) return;
  lua_newtable(L);
  set_integer(L, "requests", p->limit_requests);
  set_integer(L, "seconds", p->limit_seconds);
  lua_setfield(L, -2, "limit");
}

/* platforms() -> platforms by name, fresh tables */
int rs_lua_platforms(lua_State *L) {
  lua_newtable(L);
  for (size_t i = 0; i < rs_platform_count; i++) {
    push_platform(L, &rs_platforms[i]);
    lua_setfield(L, -2, rs_platforms[i].name);
  }
  return 1;
}

/* check() -> true | nil, what is wrong with the table */
int rs_lua_check(lua_State *L) {
  char why[200];
  if (rs_endpoints_check(rs_endpoints, rs_endpoint_count, why, sizeof why)) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}
