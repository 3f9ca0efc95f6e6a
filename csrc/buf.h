/* A byte buffer that grows up to a cap it is born with. */
#ifndef RS_BUF_H
#define RS_BUF_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  char *data;
  size_t len, size, cap;
  bool over; /* an addition was refused because of the cap */
} rs_buf;

void rs_buf_init(rs_buf *b, size_t cap);

/* All or nothing; false when the cap or memory does not allow it. */
bool rs_buf_add(rs_buf *b, const char *s, size_t n);
bool rs_buf_adds(rs_buf *b, const char *s);

/* Empties it; keeps memory of ordinary size for the next use. */
void rs_buf_clear(rs_buf *b);
void rs_buf_free(rs_buf *b);

#endif
