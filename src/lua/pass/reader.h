/* The pass that tells whether a decoded reply is as documented, for bindings that read
 * it at once. */
#ifndef SMS_LUA_PASS_READER_H
#define SMS_LUA_PASS_READER_H

#include "lua/pass/layout.h"

/* Whether the value on top is: what is empty is not, for it may have been a list or an
 * object. [-0, +0] */
bool sms_lua_fits(lua_State *L, struct plan *plan);

/* The plan of a function that core.reader made. [-0, +0] */
struct plan *sms_lua_reader_plan(lua_State *L, int read);

#endif
