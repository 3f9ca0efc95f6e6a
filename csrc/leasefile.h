/* A file of leases that the processes of one host share: one record for each key. */
#ifndef RS_LEASEFILE_H
#define RS_LEASEFILE_H

#include "limiter.h"
#include "sha256.h"

#include <stdbool.h>

typedef struct rs_leasefile rs_leasefile;

/* Opens the file, or makes it with mode 0600. NULL and a reason when it cannot be used. */
rs_leasefile *rs_leasefile_open(const char *path, const uint8_t key[RS_SHA256_BYTES],
                                const char **why);
void rs_leasefile_close(rs_leasefile *f);

/* Locks the file and gives the key's leases; NULL and a reason when that fails. A lock ends with
 * the process that holds it. `cold` is set when the leases date from before the last boot. */
rs_leases *rs_leasefile_lock(rs_leasefile *f, bool *cold, const char **why);
void rs_leasefile_unlock(rs_leasefile *f);

#endif
