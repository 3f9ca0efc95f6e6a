/* The Lua files of the module, when they are inside its shared object. */
#ifndef RS_LSINGLE_H
#define RS_LSINGLE_H

#include <stddef.h>

typedef struct {
  const char *name, *chunk;
  const unsigned char *text;
  size_t len;
} rs_module;

extern const rs_module rs_modules[]; /* ends with a row of zeros; made by embed.cmake */

#endif
