/* One thread that waits on descriptors and a deadline, on epoll. */
#define _GNU_SOURCE /* pthread_timedjoin_np */
#include "loop.h"

#include "thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_EVENTS 64

struct rs_loop {
  rs_loop_calls calls;
  pthread_t thread;
  int epoll, wake;
  long long deadline; /* milliseconds of the monotonic clock; 0: none */
  atomic_bool stop;
};

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int wait_ms(const rs_loop *loop) {
  long long left;
  if (loop->deadline == 0) return -1;
  left = loop->deadline - now_ms();
  return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static void dispatch(rs_loop *loop, const struct epoll_event *e) {
  int events = 0;
  if (e->events & (EPOLLIN | EPOLLHUP)) events |= RS_LOOP_IN;
  if (e->events & EPOLLOUT) events |= RS_LOOP_OUT;
  if (e->events & EPOLLERR) events |= RS_LOOP_ERROR;
  loop->calls.ready(loop->calls.ud, e->data.fd, events);
}

/* What other threads ask for comes last: by then it is known what the descriptors are good for. */
static void turn(rs_loop *loop, const struct epoll_event *events, int n) {
  bool woken = false;
  for (int i = 0; i < n; i++)
    if (events[i].data.fd == loop->wake)
      woken = true;
    else
      dispatch(loop, &events[i]);
  if (woken) loop->calls.woken(loop->calls.ud);
}

static void *run(void *ud) {
  rs_loop *loop = ud;
  struct epoll_event events[MAX_EVENTS];
  while (!atomic_load(&loop->stop)) {
    turn(loop, events, epoll_wait(loop->epoll, events, MAX_EVENTS, wait_ms(loop)));
    if (loop->deadline != 0 && now_ms() >= loop->deadline) {
      loop->deadline = 0;
      loop->calls.due(loop->calls.ud);
    }
  }
  return NULL;
}

static void discard(rs_loop *loop) {
  if (loop->epoll >= 0) close(loop->epoll);
  if (loop->wake >= 0) close(loop->wake);
  free(loop);
}

/* Each write to it is an event of its own, so that nobody needs to read it. */
static bool watch_wake(rs_loop *loop) {
  struct epoll_event e = {.data.fd = loop->wake, .events = EPOLLIN | EPOLLET};
  return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &e) == 0;
}

rs_loop *rs_loop_start(const rs_loop_calls *calls) {
  rs_loop *loop = calloc(1, sizeof *loop);
  if (loop == NULL) return NULL;
  loop->calls = *calls;
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (loop->epoll >= 0 && loop->wake >= 0 && watch_wake(loop) &&
      rs_thread_start(&loop->thread, run, loop))
    return loop;
  discard(loop);
  return NULL;
}

bool rs_loop_stop(rs_loop *loop, double seconds) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += (time_t)seconds;
  until.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
  if (until.tv_nsec >= 1000000000L) {
    until.tv_nsec -= 1000000000L;
    until.tv_sec++;
  }
  atomic_store(&loop->stop, true);
  rs_loop_wake(loop);
  if (pthread_timedjoin_np(loop->thread, NULL, &until) != 0) return false;
  discard(loop);
  return true;
}

void rs_loop_wake(rs_loop *loop) {
  uint64_t one = 1;
  ssize_t n;
  do n = write(loop->wake, &one, sizeof one);
  while (n < 0 && errno == EINTR);
}

bool rs_loop_watch(rs_loop *loop, int fd, int events) {
  struct epoll_event e = {.data.fd = fd};
  if (events == 0) return epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, &e) == 0;
  if (events & RS_LOOP_IN) e.events |= EPOLLIN;
  if (events & RS_LOOP_OUT) e.events |= EPOLLOUT;
  if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, fd, &e) == 0) return true;
  return errno == ENOENT && epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

void rs_loop_deadline(rs_loop *loop, long ms) {
  loop->deadline = ms < 0 ? 0 : now_ms() + ms;
}
