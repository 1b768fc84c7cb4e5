/* A usual attempt in one pass: the params checked and written, a slot of every limit,
 * the request, its slots given back, the reply read. Nothing is begun where params are
 * out of the ordinary or a slot is missing; whatever ends otherwise than usual is
 * handed to sms.attempt as it came. */
#include "base/clock.h"
#include "lua/http.h"
#include "lua/pass/reader.h"
#include "lua/pass/writer.h"
#include "lua/rate_limit.h"

#define TYPE "sms.exchange"

enum { SUCCESSES_MAX = 4 };

/* What all calls of one operation have in common. */
struct usual {
  const struct plan *params;
  struct plan *reply;
  bool may_misfit;
  struct sms_http_request request; /* without its body and times */
  void **client;                   /* its box, empty once it is closed */
  int64_t reserve;                 /* that a slot outlives the attempt's time */
  int successes[SUCCESSES_MAX];
};

/* Upvalues; parts keeps what usual points to. */
enum { USUAL = 1, LIMITS, FORMATS, KEPT, RULES, READ, ENDED, PARTS };

struct exchange {
  sms_http_transfer *transfer;    /* under way with an engine, */
  bool posted;                    /* or with a driver, */
  struct sms_http_letter *letter; /* which has answered */
  size_t length;                  /* of the body */
  int64_t taken;                  /* when its slots were */
  int count;                      /* of them */
  struct sms_slot slots[SMS_LUA_LIMITS_MAX];
};

static const struct usual *usual_of(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(USUAL));
}

static bool rules_hold(lua_State *L, int params) {
  if (lua_isnil(L, lua_upvalueindex(RULES))) return true;
  lua_pushvalue(L, lua_upvalueindex(RULES));
  lua_pushvalue(L, params);
  lua_call(L, 1, 1);
  bool hold = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return hold;
}

/* Where requests go: one of both. */
struct target {
  sms_http_engine *engine;
  sms_http_mailbox *mailbox;
  uint64_t id; /* of what was submitted */
};

static enum sms_status send_to(struct target *to, sms_http_client *client,
                               const struct sms_http_request *request,
                               struct exchange *x) {
  if (to->mailbox) {
    enum sms_status status =
        sms_http_driver_submit(to->mailbox, client, request, &to->id);
    x->posted = status == SMS_OK;
    return status;
  }
  enum sms_status status =
      sms_http_engine_submit(to->engine, client, request, &x->transfer);
  if (status == SMS_OK) to->id = sms_http_transfer_id(x->transfer);
  return status;
}

/* Takes the slots and submits. */
static bool begin_request(lua_State *L, struct target *to,
                          struct sms_http_request *request, struct exchange *x) {
  const struct usual *usual = usual_of(L);
  int64_t lease = request->timeout + usual->reserve;
  x->taken = sms_clock_now();
  x->length = request->body_length;
  request->start_before = x->taken + lease;
  x->count = sms_lua_take(L, lua_upvalueindex(LIMITS), x->taken, lease, x->slots);
  if (x->count < 0) return false;
  if (send_to(to, *usual->client, request, x) == SMS_OK) return true;
  sms_lua_settle(L, lua_upvalueindex(LIMITS), x->slots, x->count, false, x->taken);
  return false;
}

/* From index on: params, timeout, connect_timeout. False: nothing has been begun.
 * [-0, +0] */
static bool begin(lua_State *L, struct target *to, int index, struct exchange *x) {
  const struct usual *usual = usual_of(L);
  struct sms_http_request request = usual->request;
  struct sms_lua_body body;
  struct sms_lua_writer writer = {
      .plan = usual->params,
      .formats = lua_upvalueindex(FORMATS),
      .kept = lua_upvalueindex(KEPT),
      .may_misfit = usual->may_misfit,
  };
  int top = lua_gettop(L);
  request.timeout = sms_lua_microseconds(luaL_checknumber(L, index + 1));
  request.connect_timeout = sms_lua_microseconds(luaL_checknumber(L, index + 2));
  bool written = *usual->client && sms_lua_write(L, &writer, index, &body);
  bool begun = written && rules_hold(L, index);
  if (begun) {
    request.body = body.data;
    request.body_length = body.length;
    begun = begin_request(L, to, &request, x);
  }
  if (written) sms_lua_keep_room(L, &writer);
  lua_settop(L, top);
  return begun;
}

/* Behind nil and the reply: the claims and when they were taken. [-0, +2] */
static void push_claims(lua_State *L, const struct exchange *x) {
  sms_lua_push_claims(L, lua_upvalueindex(LIMITS), x->slots, x->count);
  lua_pushnumber(L, (lua_Number)x->taken / 1e6);
}

/* nil, the reply, the claims, when they were taken and the body: sms.attempt goes on.
 */
static int push_unusual(lua_State *L, const struct exchange *x,
                        const struct sms_http_response *r) {
  lua_pushnil(L);
  sms_lua_push_response(L, r);
  push_claims(L, x);
  lua_pushlstring(L, x->letter ? x->letter->sent : sms_http_transfer_body(x->transfer),
                  x->length);
  return 5;
}

static const struct sms_http_response *response_of(const struct exchange *x) {
  return x->letter ? &x->letter->response : sms_http_transfer_response(x->transfer);
}

static void release(struct exchange *x) {
  sms_http_transfer_release(x->transfer);
  sms_http_letter_free(x->letter);
  x->transfer = NULL;
  x->letter = NULL;
}

/* Upvalues of read. */
enum { READ_USUAL = 1, READ_PARTS, READ_DECODE, READ_JUDGE };

/* read(body, where to note that it was JSON) -> result | nothing: it is not usual */
static int read_reply(lua_State *L) {
  const struct usual *usual = lua_touserdata(L, lua_upvalueindex(READ_USUAL));
  bool *is_json = lua_touserdata(L, 2);
  lua_pushvalue(L, lua_upvalueindex(READ_DECODE));
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  *is_json = true;
  if (!sms_lua_fits(L, usual->reply)) return 0;
  if (lua_isnil(L, lua_upvalueindex(READ_JUDGE))) return 1;
  lua_pushvalue(L, lua_upvalueindex(READ_JUDGE));
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  if (lua_toboolean(L, -1)) return 0;
  lua_pop(L, 1);
  return 1;
}

static bool is_success(const struct usual *usual, const struct sms_http_response *r) {
  if (r->end != SMS_HTTP_ANSWERED) return false;
  for (int i = 0; i < SUCCESSES_MAX; i++)
    if (usual->successes[i] == r->status) return true;
  return false;
}

/* Pushes the result of a usual reply. What is raised on the way is raised when all has
 * been released, but for what is not JSON. */
static bool push_result(lua_State *L, struct exchange *x,
                        const struct sms_http_response *r) {
  bool is_json = false;
  lua_pushvalue(L, lua_upvalueindex(READ));
  lua_pushlstring(L, r->body, r->body_length);
  lua_pushlightuserdata(L, &is_json);
  if (lua_pcall(L, 2, 1, 0) == 0) {
    if (!lua_isnil(L, -1)) return true;
  } else if (is_json) {
    release(x);
    lua_error(L);
  }
  lua_pop(L, 1);
  return false;
}

/* What an ended attempt came to, its slots given back. */
static int finish_ended(lua_State *L, struct exchange *x) {
  const struct sms_http_response *r = response_of(x);
  bool refused = x->letter && x->letter->refused != SMS_OK;
  int count = 1;
  sms_lua_settle(L, lua_upvalueindex(LIMITS), x->slots, x->count, !refused && r->sent,
                 sms_clock_now());
  if (refused || r->end == SMS_HTTP_TOO_LATE)
    count = 0;
  else if (!is_success(usual_of(L), r) || !push_result(L, x, r))
    count = push_unusual(L, x, r);
  release(x);
  return count;
}

static struct exchange *push_exchange(lua_State *L, const struct exchange *x) {
  struct exchange *pushed = lua_newuserdata(L, sizeof *pushed);
  *pushed = *x;
  luaL_getmetatable(L, TYPE);
  lua_setmetatable(L, -2);
  return pushed;
}

/* perform(engine, seconds, params, timeout, connect_timeout) -> result
 *   | nil, reply, Claims, time of the claim, body: it ended otherwise
 *   | false, Exchange: it is under way
 *   | nothing: it was not begun */
static int perform(lua_State *L) {
  sms_http_engine *engine = sms_lua_check(L, 1, SMS_LUA_ENGINE);
  int64_t wait = sms_lua_microseconds(luaL_checknumber(L, 2));
  struct target to = {.engine = engine};
  struct exchange x = {0};
  if (!begin(L, &to, 3, &x)) return 0;
  sms_lua_step_to_end(engine, x.transfer, wait); /* finish tells how it failed */
  if (response_of(&x)) return finish_ended(L, &x);
  lua_pushboolean(L, 0);
  push_exchange(L, &x);
  return 2;
}

/* One that has ended, no longer on their list, or a new one. [-0, +1] */
static struct exchange *push_idle(lua_State *L) {
  int count = (int)lua_rawlen(L, lua_upvalueindex(ENDED));
  if (count == 0) {
    struct exchange idle = {0};
    return push_exchange(L, &idle);
  }
  lua_rawgeti(L, lua_upvalueindex(ENDED), count);
  lua_pushnil(L);
  lua_rawseti(L, lua_upvalueindex(ENDED), count);
  return lua_touserdata(L, -1);
}

static int submit_to(lua_State *L, struct target *to) {
  struct exchange *x = push_idle(L);
  if (!begin(L, to, 2, x)) return 0;
  lua_pushinteger(L, (lua_Integer)to->id);
  return 2;
}

/* submit(engine, params, timeout, connect_timeout) -> Exchange, id of its transfer
 *   | nothing: it was not begun */
static int submit(lua_State *L) {
  struct target to = {.engine = sms_lua_check(L, 1, SMS_LUA_ENGINE)};
  return submit_to(L, &to);
}

/* post(mailbox, ...) -> as submit, with the id of its letter */
static int post(lua_State *L) {
  struct target to = {.mailbox = sms_lua_check_mailbox(L)};
  return submit_to(L, &to);
}

/* exchange:receive(mailbox): its letter is in hand there */
static int receive(lua_State *L) {
  struct exchange *x = sms_lua_check_type(L, 1, TYPE);
  luaL_argcheck(L, !x->letter, 1, "this exchange has its letter");
  x->letter = sms_lua_take_letter(L, 2);
  return 0;
}

/* finish(Exchange, engine | nil, seconds to drive it) -> as perform; then it serves
 *   another call | false, nil, why the engine failed */
static int finish(lua_State *L) {
  struct exchange *x = sms_lua_check_type(L, 1, TYPE);
  luaL_argcheck(L, x->transfer || x->posted, 1, "this exchange has ended");
  if (lua_toboolean(L, 2)) {
    sms_http_engine *engine = sms_lua_check(L, 2, SMS_LUA_ENGINE);
    int64_t wait = sms_lua_microseconds(luaL_checknumber(L, 3));
    enum sms_status status = sms_lua_step_to_end(engine, x->transfer, wait);
    if (status != SMS_OK) {
      lua_pushboolean(L, 0);
      return 1 + sms_lua_fail(L, status);
    }
  }
  if (!x->letter && (x->posted || !sms_http_transfer_response(x->transfer))) {
    lua_pushboolean(L, 0);
    return 1;
  }
  struct exchange ended = *x;
  *x = (struct exchange){0};
  lua_pushvalue(L, 1);
  lua_rawseti(L, lua_upvalueindex(ENDED),
              (int)lua_rawlen(L, lua_upvalueindex(ENDED)) + 1);
  return finish_ended(L, &ended);
}

/* give_up(Exchange, reply) -> nil, reply, Claims, time of the claim: its letter has not
 * come in time. It is not used again, for the letter may still come. */
static int give_up(lua_State *L) {
  const struct exchange *x = sms_lua_check_type(L, 1, TYPE);
  lua_settop(L, 2);
  lua_pushnil(L);
  lua_insert(L, 2);
  sms_lua_settle(L, lua_upvalueindex(LIMITS), x->slots, x->count, true,
                 sms_clock_now());
  push_claims(L, x);
  return 4;
}

static int collect(lua_State *L) {
  release(luaL_checkudata(L, 1, TYPE));
  return 0;
}

static void read_successes(lua_State *L, struct usual *usual) {
  lua_getfield(L, 1, "success");
  size_t count = lua_rawlen(L, -1);
  luaL_argcheck(L, count <= SUCCESSES_MAX, 1, "too many statuses of success");
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    usual->successes[i] = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* The function at READ, of the parts at 1 and the usual at USUAL + 1. [-0, +1] */
static void push_read(lua_State *L) {
  lua_pushvalue(L, USUAL + 1);
  lua_pushvalue(L, 1);
  lua_getfield(L, 1, "decode");
  lua_getfield(L, 1, "judge");
  lua_pushcclosure(L, read_reply, READ_JUDGE);
}

/* exchange { head, client = HttpClient, limits = list of RateLimits, write, may_misfit,
 * rules = function of params | nil, read, decode = function of a text that raises,
 * judge = function of a reply | nil, success = list of statuses, reserve = seconds }
 *   -> { perform, submit, post, finish, give_up } */
int sms_lua_exchange(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"perform", perform}, {"submit", submit},   {"post", post},
      {"finish", finish},   {"give_up", give_up}, {NULL, NULL},
  };
  lua_settop(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  struct usual *usual = lua_newuserdata(L, sizeof *usual);
  *usual = (struct usual){0};
  lua_getfield(L, 1, "limits");
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_getfield(L, 1, "write");
  usual->params = sms_lua_push_writer(L, lua_gettop(L));
  lua_remove(L, -2);
  lua_pushnil(L); /* kept */
  lua_getfield(L, 1, "rules");
  push_read(L);
  lua_newtable(L); /* ended */
  lua_pushvalue(L, 1);
  read_successes(L, usual);
  lua_getfield(L, 1, "read");
  usual->reply = sms_lua_reader_plan(L, lua_gettop(L));
  lua_getfield(L, 1, "may_misfit");
  usual->may_misfit = lua_toboolean(L, -1);
  lua_getfield(L, 1, "head");
  usual->request = sms_lua_head(L, lua_gettop(L));
  lua_getfield(L, 1, "client");
  sms_lua_check(L, -1, SMS_LUA_HTTP_CLIENT);
  usual->client = lua_touserdata(L, -1);
  lua_getfield(L, 1, "reserve");
  usual->reserve = sms_lua_microseconds(luaL_checknumber(L, -1));
  lua_settop(L, 1 + PARTS);
  lua_newtable(L);
  for (const luaL_Reg *function = functions; function->name; function++) {
    for (int upvalue = USUAL; upvalue <= PARTS; upvalue++)
      lua_pushvalue(L, 1 + upvalue);
    lua_pushcclosure(L, function->func, PARTS);
    lua_setfield(L, -2, function->name);
  }
  return 1;
}

void sms_lua_open_exchange(lua_State *L) {
  static const luaL_Reg methods[] = {{"receive", receive}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", collect}, {NULL, NULL}};
  sms_lua_type(L, TYPE, methods, meta);
}
