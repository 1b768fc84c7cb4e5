/* Requests from Lua tables and responses to them, for the engine's and the driver's
 * bindings. */
#ifndef SMS_LUA_HTTP_H
#define SMS_LUA_HTTP_H

#include "http/driver.h"
#include "lua/binding.h"

#define SMS_LUA_HTTP_CLIENT "sms.http_client"

/* NULL where it has been closed, which is no misuse: the engine says so. */
sms_http_client *sms_lua_http_client(lua_State *L, int index);

/* The table { method, url, body, content, auth, signature, signed_text } at index, and
 * behind it the seconds timeout, connect_timeout and start_before (one of core.now(),
 * or 0). In place of the table there may be a head, and the body behind the times, a
 * string or a LongText. The strings stay anchored by the arguments. [-0, +0] */
struct sms_http_request sms_lua_request(lua_State *L, int index);

/* An ended request: the status and body of a whole answer, or nil and { ending, sent,
 * status, body, phase, message, keeps_slots; proxy_status, if it opened no tunnel };
 * then its retry_after and date, where it has the one, or tells of what may be a wrong
 * clock (401). The Claims at an index, if there are any, are settled: here alone, but
 * where the end keeps_slots, since some of it may still arrive: then their leases end.
 * Returns how many values.
 * [-0, +2 or +4] */
int sms_lua_push_response(lua_State *L, const struct sms_http_response *response,
                          int claims);

#endif
