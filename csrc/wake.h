/* A unix socket between two places of one process: one that sends a byte, one that reads it.
 *
 * For event loops that can wait for nothing but a socket that they connected themselves. */
#ifndef RS_WAKE_H
#define RS_WAKE_H

#include <stdbool.h>
#include <sys/un.h>

/* Zeroed apart from the descriptors, which are -1, it is closed. */
typedef struct {
  int listener, peer;
  struct sockaddr_un at;
} rs_wake;

#define RS_WAKE_CLOSED ((rs_wake){.listener = -1, .peer = -1})

/* Listens in a folder that only this user can enter, at a path that is valid until accepted. NULL,
 * or what could not be had. */
const char *rs_wake_listen(rs_wake *w, const char **path);

/* Takes the connection that this process has made by now, nobody else's, and leaves no file behind.
 */
bool rs_wake_accept(rs_wake *w);

bool rs_wake_is_connected(const rs_wake *w);
bool rs_wake_send(const rs_wake *w); /* never blocks; false when nobody is connected */
void rs_wake_close(rs_wake *w);

#endif
