/* The one unit that knows libcurl: a request goes in, a reply comes out, and no Lua in between.
 *
 * A single call runs inline, on the caller's thread. Many at once run on one I/O thread, which the
 * process starts when it first needs it; finished transfers arrive in a mailbox. */
#ifndef RS_ENGINE_H
#define RS_ENGINE_H

#include "buf.h"
#include "mailbox.h"

/* How servers are reached; the same for all requests of one client. NULL: libcurl's default. */
typedef struct {
  const char *ca_file, *ca_path;
  const char *proxy;
  const char *user_agent;
  const char *const *headers; /* sent with every request; ends with NULL */
  bool direct;                /* no proxy, not even from the environment */
  double connect_timeout;     /* seconds */
  size_t max_head, max_body;  /* bytes; the body's both on the wire and decompressed */
} rs_settings;

typedef struct {
  const char *method, *url;
  const char *body; /* NULL: none */
  size_t body_len;
  double timeout; /* seconds, for the whole exchange */
  bool once;      /* a transition or a spend: may go on the wire at most once */
} rs_request;

typedef enum {
  RS_REPLIED, /* a whole HTTP reply came; nothing is said of its status */
  RS_NETWORK,
  RS_TIMEOUT,
  RS_TLS,
  RS_DECODE, /* bytes came that are no HTTP, or no gzip */
  RS_TOO_LARGE,
  RS_MEMORY
} rs_outcome;

typedef struct {
  rs_outcome outcome;
  long status;
  unsigned sends; /* how often the request was handed to a connection; 0: nothing left this host */
  double elapsed; /* seconds */
  rs_buf head, body;
  char message[256]; /* libcurl's words for an outcome other than RS_REPLIED */
} rs_reply;

/* One header of a reply's head at *cursor (start with 0); false when there are no more. */
typedef struct {
  const char *name, *value;
  size_t name_len, value_len;
} rs_header;
bool rs_reply_header(const rs_reply *r, size_t *cursor, rs_header *h);

/* Settings in the form that engines and transfers share. Counted: whoever keeps one owns a
 * reference to it. */
typedef struct rs_route rs_route;
rs_route *rs_route_new(const rs_settings *settings); /* NULL: no memory */
void rs_route_release(rs_route *route);

/* Inline: one connection pool, one request at a time. */
typedef struct rs_engine rs_engine;
rs_engine *rs_engine_new(rs_route *route); /* takes a reference of its own; NULL: no memory */
void rs_engine_free(rs_engine *e);

/* Blocks until the reply is there, which stays valid until the next call on this engine. Gives up
 * when `stop(ud)`, asked about once a second and after each signal, says so. */
const rs_reply *rs_engine_perform(rs_engine *e, const rs_request *q, bool (*stop)(void *),
                                  void *ud);

/* On the I/O thread; the request is copied. NULL when there is no memory or no thread. */
typedef struct rs_transfer rs_transfer;
rs_transfer *rs_transfer_start(rs_route *route, const rs_request *q, rs_mailbox *m, long long tag);
const rs_reply *rs_transfer_reply(const rs_transfer *t); /* only once its tag has been taken */
void rs_transfer_drop(rs_transfer *t);                   /* cancels it if it still runs */

#endif
