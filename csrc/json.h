/* Strict scanning of JSON text: RFC 8259 and RFC 3629, nothing more lenient. */
#ifndef RS_JSON_H
#define RS_JSON_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  const char *end; /* one past the token */
  bool escaped;    /* a string with a backslash in it */
  bool fraction;   /* a number with a fraction or an exponent */
} rs_json_token;

/* The first character after white space; `end` if there is none. */
const char *rs_json_space(const char *p, const char *end);

/* p stands on the opening quote. False: not closed, a control character or bad UTF-8 inside. */
bool rs_json_string(const char *p, const char *end, rs_json_token *t);

/* p stands on a digit or minus. False: not a JSON number. */
bool rs_json_number(const char *p, const char *end, rs_json_token *t);

/* Decodes the inside of a checked string into `out`, which has room for n bytes. */
size_t rs_json_unescape(const char *s, size_t n, char *out);

bool rs_utf8_valid(const char *s, size_t n);

#endif
