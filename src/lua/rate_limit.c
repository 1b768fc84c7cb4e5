/* Rate limits of process and machine for Lua, and claims of several at once. */
#include "limit/rate_limit.h"
#include "base/clock.h"
#include "limit/epoch.h"
#include "lua/rate_limit.h"

#define TYPE   "sms.rate_limit"
#define CLAIMS "sms.claims"

/* A limit that is closed lasts until the slots that are claimed of it are given back.
 */
struct box {
  sms_rate_limit *limit; /* first: as of sms_lua_box; NULL: it has gone */
  uint32_t claimed;
  bool closed;
};

/* One slot of each limit of a list, which is its user value and keeps their boxes. */
struct claims {
  const void *list;
  int count;
  uint32_t quota; /* of the attempt's; 0: none */
  bool is_taken;  /* and not given back */
  struct {
    struct box *box;
    struct sms_slot slot;
  } taken[];
};

static void let_go(struct box *box) {
  sms_rate_limit_close(box->limit);
  box->limit = NULL;
}

/* A slot of it was given back. */
static void give_back(struct box *box) {
  if (box->claimed == 0) return;
  box->claimed--;
  if (box->claimed == 0 && box->closed) let_go(box);
}

/* Who waited may find it closed: then its limit is NULL. */
static struct box *check_box(lua_State *L) {
  return sms_lua_check_type(L, 1, TYPE);
}

/* An empty box. [-0, +1] */
static struct box *push_box(lua_State *L) {
  struct box *box = lua_newuserdata(L, sizeof *box);
  *box = (struct box){.limit = NULL};
  luaL_getmetatable(L, TYPE);
  lua_setmetatable(L, -2);
  return box;
}

/* rate_limit(key, calls, period in seconds) -> RateLimit | nil, why */
static int new_limit(lua_State *L) {
  const char *key = luaL_checkstring(L, 1);
  lua_Integer calls = luaL_checkinteger(L, 2);
  int64_t period = sms_lua_microseconds(luaL_checknumber(L, 3));
  if (calls < 1 || calls > (lua_Integer)SMS_RATE_LIMIT_CALLS_MAX)
    return sms_lua_fail(L, SMS_INVALID);
  struct box *box = push_box(L);
  sms_rate_limit *limit;
  enum sms_status status = sms_rate_limit_open(key, (uint32_t)calls, period, &limit);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  box->limit = limit;
  return 1;
}

/* rate_limit_file(path | nil, mode | nil, key, calls, period in seconds,
 *                 cold_start | nil, folder that stands for /proc | nil)
 *   -> RateLimit, warning | nil
 *    | nil, why */
static int new_limit_file(lua_State *L) {
  static const char *const starts[] = {"spread", "hold", NULL};
  lua_Integer mode = luaL_optinteger(L, 2, 0);
  struct sms_slot_place place = {.path = luaL_optstring(L, 1, NULL),
                                 .mode = (unsigned)mode,
                                 .hold = luaL_checkoption(L, 6, "spread", starts) == 1,
                                 .proc = luaL_optstring(L, 7, NULL)};
  const char *key = luaL_checkstring(L, 3);
  lua_Integer calls = luaL_checkinteger(L, 4);
  int64_t period = sms_lua_microseconds(luaL_checknumber(L, 5));
  char why[SMS_WHY_MAX];
  if (calls < 1 || calls > (lua_Integer)SMS_RATE_LIMIT_CALLS_MAX || mode < 0 ||
      mode > 0777)
    return sms_lua_fail(L, SMS_INVALID);
  struct box *box = push_box(L);
  sms_rate_limit *limit;
  if (sms_rate_limit_open_file(&place, key, (uint32_t)calls, period, &limit, why) !=
      SMS_OK) {
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
  }
  box->limit = limit;
  lua_pushstring(L, sms_rate_limit_warning(limit)); /* NULL: nil */
  return 2;
}

/* in_container(folder that stands for /proc | nil) -> whether process 1 is younger than
 * the kernel by more than a minute */
static int in_container(lua_State *L) {
  struct sms_epoch epoch;
  sms_epoch_read(luaL_optstring(L, 1, "/proc"), &epoch);
  lua_pushboolean(L, epoch.is_container);
  return 1;
}

static int64_t check_time(lua_State *L, int index) {
  return sms_lua_microseconds(luaL_checknumber(L, index));
}

/* Among how many of the first slots; 0: all. */
static uint32_t check_count(lua_State *L, int index) {
  lua_Integer count = luaL_optinteger(L, index, 0);
  luaL_argcheck(L, count >= 0, index, "a count was expected");
  return count < (lua_Integer)SMS_RATE_LIMIT_CALLS_MAX ? (uint32_t)count : 0;
}

/* A quota of the provider's: a place in its list; 0: none. */
static uint32_t check_quota(lua_State *L, int index) {
  lua_Integer quota = luaL_optinteger(L, index, 0);
  luaL_argcheck(L, quota >= 0 && quota <= SMS_SLOTS_QUOTAS, index, "no quota");
  return (uint32_t)quota;
}

/* limit:acquire(now, lease, count | nil, quota | nil) -> index, claim of the slot |
 * nil, seconds to wait | nil, nil, why the slots cannot be reached */
static int acquire(lua_State *L) {
  struct box *box = check_box(L);
  struct sms_slot slot;
  int64_t wait = 0;
  const struct sms_slot_part part = {check_count(L, 4), check_quota(L, 5)};
  const int64_t now = check_time(L, 2), lease = check_time(L, 3);
  if (box->limit &&
      sms_rate_limit_acquire_part(box->limit, part, now, lease, &slot, &wait)) {
    box->claimed++;
    lua_pushinteger(L, (lua_Integer)slot.index);
    lua_pushnumber(L, (lua_Number)slot.claim);
    return 2;
  }
  lua_pushnil(L);
  if (wait > 0) {
    lua_pushnumber(L, (lua_Number)wait / 1e6);
    return 2;
  }
  lua_pushnil(L);
  lua_pushstring(L, box->limit ? sms_rate_limit_why(box->limit) : "closed");
  return 3;
}

typedef void settle(sms_rate_limit *, const struct sms_slot *, int64_t);

static void for_each(const struct claims *claims, int count, settle *how,
                     int64_t time) {
  for (int i = 0; i < count; i++) {
    sms_rate_limit *limit = claims->taken[i].box->limit;
    if (limit) how(limit, &claims->taken[i].slot, time);
  }
}

/* Those that are given back twice are given back once. */
static void settle_all(struct claims *claims, bool sent, int64_t time) {
  if (!claims->is_taken) return;
  for_each(claims, claims->count, sent ? sms_rate_limit_finish : sms_rate_limit_refund,
           time);
  claims->is_taken = false;
  for (int i = 0; i < claims->count; i++)
    give_back(claims->taken[i].box);
}

/* Among how many of the first slots of the limit at a place; 0: all. [-0, +0] */
static uint32_t count_at(lua_State *L, int list, int place) {
  if (!list || !lua_istable(L, list)) return 0;
  lua_rawgeti(L, list, place);
  uint32_t count = check_count(L, lua_gettop(L));
  lua_pop(L, 1);
  return count;
}

/* Takes a slot of each limit, or none; returns how many had one. [-0, +0] */
static int take(lua_State *L, int shares, struct claims *claims, int64_t time,
                int64_t lease, int64_t *wait) {
  for (int i = 0; i < claims->count; i++) {
    sms_rate_limit *limit = claims->taken[i].box->limit;
    const struct sms_slot_part part = {count_at(L, shares, i + 1), claims->quota};
    *wait = 0;
    if (limit && sms_rate_limit_acquire_part(limit, part, time, lease,
                                             &claims->taken[i].slot, wait))
      continue;
    for_each(claims, i, sms_rate_limit_refund, time);
    return i;
  }
  claims->is_taken = true;
  for (int i = 0; i < claims->count; i++)
    claims->taken[i].box->claimed++;
  return claims->count;
}

/* For the list at index 1. [-0, +1] */
static struct claims *push_new_claims(lua_State *L) {
  int count = (int)lua_rawlen(L, 1);
  struct claims *claims =
      lua_newuserdata(L, sizeof *claims + (size_t)count * sizeof claims->taken[0]);
  claims->list = lua_topointer(L, 1);
  claims->count = count;
  claims->is_taken = false;
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 1, i + 1);
    sms_lua_check(L, -1, TYPE);
    claims->taken[i].box = lua_touserdata(L, -1);
    lua_pop(L, 1);
  }
  lua_pushvalue(L, 1);
  lua_setuservalue(L, -2);
  luaL_getmetatable(L, CLAIMS);
  lua_setmetatable(L, -2);
  return claims;
}

/* The spare at index 5, if it is for the list at index 1, or new Claims. [-0, +1] */
static struct claims *claims_for(lua_State *L) {
  struct claims *spare = lua_isnil(L, 5) ? NULL : sms_lua_check_type(L, 5, CLAIMS);
  if (!spare || spare->list != lua_topointer(L, 1)) return push_new_claims(L);
  lua_pushvalue(L, 5);
  return spare;
}

/* claim(list of RateLimits, now, lease, list of counts | nil, Claims | nil,
 * quota | nil) -> Claims: a slot of each, in those given where these are settled and of
 * the same list | nil, seconds to wait, nil, place of the limit that has none | nil,
 * nil, why its slots cannot be reached, place */
static int claim(lua_State *L) {
  lua_settop(L, 6);
  luaL_checktype(L, 1, LUA_TTABLE);
  int64_t time = check_time(L, 2), lease = check_time(L, 3), wait = 0;
  uint32_t quota = check_quota(L, 6);
  struct claims *claims = claims_for(L);
  claims->quota = quota;
  int taken = take(L, 4, claims, time, lease, &wait);
  if (taken == claims->count) return 1;
  lua_rawgeti(L, 1, taken + 1);
  sms_rate_limit *limit = sms_lua_check(L, -1, TYPE);
  lua_pushnil(L);
  lua_pushnumber(L, (lua_Number)wait / 1e6);
  if (wait == 0) lua_pushnil(L), lua_replace(L, -2);
  lua_pushstring(L, wait == 0 ? sms_rate_limit_why(limit) : NULL); /* NULL: nil */
  lua_pushinteger(L, taken + 1);
  return 4;
}

void sms_lua_settle(lua_State *L, int index, bool sent) {
  if (lua_isuserdata(L, index))
    settle_all(sms_lua_check_type(L, index, CLAIMS), sent, sms_clock_now());
}

/* claims:settle(sent, now): the attempt has ended; its slots are busy for a period from
 * now on, or free at once where no byte was sent */
static int settle_claims(lua_State *L) {
  settle_all(sms_lua_check_type(L, 1, CLAIMS), lua_toboolean(L, 2), check_time(L, 3));
  return 0;
}

/* claims:hold(until): the calls of their quota, or all where they have none */
static int hold_claims(lua_State *L) {
  const struct claims *claims = sms_lua_check_type(L, 1, CLAIMS);
  int64_t until = check_time(L, 2);
  for (int i = 0; i < claims->count; i++) {
    sms_rate_limit *limit = claims->taken[i].box->limit;
    if (limit) sms_rate_limit_hold_quota(limit, claims->quota, until);
  }
  return 0;
}

static struct sms_slot check_slot(lua_State *L) {
  lua_Integer index = luaL_checkinteger(L, 2);
  lua_Number claim = luaL_checknumber(L, 3);
  luaL_argcheck(L, index >= 0 && index < (lua_Integer)SMS_RATE_LIMIT_CALLS_MAX, 2,
                "no slot has this index");
  luaL_argcheck(L, claim >= 0 && claim < 9e18, 3, "no claim is like this");
  return (struct sms_slot){.index = (uint32_t)index, .claim = (int64_t)claim};
}

/* limit:finish(index, claim, now) */
static int finish(lua_State *L) {
  struct box *box = check_box(L);
  struct sms_slot slot = check_slot(L);
  if (box->limit) sms_rate_limit_finish(box->limit, &slot, check_time(L, 4));
  give_back(box);
  return 0;
}

/* limit:refund(index, claim, now) */
static int refund(lua_State *L) {
  struct box *box = check_box(L);
  struct sms_slot slot = check_slot(L);
  if (box->limit) sms_rate_limit_refund(box->limit, &slot, check_time(L, 4));
  give_back(box);
  return 0;
}

/* limit:hold(until, quota | nil) */
static int hold(lua_State *L) {
  struct box *box = check_box(L);
  if (box->limit)
    sms_rate_limit_hold_quota(box->limit, check_quota(L, 3), check_time(L, 2));
  return 0;
}

/* limit:held(now, quota) -> seconds until the quota is no longer held by itself */
static int held(lua_State *L) {
  struct box *box = check_box(L);
  int64_t left = 0;
  if (box->limit)
    left = sms_rate_limit_held(box->limit, check_quota(L, 3), check_time(L, 2));
  lua_pushnumber(L, (lua_Number)left / 1e6);
  return 1;
}

/* limit:delay(now, turn, count | nil, quota | nil) -> seconds until that many slots may
 * be free */
static int delay(lua_State *L) {
  struct box *box = check_box(L);
  lua_Integer turn = luaL_checkinteger(L, 3);
  uint32_t wanted = turn < 1 ? 1 : turn > INT32_MAX ? INT32_MAX : (uint32_t)turn;
  const struct sms_slot_part part = {check_count(L, 4), check_quota(L, 5)};
  int64_t wait = 0;
  if (box->limit)
    wait = sms_rate_limit_delay_part(box->limit, part, check_time(L, 2), wanted);
  lua_pushnumber(L, (lua_Number)wait / 1e6);
  return 1;
}

/* limit:available(now) -> slots */
static int available(lua_State *L) {
  sms_rate_limit *limit = sms_lua_check(L, 1, TYPE);
  lua_pushinteger(L, (lua_Integer)sms_rate_limit_available(limit, check_time(L, 2)));
  return 1;
}

/* limit:warning() -> what was wrong with the file since the last call | nil */
static int warning(lua_State *L) {
  sms_rate_limit *limit = sms_lua_check(L, 1, TYPE);
  lua_pushstring(L, sms_rate_limit_warning(limit)); /* NULL: nil */
  return 1;
}

/* limit:cold(now) -> why slots are busy that nobody has taken | nil */
static int cold(lua_State *L) {
  sms_rate_limit *limit = sms_lua_check(L, 1, TYPE);
  lua_pushstring(L, sms_rate_limit_cold(limit, check_time(L, 2))); /* NULL: nil */
  return 1;
}

static int close_limit(lua_State *L) {
  struct box *box = luaL_checkudata(L, 1, TYPE);
  box->closed = true;
  if (box->claimed == 0) let_go(box);
  return 0;
}

static int collect_limit(lua_State *L) {
  let_go(luaL_checkudata(L, 1, TYPE));
  return 0;
}

static const luaL_Reg methods[] = {
    {"acquire", acquire},   {"available", available},
    {"close", close_limit}, {"cold", cold},
    {"delay", delay},       {"finish", finish},
    {"held", held},         {"hold", hold},
    {"refund", refund},     {"warning", warning},
    {NULL, NULL},
};

static const luaL_Reg meta[] = {
    {"__close", close_limit},
    {"__gc", collect_limit},
    {NULL, NULL},
};

static const luaL_Reg claims_methods[] = {
    {"hold", hold_claims},
    {"settle", settle_claims},
    {NULL, NULL},
};

static const luaL_Reg claims_meta[] = {{NULL, NULL}};

void sms_lua_open_rate_limit(lua_State *L) {
  static const luaL_Reg functions[] = {{"claim", claim},
                                       {"in_container", in_container},
                                       {"rate_limit", new_limit},
                                       {"rate_limit_file", new_limit_file},
                                       {NULL, NULL}};
  sms_lua_type(L, CLAIMS, claims_methods, claims_meta);
  sms_lua_type(L, TYPE, methods, meta);
  sms_lua_set_functions(L, functions);
}
