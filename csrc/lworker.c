/* A thread with a Lua state of its own, for work that blocks: it does one thing at a time, and what
 * it came to arrives in a mailbox.
 *
 * The two states never run at once on the same values: what is asked is copied into the thread's
 * state before it wakes, and the answer out of it after it has posted its mail. */
#include "lworker.h"

#include "ltransfer.h"
#include "thread.h"

#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORKER       "reseller.worker"
#define MAX_DEPTH    8
#define EXIT_SECONDS 0.3 /* what a process waits at its end for a thread at work */

typedef enum { RESTING, ASKED, ANSWERED } phase;

typedef struct {
  unsigned refs; /* the userdata's, the thread's, and the mail's while it is under way */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  phase phase;
  bool ending;
  bool failed;  /* the answer is an error */
  lua_State *L; /* at index 1 what the chunk returned; above it question or answer */
  rs_mailbox *mailbox;
  rs_mail mail;
} rs_worker;

typedef struct {
  rs_worker *worker; /* NULL once closed */
} worker;

static atomic_int at_work; /* threads, of this process */

static void free_worker(rs_worker *w) {
  if (w->L != NULL) lua_close(w->L);
  pthread_mutex_destroy(&w->lock);
  pthread_cond_destroy(&w->changed);
  free(w);
}

static void release(rs_worker *w) {
  unsigned left;
  pthread_mutex_lock(&w->lock);
  left = --w->refs;
  pthread_mutex_unlock(&w->lock);
  if (left == 0) free_worker(w);
}

static void on_taken(rs_mail *mail) {
  release((rs_worker *)(void *)((char *)mail - offsetof(rs_worker, mail)));
}

/* [-1, +1, -] the chunk's text becomes what it returns, when it has not been run yet */
static bool run_chunk(lua_State *L) {
  size_t n;
  const char *chunk;
  if (lua_type(L, 1) != LUA_TSTRING) return true;
  chunk = lua_tolstring(L, 1, &n);
  if (luaL_loadbuffer(L, chunk, n, "=worker") != 0 || lua_pcall(L, 0, 1, 0) != 0) return false;
  lua_replace(L, 1);
  return true;
}

/* Does what was asked. The answer, or the error alone, is left above index 1. */
static bool work(lua_State *L) {
  int count = lua_gettop(L) - 1;
  bool done = run_chunk(L);
  if (done) {
    lua_pushvalue(L, 1);
    lua_insert(L, 2);
    done = lua_pcall(L, count, LUA_MULTRET, 0) == 0;
  }
  if (done) return true;
  lua_insert(L, 2);
  lua_settop(L, 2);
  return false;
}

static phase phase_of(rs_worker *w) {
  phase now;
  pthread_mutex_lock(&w->lock);
  now = w->phase;
  pthread_mutex_unlock(&w->lock);
  return now;
}

static void enter(rs_worker *w, phase next) {
  pthread_mutex_lock(&w->lock);
  w->phase = next;
  if (next == ASKED) w->refs++; /* the mail's */
  pthread_cond_signal(&w->changed);
  pthread_mutex_unlock(&w->lock);
}

static bool await_question(rs_worker *w) {
  bool asked;
  pthread_mutex_lock(&w->lock);
  while (w->phase != ASKED && !w->ending) pthread_cond_wait(&w->changed, &w->lock);
  asked = w->phase == ASKED;
  pthread_mutex_unlock(&w->lock);
  return asked;
}

static void answer(rs_worker *w, bool failed) {
  rs_mailbox *mailbox = w->mailbox;
  w->failed = failed;
  enter(w, ANSWERED);
  rs_mailbox_post(mailbox, &w->mail);
  rs_mailbox_release(mailbox);
}

static void *run(void *ud) {
  rs_worker *w = ud;
  while (await_question(w)) {
    atomic_fetch_add(&at_work, 1);
    answer(w, !work(w->L));
    atomic_fetch_sub(&at_work, 1);
  }
  release(w);
  return NULL;
}

/* A commit under way is seen through, unless it takes long: then it is as after a kill. */
static void at_exit(void) {
  const struct timespec ms = {.tv_nsec = 1000000};
  for (double left = EXIT_SECONDS; left > 0 && atomic_load(&at_work) > 0; left -= 0.001)
    nanosleep(&ms, NULL);
}

static void once_in_a_process(void) {
  atexit(at_exit);
}

/* [-0, +1, -] a copy of the value at `i` of `from`, which is only looked at; nil for what cannot be
 * copied */
static void copy(lua_State *from, int i, lua_State *to, int depth) {
  size_t n;
  const char *text;
  luaL_checkstack(to, 4, "too much to copy");
  switch (lua_type(from, i)) {
  case LUA_TBOOLEAN:
    lua_pushboolean(to, lua_toboolean(from, i));
    break;
  case LUA_TNUMBER: {
    long long whole;
    if (rs_tointeger(from, i, &whole))
      rs_pushinteger(to, whole);
    else
      lua_pushnumber(to, lua_tonumber(from, i));
    break;
  }
  case LUA_TSTRING:
    text = lua_tolstring(from, i, &n);
    lua_pushlstring(to, text, n);
    break;
  case LUA_TTABLE:
    lua_newtable(to);
    if (depth == 0 || !lua_checkstack(from, 4)) break;
    i = lua_absindex(from, i);
    for (lua_pushnil(from); lua_next(from, i) != 0; lua_pop(from, 1)) {
      copy(from, -2, to, depth - 1);
      copy(from, -1, to, depth - 1);
      lua_rawset(to, -3);
    }
    break;
  default:
    lua_pushnil(to);
  }
}

typedef struct {
  lua_State *from;
  int first, last;
} span;

/* [-1, +n, m] runs protected in the thread's state: copies of a span of another one's stack */
static int copy_span(lua_State *to) {
  const span *s = lua_touserdata(to, 1);
  lua_settop(to, 0);
  for (int i = s->first; i <= s->last; i++) copy(s->from, i, to, MAX_DEPTH);
  return lua_gettop(to);
}

/* Copies the question; false when there was no memory for it. */
static bool take_question(rs_worker *w, lua_State *L, int first) {
  span question = {.from = L, .first = first, .last = lua_gettop(L)};
  lua_settop(w->L, 1);
  lua_pushcfunction(w->L, copy_span);
  lua_pushlightuserdata(w->L, &question);
  if (lua_pcall(w->L, 1, LUA_MULTRET, 0) == 0) return true;
  lua_settop(w->L, 1);
  return false;
}

static rs_worker *check_worker(lua_State *L) {
  worker *u = luaL_checkudata(L, 1, WORKER);
  if (u->worker == NULL) luaL_error(L, "the worker is closed");
  return u->worker;
}

/* worker:ask(mailbox, tag, ...) : the tag arrives when the chunk's function has been called with
 * the rest, which are nil, booleans, numbers, strings and tables of them */
static int worker_ask(lua_State *L) {
  rs_worker *w = check_worker(L);
  rs_mailbox *m = rs_check_mailbox(L, 2);
  long long tag = (long long)luaL_checknumber(L, 3);
  if (phase_of(w) != RESTING) return luaL_error(L, "the worker is busy");
  if (!take_question(w, L, 4)) return luaL_error(L, "not enough memory");
  rs_mailbox_keep(m);
  w->mailbox = m;
  w->mail.tag = tag;
  enter(w, ASKED);
  return 0;
}

/* worker:answer(), once the tag was taken -> true, results… | false, error */
static int worker_answer(lua_State *L) {
  rs_worker *w = check_worker(L);
  if (phase_of(w) != ANSWERED) return luaL_error(L, "the worker has no answer");
  lua_pushboolean(L, !w->failed);
  for (int i = 2; i <= lua_gettop(w->L); i++) copy(w->L, i, L, MAX_DEPTH);
  enter(w, RESTING);
  return lua_gettop(L) - 1;
}

/* worker:close(); what it is at is finished */
static int worker_close(lua_State *L) {
  worker *u = luaL_checkudata(L, 1, WORKER);
  rs_worker *w = u->worker;
  if (w == NULL) return 0;
  u->worker = NULL;
  pthread_mutex_lock(&w->lock);
  w->ending = true;
  pthread_cond_signal(&w->changed);
  pthread_mutex_unlock(&w->lock);
  release(w);
  return 0;
}

/* [-1, +1, m] runs protected in the new state: its libraries, our search paths, and the chunk */
static int set_up(lua_State *to) {
  const span *s = lua_touserdata(to, 1);
  luaL_openlibs(to);
  lua_getglobal(to, "package");
  copy(s->from, s->first, to, 0);
  lua_setfield(to, -2, "path");
  copy(s->from, s->first + 1, to, 0);
  lua_setfield(to, -2, "cpath");
  copy(s->from, s->last, to, 0);
  return 1;
}

static rs_worker *new_worker(lua_State *L) {
  span settings = {.from = L, .first = 1, .last = 3};
  rs_worker *w = calloc(1, sizeof *w);
  if (w == NULL) return NULL;
  w->refs = 2;
  w->mail.taken = on_taken;
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->changed, NULL);
  w->L = luaL_newstate();
  if (w->L != NULL) {
    lua_pushcfunction(w->L, set_up);
    lua_pushlightuserdata(w->L, &settings);
    if (lua_pcall(w->L, 1, 1, 0) == 0 && rs_thread_detached(run, w)) return w;
  }
  free_worker(w);
  return NULL;
}

/* worker(package.path, package.cpath, chunk) -> worker; the chunk runs in the new thread, with what
 * is asked first, and returns the function to call with it */
int rs_lua_worker(lua_State *L) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  worker *u;
  for (int i = 1; i <= 3; i++) luaL_checkstring(L, i);
  u = rs_newuserdata(L, sizeof *u);
  memset(u, 0, sizeof *u); /* zero means closed: __gc is safe from here on */
  rs_setmetatable(L, WORKER);
  pthread_once(&once, once_in_a_process);
  u->worker = new_worker(L);
  if (u->worker == NULL) return luaL_error(L, "cannot start a thread");
  return 1;
}

static const luaL_Reg methods[] = {
    {"ask", worker_ask}, {"answer", worker_answer}, {"close", worker_close}, {"__gc", worker_close},
    {NULL, NULL},
};

void rs_lua_worker_type(lua_State *L) {
  rs_newtype(L, WORKER, methods);
  lua_pop(L, 1);
}
