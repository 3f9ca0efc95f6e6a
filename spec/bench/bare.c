/* The reference of the measurements: libcurl, and nothing of ours between it and Lua. */
#include "buf.h"
#include "lcompat.h"

#include <curl/curl.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define TRANSFER "bench.transfer"
#define BATCH    "bench.batch"
#define MAX_WIDE 512

typedef struct {
  CURL *easy;
  struct curl_slist *headers;
  rs_buf body;
  int index; /* of its URL in a batch */
} transfer;

typedef struct {
  CURLM *multi;
  int width;
  transfer transfers[];
} batch;

static size_t on_body(char *s, size_t size, size_t n, void *ud) {
  return rs_buf_add(ud, s, size * n) ? size * n : 0;
}

static void transfer_free(transfer *t) {
  if (t->easy != NULL) curl_easy_cleanup(t->easy);
  t->easy = NULL;
  rs_buf_free(&t->body);
}

/* [-0, +0, e] an easy handle as a careful program sets it up */
static void transfer_start(lua_State *L, transfer *t) {
  rs_buf_init(&t->body, SIZE_MAX / 2);
  t->easy = curl_easy_init();
  if (t->easy == NULL) luaL_error(L, "cannot start libcurl");
  curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
  curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(t->easy, CURLOPT_TIMEOUT, 30L);
  curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, &t->body);
  curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
}

/* [-0, +0, e] the list of header lines at `i`, NULL if there is none */
static struct curl_slist *read_headers(lua_State *L, int i) {
  struct curl_slist *list = NULL;
  for (int k = 1; lua_istable(L, i) && k <= (int)lua_rawlen(L, i); k++) {
    lua_rawgeti(L, i, k);
    list = curl_slist_append(list, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  return list;
}

/* [-0, +0, e] sets the headers when they are another table than last time, which upvalue 2 holds */
static void use_headers(lua_State *L, transfer *t, int i) {
  if (lua_rawequal(L, i, lua_upvalueindex(2))) return;
  curl_slist_free_all(t->headers);
  t->headers = read_headers(L, i);
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
  lua_pushvalue(L, i);
  lua_replace(L, lua_upvalueindex(2));
}

/* [-0, +1, e] the body of a finished transfer */
static void push_body(lua_State *L, transfer *t, CURLcode rc) {
  long status = 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
  if (rc != CURLE_OK || status != 200)
    luaL_error(L, "%s (%d)", curl_easy_strerror(rc), (int)status);
  lua_pushlstring(L, t->body.data != NULL ? t->body.data : "", t->body.len);
}

/* get(url, headers) -> body; on one connection that stays open */
static int bare_get(lua_State *L) {
  transfer *t = lua_touserdata(L, lua_upvalueindex(1));
  const char *url = luaL_checkstring(L, 1);
  lua_settop(L, 2);
  use_headers(L, t, 2);
  rs_buf_clear(&t->body);
  curl_easy_setopt(t->easy, CURLOPT_URL, url);
  push_body(L, t, curl_easy_perform(t->easy));
  return 1;
}

static int transfer_gc(lua_State *L) {
  transfer *t = lua_touserdata(L, 1);
  transfer_free(t);
  curl_slist_free_all(t->headers);
  t->headers = NULL;
  return 0;
}

static int batch_gc(lua_State *L) {
  batch *b = lua_touserdata(L, 1);
  for (int i = 0; i < b->width; i++) {
    if (b->transfers[i].easy != NULL) curl_multi_remove_handle(b->multi, b->transfers[i].easy);
    transfer_free(&b->transfers[i]);
  }
  if (b->multi != NULL) curl_multi_cleanup(b->multi);
  curl_slist_free_all(b->width > 0 ? b->transfers[0].headers : NULL);
  b->multi = NULL;
  b->width = 0;
  return 0;
}

/* [-0, +1, e] */
static batch *new_batch(lua_State *L, int width, int headers) {
  batch *b = rs_newuserdata(L, sizeof *b + (size_t)width * sizeof *b->transfers);
  memset(b, 0, sizeof *b + (size_t)width * sizeof *b->transfers);
  b->width = width;
  rs_setmetatable(L, BATCH);
  b->multi = curl_multi_init();
  b->transfers[0].headers = read_headers(L, headers);
  for (int i = 0; i < width; i++) {
    transfer_start(L, &b->transfers[i]);
    curl_easy_setopt(b->transfers[i].easy, CURLOPT_HTTPHEADER, b->transfers[0].headers);
  }
  return b;
}

/* [-0, +0, e] sends the transfer after URL number `index` of the list at 1 */
static void start(lua_State *L, batch *b, transfer *t, int index) {
  t->index = index;
  rs_buf_clear(&t->body);
  lua_rawgeti(L, 1, index);
  curl_easy_setopt(t->easy, CURLOPT_URL, lua_tostring(L, -1));
  lua_pop(L, 1);
  curl_multi_add_handle(b->multi, t->easy);
}

/* [-0, +0, e] hands the bodies that have come to the callback at 3; how many there were */
static int take(lua_State *L, batch *b, int *next, int count) {
  CURLMsg *m;
  int left, taken = 0;
  for (transfer *t; (m = curl_multi_info_read(b->multi, &left)) != NULL; taken++) {
    CURLcode rc = m->data.result;
    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
    curl_multi_remove_handle(b->multi, t->easy);
    lua_pushvalue(L, 3);
    push_body(L, t, rc);
    lua_pushinteger(L, t->index);
    if (*next <= count) start(L, b, t, (*next)++);
    lua_call(L, 2, 0);
  }
  return taken;
}

/* pages(urls, concurrency, callback[, headers]) : callback(body, index) in the order of completion
 */
static int bare_pages(lua_State *L) {
  int width = (int)luaL_checkinteger(L, 2), count, next = 1, done = 0, running;
  batch *b;
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  luaL_argcheck(L, width >= 1 && width <= MAX_WIDE, 2, "expected 1 to 512");
  lua_settop(L, 4);
  count = (int)lua_rawlen(L, 1);
  b = new_batch(L, width, 4);
  while (next <= count && next <= width) {
    start(L, b, &b->transfers[next - 1], next);
    next++;
  }
  while (done < count) {
    curl_multi_perform(b->multi, &running);
    int taken = take(L, b, &next, count);
    if (taken == 0 && running > 0) curl_multi_poll(b->multi, NULL, 0, 1000, NULL);
    done += taken;
  }
  return 0;
}

/* now() -> seconds on a clock that never jumps */
static int bare_now(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
  return 1;
}

static const luaL_Reg functions[] = {{"pages", bare_pages}, {"now", bare_now}, {NULL, NULL}};
static const luaL_Reg transfer_methods[] = {{"__gc", transfer_gc}, {NULL, NULL}};
static const luaL_Reg batch_methods[] = {{"__gc", batch_gc}, {NULL, NULL}};

__attribute__((visibility("default"))) int luaopen_bare(lua_State *L);

__attribute__((visibility("default"))) int luaopen_bare(lua_State *L) {
  transfer *t;
  rs_newtype(L, BATCH, batch_methods);
  rs_newtype(L, TRANSFER, transfer_methods);
  lua_newtable(L);
  rs_setfuncs(L, functions);
  t = rs_newuserdata(L, sizeof *t);
  memset(t, 0, sizeof *t);
  rs_setmetatable(L, TRANSFER);
  transfer_start(L, t);
  lua_pushnil(L);
  lua_pushcclosure(L, bare_get, 2);
  lua_setfield(L, -2, "get");
  return 1;
}
