/* A usual attempt in one pass: a slot of every limit, the request, its slots given
 * back, the reply read. Nothing is begun where a slot is missing; whatever ends
 * otherwise than usual is handed to sms.attempt as it came. */
#include "lua_http.h"
#include "lua_rate_limit.h"
#include <stdio.h>

#define TYPE "sms.exchange"

/* Upvalues; read is a function of a body and its status that gives the result, or nil.
 */
enum { HEAD = 1, CLIENT, LIMITS, READ };

struct exchange {
  sms_http_transfer *transfer;
  int64_t taken; /* when its slots were */
  int count;     /* of them */
  struct sms_slot slots[SMS_LUA_LIMITS_MAX];
};

/* Arguments: engine, seconds of a step, body, timeout, connect_timeout, lease. False:
 * nothing has been begun. [-0, +0] */
static bool begin(lua_State *L, sms_http_engine *engine, struct exchange *x) {
  sms_http_client *client =
      sms_lua_check(L, lua_upvalueindex(CLIENT), SMS_LUA_HTTP_CLIENT);
  struct sms_http_request request = sms_lua_head(L, lua_upvalueindex(HEAD));
  request.body = luaL_checklstring(L, 3, &request.body_length);
  request.timeout = sms_lua_microseconds(luaL_checknumber(L, 4));
  request.connect_timeout = sms_lua_microseconds(luaL_checknumber(L, 5));
  int64_t lease = sms_lua_microseconds(luaL_checknumber(L, 6));
  x->taken = sms_http_now();
  request.start_before = x->taken + lease;
  x->count = sms_lua_take(L, lua_upvalueindex(LIMITS), x->taken, lease, x->slots);
  if (x->count < 0) return false;
  if (sms_http_engine_submit(engine, client, &request, &x->transfer) == SMS_OK)
    return true;
  sms_lua_settle(L, lua_upvalueindex(LIMITS), x->slots, x->count, false, x->taken);
  return false;
}

/* nil, the reply, the claims and when they were taken: sms.attempt goes on. */
static int push_unusual(lua_State *L, const struct exchange *x,
                        const struct sms_http_response *r) {
  lua_pushnil(L);
  sms_lua_push_response(L, r);
  sms_lua_push_claims(L, lua_upvalueindex(LIMITS), x->slots, x->count);
  lua_pushnumber(L, (lua_Number)x->taken / 1e6);
  return 4;
}

/* The transfer is given back before Lua reads, which may raise. */
static int read_usual(lua_State *L, const struct exchange *x,
                      struct sms_http_response r) {
  char retry_after[64] = "";
  lua_pushlstring(L, r.body, r.body_length);
  r.body = lua_tostring(L, -1);
  if (r.retry_after) snprintf(retry_after, sizeof retry_after, "%s", r.retry_after);
  sms_http_transfer_release(x->transfer);
  lua_pushvalue(L, lua_upvalueindex(READ));
  lua_pushvalue(L, -2);
  lua_pushinteger(L, r.status);
  lua_call(L, 2, 1);
  if (!lua_isnil(L, -1)) return 1;
  r.retry_after = retry_after[0] ? retry_after : NULL;
  return push_unusual(L, x, &r);
}

/* What an ended attempt came to, its slots given back. */
static int finish_ended(lua_State *L, const struct exchange *x,
                        const struct sms_http_response *r) {
  sms_lua_settle(L, lua_upvalueindex(LIMITS), x->slots, x->count, r->sent,
                 sms_http_now());
  if (r->end == SMS_HTTP_ANSWERED && r->status < 300) return read_usual(L, x, *r);
  int count = r->end == SMS_HTTP_TOO_LATE ? 0 : push_unusual(L, x, r);
  sms_http_transfer_release(x->transfer);
  return count;
}

static struct exchange *push_exchange(lua_State *L, const struct exchange *x) {
  struct exchange *pushed = lua_newuserdata(L, sizeof *pushed);
  *pushed = *x;
  luaL_getmetatable(L, TYPE);
  lua_setmetatable(L, -2);
  return pushed;
}

/* perform(engine, seconds, body, timeout, connect_timeout, lease) -> result
 *   | nil, reply, Claims, time of the claim: it ended otherwise
 *   | false, Exchange: it is under way
 *   | nothing: it was not begun */
static int perform(lua_State *L) {
  sms_http_engine *engine = sms_lua_check(L, 1, SMS_LUA_ENGINE);
  int64_t wait = sms_lua_microseconds(luaL_checknumber(L, 2));
  struct exchange x;
  if (!begin(L, engine, &x)) return 0;
  sms_lua_step_to_end(engine, x.transfer, wait); /* finish tells how it failed */
  const struct sms_http_response *r = sms_http_transfer_response(x.transfer);
  if (r) return finish_ended(L, &x, r);
  lua_pushboolean(L, 0);
  push_exchange(L, &x);
  return 2;
}

/* submit(engine, Exchange that has ended | nil, body, timeout, connect_timeout, lease)
 *   -> the same or another Exchange, id of its transfer
 *    | nothing: it was not begun */
static int submit(lua_State *L) {
  sms_http_engine *engine = sms_lua_check(L, 1, SMS_LUA_ENGINE);
  struct exchange *x;
  if (lua_isnil(L, 2)) {
    struct exchange empty = {0};
    x = push_exchange(L, &empty);
  } else {
    x = sms_lua_check_type(L, 2, TYPE);
    luaL_argcheck(L, !x->transfer, 2, "this exchange is under way");
    lua_pushvalue(L, 2);
  }
  if (!begin(L, engine, x)) return 0;
  lua_pushinteger(L, (lua_Integer)sms_http_transfer_id(x->transfer));
  return 2;
}

/* finish(Exchange, engine | nil, seconds to drive it) -> as perform
 *   | false, nil, why the engine failed */
static int finish(lua_State *L) {
  struct exchange *x = sms_lua_check_type(L, 1, TYPE);
  luaL_argcheck(L, x->transfer, 1, "this exchange has ended");
  if (lua_toboolean(L, 2)) {
    sms_http_engine *engine = sms_lua_check(L, 2, SMS_LUA_ENGINE);
    int64_t wait = sms_lua_microseconds(luaL_checknumber(L, 3));
    enum sms_status status = sms_lua_step_to_end(engine, x->transfer, wait);
    if (status != SMS_OK) {
      lua_pushboolean(L, 0);
      return 1 + sms_lua_fail(L, status);
    }
  }
  const struct sms_http_response *r = sms_http_transfer_response(x->transfer);
  if (!r) {
    lua_pushboolean(L, 0);
    return 1;
  }
  struct exchange ended = *x;
  x->transfer = NULL;
  return finish_ended(L, &ended, r);
}

static int collect(lua_State *L) {
  struct exchange *x = luaL_checkudata(L, 1, TYPE);
  sms_http_transfer_release(x->transfer);
  x->transfer = NULL;
  return 0;
}

/* exchange(head, http_client, list of RateLimits, read) -> perform, submit, finish */
int sms_lua_exchange(lua_State *L) {
  static const lua_CFunction functions[] = {perform, submit, finish};
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_checktype(L, 4, LUA_TFUNCTION);
  lua_settop(L, READ);
  for (int i = 0; i < 3; i++) {
    for (int upvalue = HEAD; upvalue <= READ; upvalue++)
      lua_pushvalue(L, upvalue);
    lua_pushcclosure(L, functions[i], READ);
  }
  return 3;
}

void sms_lua_open_exchange(lua_State *L) {
  static const luaL_Reg none[] = {{NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", collect}, {NULL, NULL}};
  sms_lua_type(L, TYPE, none, meta);
}
