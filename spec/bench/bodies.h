/* Bodies of the bench server's replies, shaped like the samples on the vendors' pages. */
#ifndef BENCH_BODIES_H
#define BENCH_BODIES_H

#include "buf.h"

typedef struct {
  unsigned number, size; /* which page, and of how many items */
  unsigned total;        /* items on all pages */
} page;

/* All of them append JSON without white space. */
void body_reseller(rs_buf *out);
void body_subscriptions(rs_buf *out, page p); /* Ghostealth, pages from 0 */
void body_children(rs_buf *out, page p);      /* ActivePlatform, pages from 1 */
void body_changed(rs_buf *out);
void body_refused(rs_buf *out, unsigned status);

/* The same JSON indented by four spaces, as the vendors print it. */
void body_indent(rs_buf *out, const char *json, size_t len);

#endif
