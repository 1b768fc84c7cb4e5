/* Slots of several limits at once, for bindings that take them in C. A list is the
 * table of RateLimits at an index; the slots are in its order. */
#ifndef SMS_LUA_RATE_LIMIT_H
#define SMS_LUA_RATE_LIMIT_H

#include "limit/rate_limit.h"
#include "lua/binding.h"
#include <stdbool.h>

#define SMS_LUA_LIMITS_MAX 8 /* of one list */

/* Takes a slot of each limit, or none: -1. Returns how many there are. Times are
 * microseconds. [-0, +0] */
int sms_lua_take(lua_State *L, int list, int64_t now, int64_t lease,
                 struct sms_slot slots[SMS_LUA_LIMITS_MAX]);

/* Gives them back: busy for a period from now on, or free at once where nothing was
 * sent. [-0, +0] */
void sms_lua_settle(lua_State *L, int list, const struct sms_slot *slots, int count,
                    bool sent, int64_t now);

/* The same slots as an object, as core.claim gives it. [-0, +1] */
void sms_lua_push_claims(lua_State *L, int list, const struct sms_slot *slots,
                         int count);

#endif
