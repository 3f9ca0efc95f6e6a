/* Threads that leave the host's signals to the host: none is ever handled on them. */
#ifndef RS_THREAD_H
#define RS_THREAD_H

#include <pthread.h>
#include <stdbool.h>

bool rs_thread_start(pthread_t *thread, void *(*run)(void *), void *ud);
bool rs_thread_detached(void *(*run)(void *), void *ud); /* one that nobody waits for */

#endif
