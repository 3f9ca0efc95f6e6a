/* Where what other threads have finished arrives, and how whoever waits for it learns of it. */
#include "mailbox.h"

#include "wake.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct rs_mailbox {
  unsigned refs;
  int fd;
  bool raised; /* the descriptor: an eventfd at 1 */
  bool closed; /* nobody takes any more */
  rs_wake wake;
  rs_mail *first, *last;
};

/* Guards all mailboxes. It is held for a few instructions only, and over a fork, so that the child
 * finds it free. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Held while a byte is sent: who is woken by it wants the other lock first thing, and must not
 * find it taken. What `wake` is changes under both. Got after the other, never before it. */
static pthread_mutex_t wake_lock = PTHREAD_MUTEX_INITIALIZER;

static void acquire(void) {
  pthread_mutex_lock(&lock);
}
static void release(void) {
  pthread_mutex_unlock(&lock);
}

static void acquire_both(void) {
  acquire();
  pthread_mutex_lock(&wake_lock);
}
static void release_both(void) {
  pthread_mutex_unlock(&wake_lock);
  release();
}

static void once_in_a_process(void) {
  pthread_atfork(acquire_both, release_both, release_both);
}

rs_mailbox *rs_mailbox_new(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  rs_mailbox *m = calloc(1, sizeof *m);
  if (m == NULL) return NULL;
  pthread_once(&once, once_in_a_process);
  m->refs = 1;
  m->wake = RS_WAKE_CLOSED;
  m->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (m->fd >= 0) return m;
  free(m);
  return NULL;
}

int rs_mailbox_fd(const rs_mailbox *m) {
  return m->fd;
}

void rs_mailbox_keep(rs_mailbox *m) {
  acquire();
  m->refs++;
  release();
}

void rs_mailbox_release(rs_mailbox *m) {
  unsigned left;
  if (m == NULL) return;
  acquire();
  left = --m->refs;
  release();
  if (left > 0) return;
  rs_wake_close(&m->wake);
  close(m->fd);
  free(m);
}

void rs_mailbox_close(rs_mailbox *m) {
  long long tag;
  if (m == NULL) return;
  acquire();
  m->closed = true;
  release();
  while (rs_mailbox_take(m, &tag)) continue;
  rs_mailbox_release(m);
}

/* With the lock held. */
static void raise_fd(rs_mailbox *m) {
  uint64_t one = 1;
  if (m->raised || m->first == NULL) return;
  if (write(m->fd, &one, sizeof one) < 0) abort(); /* an eventfd at 0 takes a 1 */
  m->raised = true;
}

/* With the lock held. Whether it was empty. */
static bool append(rs_mailbox *m, rs_mail *mail) {
  bool was_empty = m->first == NULL;
  mail->next = NULL;
  if (was_empty)
    m->first = mail;
  else
    m->last->next = mail;
  m->last = mail;
  return was_empty;
}

/* With the lock held, which it lets go. One syscall, by the way that is listened to. */
static void announce(rs_mailbox *m) {
  bool sent;
  if (m->raised || !rs_wake_is_connected(&m->wake)) {
    raise_fd(m);
    release();
    return;
  }
  m->refs++; /* the mail may be taken, and the mailbox with it, before the byte is sent */
  pthread_mutex_lock(&wake_lock);
  release();
  sent = rs_wake_send(&m->wake);
  pthread_mutex_unlock(&wake_lock);
  if (!sent) {
    acquire();
    raise_fd(m);
    release();
  }
  rs_mailbox_release(m);
}

void rs_mailbox_post(rs_mailbox *m, rs_mail *mail) {
  bool closed;
  acquire();
  closed = m->closed;
  if (!closed && append(m, mail))
    announce(m);
  else
    release();
  if (closed) mail->taken(mail);
}

bool rs_mailbox_take(rs_mailbox *m, long long *tag) {
  uint64_t count;
  rs_mail *mail;
  acquire();
  mail = m->first;
  if (mail != NULL) m->first = mail->next;
  if (m->raised && m->first == NULL) {
    if (read(m->fd, &count, sizeof count) < 0) abort(); /* it was at 1 */
    m->raised = false;
  }
  release();
  if (mail == NULL) return false;
  *tag = mail->tag;
  mail->taken(mail);
  return true;
}

bool rs_mailbox_listen(rs_mailbox *m, const char **path, const char **why) {
  acquire_both();
  *why = rs_wake_listen(&m->wake, path);
  release_both();
  return *why == NULL;
}

bool rs_mailbox_accept(rs_mailbox *m) {
  bool accepted;
  acquire_both();
  accepted = rs_wake_accept(&m->wake);
  if (m->first != NULL) rs_wake_send(&m->wake); /* arrived while nobody was connected */
  release_both();
  return accepted;
}

void rs_mailbox_kick(rs_mailbox *m) {
  pthread_mutex_lock(&wake_lock);
  rs_wake_send(&m->wake);
  pthread_mutex_unlock(&wake_lock);
}
