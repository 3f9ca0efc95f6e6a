/* A byte buffer that grows up to a cap it is born with. */
#include "buf.h"

#include <stdlib.h>
#include <string.h>

#define KEEP_BYTES (1u << 20) /* more than this is given back between uses */
#define MIN_BYTES  1024u

void rs_buf_init(rs_buf *b, size_t cap) {
  *b = (rs_buf){.cap = cap};
}

static bool grow(rs_buf *b, size_t need) {
  size_t size = b->size != 0 ? b->size : MIN_BYTES;
  char *data;
  while (size < need) size *= 2;
  data = realloc(b->data, size);
  if (data == NULL) return false;
  b->data = data;
  b->size = size;
  return true;
}

bool rs_buf_add(rs_buf *b, const char *s, size_t n) {
  if (n > b->cap - b->len) {
    b->over = true;
    return false;
  }
  if (b->len + n > b->size && !grow(b, b->len + n)) return false;
  if (n > 0) memcpy(b->data + b->len, s, n);
  b->len += n;
  return true;
}

bool rs_buf_adds(rs_buf *b, const char *s) {
  return rs_buf_add(b, s, strlen(s));
}

void rs_buf_clear(rs_buf *b) {
  if (b->size > KEEP_BYTES) rs_buf_free(b);
  b->len = 0;
  b->over = false;
}

void rs_buf_free(rs_buf *b) {
  free(b->data);
  b->data = NULL;
  b->len = b->size = 0;
}
