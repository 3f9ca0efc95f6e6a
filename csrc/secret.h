/* Masking of secrets in whatever is shown to a person or written to a log. */
#ifndef RS_SECRET_H
#define RS_SECRET_H

#include "buf.h"

/* Copies the text with *** in place of
 *   - each of `secrets` (strings one after the other, the last one empty), also one cut short at
 *     the end of the text,
 *   - the value of every JSON member whose name says that it is a secret,
 *   - whatever has the shape of a Ghostealth key.
 * False when memory or the cap of `out` ran out. */
bool rs_secret_mask(rs_buf *out, const char *s, size_t n, const char *secrets);

#endif
