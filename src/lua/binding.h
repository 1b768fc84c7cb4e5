/* What the bindings share: the differences of Lua 5.1 (LuaJIT, nginx), boxed objects,
 * and one way to answer. */
#ifndef SMS_LUA_BINDING_H
#define SMS_LUA_BINDING_H

#include "base/status.h"
#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>

/* A Lua of 32-bit numbers would round times, claims and offsets to nothing. */
typedef char sms_lua_needs_numbers_of_64_bits[sizeof(lua_Number) >= 8 ? 1 : -1];
#if LUA_VERSION_NUM >= 503
typedef char sms_lua_needs_integers_of_64_bits[sizeof(lua_Integer) >= 8 ? 1 : -1];
#endif

#if LUA_VERSION_NUM < 502
#define lua_rawlen       lua_objlen
#define lua_setuservalue lua_setfenv
#endif

/* Puts the functions into the table on top. [-0, +0] */
void sms_lua_set_functions(lua_State *L, const luaL_Reg *functions);

/* Registers a metatable: methods in a table of their own, meta beside it. [-0, +0] */
void sms_lua_type(lua_State *L, const char *name, const luaL_Reg *methods,
                  const luaL_Reg *meta);

/* An empty box with its metatable, so that whatever fails later is collected. [-0, +1]
 */
void **sms_lua_box(lua_State *L, const char *name);

/* The object in the box, or a Lua error: wrong type, or closed. [-0, +0] */
void *sms_lua_check(lua_State *L, int index, const char *name);

/* The userdata of a type, or a Lua error. [-0, +0] */
void *sms_lua_check_type(lua_State *L, int index, const char *name);

/* Room for so many values more; raises what Lua does where it has no memory. */
void sms_lua_need_stack(lua_State *L, int count);

/* nil and the status as a word. [-0, +2] */
int sms_lua_fail(lua_State *L, enum sms_status status);

/* An optional string field of the table at index: NULL where it is nil. The string
 * stays anchored by the table. [-0, +0] */
const char *sms_lua_string(lua_State *L, int index, const char *field, size_t *length);

/* The string or the LongText at index, or a Lua error; it stays anchored by what is
 * there. [-0, +0] */
const char *sms_lua_text(lua_State *L, int index, size_t *length);

/* A LongText of that text: the one at index in place of what it had, or a new one where
 * false stands there. [-0, +1] */
void sms_lua_push_long_text(lua_State *L, int index, const char *text, size_t length);

/* A whole number is an integer where this Lua has them. [-0, +1] */
void sms_lua_push_number(lua_State *L, lua_Number value);

/* Seconds to microseconds; 0 below 0 and for NaN, at most 100 years. */
int64_t sms_lua_microseconds(lua_Number seconds);

/* Each registers its types and puts its functions into the table on top. [-0, +0] */
void sms_lua_open_announcements(lua_State *L);
void sms_lua_open_claims(lua_State *L);
void sms_lua_open_credentials(lua_State *L);
void sms_lua_open_driver(lua_State *L);
void sms_lua_open_engine(lua_State *L);
void sms_lua_open_http(lua_State *L);
void sms_lua_open_journal(lua_State *L);
void sms_lua_open_json(lua_State *L);
void sms_lua_open_long_text(lua_State *L);
void sms_lua_open_rate_limit(lua_State *L);
void sms_lua_open_reader(lua_State *L);
void sms_lua_open_seal(lua_State *L);
void sms_lua_open_text(lua_State *L);
void sms_lua_open_writer(lua_State *L);

#define SMS_LUA_CREDENTIALS "sms.credentials"
#define SMS_LUA_SEAL        "sms.seal"

/* The names of enum sms_signature, in its order. */
extern const char *const sms_lua_signatures[];

#endif
