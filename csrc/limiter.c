/* Leases: at most so many requests reach a server in any window, however the server counts. */
#include "limiter.h"

#include <stdlib.h>

/* A server's clock may run slower than ours: NTP allows it 0.05 %. */
#define CLOCK_MARGIN 1.001

static double cooling(const rs_limit *l) {
  return l->window * CLOCK_MARGIN;
}

static double larger(double a, double b) {
  return a > b ? a : b;
}

/* When the lease can be free at the earliest: its holder's reply may come any moment. */
static double earliest(const rs_lease *lease, const rs_limit *l, double now) {
  if (lease->until <= now) return now;
  if (lease->holder == 0) return lease->until;
  return lease->until < now + cooling(l) ? lease->until : now + cooling(l);
}

double rs_leases_acquire(rs_leases *all, const rs_limit *l, double now, double longest,
                         unsigned *index, uint64_t *holder) {
  double first = -1;
  *index = 0;
  *holder = 0;
  if (all->paused_until > now) return all->paused_until - now;
  for (unsigned i = 0; i < l->requests; i++) {
    rs_lease *lease = &all->leases[i];
    double at = earliest(lease, l, now);
    if (at <= now) {
      lease->until = now + longest + cooling(l);
      lease->holder = *holder = ++all->last_holder;
      *index = i;
      return 0;
    }
    if (first < 0 || at < first) first = at;
  }
  return first < 0 ? 0 : first - now;
}

void rs_leases_release(rs_leases *all, const rs_limit *l, unsigned index, uint64_t holder,
                       double now) {
  rs_lease *lease;
  if (holder == 0 || index >= l->requests) return;
  lease = &all->leases[index];
  if (lease->holder != holder) return; /* it took too long, and the lease is another's by now */
  lease->holder = 0;
  lease->until = now + cooling(l);
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double rs_leases_eta(const rs_leases *all, const rs_limit *l, unsigned count, double now) {
  double free_at[RS_MAX_LEASES], start = larger(now, all->paused_until);
  if (count == 0 || l->requests == 0) return start - now;
  for (unsigned i = 0; i < l->requests; i++)
    free_at[i] = larger(start, earliest(&all->leases[i], l, now));
  qsort(free_at, l->requests, sizeof *free_at, by_value);
  return free_at[(count - 1) % l->requests] - now + (count - 1) / l->requests * cooling(l);
}

void rs_leases_cool(rs_leases *all, const rs_limit *l, double now) {
  all->paused_until = 0;
  for (unsigned i = 0; i < RS_MAX_LEASES; i++)
    all->leases[i] = (rs_lease){.until = now + cooling(l)};
}
