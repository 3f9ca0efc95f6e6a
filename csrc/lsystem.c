/* What the system tells and Lua's own library does not: who this process is, whether another one
 * still lives, the time of day to the millisecond, and files that only their owner reads. */
#include "lsystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* [-0, +0, -] the first bytes of a file, without the newline at the end; "" when there is none */
static void read_small(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read(fd, text, size - 1) : -1;
  if (fd >= 0) close(fd);
  text[n > 0 ? n : 0] = '\0';
  text[strcspn(text, "\n")] = '\0';
}

/* State and start time of a process, out of proc(5)'s stat; its second field may hold anything. */
static bool read_stat(long pid, char *state, long long *start) {
  char path[40], text[1024], *rest;
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  read_small(path, text, sizeof text);
  rest = strrchr(text, ')');
  return rest != NULL && sscanf(rest + 1,
                                " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
                                "%*d %*d %*d %lld",
                                state, start) == 2;
}

/* process() -> { pid=, start=, host= }; pids mean the same where `host` is the same */
int rs_lua_process(lua_State *L) {
  char state, name[256] = "", boot[40], space[64] = "";
  long long start = 0;
  gethostname(name, sizeof name - 1);
  read_small("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
  if (readlink("/proc/self/ns/pid", space, sizeof space - 1) < 0) space[0] = '\0';
  read_stat(getpid(), &state, &start);
  lua_createtable(L, 0, 3);
  rs_pushinteger(L, getpid());
  lua_setfield(L, -2, "pid");
  rs_pushinteger(L, start);
  lua_setfield(L, -2, "start");
  lua_pushfstring(L, "%s %s %s", name, boot, space);
  lua_setfield(L, -2, "host");
  return 1;
}

/* pid() -> of this process; another one after a fork */
int rs_lua_pid(lua_State *L) {
  rs_pushinteger(L, getpid());
  return 1;
}

/* alive(pid, start) -> boolean; a process that has ended but was not waited for is not alive */
int rs_lua_alive(lua_State *L) {
  long pid = (long)luaL_checknumber(L, 1);
  long long start = 0;
  char state = '?';
  int gone = kill((pid_t)pid, 0) != 0 && errno == ESRCH;
  if (!gone && read_stat(pid, &state, &start))
    gone = start != (long long)luaL_checknumber(L, 2) || state == 'Z' || state == 'X';
  lua_pushboolean(L, !gone);
  return 1;
}

/* 0, or why a file that is there cannot be written by this process */
static int write_fault(const char *path) {
  struct stat s;
  if (stat(path, &s) != 0) return errno;
  if (S_ISDIR(s.st_mode)) return EISDIR;
  return faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* private_file(path) -> true | nil, why; makes the file, for its owner only, if there is none. One
 * that is there is not opened: to close it would end the locks that this process has on it. */
int rs_lua_private_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  int fault = fd >= 0 ? close(fd) : errno == EEXIST ? write_fault(path) : errno;
  if (fault == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, strerror(fault));
  return 2;
}

/* wall() -> seconds since 1970 */
int rs_lua_wall(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
  return 1;
}

/* reset_on_close(fd) -> true | nil, why; closing the socket then resets its connection */
int rs_lua_reset_on_close(lua_State *L) {
  const struct linger none = {.l_onoff = 1, .l_linger = 0};
  if (setsockopt((int)luaL_checknumber(L, 1), SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, strerror(errno));
  return 2;
}
