/* Leases: at most so many requests reach a server in any window, however the server counts.
 *
 * A request holds a lease from before it is sent until `window` seconds after its reply came. The
 * server saw it at some moment in between, so that no two requests which it could count in one
 * window ever hold the same lease. Time is an argument: seconds on a clock that nobody sets. */
#ifndef RS_LIMITER_H
#define RS_LIMITER_H

#include <stdint.h>

enum { RS_MAX_LEASES = 256 };

typedef struct {
  double until;    /* free from then on */
  uint64_t holder; /* of the request under way; 0: none, the lease is only cooling down */
} rs_lease;

/* Zeroed, all leases are free. Lives in memory, or in a file that processes share. */
typedef struct {
  double paused_until; /* the server said so */
  uint64_t last_holder;
  rs_lease leases[RS_MAX_LEASES];
} rs_leases;

typedef struct {
  unsigned requests; /* 0: no limit, only pauses; at most RS_MAX_LEASES */
  double window;     /* seconds */
} rs_limit;

/* 0 and a lease taken (index and holder), or the seconds after which asking again makes sense. The
 * request takes `longest` seconds at most: a dead holder's lease lives no longer than it would. */
double rs_leases_acquire(rs_leases *all, const rs_limit *l, double now, double longest,
                         unsigned *index, uint64_t *holder);

/* The reply came, or it is certain that nothing was sent. */
void rs_leases_release(rs_leases *all, const rs_limit *l, unsigned index, uint64_t holder,
                       double now);

/* Seconds until `count` more requests are done with, each taking no time. */
double rs_leases_eta(const rs_leases *all, const rs_limit *l, unsigned count, double now);

/* For when it is not known what was sent lately, as after a reboot: every lease cools down. */
void rs_leases_cool(rs_leases *all, const rs_limit *l, double now);

#endif
