/* Transfers on the I/O thread, and the mailboxes in which they arrive. */
#ifndef RS_LTRANSFER_H
#define RS_LTRANSFER_H

#include "lcompat.h"

#include "mailbox.h"

int rs_lua_mailbox(lua_State *L);
int rs_lua_sleep(lua_State *L);
int rs_lua_now(lua_State *L);
int rs_lua_can_yield(lua_State *L);
int rs_session_start(lua_State *L);

/* [-0, +0, v] the mailbox at `i` */
rs_mailbox *rs_check_mailbox(lua_State *L, int i);

/* [-0, +0, m] registers the types; once for each Lua state */
void rs_lua_transfer_types(lua_State *L);

#endif
