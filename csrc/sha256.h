/* SHA-256 (FIPS 180-4), for names of keys that must not be told from their names. */
#ifndef RS_SHA256_H
#define RS_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { RS_SHA256_BYTES = 32 };

/* The hash of at most 2^28 bytes. */
void rs_sha256(const char *s, size_t n, uint8_t hash[RS_SHA256_BYTES]);

#endif
