/* Building request targets, and judging base URLs before anything is sent to them. */
#ifndef RS_URL_H
#define RS_URL_H

#include "buf.h"

/* Percent-encodes all but the unreserved characters of RFC 3986. */
bool rs_url_escape(rs_buf *out, const char *s, size_t n);

/* NULL, or why the text cannot stand as one segment of a path. */
const char *rs_url_segment_fault(const char *s, size_t n);

/* What a base URL is. It is read strictly: what two parsers could read in two ways is refused. */
typedef struct {
  bool https, loopback;
  size_t len; /* without slashes at the end */
} rs_base;

/* NULL and `base` filled, or what is wrong with the URL. */
const char *rs_url_base(const char *url, rs_base *base);

/* True for an http or https URL, or host:port, of a proxy that stands on this machine. */
bool rs_url_proxy_is_local(const char *proxy);

#endif
