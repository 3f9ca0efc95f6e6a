/* The one unit that knows libcurl: a request goes in, a reply comes out, and no Lua in between. */
#include "engine.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct rs_engine {
  CURL *easy;
  struct curl_slist *headers;
  size_t max_body;
  bool once;
  rs_reply reply;
};

/* Runs inside libcurl: a false here makes it give the transfer up. */
static size_t on_body(char *s, size_t size, size_t n, void *ud) {
  rs_engine *e = ud;
  return rs_buf_add(&e->reply.body, s, size * n) ? size * n : 0;
}

static size_t on_head(char *s, size_t size, size_t n, void *ud) {
  rs_engine *e = ud;
  if (size * n >= 5 && memcmp(s, "HTTP/", 5) == 0) rs_buf_clear(&e->reply.head); /* after a 100 */
  return rs_buf_add(&e->reply.head, s, size * n) ? size * n : 0;
}

/* Bytes as they come from the wire, which a compressed body may keep from on_body for long. */
static int on_progress(void *ud, curl_off_t total, curl_off_t now, curl_off_t up, curl_off_t sent) {
  rs_engine *e = ud;
  (void)total, (void)up, (void)sent;
  if (now <= (curl_off_t)e->max_body) return 0;
  e->reply.body.over = true;
  return 1;
}

/* libcurl calls this before each time it sends the request: a connection is there, and nothing
 * has gone out on it. It sends again by itself when a reused connection turns out to be dead; what
 * may be sent once only is stopped here, should it ever not have got a connection of its own. */
static int on_send(void *ud, char *ip, char *local_ip, int port, int local_port) {
  rs_engine *e = ud;
  (void)ip, (void)local_ip, (void)port, (void)local_port;
  if (e->once && e->reply.sends > 0) return CURL_PREREQFUNC_ABORT;
  e->reply.sends++;
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

static void set_callbacks(rs_engine *e) {
  curl_easy_setopt(e->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(e->easy, CURLOPT_WRITEDATA, e);
  curl_easy_setopt(e->easy, CURLOPT_HEADERFUNCTION, on_head);
  curl_easy_setopt(e->easy, CURLOPT_HEADERDATA, e);
  curl_easy_setopt(e->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(e->easy, CURLOPT_XFERINFODATA, e);
  curl_easy_setopt(e->easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(e->easy, CURLOPT_PREREQFUNCTION, on_send);
  curl_easy_setopt(e->easy, CURLOPT_PREREQDATA, e);
  curl_easy_setopt(e->easy, CURLOPT_ERRORBUFFER, e->reply.message);
}

/* What is the same for every request of the client. Redirects are off: libcurl would take
 * X-Api-Token to any host. */
static void set_common(CURL *easy, const rs_settings *s) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
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

static bool set_headers(rs_engine *e, const char *const *headers) {
  for (; *headers != NULL; headers++) {
    struct curl_slist *list = curl_slist_append(e->headers, *headers);
    if (list == NULL) return false;
    e->headers = list;
  }
  return curl_easy_setopt(e->easy, CURLOPT_HTTPHEADER, e->headers) == CURLE_OK;
}

rs_engine *rs_engine_new(const rs_settings *settings) {
  rs_engine *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->max_body = settings->max_body;
  rs_buf_init(&e->reply.head, settings->max_head);
  rs_buf_init(&e->reply.body, settings->max_body);
  e->easy = curl_easy_init();
  if (e->easy == NULL || !set_headers(e, settings->headers)) {
    rs_engine_free(e);
    return NULL;
  }
  set_common(e->easy, settings);
  set_callbacks(e);
  return e;
}

void rs_engine_free(rs_engine *e) {
  if (e == NULL) return;
  if (e->easy != NULL) curl_easy_cleanup(e->easy);
  curl_slist_free_all(e->headers);
  rs_buf_free(&e->reply.head);
  rs_buf_free(&e->reply.body);
  free(e);
}

/* POST machinery with an empty body sends "Content-Length: 0" and waits for nothing. */
static void set_method(CURL *easy, const rs_request *q) {
  bool bare = q->body == NULL && (strcmp(q->method, "GET") == 0 || strcmp(q->method, "DELETE") == 0);
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
static void set_repeats(rs_engine *e, const rs_request *q) {
  e->once = q->once;
  curl_easy_setopt(e->easy, CURLOPT_FRESH_CONNECT, q->once ? 1L : 0L);
  curl_easy_setopt(e->easy, CURLOPT_HTTP_VERSION,
                   (long)(q->once ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
}

static rs_outcome outcome(const rs_reply *r, CURLcode rc) {
  if (rc != CURLE_OK && (r->body.over || r->head.over)) return RS_TOO_LARGE;
  switch (rc) {
  case CURLE_OK: return RS_REPLIED;
  case CURLE_FILESIZE_EXCEEDED: return RS_TOO_LARGE;
  case CURLE_OPERATION_TIMEDOUT: return RS_TIMEOUT;
  case CURLE_OUT_OF_MEMORY:
  case CURLE_WRITE_ERROR: return RS_MEMORY; /* a buffer could not grow, though below its cap */
  case CURLE_UNSUPPORTED_PROTOCOL:          /* "Received HTTP/0.9 when not allowed" */
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_BAD_CONTENT_ENCODING: return RS_DECODE;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS: return RS_TLS;
  default: return RS_NETWORK;
  }
}

/* on_send's abort, and a few codes for which libcurl has no words of its own */
static void set_message(rs_reply *r, CURLcode rc) {
  const char *text = rc == CURLE_ABORTED_BY_CALLBACK ? "the connection was lost after sending"
                                                     : curl_easy_strerror(rc);
  size_t n = strlen(text) < sizeof r->message - 1 ? strlen(text) : sizeof r->message - 1;
  if (r->message[0] != '\0' && rc != CURLE_ABORTED_BY_CALLBACK) return;
  memcpy(r->message, text, n);
  r->message[n] = '\0';
}

static void reset(rs_reply *r) {
  rs_buf_clear(&r->head);
  rs_buf_clear(&r->body);
  r->status = 0;
  r->sends = 0;
  r->message[0] = '\0';
}

const rs_reply *rs_engine_perform(rs_engine *e, const rs_request *q) {
  rs_reply *r = &e->reply;
  curl_off_t microseconds = 0;
  CURLcode rc;
  reset(r);
  set_method(e->easy, q);
  set_repeats(e, q);
  curl_easy_setopt(e->easy, CURLOPT_TIMEOUT_MS, milliseconds(q->timeout));
  rc = curl_easy_setopt(e->easy, CURLOPT_URL, q->url);
  if (rc == CURLE_OK) rc = curl_easy_perform(e->easy);
  r->outcome = outcome(r, rc);
  if (rc != CURLE_OK) set_message(r, rc);
  curl_easy_getinfo(e->easy, CURLINFO_RESPONSE_CODE, &r->status);
  curl_easy_getinfo(e->easy, CURLINFO_TOTAL_TIME_T, &microseconds);
  r->elapsed = (double)microseconds / 1e6;
  return r;
}

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

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
