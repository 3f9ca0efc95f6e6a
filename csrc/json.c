/* Strict scanning of JSON text: RFC 8259 and RFC 3629, nothing more lenient. */
#include "json.h"

#include <stdint.h>
#include <string.h>

/* Digits of an exponent; LuaJIT reads no number with more than six. RFC 8259, 9 allows a limit. */
#define MAX_EXPONENT 6

const char *rs_json_space(const char *p, const char *end) {
  while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
  return p;
}

/* Bytes of the UTF-8 sequence at s, 0 if it is not well-formed (RFC 3629, table 3-7 of Unicode). */
static size_t utf8_length(const unsigned char *s, size_t n) {
  unsigned char lo = 0x80, hi = 0xBF;
  size_t len = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
  if (s[0] < 0xC2 || s[0] > 0xF4 || n < len) return 0;
  if (s[0] == 0xE0) lo = 0xA0; /* overlong */
  if (s[0] == 0xED) hi = 0x9F; /* surrogates */
  if (s[0] == 0xF0) lo = 0x90; /* overlong */
  if (s[0] == 0xF4) hi = 0x8F; /* above U+10FFFF */
  if (s[1] < lo || s[1] > hi) return 0;
  for (size_t i = 2; i < len; i++)
    if ((s[i] & 0xC0) != 0x80) return 0;
  return len;
}

bool rs_utf8_valid(const char *s, size_t n) {
  for (size_t i = 0, len; i < n; i += len) {
    len = (unsigned char)s[i] < 0x80 ? 1 : utf8_length((const unsigned char *)s + i, n - i);
    if (len == 0) return false;
  }
  return true;
}

#define EACH(b) ((uint64_t)(b)*0x0101010101010101u)
#define ZERO(v) (((v)-EACH(0x01)) & ~(v)&EACH(0x80))

/* Eight bytes at a time: printable ASCII without quotes and backslashes needs no closer look. */
static const char *skip_plain(const char *p, const char *end) {
  uint64_t v;
  for (; end - p >= 8; p += 8) {
    memcpy(&v, p, 8);
    if ((v & EACH(0x80)) || ZERO(v ^ EACH('"')) || ZERO(v ^ EACH('\\')) || ZERO(v & EACH(0xE0)))
      break;
  }
  return p;
}

static unsigned hex4(const char *s) {
  unsigned n = 0;
  for (int i = 0; i < 4; i++) {
    unsigned c = (unsigned char)s[i];
    n = n * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  }
  return n;
}

static bool is_hex4(const char *s, const char *end) {
  return end - s >= 4 && strspn(s, "0123456789abcdefABCDEF") >= 4;
}

/* Bytes of the escape at s, which stands on the backslash; 0 if there is no such escape, or half
 * a surrogate pair. */
static size_t escape_length(const char *s, const char *end) {
  unsigned c;
  if (end - s < 2) return 0;
  if (s[1] != 'u') return s[1] != '\0' && strchr("\"\\/bfnrt", s[1]) != NULL ? 2 : 0;
  if (!is_hex4(s + 2, end)) return 0;
  c = hex4(s + 2) & 0xFC00;
  if (c != 0xD800) return c == 0xDC00 ? 0 : 6;
  if (end - s < 12 || s[6] != '\\' || s[7] != 'u' || !is_hex4(s + 8, end)) return 0;
  return (hex4(s + 8) & 0xFC00) == 0xDC00 ? 12 : 0;
}

bool rs_json_string(const char *p, const char *end, rs_json_token *t) {
  t->escaped = false;
  for (p = skip_plain(p + 1, end); p < end; p++) {
    unsigned char c = (unsigned char)*p;
    if (c == '"') {
      t->end = p + 1;
      return true;
    }
    if (c < 0x20) return false;
    if (c >= 0x80) {
      size_t len = utf8_length((const unsigned char *)p, (size_t)(end - p));
      if (len == 0) return false;
      p += len - 1;
    } else if (c == '\\') {
      size_t len = escape_length(p, end);
      if (len == 0) return false;
      t->escaped = true;
      p += len - 1;
    }
  }
  return false;
}

static const char *digits(const char *p, const char *end) {
  while (p < end && *p >= '0' && *p <= '9') p++;
  return p;
}

bool rs_json_number(const char *p, const char *end, rs_json_token *t) {
  const char *start = p += *p == '-';
  p = digits(p, end);
  if (p == start || (*start == '0' && p > start + 1)) return false;
  t->fraction = false;
  if (p < end && *p == '.') {
    start = ++p;
    p = digits(p, end);
    if (p == start) return false;
    t->fraction = true;
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    p++;
    if (p < end && (*p == '+' || *p == '-')) p++;
    start = p;
    p = digits(p, end);
    if (p == start || p - start > MAX_EXPONENT) return false;
    t->fraction = true;
  }
  t->end = p;
  return true;
}

static char *put_utf8(char *out, unsigned c) {
  if (c < 0x80) {
    *out++ = (char)c;
    return out;
  }
  if (c < 0x800) {
    *out++ = (char)(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      *out++ = (char)(0xE0 | c >> 12);
    } else {
      *out++ = (char)(0xF0 | c >> 18);
      *out++ = (char)(0x80 | (c >> 12 & 63));
    }
    *out++ = (char)(0x80 | (c >> 6 & 63));
  }
  *out++ = (char)(0x80 | (c & 63));
  return out;
}

size_t rs_json_unescape(const char *s, size_t n, char *out) {
  static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
  char *start = out;
  const char *end = s + n, *named;
  while (s < end) {
    if (*s != '\\') {
      *out++ = *s++;
    } else if (s[1] == 'u' && end - s >= 6) {
      unsigned c = hex4(s + 2);
      s += 6;
      if (c >= 0xD800 && c < 0xDC00 && end - s >= 6) {
        c = 0x10000 + ((c & 0x3FF) << 10) + (hex4(s + 2) & 0x3FF);
        s += 6;
      }
      out = put_utf8(out, c);
    } else {
      named = strchr(from, s[1]);
      *out++ = named != NULL && s[1] != '\0' ? to[named - from] : s[1];
      s += 2;
    }
  }
  return (size_t)(out - start);
}
