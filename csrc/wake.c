/* A unix socket between two places of one process: one that sends a byte, one that reads it. */
#define _GNU_SOURCE /* accept4, struct ucred */
#include "wake.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16

/* Short, as a socket's path may have 107 bytes, and without TMPDIR, which nginx takes away. */
static const char *const folders[] = {"/tmp/reseller-XXXXXX", "/dev/shm/reseller-XXXXXX",
                                      "/var/tmp/reseller-XXXXXX"};

/* mkdtemp makes it for this user only, whatever the umask. */
static bool make_folder(char *path, size_t size) {
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    if (strlen(folders[i]) + sizeof "/wake" > size) continue;
    strcpy(path, folders[i]);
    if (mkdtemp(path) == NULL) continue;
    strcat(path, "/wake");
    return true;
  }
  return false;
}

/* Takes the file and its folder away; connections that were made stay. */
static void stop_listening(rs_wake *w) {
  if (w->listener >= 0) close(w->listener);
  w->listener = -1;
  if (w->at.sun_path[0] == '\0') return;
  unlink(w->at.sun_path);
  rmdir(dirname(w->at.sun_path));
  w->at.sun_path[0] = '\0';
}

void rs_wake_close(rs_wake *w) {
  stop_listening(w);
  if (w->peer >= 0) close(w->peer);
  w->peer = -1;
}

const char *rs_wake_listen(rs_wake *w, const char **path) {
  rs_wake_close(w);
  *path = w->at.sun_path;
  w->at.sun_family = AF_UNIX;
  if (!make_folder(w->at.sun_path, sizeof w->at.sun_path)) {
    w->at.sun_path[0] = '\0';
    return "no folder can be made in /tmp, /dev/shm or /var/tmp";
  }
  w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (w->listener >= 0 && bind(w->listener, (struct sockaddr *)&w->at, sizeof w->at) == 0 &&
      listen(w->listener, BACKLOG) == 0)
    return NULL;
  stop_listening(w);
  return "no unix socket can be made";
}

static bool is_ours(int fd) {
  struct ucred who;
  socklen_t size = sizeof who;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.pid == getpid() &&
         who.uid == geteuid();
}

bool rs_wake_accept(rs_wake *w) {
  int fd = -1;
  while (w->listener >= 0) {
    fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0 || is_ours(fd)) break;
    close(fd);
  }
  stop_listening(w);
  w->peer = fd;
  return fd >= 0;
}

bool rs_wake_is_connected(const rs_wake *w) {
  return w->peer >= 0;
}

/* A full socket holds bytes enough to wake. */
bool rs_wake_send(const rs_wake *w) {
  if (w->peer < 0) return false;
  return send(w->peer, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 || errno == EAGAIN;
}
