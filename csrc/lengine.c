/* Sessions: an engine with the base URL and the secrets of one client. The credential lives here
 * and nowhere else, so that no dump of a Lua table can show it. */
#include "lengine.h"

#include "ltransfer.h"
#include "secret.h"
#include "sha256.h"
#include "url.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SESSION     "reseller.session"
#define MAX_URL     16384
#define MAX_SECRETS 8192
#define MAX_HEADERS 8

struct rs_session {
  rs_route *route;
  rs_engine *engine; /* made when a call first runs inline */
  size_t base_len;
  rs_buf url;     /* the base, then the target of the request under way */
  rs_buf secrets; /* strings one after the other, the last one empty */
  rs_buf masked;
};

static const char *const outcomes[] = {NULL,     "network",   "timeout", "tls",
                                       "decode", "too_large", "memory"};

static rs_session *open_session(lua_State *L) {
  rs_session *s = luaL_checkudata(L, 1, SESSION);
  if (s->route == NULL) luaL_error(L, "the client is closed");
  return s;
}

/* session:close() */
static int session_close(lua_State *L) {
  rs_session *s = luaL_checkudata(L, 1, SESSION);
  rs_engine_free(s->engine);
  rs_route_release(s->route);
  s->engine = NULL;
  s->route = NULL;
  rs_buf_free(&s->url);
  rs_buf_free(&s->secrets);
  rs_buf_free(&s->masked);
  return 0;
}

/* session:is_open() -> boolean */
static int session_is_open(lua_State *L) {
  rs_session *s = luaL_checkudata(L, 1, SESSION);
  lua_pushboolean(L, s->route != NULL);
  return 1;
}

/* [-0, +1, m] the headers by lower-case name; repeated ones joined by commas, as HTTP allows */
static void push_headers(lua_State *L, const rs_reply *r) {
  rs_header h;
  size_t cursor = 0;
  lua_createtable(L, 0, 8);
  while (rs_reply_header(r, &cursor, &h)) {
    char name[128];
    size_t n = h.name_len < sizeof name ? h.name_len : sizeof name;
    for (size_t i = 0; i < n; i++)
      name[i] = h.name[i] >= 'A' && h.name[i] <= 'Z' ? (char)(h.name[i] | 32) : h.name[i];
    lua_pushlstring(L, name, n);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    lua_pushlstring(L, h.value, h.value_len);
    if (lua_isnil(L, -2)) {
      lua_remove(L, -2);
    } else {
      lua_pushliteral(L, ", ");
      lua_insert(L, -2);
      lua_concat(L, 3);
    }
    lua_rawset(L, -3);
  }
}

int rs_push_reply(lua_State *L, const rs_reply *r) {
  if (r->outcome == RS_REPLIED) {
    lua_pushinteger(L, (lua_Integer)r->status);
    push_headers(L, r);
    lua_pushlstring(L, r->body.data != NULL ? r->body.data : "", r->body.len);
  } else {
    lua_pushnil(L);
    lua_pushstring(L, outcomes[r->outcome]);
    lua_pushstring(L, r->message);
  }
  lua_pushnumber(L, r->elapsed);
  lua_pushinteger(L, (lua_Integer)r->sends);
  return 5;
}

rs_route *rs_session_read(lua_State *L, int first, rs_request *q) {
  rs_session *s = open_session(L);
  size_t target_len;
  const char *target;
  *q = (rs_request){.method = luaL_checkstring(L, first)};
  target = luaL_checklstring(L, first + 1, &target_len);
  q->body = luaL_optlstring(L, first + 2, NULL, &q->body_len);
  q->timeout = luaL_checknumber(L, first + 3);
  q->once = lua_toboolean(L, first + 4);
  s->url.len = s->base_len;
  if (!rs_buf_add(&s->url, target, target_len + 1)) luaL_error(L, "a URL too long");
  q->url = s->url.data;
  return s->route;
}

typedef struct {
  lua_State *L;
  lua_Hook hook;
} interrupt;

/* The interpreter answers Ctrl-C by setting a hook, to be run when we return to it. */
static bool interrupted(void *ud) {
  const interrupt *before = ud;
  return lua_gethook(before->L) != before->hook;
}

/* session:perform(method, target, body|nil, timeout, once)
 *   -> status, headers, body, elapsed, sends | nil, kind, message, elapsed, sends */
static int session_perform(lua_State *L) {
  rs_session *s = open_session(L);
  rs_request q;
  interrupt before = {.L = rs_mainthread(L)};
  before.hook = lua_gethook(before.L);
  rs_session_read(L, 2, &q);
  if (s->engine == NULL) s->engine = rs_engine_new(s->route);
  if (s->engine == NULL) return luaL_error(L, "cannot start libcurl: not enough memory");
  return rs_push_reply(L, rs_engine_perform(s->engine, &q, interrupted, &before));
}

/* session:mask(text) -> text without secrets */
static int session_mask(lua_State *L) {
  rs_session *s = open_session(L);
  size_t n;
  const char *text = luaL_checklstring(L, 2, &n);
  rs_buf_clear(&s->masked);
  if (!rs_secret_mask(&s->masked, text, n, s->secrets.data))
    return luaL_error(L, "not enough memory");
  lua_pushlstring(L, s->masked.data != NULL ? s->masked.data : "", s->masked.len);
  return 1;
}

/* session:fingerprint(text) -> hexadecimal hash of the credential and the text, to name it by */
static int session_fingerprint(lua_State *L) {
  rs_session *s = open_session(L);
  uint8_t hash[RS_SHA256_BYTES];
  char hex[2 * RS_SHA256_BYTES + 1];
  lua_pushstring(L, s->secrets.data);
  lua_pushliteral(L, "\n");
  lua_pushvalue(L, 2);
  lua_concat(L, 3);
  rs_sha256(lua_tostring(L, -1), lua_rawlen(L, -1), hash);
  for (int i = 0; i < RS_SHA256_BYTES; i++) snprintf(hex + 2 * i, 3, "%02x", hash[i]);
  lua_pushstring(L, hex);
  return 1;
}

/* [-0, +1, e] settings[key] as text that stays on the stack */
static const char *text_field(lua_State *L, const char *key) {
  lua_getfield(L, 1, key);
  return lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
}

static double number_field(lua_State *L, const char *key) {
  double n;
  lua_getfield(L, 1, key);
  n = luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return n;
}

/* [-0, +n, e] the texts of settings[key], which stay on the stack */
static void list_field(lua_State *L, const char *key, const char **list, int max) {
  int n = 0, at;
  lua_getfield(L, 1, key);
  luaL_checktype(L, -1, LUA_TTABLE);
  at = lua_gettop(L);
  luaL_checkstack(L, max, NULL);
  for (n = 0; n < max && n < (int)lua_rawlen(L, at); n++) {
    lua_rawgeti(L, at, n + 1);
    list[n] = luaL_checkstring(L, -1);
  }
  list[n] = NULL;
}

static bool keep_texts(rs_session *s, const char *base, const char *const *secrets) {
  s->base_len = strlen(base);
  for (; *secrets != NULL; secrets++)
    if (**secrets != '\0' && !rs_buf_add(&s->secrets, *secrets, strlen(*secrets) + 1)) return false;
  return rs_buf_add(&s->secrets, "", 1) && rs_buf_add(&s->url, base, s->base_len);
}

/* session{ base_url=, headers={…}, secrets={…}, ca_file=, ca_path=, proxy=, user_agent=, direct=,
 *          connect_timeout=, max_head=, max_body= } -> rs_session */
int rs_lua_session(lua_State *L) {
  const char *headers[MAX_HEADERS + 1], *secrets[MAX_HEADERS + 1], *base;
  rs_settings settings = {.headers = headers};
  rs_session *s;
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkstack(L, 2 * MAX_HEADERS + 10, NULL);
  base = text_field(L, "base_url");
  luaL_argcheck(L, base != NULL, 1, "no base_url");
  settings.ca_file = text_field(L, "ca_file");
  settings.ca_path = text_field(L, "ca_path");
  settings.proxy = text_field(L, "proxy");
  settings.user_agent = text_field(L, "user_agent");
  lua_getfield(L, 1, "direct");
  settings.direct = lua_toboolean(L, -1);
  settings.connect_timeout = number_field(L, "connect_timeout");
  settings.max_head = (size_t)number_field(L, "max_head");
  settings.max_body = (size_t)number_field(L, "max_body");
  list_field(L, "headers", headers, MAX_HEADERS);
  list_field(L, "secrets", secrets, MAX_HEADERS);
  s = rs_newuserdata(L, sizeof *s);
  memset(s, 0, sizeof *s); /* zero means closed: __gc is safe from here on */
  rs_setmetatable(L, SESSION);
  rs_buf_init(&s->url, MAX_URL);
  rs_buf_init(&s->secrets, MAX_SECRETS);
  rs_buf_init(&s->masked, SIZE_MAX / 2);
  s->route = keep_texts(s, base, secrets) ? rs_route_new(&settings) : NULL;
  if (s->route == NULL) return luaL_error(L, "not enough memory");
  return 1;
}

/* base_url(text) -> { url=, https=, loopback= } | nil, what was expected */
int rs_lua_base_url(lua_State *L) {
  rs_base base;
  const char *url = luaL_checkstring(L, 1), *fault = rs_url_base(url, &base);
  if (fault != NULL) {
    lua_pushnil(L);
    lua_pushstring(L, fault);
    return 2;
  }
  lua_createtable(L, 0, 3);
  lua_pushlstring(L, url, base.len);
  lua_setfield(L, -2, "url");
  lua_pushboolean(L, base.https);
  lua_setfield(L, -2, "https");
  lua_pushboolean(L, base.loopback);
  lua_setfield(L, -2, "loopback");
  return 1;
}

/* proxy_is_local(proxy) -> boolean */
int rs_lua_proxy_is_local(lua_State *L) {
  lua_pushboolean(L, rs_url_proxy_is_local(luaL_checkstring(L, 1)));
  return 1;
}

static const luaL_Reg methods[] = {
    {"perform", session_perform},
    {"start", rs_session_start},
    {"mask", session_mask},
    {"close", session_close},
    {"fingerprint", session_fingerprint},
    {"is_open", session_is_open},
    {"__gc", session_close},
    {NULL, NULL},
};

void rs_lua_session_type(lua_State *L) {
  rs_newtype(L, SESSION, methods);
  lua_pop(L, 1);
}
