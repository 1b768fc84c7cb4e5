/* Claimed slots, for bindings that know when an attempt has ended. */
#ifndef SMS_LUA_CLAIMS_H
#define SMS_LUA_CLAIMS_H

#include "lua/binding.h"
#include <stdbool.h>

/* The attempt of the Claims at index has ended: its slots are busy for a period from
 * now on, or free at once where no byte was sent. Nothing where there are none, or
 * where they are not in C. [-0, +0] */
void sms_lua_settle(lua_State *L, int index, bool sent);

#endif
