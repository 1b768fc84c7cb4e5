/* Rate limits as they are boxed, for claims of several. */
#ifndef SMS_LUA_RATE_LIMIT_H
#define SMS_LUA_RATE_LIMIT_H

#include "limit/rate_limit.h"
#include "lua/binding.h"
#include <stdbool.h>

#define SMS_LUA_RATE_LIMIT "sms.rate_limit"

/* A limit that is closed lasts until the slots that are claimed of it are given back.
 */
struct sms_lua_limit {
  sms_rate_limit *limit; /* first: as of sms_lua_box; NULL: it has gone */
  uint32_t claimed;
  bool closed;
};

/* A slot of it was given back. */
void sms_lua_give_back(struct sms_lua_limit *box);

/* Seconds of core.now() as microseconds, or a Lua error, as below. [-0, +0] */
int64_t sms_lua_time(lua_State *L, int index);

/* Among how many of the first slots; 0: all. [-0, +0] */
uint32_t sms_lua_count(lua_State *L, int index);

/* A quota of the provider's: a place in its list; 0: none. [-0, +0] */
uint32_t sms_lua_quota(lua_State *L, int index);

#endif
