/* The one unit that knows libcurl: a request goes in, a reply comes out, and no Lua in between. */
#include "engine.h"

#include "loop.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_IDLE_HANDLES     64
#define MAX_IDLE_CONNECTIONS 256L
#define EXIT_SECONDS         0.5 /* what a process waits at its end for the I/O thread */

struct rs_route {
  unsigned refs;
  rs_settings s; /* its texts are the route's own */
  struct curl_slist *headers;
};

/* An easy handle, and what its callbacks work on. */
typedef struct {
  CURL *easy;
  rs_route *route;
  rs_reply *reply;
  bool once;
  bool head_ended; /* by its empty line; libcurl takes a head that was cut for a whole one */
  bool (*stop)(void *ud);
  void *stop_ud;
} handle;

/* Guards every reference count and the queues between the threads. It is held for a
 * few instructions only, and over a fork, so that the child finds it free. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void acquire(void) {
  pthread_mutex_lock(&lock);
}
static void release(void) {
  pthread_mutex_unlock(&lock);
}

/* Runs inside libcurl: a false here makes it give the transfer up. */
static size_t on_body(char *s, size_t size, size_t n, void *ud) {
  handle *h = ud;
  return rs_buf_add(&h->reply->body, s, size * n) ? size * n : 0;
}

static size_t on_head(char *s, size_t size, size_t n, void *ud) {
  handle *h = ud;
  if (size * n >= 5 && memcmp(s, "HTTP/", 5) == 0) rs_buf_clear(&h->reply->head); /* after a 100 */
  h->head_ended = s[0] == '\r' || s[0] == '\n';
  return rs_buf_add(&h->reply->head, s, size * n) ? size * n : 0;
}

/* Bytes as they come from the wire, which a compressed body may keep from on_body for long. */
static int on_progress(void *ud, curl_off_t total, curl_off_t now, curl_off_t up, curl_off_t sent) {
  handle *h = ud;
  (void)total, (void)up, (void)sent;
  if (h->stop != NULL && h->stop(h->stop_ud)) return 1;
  if (now <= (curl_off_t)h->route->s.max_body) return 0;
  h->reply->body.over = true;
  return 1;
}

/* libcurl calls this before each time it sends the request: a connection is there, and nothing
 * has gone out on it. It sends again by itself when a reused connection turns out to be dead; what
 * may be sent once only is stopped here, should it ever not have got a connection of its own. */
static int on_send(void *ud, char *ip, char *local_ip, int port, int local_port) {
  handle *h = ud;
  (void)ip, (void)local_ip, (void)port, (void)local_port;
  if (h->once && h->reply->sends > 0) return CURL_PREREQFUNC_ABORT;
  h->reply->sends++;
  return CURL_PREREQFUNC_OK;
}

static long milliseconds(double seconds) {
  if (seconds > 86400.0 * 20) return 86400L * 20 * 1000;
  return seconds > 0.001 ? (long)(seconds * 1000) : 1; /* 0 would mean for ever */
}

/* Debian's libcurl has a default directory beside the default file, and parses the whole file
 * for each new connection as long as the directory is set (26 ms of CPU): one or the other. */
static void set_trust(CURL *easy, const rs_settings *s) {
  curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  const char *file = s->ca_file, *path = s->ca_path;
  if (file == NULL && path == NULL) file = info->cainfo;
  if (file == NULL && path == NULL) path = info->capath;
  curl_easy_setopt(easy, CURLOPT_CAINFO, file);
  curl_easy_setopt(easy, CURLOPT_CAPATH, path);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* Programs that the host starts must not hold our connections open. */
static int on_new_socket(void *ud, curl_socket_t fd, curlsocktype purpose) {
  (void)ud, (void)purpose;
  return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

static void set_callbacks(handle *h) {
  curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h);
  curl_easy_setopt(h->easy, CURLOPT_HEADERFUNCTION, on_head);
  curl_easy_setopt(h->easy, CURLOPT_HEADERDATA, h);
  curl_easy_setopt(h->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(h->easy, CURLOPT_XFERINFODATA, h);
  curl_easy_setopt(h->easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(h->easy, CURLOPT_PREREQFUNCTION, on_send);
  curl_easy_setopt(h->easy, CURLOPT_PREREQDATA, h);
  curl_easy_setopt(h->easy, CURLOPT_SOCKOPTFUNCTION, on_new_socket);
}

/* What is the same for every request of the client. Redirects are off: libcurl would take
 * X-Api-Token to any host. */
static void set_common(CURL *easy, const rs_settings *s) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a slow name look-up holds up nothing */
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, s->user_agent);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(s->connect_timeout));
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)s->max_body);
  if (s->proxy != NULL || s->direct)
    curl_easy_setopt(easy, CURLOPT_PROXY, s->proxy != NULL ? s->proxy : "");
  set_trust(easy, s);
}

static void free_route(rs_route *route) {
  free((char *)route->s.ca_file);
  free((char *)route->s.ca_path);
  free((char *)route->s.proxy);
  free((char *)route->s.user_agent);
  curl_slist_free_all(route->headers);
  free(route);
}

static bool copy_text(const char **field) {
  if (*field == NULL) return true;
  *field = strdup(*field);
  return *field != NULL;
}

static bool copy_headers(rs_route *route, const char *const *headers) {
  for (; *headers != NULL; headers++) {
    struct curl_slist *list = curl_slist_append(route->headers, *headers);
    if (list == NULL) return false;
    route->headers = list;
  }
  return true;
}

rs_route *rs_route_new(const rs_settings *s) {
  rs_route *route = calloc(1, sizeof *route);
  bool copied;
  if (route == NULL) return NULL;
  route->refs = 1;
  route->s = *s;
  copied = copy_text(&route->s.ca_file);
  copied = copy_text(&route->s.ca_path) && copied; /* each field must become the route's own */
  copied = copy_text(&route->s.proxy) && copied;
  copied = copy_text(&route->s.user_agent) && copied;
  if (copied && copy_headers(route, s->headers)) return route;
  free_route(route);
  return NULL;
}

static rs_route *keep_route(rs_route *route) {
  acquire();
  route->refs++;
  release();
  return route;
}

void rs_route_release(rs_route *route) {
  unsigned left;
  if (route == NULL) return;
  acquire();
  left = --route->refs;
  release();
  if (left == 0) free_route(route);
}

static bool handle_open(handle *h, rs_route *route) {
  h->easy = curl_easy_init();
  if (h->easy == NULL) return false;
  h->route = route;
  set_common(h->easy, &route->s);
  set_callbacks(h);
  return curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, route->headers) == CURLE_OK;
}

/* POST machinery with an empty body sends "Content-Length: 0" and waits for nothing. */
static void set_method(CURL *easy, const rs_request *q) {
  bool bare =
      q->body == NULL && (strcmp(q->method, "GET") == 0 || strcmp(q->method, "DELETE") == 0);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
  if (bare) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, q->body != NULL ? q->body : "");
  }
  if (strcmp(q->method, bare ? "GET" : "POST") != 0)
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, q->method);
}

/* The one place that decides how often something may be sent. libcurl repeats a request whose
 * reused connection died, up to five times; on a connection of its own it never does. */
static void set_repeats(handle *h, const rs_request *q) {
  h->once = q->once;
  curl_easy_setopt(h->easy, CURLOPT_FRESH_CONNECT, q->once ? 1L : 0L);
  curl_easy_setopt(h->easy, CURLOPT_HTTP_VERSION,
                   (long)(q->once ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
}

static rs_outcome outcome(const rs_reply *r, CURLcode rc) {
  if (rc != CURLE_OK && (r->body.over || r->head.over)) return RS_TOO_LARGE;
  if (rc == CURLE_OUT_OF_MEMORY && r->sends > 0 && r->body.len == 0)
    return RS_TOO_LARGE; /* libcurl's word for a header line over its own 100 KB */
  switch (rc) {
  case CURLE_OK:
    return RS_REPLIED;
  case CURLE_FILESIZE_EXCEEDED:
    return RS_TOO_LARGE;
  case CURLE_OPERATION_TIMEDOUT:
    return RS_TIMEOUT;
  case CURLE_OUT_OF_MEMORY:
  case CURLE_WRITE_ERROR:
    return RS_MEMORY;              /* a buffer could not grow, though below its cap */
  case CURLE_UNSUPPORTED_PROTOCOL: /* "Received HTTP/0.9 when not allowed" */
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_BAD_CONTENT_ENCODING:
    return RS_DECODE;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS:
    return RS_TLS;
  default:
    return RS_NETWORK;
  }
}

/* Words for what a callback of ours ended, and for codes that libcurl has none for. */
static void set_message(rs_reply *r, CURLcode rc) {
  const char *text = rc == CURLE_ABORTED_BY_CALLBACK ? "given up" : curl_easy_strerror(rc);
  if (r->message[0] != '\0' && rc != CURLE_ABORTED_BY_CALLBACK) return;
  if (rc == CURLE_ABORTED_BY_CALLBACK && r->sends > 0) text = "given up after it was sent";
  strncpy(r->message, text, sizeof r->message - 1);
}

/* Gets a handle ready for a request, whose reply goes where `reply` says. */
static CURLcode prepare(handle *h, const rs_request *q, rs_reply *reply) {
  h->reply = reply;
  rs_buf_clear(&reply->head);
  rs_buf_clear(&reply->body);
  reply->status = 0;
  reply->sends = 0;
  reply->message[0] = '\0';
  h->head_ended = false;
  set_method(h->easy, q);
  set_repeats(h, q);
  curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, reply->message);
  curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, milliseconds(q->timeout));
  return curl_easy_setopt(h->easy, CURLOPT_URL, q->url);
}

static void conclude(handle *h, CURLcode rc) {
  rs_reply *r = h->reply;
  curl_off_t microseconds = 0;
  if (rc == CURLE_OK && !h->head_ended) rc = CURLE_PARTIAL_FILE;
  r->outcome = outcome(r, rc);
  if (rc != CURLE_OK) set_message(r, rc);
  curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &r->status);
  curl_easy_getinfo(h->easy, CURLINFO_TOTAL_TIME_T, &microseconds);
  r->elapsed = (double)microseconds / 1e6;
  curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, NULL);
}

static void init_reply(rs_reply *r, const rs_settings *s) {
  rs_buf_init(&r->head, s->max_head);
  rs_buf_init(&r->body, s->max_body);
}

static void free_reply(rs_reply *r) {
  rs_buf_free(&r->head);
  rs_buf_free(&r->body);
}

/* ---- inline ---- */

struct rs_engine {
  handle h;
  pid_t pid; /* whose connections they are */
  rs_reply reply;
};

rs_engine *rs_engine_new(rs_route *route) {
  rs_engine *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  init_reply(&e->reply, &route->s);
  e->pid = getpid();
  if (handle_open(&e->h, route)) {
    keep_route(route);
    curl_easy_setopt(e->h.easy, CURLOPT_MAXCONNECTS, 1L); /* the last one used, and no other */
    return e;
  }
  if (e->h.easy != NULL) curl_easy_cleanup(e->h.easy);
  free(e);
  return NULL;
}

/* In a forked child the connections are still the parent's: closing a TLS one would end it there.
 */
void rs_engine_free(rs_engine *e) {
  if (e == NULL) return;
  if (e->pid == getpid()) curl_easy_cleanup(e->h.easy);
  rs_route_release(e->h.route);
  free_reply(&e->reply);
  free(e);
}

/* Bytes that came after a reply would be taken for the next one. libcurl 7.88 reuses a connection
 * in spite of them, but not one that was shut down. */
static void drop_connection_with_leftovers(CURL *easy) {
  curl_socket_t fd = CURL_SOCKET_BAD;
  struct pollfd p = {.events = POLLIN};
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
  p.fd = fd;
  if (fd != CURL_SOCKET_BAD && poll(&p, 1, 0) > 0) shutdown(fd, SHUT_RDWR);
}

const rs_reply *rs_engine_perform(rs_engine *e, const rs_request *q, bool (*stop)(void *),
                                  void *ud) {
  CURLcode rc;
  if (e->pid != getpid()) {
    if (!handle_open(&e->h, e->h.route)) {
      e->reply.outcome = RS_MEMORY;
      return &e->reply;
    }
    curl_easy_setopt(e->h.easy, CURLOPT_MAXCONNECTS, 1L);
    e->pid = getpid();
  }
  drop_connection_with_leftovers(e->h.easy);
  e->h.stop = stop;
  e->h.stop_ud = ud;
  rc = prepare(&e->h, q, &e->reply);
  if (rc == CURLE_OK) rc = curl_easy_perform(e->h.easy);
  conclude(&e->h, rc);
  return &e->reply;
}

/* ---- the I/O thread ---- */

typedef struct {
  pid_t pid;
  rs_loop *loop;
  CURLM *multi;
  rs_transfer *starts, **starts_end, *drops; /* what other threads ask for */
  handle *idle[MAX_IDLE_HANDLES];
  int idle_count;
  long running;   /* transfers */
  bool *idle_fds; /* by descriptor: a connection that no transfer uses */
  int idle_fds_size;
} rs_io;

struct rs_transfer {
  unsigned refs; /* the caller's, the thread's, and one for each list it is in */
  rs_io *io;
  rs_route *route;
  rs_mailbox *mailbox;
  rs_mail mail;
  rs_request request;
  char *texts; /* of the request */
  rs_reply reply;
  handle *h; /* while it runs */
  bool dropped, done;
  rs_transfer *next, *next_drop;
};

static rs_io *io;     /* of this process, once it has needed one */
static pid_t process; /* this one; no system call for each transfer */

static void free_transfer(rs_transfer *t) {
  rs_route_release(t->route);
  rs_mailbox_release(t->mailbox);
  free_reply(&t->reply);
  free(t->texts);
  free(t);
}

static void release_transfer(rs_transfer *t) {
  unsigned left;
  acquire();
  left = --t->refs;
  release();
  if (left == 0) free_transfer(t);
}

static void on_taken(rs_mail *mail) {
  release_transfer((rs_transfer *)((char *)mail - offsetof(rs_transfer, mail)));
}

static void finish(rs_transfer *t) {
  bool awaited;
  acquire();
  t->done = true;
  awaited = !t->dropped;
  release();
  if (awaited)
    rs_mailbox_post(t->mailbox, &t->mail); /* which takes this reference over */
  else
    release_transfer(t);
}

static void close_handle(handle *h) {
  if (h->easy != NULL) curl_easy_cleanup(h->easy);
  rs_route_release(h->route);
  free(h);
}

static handle *take_handle(rs_io *x, rs_route *route) {
  handle *h;
  for (int i = x->idle_count - 1; i >= 0; i--) {
    h = x->idle[i];
    if (h->route != route) continue;
    x->idle[i] = x->idle[--x->idle_count];
    return h;
  }
  h = calloc(1, sizeof *h);
  if (h == NULL) return NULL;
  if (handle_open(h, keep_route(route))) return h;
  h->route = route;
  close_handle(h);
  return NULL;
}

static void give_handle(rs_io *x, handle *h) {
  if (x->idle_count == MAX_IDLE_HANDLES) {
    close_handle(x->idle[0]);
    x->idle[0] = x->idle[--x->idle_count];
  }
  x->idle[x->idle_count++] = h;
}

static bool is_dropped(const rs_transfer *t) {
  bool dropped;
  acquire();
  dropped = t->dropped;
  release();
  return dropped;
}

/* libcurl's cap counts busy connections too: a fixed one would close each idle one at once while
 * many are busy, and look through all of them to find it. */
static void count_running(rs_io *x, long change) {
  x->running += change;
  curl_multi_setopt(x->multi, CURLMOPT_MAXCONNECTS, MAX_IDLE_CONNECTIONS + x->running);
}

static void begin(rs_io *x, rs_transfer *t) {
  handle *h = is_dropped(t) ? NULL : take_handle(x, t->route);
  t->reply.outcome = RS_MEMORY;
  if (h == NULL) {
    finish(t);
    return;
  }
  curl_easy_setopt(h->easy, CURLOPT_PRIVATE, t);
  if (prepare(h, &t->request, &t->reply) == CURLE_OK &&
      curl_multi_add_handle(x->multi, h->easy) == CURLM_OK) {
    t->h = h;
    count_running(x, 1);
    return;
  }
  give_handle(x, h);
  finish(t);
}

/* Who waits hears of it before all that is left to tidy up, unless libcurl may still write. */
static void end(rs_io *x, rs_transfer *t, CURLcode rc) {
  handle *h = t->h;
  bool written = rc != CURLE_ABORTED_BY_CALLBACK;
  t->h = NULL;
  conclude(h, rc);
  acquire();
  t->refs++; /* the handle works on it to the end */
  release();
  if (written) finish(t);
  curl_multi_remove_handle(x->multi, h->easy);
  count_running(x, -1);
  give_handle(x, h);
  if (!written) finish(t);
  release_transfer(t);
}

static void collect(rs_io *x) {
  CURLMsg *m;
  int left;
  while ((m = curl_multi_info_read(x->multi, &left)) != NULL) {
    char *t = NULL;
    if (m->msg != CURLMSG_DONE) continue;
    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
    end(x, (rs_transfer *)(void *)t, m->data.result);
  }
}

static void on_woken(void *ud) {
  rs_io *x = ud;
  rs_transfer *starts, *drops, *t;
  acquire();
  starts = x->starts;
  drops = x->drops;
  x->starts = x->drops = NULL;
  x->starts_end = &x->starts;
  release();
  while ((t = starts) != NULL) {
    starts = t->next;
    begin(x, t);
  }
  while ((t = drops) != NULL) {
    drops = t->next_drop;
    if (t->h != NULL) end(x, t, CURLE_ABORTED_BY_CALLBACK);
    release_transfer(t);
  }
}

static void act(rs_io *x, curl_socket_t fd, int events) {
  int running;
  curl_multi_socket_action(x->multi, fd, events, &running);
  collect(x);
}

static bool is_idle(const rs_io *x, int fd) {
  return fd < x->idle_fds_size && x->idle_fds[fd];
}

static bool set_idle(rs_io *x, int fd, bool idle) {
  if (fd >= x->idle_fds_size) {
    int size = fd + 64;
    bool *fds = realloc(x->idle_fds, (size_t)size);
    if (fds == NULL) return false;
    memset(fds + x->idle_fds_size, 0, (size_t)(size - x->idle_fds_size));
    x->idle_fds = fds;
    x->idle_fds_size = size;
  }
  x->idle_fds[fd] = idle;
  return true;
}

/* What comes on an idle connection is its end, or leftovers that must not be taken for a reply. */
static void retire(rs_io *x, int fd) {
  rs_loop_watch(x->loop, fd, 0);
  x->idle_fds[fd] = false;
  shutdown(fd, SHUT_RDWR);
}

static void on_ready(void *ud, int fd, int events) {
  rs_io *x = ud;
  if (is_idle(x, fd)) {
    retire(x, fd);
    return;
  }
  act(x, fd,
      (events & RS_LOOP_IN ? CURL_CSELECT_IN : 0) | (events & RS_LOOP_OUT ? CURL_CSELECT_OUT : 0) |
          (events & RS_LOOP_ERROR ? CURL_CSELECT_ERR : 0));
}

static void on_due(void *ud) {
  act(ud, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl is done with a descriptor when it closes it, which ends our watch, and when the
 * connection goes back to the pool, where we go on watching it. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ud, void *socket_ud) {
  rs_io *x = ud;
  bool idle = what == CURL_POLL_REMOVE;
  (void)easy, (void)socket_ud;
  if (!set_idle(x, fd, idle) && idle)
    rs_loop_watch(x->loop, fd, 0);
  else
    rs_loop_watch(x->loop, fd,
                  (idle || what & CURL_POLL_IN ? RS_LOOP_IN : 0) |
                      (what & CURL_POLL_OUT && !idle ? RS_LOOP_OUT : 0));
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *ud) {
  rs_io *x = ud;
  (void)multi;
  rs_loop_deadline(x->loop, ms);
  return 0;
}

/* Before OpenSSL tidies up after itself, the thread must have left it. */
static void at_exit(void) {
  if (io != NULL && io->pid == process) rs_loop_stop(io->loop, EXIT_SECONDS);
}

static void in_child(void) {
  release();
  process = getpid();
}

static void once_in_a_process(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  process = getpid();
  pthread_atfork(acquire, release, in_child);
  atexit(at_exit);
}

static rs_io *new_io(void) {
  rs_io *x = calloc(1, sizeof *x);
  const rs_loop_calls calls = {.woken = on_woken, .ready = on_ready, .due = on_due, .ud = x};
  if (x == NULL) return NULL;
  x->pid = process;
  x->starts_end = &x->starts;
  x->multi = curl_multi_init();
  if (x->multi != NULL) {
    curl_multi_setopt(x->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(x->multi, CURLMOPT_SOCKETDATA, x);
    curl_multi_setopt(x->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(x->multi, CURLMOPT_TIMERDATA, x);
    count_running(x, 0);
    x->loop = rs_loop_start(&calls);
  }
  if (x->loop != NULL) return x;
  if (x->multi != NULL) curl_multi_cleanup(x->multi);
  free(x);
  return NULL;
}

/* With the lock held. A forked child starts anew, and leaves the parent's alone. */
static rs_io *current_io(void) {
  if (io == NULL || io->pid != process) io = new_io();
  return io;
}

static bool copy_request(rs_transfer *t, const rs_request *q) {
  size_t method = strlen(q->method) + 1, url = strlen(q->url) + 1;
  t->texts = malloc(method + url + q->body_len + 1);
  if (t->texts == NULL) return false;
  t->request = *q;
  t->request.method = memcpy(t->texts, q->method, method);
  t->request.url = memcpy(t->texts + method, q->url, url);
  if (q->body != NULL) t->request.body = memcpy(t->texts + method + url, q->body, q->body_len);
  return true;
}

rs_transfer *rs_transfer_start(rs_route *route, const rs_request *q, rs_mailbox *m, long long tag) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  rs_transfer *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  if (!copy_request(t, q)) {
    free(t);
    return NULL;
  }
  init_reply(&t->reply, &route->s);
  t->refs = 1;
  t->mail = (rs_mail){.tag = tag, .taken = on_taken};
  t->route = keep_route(route);
  pthread_once(&once, once_in_a_process);
  rs_mailbox_keep(m);
  t->mailbox = m;
  acquire();
  t->io = current_io();
  if (t->io != NULL) {
    t->refs++;
    *t->io->starts_end = t;
    t->io->starts_end = &t->next;
  }
  release();
  if (t->io != NULL) {
    rs_loop_wake(t->io->loop);
    return t;
  }
  free_transfer(t);
  return NULL;
}

const rs_reply *rs_transfer_reply(const rs_transfer *t) {
  return &t->reply;
}

void rs_transfer_drop(rs_transfer *t) {
  bool running;
  if (t->io->pid != process) return; /* a fork's copy of the parent's: nobody's to touch */
  acquire();
  running = !t->done;
  t->dropped = true;
  if (running) {
    t->refs++;
    t->next_drop = t->io->drops;
    t->io->drops = t;
  }
  release();
  if (running) rs_loop_wake(t->io->loop);
  release_transfer(t);
}

static bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool rs_reply_header(const rs_reply *r, size_t *cursor, rs_header *h) {
  while (*cursor < r->head.len) {
    const char *line = r->head.data + *cursor, *end = r->head.data + r->head.len, *colon, *stop;
    stop = memchr(line, '\n', (size_t)(end - line));
    if (stop == NULL) stop = end;
    *cursor = (size_t)(stop - r->head.data) + (stop < end);
    colon = memchr(line, ':', (size_t)(stop - line));
    if (colon == NULL) continue; /* the status line, or the empty one at the end */
    h->name = line;
    h->name_len = (size_t)(colon - line);
    for (colon++; colon < stop && blank(*colon);) colon++;
    while (stop > colon && blank(stop[-1])) stop--;
    h->value = colon;
    h->value_len = (size_t)(stop - colon);
    return true;
  }
  return false;
}
