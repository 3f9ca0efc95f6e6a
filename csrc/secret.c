/* Masking of secrets in whatever is shown to a person or written to a log. */
#include "secret.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MASK     "***"
#define SHORTEST 4 /* less is no secret, nor the beginning of one, and masking it garbles texts */

/* `customer_id` and `domain_name` come with the credentials in `meta.applications`. */
static const char *const names[] = {
    "apiKey",      "api_key",        "api_token", "x-api-token", "authorization", "token",
    "auth_token",  "access_token",   "password",  "passwd",      "secret",        "first_password",
    "admin_login", "admin_password", "login",     "customer_id", "domain_name",   NULL,
};

/* Length of the secret that stands at s, 0 if none does. */
static size_t known_length(const char *s, const char *end, const char *secrets) {
  size_t left = (size_t)(end - s), best = 0;
  for (size_t n; (n = strlen(secrets)) > 0; secrets += n + 1) {
    if (n < SHORTEST || left < SHORTEST) continue;
    if (memcmp(s, secrets, left < n ? left : n) == 0 && n > best) best = left < n ? left : n;
  }
  return best;
}

/* Length of a run that looks like GHO-…-STEA-…-LTH, whole or cut short. */
static size_t key_shape_length(const char *s, const char *end) {
  const char *p = s;
  if (end - s < 5 || memcmp(s, "GHO-", 4) != 0) return 0;
  while (p < end && (isalnum((unsigned char)*p) || *p == '-')) p++;
  return (size_t)(p - s);
}

static const char *skip(const char *p, const char *end, const char *set) {
  while (p < end && *p != '\0' && strchr(set, *p) != NULL) p++;
  return p;
}

static bool secret_name(const char *s, size_t n) {
  for (const char *const *name = names; *name != NULL; name++)
    if (strlen(*name) == n && strncasecmp(s, *name, n) == 0) return true;
  return false;
}

/* s stands on a quote. The first character of the value of a secret member, NULL if it is none. */
static const char *secret_value(const char *s, const char *end) {
  const char *name = s + 1, *p = name;
  while (p < end && (isalnum((unsigned char)*p) || *p == '_' || *p == '-')) p++;
  if (!secret_name(name, (size_t)(p - name))) return NULL;
  p = skip(p, end, "\\");
  if (p == end || *p != '"') return NULL;
  p = skip(p + 1, end, " \t\r\n");
  if (p == end || *p != ':') return NULL;
  p = skip(p + 1, end, " \t\r\n");
  return p < end && *p != '{' && *p != '[' ? p : NULL;
}

/* One past the value: a string to its closing quote, with JSON inside JSON text too. */
static const char *value_end(const char *p, const char *end) {
  bool nested = *p == '\\';
  if (*p != '"' && !nested) {
    while (p < end && strchr(",}] \t\r\n", *p) == NULL) p++;
    return p;
  }
  for (p = skip(p, end, "\\") + 1; p < end && *p != '"'; p++)
    if (*p == '\\' && !nested && p + 1 < end) p++;
  return p < end ? p + 1 : end;
}

static bool add_masked_member(rs_buf *out, const char *s, const char *value) {
  bool quoted = *value == '"';
  return rs_buf_add(out, s, (size_t)(value - s)) &&
         rs_buf_adds(out, quoted ? "\"" MASK "\"" : MASK);
}

bool rs_secret_mask(rs_buf *out, const char *s, size_t n, const char *secrets) {
  const char *end = s + n;
  while (s < end) {
    const char *value = *s == '"' ? secret_value(s, end) : NULL;
    size_t len = known_length(s, end, secrets);
    if (len == 0) len = key_shape_length(s, end);
    if (value != NULL) {
      const char *stop = value_end(value, end);
      if (!add_masked_member(out, s, value)) return false;
      s = stop;
    } else if (len > 0) {
      if (!rs_buf_adds(out, MASK)) return false;
      s += len;
    } else if (!rs_buf_add(out, s++, 1)) {
      return false;
    }
  }
  return true;
}
