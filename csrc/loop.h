/* One thread that waits on descriptors and a deadline, and can be woken from any other thread.
 * It knows nothing of what they are for. */
#ifndef RS_LOOP_H
#define RS_LOOP_H

#include <stdbool.h>

enum { RS_LOOP_IN = 1, RS_LOOP_OUT = 2, RS_LOOP_ERROR = 4 };

/* All are called on the loop's thread. */
typedef struct {
  void (*woken)(void *ud);
  void (*ready)(void *ud, int fd, int events);
  void (*due)(void *ud); /* the deadline has passed, and is forgotten */
  void *ud;
} rs_loop_calls;

typedef struct rs_loop rs_loop;

/* Starts the thread, with all signals blocked in it. NULL when it cannot be had. */
rs_loop *rs_loop_start(const rs_loop_calls *calls);

/* Ends the thread; false, and nothing freed, when it is still busy after `seconds`. */
bool rs_loop_stop(rs_loop *loop, double seconds);

void rs_loop_wake(rs_loop *loop);

/* The rest is for the loop's own thread. Events of 0 end the watch. */
bool rs_loop_watch(rs_loop *loop, int fd, int events);
void rs_loop_deadline(rs_loop *loop, long ms); /* from now; negative: none */

#endif
