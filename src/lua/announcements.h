/* Whether what clients of other Lua states say of their limits has been seen. */
#ifndef SMS_LUA_ANNOUNCEMENTS_H
#define SMS_LUA_ANNOUNCEMENTS_H

#include "lua/binding.h"
#include <stdbool.h>

/* The version that the state has seen, which lasts as long as the state. [-0, +1] */
uint32_t *sms_lua_push_seen_version(lua_State *L);

/* Whether something has come or gone since. [-0, +0] */
bool sms_lua_has_news(const uint32_t *seen);

#endif
