/* A small server to measure clients against: HTTP/1.1 with keep-alive on loopback, driven by the
 * path, replies rendered once. Prints its port, and ends when its standard input does.
 *
 *   server [--latency MS] [--pages N] [--subscriptions N] [--compact 1]
 *
 * What a path holds decides: /idle never gets an answer, /drop a closed connection, /cut half a
 * reply, /garbled no JSON, /reply-NNN that status; else as the vendors' pages have it. */
#define _GNU_SOURCE
#include "bodies.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS      256
#define MAX_REQUEST 65536u
#define CACHE       8192u /* replies kept, by hash of the target */
#define MAX_SIZE    1000u /* items a page */

typedef struct conn {
  int fd;
  bool waiting; /* for its latency to pass; whoever closes it leaves freeing to the queue */
  bool last;    /* closes after this reply */
  rs_buf in, out;
  size_t sent;
  int64_t due_ms;
  struct conn *next;
} conn;

static unsigned latency_ms, pages = 573, subscriptions = 100000, compact;
static struct {
  char *target;
  rs_buf reply;
} cache[CACHE];
static conn *due_first, **due_end = &due_first; /* all wait equally long: first in, first out */
static int poller;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void watch(int operation, int fd, uint32_t events, void *who) {
  struct epoll_event event = {.events = events, .data.ptr = who};
  if (epoll_ctl(poller, operation, fd, &event) != 0) die("epoll_ctl");
}

static void release(conn *c) {
  if (c->fd >= 0) close(c->fd);
  c->fd = -1;
  if (c->waiting) return;
  rs_buf_free(&c->in);
  rs_buf_free(&c->out);
  free(c);
}

/* Replies. */

static void render(rs_buf *out, const char *status, const char *type, const rs_buf *body) {
  char head[512];
  int n = snprintf(head, sizeof head,
                   "HTTP/1.1 %s\r\nDate: Sat, 14 Mar 2026 09:26:53 GMT\r\nContent-Type: %s\r\n"
                   "Content-Length: %zu\r\nConnection: keep-alive\r\nCache-Control: no-store\r\n"
                   "X-Content-Type-Options: nosniff\r\nVary: Origin\r\n"
                   "X-Request-Id: 1f6e1a52-7c0f-4a53-9f0e-3d1f6b2c9a77\r\n\r\n",
                   status, type, body->len);
  rs_buf_add(out, head, (size_t)n);
  rs_buf_add(out, body->data, body->len);
}

static void render_json(rs_buf *out, const char *status, const rs_buf *json) {
  rs_buf indented;
  rs_buf_init(&indented, SIZE_MAX / 2);
  if (!compact) body_indent(&indented, json->data, json->len);
  render(out, status, "application/json", compact ? json : &indented);
  rs_buf_free(&indented);
}

/* The number after the first `=` behind `name` in the query. */
static unsigned query(const char *target, const char *name, unsigned fallback) {
  const char *p = strchr(target, '?');
  if (p != NULL) p = strstr(p, name);
  if (p != NULL) p = strchr(p, '=');
  return p != NULL ? (unsigned)strtoul(p + 1, NULL, 10) : fallback;
}

static page page_of(const char *target, const char *number, unsigned first, unsigned size,
                    unsigned total) {
  page p = {
      .number = query(target, number, first), .size = query(target, "size", size), .total = total};
  if (p.size == 0 || p.size > MAX_SIZE) p.size = size;
  if (p.number < first || p.number > total) p.number = total / p.size + 1;
  return p;
}

static void render_read(rs_buf *out, const char *target) {
  rs_buf json;
  rs_buf_init(&json, SIZE_MAX / 2);
  if (strstr(target, "/child_reseller_subscriptions") != NULL)
    body_children(&json, page_of(target, "number", 1, 50, pages * 50));
  else if (strstr(target, "/resellers/subscriptions") != NULL)
    body_subscriptions(&json, page_of(target, "page=", 0, 20, subscriptions));
  else
    body_reseller(&json);
  render_json(out, "200 OK", &json);
  rs_buf_free(&json);
}

static void answer_read(conn *c, const char *target) {
  uint32_t hash = 2166136261u;
  for (const char *p = target; *p != '\0'; p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
  hash %= CACHE;
  if (cache[hash].target == NULL || strcmp(cache[hash].target, target) != 0) {
    free(cache[hash].target);
    rs_buf_free(&cache[hash].reply);
    cache[hash].target = strdup(target);
    rs_buf_init(&cache[hash].reply, SIZE_MAX / 2);
    render_read(&cache[hash].reply, target);
  }
  rs_buf_add(&c->out, cache[hash].reply.data, cache[hash].reply.len);
}

static void answer_change(conn *c) {
  rs_buf json;
  rs_buf_init(&json, 4096);
  body_changed(&json);
  render_json(&c->out, "200 OK", &json);
  rs_buf_free(&json);
}

static void answer_status(conn *c, const char *at) {
  unsigned status = (unsigned)strtoul(at + strlen("/reply-"), NULL, 10);
  char line[32];
  rs_buf json;
  rs_buf_init(&json, 4096);
  snprintf(line, sizeof line, "%u Refused", status);
  body_refused(&json, status);
  render_json(&c->out, line, &json);
  rs_buf_free(&json);
}

static void answer_garbled(conn *c) {
  rs_buf html;
  rs_buf_init(&html, 4096);
  rs_buf_adds(&html, "<html><title>Maintenance</title></html>");
  render(&c->out, "200 OK", "text/html", &html);
  rs_buf_free(&html);
}

/* False: there is nothing to send, ever. */
static bool answer(conn *c, const char *method, const char *target) {
  const char *at;
  if (strstr(target, "/idle") != NULL) return false;
  if (strstr(target, "/drop") != NULL) {
    c->last = true;
  } else if ((at = strstr(target, "/reply-")) != NULL) {
    answer_status(c, at);
  } else if (strstr(target, "/garbled") != NULL) {
    answer_garbled(c);
  } else if (strcmp(method, "GET") != 0) {
    answer_change(c);
  } else {
    answer_read(c, target);
  }
  if (strstr(target, "/cut") != NULL) c->last = true, c->out.len /= 2;
  return true;
}

/* Connections. */

/* False: the connection is gone. */
static bool flush(conn *c) {
  while (c->sent < c->out.len) {
    ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) {
      watch(EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT, c);
      return true;
    }
    if (n < 0) break;
    c->sent += (size_t)n;
  }
  if (c->sent == c->out.len && !c->last) {
    c->sent = 0;
    rs_buf_clear(&c->out);
    return true;
  }
  release(c);
  return false;
}

static void delay(conn *c) {
  c->waiting = true;
  c->due_ms = now_ms() + latency_ms;
  c->next = NULL;
  *due_end = c;
  due_end = &c->next;
}

static size_t content_length(const char *head) {
  const char *line = strcasestr(head, "\ncontent-length:");
  return line != NULL ? strtoul(line + strlen("\ncontent-length:"), NULL, 10) : 0;
}

/* Answers the request at the front of the input, if it is there as a whole.
 * False: nothing to do until more comes, or the connection is gone. */
static bool serve(conn *c) {
  char method[16], target[8192], *end;
  size_t whole;
  bool speaks;
  if (c->waiting || c->out.len > 0 || !rs_buf_add(&c->in, "", 1)) return false;
  c->in.len--; /* the zero above only ends the text */
  end = strstr(c->in.data, "\r\n\r\n");
  if (end == NULL) return false;
  *end = '\0';
  whole = (size_t)(end + 4 - c->in.data) + content_length(c->in.data);
  if (c->in.len < whole || sscanf(c->in.data, "%15s %8191s", method, target) != 2) {
    *end = '\r';
    return false;
  }
  memmove(c->in.data, c->in.data + whole, c->in.len - whole);
  c->in.len -= whole;
  speaks = answer(c, method, target);
  if (speaks && latency_ms > 0) delay(c);
  return speaks && !c->waiting && flush(c);
}

static void on_input(conn *c) {
  char bytes[16384];
  ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0 || !rs_buf_add(&c->in, bytes, (size_t)n)) {
    release(c);
    return;
  }
  while (serve(c)) {
  }
}

static void on_event(conn *c, uint32_t events) {
  if (events & EPOLLOUT) {
    watch(EPOLL_CTL_MOD, c->fd, EPOLLIN, c);
    if (!flush(c)) return;
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_input(c);
}

static void accept_all(int listener) {
  int one = 1, fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    conn *c = calloc(1, sizeof *c);
    if (c == NULL) die("calloc");
    c->fd = fd;
    rs_buf_init(&c->in, MAX_REQUEST);
    rs_buf_init(&c->out, SIZE_MAX / 2);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(EPOLL_CTL_ADD, fd, EPOLLIN, c);
  }
}

/* Sends what is due. Milliseconds until the next reply is, -1 if none waits. */
static int send_due(void) {
  for (conn *c; (c = due_first) != NULL;) {
    int64_t left = c->due_ms - now_ms();
    if (left > 0) return (int)left;
    due_first = c->next;
    if (due_first == NULL) due_end = &due_first;
    c->waiting = false;
    if (c->fd < 0)
      release(c);
    else if (flush(c))
      while (serve(c)) {
      }
  }
  return -1;
}

static int start(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  struct rlimit files;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 4096) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0)
    die("listen");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void read_options(int argc, char **argv) {
  struct {
    const char *name;
    unsigned *value;
  } options[] = {{"--latency", &latency_ms},
                 {"--pages", &pages},
                 {"--subscriptions", &subscriptions},
                 {"--compact", &compact}};
  size_t known = sizeof options / sizeof *options, k;
  for (int i = 1; i < argc; i += 2) {
    for (k = 0; k < known && strcmp(argv[i], options[k].name) != 0; k++) {
    }
    if (k == known || i + 1 == argc) {
      fprintf(stderr, "server: unknown option or no value: %s\n", argv[i]);
      exit(2);
    }
    *options[k].value = (unsigned)strtoul(argv[i + 1], NULL, 10);
  }
}

static bool input_ended(void) {
  char bytes[64];
  return read(STDIN_FILENO, bytes, sizeof bytes) <= 0;
}

int main(int argc, char **argv) {
  static conn control; /* stands for standard input */
  struct epoll_event events[EVENTS];
  int listener;
  read_options(argc, argv);
  poller = epoll_create1(EPOLL_CLOEXEC);
  listener = start();
  watch(EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
  watch(EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN, &control);
  for (;;) {
    int n = epoll_wait(poller, events, EVENTS, send_due());
    for (int i = 0; i < n; i++) {
      conn *c = events[i].data.ptr;
      if (c == NULL)
        accept_all(listener);
      else if (c != &control)
        on_event(c, events[i].events);
      else if (input_ended())
        return 0;
    }
  }
}
