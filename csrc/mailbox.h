/* Where what other threads have finished arrives, and how whoever waits for it learns of it. */
#ifndef RS_MAILBOX_H
#define RS_MAILBOX_H

#include <stdbool.h>

/* Part of whatever is posted. `taken` is called when nobody needs the mail itself any more: with
 * its tag taken, or the mailbox closed. */
typedef struct rs_mail rs_mail;
struct rs_mail {
  rs_mail *next;
  long long tag;
  void (*taken)(rs_mail *mail);
};

typedef struct rs_mailbox rs_mailbox;
rs_mailbox *rs_mailbox_new(void); /* NULL: no memory, no descriptor */
void rs_mailbox_keep(rs_mailbox *m);
void rs_mailbox_release(rs_mailbox *m);

/* Releases it for who takes: what is inside, and what still comes, is let go. */
void rs_mailbox_close(rs_mailbox *m);

void rs_mailbox_post(rs_mailbox *m, rs_mail *mail); /* from any thread */
bool rs_mailbox_take(rs_mailbox *m, long long *tag);
int rs_mailbox_fd(const rs_mailbox *m); /* readable while something is in it */

/* For who cannot wait for that descriptor: a socket to connect to, then to accept the connection
 * on, gets a byte when something arrives in the empty mailbox, and when kicked, for as long as
 * the connection lives, instead of the descriptor. Listening again starts anew. `path` is valid
 * until accepted. */
bool rs_mailbox_listen(rs_mailbox *m, const char **path, const char **why);
bool rs_mailbox_accept(rs_mailbox *m); /* false: this process has not connected */
void rs_mailbox_kick(rs_mailbox *m);

#endif
