/* Rate limits of process and machine for Lua. */
#include "lua/rate_limit.h"
#include "limit/epoch.h"

#define TYPE SMS_LUA_RATE_LIMIT

static void let_go(struct sms_lua_limit *box) {
  sms_rate_limit_close(box->limit);
  box->limit = NULL;
}

void sms_lua_give_back(struct sms_lua_limit *box) {
  if (box->claimed == 0) return;
  box->claimed--;
  if (box->claimed == 0 && box->closed) let_go(box);
}

/* Who waited may find it closed: then its limit is NULL. */
static struct sms_lua_limit *check_box(lua_State *L) {
  return sms_lua_check_type(L, 1, TYPE);
}

/* An empty box. [-0, +1] */
static struct sms_lua_limit *push_box(lua_State *L) {
  struct sms_lua_limit *box = lua_newuserdata(L, sizeof *box);
  *box = (struct sms_lua_limit){.limit = NULL};
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
  struct sms_lua_limit *box = push_box(L);
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
  struct sms_lua_limit *box = push_box(L);
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
  int error = sms_epoch_read(luaL_optstring(L, 1, "/proc"), &epoch);
  lua_pushboolean(L, !error && epoch.is_container);
  return 1;
}

int64_t sms_lua_time(lua_State *L, int index) {
  return sms_lua_microseconds(luaL_checknumber(L, index));
}

uint32_t sms_lua_count(lua_State *L, int index) {
  lua_Integer count = luaL_optinteger(L, index, 0);
  luaL_argcheck(L, count >= 0, index, "a count was expected");
  return count < (lua_Integer)SMS_RATE_LIMIT_CALLS_MAX ? (uint32_t)count : 0;
}

uint32_t sms_lua_quota(lua_State *L, int index) {
  lua_Integer quota = luaL_optinteger(L, index, 0);
  luaL_argcheck(L, quota >= 0 && quota <= SMS_SLOTS_QUOTAS, index, "no quota");
  return (uint32_t)quota;
}

/* limit:acquire(now, lease, count | nil, quota | nil) -> index, claim of the slot |
 * nil, seconds to wait | nil, nil, why the slots cannot be reached */
static int acquire(lua_State *L) {
  struct sms_lua_limit *box = check_box(L);
  struct sms_slot slot;
  int64_t wait = 0;
  const struct sms_slot_part part = {sms_lua_count(L, 4), sms_lua_quota(L, 5)};
  const int64_t now = sms_lua_time(L, 2), lease = sms_lua_time(L, 3);
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

static struct sms_slot check_slot(lua_State *L) {
  lua_Integer index = luaL_checkinteger(L, 2);
  lua_Number claim = luaL_checknumber(L, 3);
  luaL_argcheck(L, index >= 0 && index < (lua_Integer)SMS_RATE_LIMIT_CALLS_MAX, 2,
                "no slot has this index");
  luaL_argcheck(L, claim >= 0 && claim < 9e15, 3, "no claim is like this");
  return (struct sms_slot){.index = (uint32_t)index, .claim = (int64_t)claim};
}

/* limit:finish(index, claim, now) */
static int finish(lua_State *L) {
  struct sms_lua_limit *box = check_box(L);
  struct sms_slot slot = check_slot(L);
  if (box->limit) sms_rate_limit_finish(box->limit, &slot, sms_lua_time(L, 4));
  sms_lua_give_back(box);
  return 0;
}

/* limit:refund(index, claim, now) */
static int refund(lua_State *L) {
  struct sms_lua_limit *box = check_box(L);
  struct sms_slot slot = check_slot(L);
  if (box->limit) sms_rate_limit_refund(box->limit, &slot, sms_lua_time(L, 4));
  sms_lua_give_back(box);
  return 0;
}

/* limit:hold(until, quota | nil) */
static int hold(lua_State *L) {
  struct sms_lua_limit *box = check_box(L);
  if (box->limit)
    sms_rate_limit_hold_quota(box->limit, sms_lua_quota(L, 3), sms_lua_time(L, 2));
  return 0;
}

/* limit:held(now, quota) -> seconds until the quota is no longer held by itself */
static int held(lua_State *L) {
  struct sms_lua_limit *box = check_box(L);
  int64_t left = 0;
  if (box->limit)
    left = sms_rate_limit_held(box->limit, sms_lua_quota(L, 3), sms_lua_time(L, 2));
  lua_pushnumber(L, (lua_Number)left / 1e6);
  return 1;
}

/* limit:delay(now, turn, count | nil, quota | nil) -> seconds until that many slots may
 * be free */
static int delay(lua_State *L) {
  struct sms_lua_limit *box = check_box(L);
  lua_Integer turn = luaL_checkinteger(L, 3);
  uint32_t wanted = turn < 1 ? 1 : turn > INT32_MAX ? INT32_MAX : (uint32_t)turn;
  const struct sms_slot_part part = {sms_lua_count(L, 4), sms_lua_quota(L, 5)};
  int64_t wait = 0;
  if (box->limit)
    wait = sms_rate_limit_delay_part(box->limit, part, sms_lua_time(L, 2), wanted);
  lua_pushnumber(L, (lua_Number)wait / 1e6);
  return 1;
}

/* limit:available(now) -> slots */
static int available(lua_State *L) {
  sms_rate_limit *limit = sms_lua_check(L, 1, TYPE);
  lua_pushinteger(L, (lua_Integer)sms_rate_limit_available(limit, sms_lua_time(L, 2)));
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
  lua_pushstring(L, sms_rate_limit_cold(limit, sms_lua_time(L, 2))); /* NULL: nil */
  return 1;
}

static int close_limit(lua_State *L) {
  struct sms_lua_limit *box = luaL_checkudata(L, 1, TYPE);
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

void sms_lua_open_rate_limit(lua_State *L) {
  static const luaL_Reg functions[] = {{"in_container", in_container},
                                       {"rate_limit", new_limit},
                                       {"rate_limit_file", new_limit_file},
                                       {NULL, NULL}};
  sms_lua_type(L, TYPE, methods, meta);
  sms_lua_set_functions(L, functions);
}
