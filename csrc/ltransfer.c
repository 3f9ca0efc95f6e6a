/* Transfers on the I/O thread, and the mailboxes in which they arrive. */
#include "ltransfer.h"

#include "lengine.h"

#include <poll.h>
#include <string.h>
#include <time.h>

#define MAILBOX  "reseller.mailbox"
#define TRANSFER "reseller.transfer"

typedef struct {
  rs_mailbox *mailbox;
} mailbox;

typedef struct {
  rs_transfer *transfer; /* NULL once closed */
} transfer;

rs_mailbox *rs_check_mailbox(lua_State *L, int i) {
  mailbox *m = luaL_checkudata(L, i, MAILBOX);
  if (m->mailbox == NULL) luaL_error(L, "the mailbox is closed");
  return m->mailbox;
}

/* mailbox() -> mailbox */
int rs_lua_mailbox(lua_State *L) {
  mailbox *m = rs_newuserdata(L, sizeof *m);
  memset(m, 0, sizeof *m); /* zero means closed: __gc is safe from here on */
  rs_setmetatable(L, MAILBOX);
  m->mailbox = rs_mailbox_new();
  if (m->mailbox == NULL)
    return luaL_error(L, "cannot make a mailbox: no memory or no descriptor left");
  return 1;
}

static int mailbox_close(lua_State *L) {
  mailbox *m = luaL_checkudata(L, 1, MAILBOX);
  rs_mailbox_close(m->mailbox);
  m->mailbox = NULL;
  return 0;
}

/* mailbox:fd() -> a descriptor that is readable while something is in the mailbox */
static int mailbox_fd(lua_State *L) {
  lua_pushinteger(L, rs_mailbox_fd(rs_check_mailbox(L, 1)));
  return 1;
}

/* mailbox:take() -> tag of a finished transfer | nil */
static int mailbox_take(lua_State *L) {
  long long tag;
  if (!rs_mailbox_take(rs_check_mailbox(L, 1), &tag)) return 0;
  rs_pushinteger(L, tag);
  return 1;
}

static int poll_ms(double seconds) {
  return seconds > 1e6 ? 1000000000 : seconds <= 0 ? 0 : (int)(seconds * 1000) + 1;
}

/* mailbox:wait(seconds) -> as take; nil also when a signal came, so that Ctrl-C is heard */
static int mailbox_wait(lua_State *L) {
  struct pollfd p = {.fd = rs_mailbox_fd(rs_check_mailbox(L, 1)), .events = POLLIN};
  poll(&p, 1, poll_ms(luaL_checknumber(L, 2)));
  return mailbox_take(L);
}

/* mailbox:listen() -> path of a socket for this process to connect to | nil, why */
static int mailbox_listen(lua_State *L) {
  const char *path, *why;
  if (rs_mailbox_listen(rs_check_mailbox(L, 1), &path, &why)) {
    lua_pushstring(L, path);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  return 2;
}

/* mailbox:accept() -> whether this process has connected; a byte comes with whatever arrives */
static int mailbox_accept(lua_State *L) {
  lua_pushboolean(L, rs_mailbox_accept(rs_check_mailbox(L, 1)));
  return 1;
}

/* mailbox:kick(), a byte for nothing */
static int mailbox_kick(lua_State *L) {
  rs_mailbox_kick(rs_check_mailbox(L, 1));
  return 0;
}

/* session:start(mailbox, tag, method, target, body|nil, timeout, once) -> transfer | nil */
int rs_session_start(lua_State *L) {
  rs_mailbox *m = rs_check_mailbox(L, 2);
  long long tag = (long long)luaL_checknumber(L, 3);
  rs_request q;
  rs_route *route = rs_session_read(L, 4, &q);
  transfer *t = rs_newuserdata(L, sizeof *t);
  memset(t, 0, sizeof *t);
  rs_setmetatable(L, TRANSFER);
  t->transfer = rs_transfer_start(route, &q, m, tag);
  return t->transfer != NULL;
}

/* transfer:close(), which cancels it if it still runs */
static int transfer_close(lua_State *L) {
  transfer *t = luaL_checkudata(L, 1, TRANSFER);
  if (t->transfer != NULL) rs_transfer_drop(t->transfer);
  t->transfer = NULL;
  return 0;
}

/* transfer:reply(), once its tag was taken -> as session:perform */
static int transfer_reply(lua_State *L) {
  transfer *t = luaL_checkudata(L, 1, TRANSFER);
  if (t->transfer == NULL) return luaL_error(L, "the transfer is closed");
  return rs_push_reply(L, rs_transfer_reply(t->transfer));
}

/* sleep(seconds), cut short by a signal */
int rs_lua_sleep(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  struct timespec t;
  if (!(seconds > 0)) return 0;
  if (seconds > 1e9) seconds = 1e9;
  t.tv_sec = (time_t)seconds;
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  nanosleep(&t, NULL);
  return 0;
}

/* can_yield() -> boolean; nginx takes coroutine.isyieldable away */
int rs_lua_can_yield(lua_State *L) {
  lua_pushboolean(L, rs_can_yield(L));
  return 1;
}

/* now() -> seconds on a clock that nobody sets; the same for all processes until the next boot */
int rs_lua_now(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
  return 1;
}

static const luaL_Reg mailbox_methods[] = {
    {"fd", mailbox_fd},         {"take", mailbox_take},     {"wait", mailbox_wait},
    {"listen", mailbox_listen}, {"accept", mailbox_accept}, {"kick", mailbox_kick},
    {"close", mailbox_close},   {"__gc", mailbox_close},    {NULL, NULL},
};

static const luaL_Reg transfer_methods[] = {
    {"reply", transfer_reply},
    {"close", transfer_close},
    {"__gc", transfer_close},
    {NULL, NULL},
};

void rs_lua_transfer_types(lua_State *L) {
  rs_newtype(L, MAILBOX, mailbox_methods);
  rs_newtype(L, TRANSFER, transfer_methods);
  lua_pop(L, 2);
}
