/* Arguments of a call, checked against the endpoint's row. */
#ifndef RS_LPARAMS_H
#define RS_LPARAMS_H

#include "lcompat.h"

int rs_lua_prepare(lua_State *L);

#endif
