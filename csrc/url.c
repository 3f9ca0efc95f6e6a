/* Building request targets, and judging base URLs before anything is sent to them. */
#include "url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool unreserved(char c) {
  return alnum(c) || (c != '\0' && strchr("-._~", c) != NULL);
}

bool rs_url_escape(rs_buf *out, const char *s, size_t n) {
  static const char hex[] = "0123456789ABCDEF";
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    char coded[3] = {'%', hex[c >> 4], hex[c & 15]};
    if (!(unreserved(s[i]) ? rs_buf_add(out, s + i, 1) : rs_buf_add(out, coded, 3))) return false;
  }
  return true;
}

const char *rs_url_segment_fault(const char *s, size_t n) {
  if (n == 0) return "text that is not empty";
  if ((n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.')) return "an id, not dots";
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    if (c < 0x20 || c == 0x7f) return "text without control characters";
    if (c == '/' || c == '\\' || c == '?' || c == '#') return "text without / \\ ? #";
  }
  return NULL;
}

static size_t host_length(const char *s) {
  size_t n = 0;
  if (s[0] == '[') {
    n = strspn(s + 1, "0123456789abcdefABCDEF:.");
    return n > 0 && s[n + 1] == ']' ? n + 2 : 0;
  }
  while (alnum(s[n]) || s[n] == '.' || s[n] == '-') n++;
  return n;
}

/* One to three digits up to 255 after `s`, or NULL. */
static const char *octet(const char *s) {
  size_t n = strspn(s, "0123456789");
  return n >= 1 && n <= 3 && atoi(s) <= 255 ? s + n : NULL;
}

static bool loopback_ipv4(const char *s, size_t n) {
  const char *p = s;
  if (n < 4 || strncmp(s, "127.", 4) != 0) return false;
  for (int i = 0; i < 4; i++) {
    p = octet(p);
    if (p == NULL || (i < 3 && *p++ != '.')) return false;
  }
  return p == s + n;
}

static bool loopback_host(const char *s, size_t n) {
  return (n == 9 && memcmp(s, "localhost", 9) == 0) || (n == 5 && memcmp(s, "[::1]", 5) == 0) ||
         loopback_ipv4(s, n);
}

/* The end of an optional :port, or NULL. */
static const char *skip_port(const char *s) {
  size_t n;
  if (*s != ':') return s;
  n = strspn(s + 1, "0123456789");
  return n >= 1 && n <= 5 && atoi(s + 1) >= 1 && atoi(s + 1) <= 65535 ? s + 1 + n : NULL;
}

const char *rs_url_base(const char *url, rs_base *base) {
  const char *p;
  size_t host, scheme = strncmp(url, "https://", 8) == 0  ? 8
                        : strncmp(url, "http://", 7) == 0 ? 7
                                                          : 0;
  if (scheme == 0) return "a URL that starts with https://";
  host = host_length(url + scheme);
  p = skip_port(url + scheme + host);
  if (host == 0 || p == NULL || (*p != '/' && *p != '\0'))
    return "a URL of the form https://host[:port][/path], without user, query or fragment";
  while (*p == '/' || unreserved(*p)) p++;
  if (*p != '\0') return "a path of letters, digits and - . _ ~ /";
  while (p[-1] == '/') p--;
  *base = (rs_base){.https = scheme == 8,
                    .loopback = loopback_host(url + scheme, host),
                    .len = (size_t)(p - url)};
  if (!base->https && !base->loopback) return "https:// (plain http:// only to this machine)";
  return NULL;
}

bool rs_url_proxy_is_local(const char *proxy) {
  const char *host = strstr(proxy, "://");
  host = host != NULL ? host + 3 : proxy;
  if (strchr(host, '@') != NULL) host = strrchr(host, '@') + 1;
  return loopback_host(host, host_length(host));
}
