/* Threads that leave the host's signals to the host. */
#include "thread.h"

#include <signal.h>

bool rs_thread_start(pthread_t *thread, void *(*run)(void *), void *ud) {
  sigset_t all, before;
  int rc;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  rc = pthread_create(thread, NULL, run, ud);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return rc == 0;
}

bool rs_thread_detached(void *(*run)(void *), void *ud) {
  pthread_t thread;
  return rs_thread_start(&thread, run, ud) && pthread_detach(thread) == 0;
}
