/* Claims for Lua: a slot of each of several limits at once. */
#include "lua/claims.h"
#include "base/clock.h"
#include "lua/announcements.h"
#include "lua/rate_limit.h"

#define CLAIMS "sms.claims"

/* One slot of each limit of a list, which is its user value and keeps their boxes. */
struct claims {
  const void *list;
  int count;
  uint32_t quota; /* of the attempt's; 0: none */
  bool is_taken;  /* and not given back */
  struct {
    struct sms_lua_limit *box;
    struct sms_slot slot;
  } taken[];
};

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
    sms_lua_give_back(claims->taken[i].box);
}

/* Among how many of the first slots of the limit at a place; 0: all. [-0, +0] */
static uint32_t count_at(lua_State *L, int list, int place) {
  if (!list || !lua_istable(L, list)) return 0;
  lua_rawgeti(L, list, place);
  uint32_t count = sms_lua_count(L, lua_gettop(L));
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
    sms_lua_check(L, -1, SMS_LUA_RATE_LIMIT);
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
 * nil, why its slots cannot be reached, place | nothing where there is news */
static int claim(lua_State *L) {
  if (sms_lua_has_news(lua_touserdata(L, lua_upvalueindex(1)))) return 0;
  lua_settop(L, 6);
  luaL_checktype(L, 1, LUA_TTABLE);
  int64_t time = sms_lua_time(L, 2), lease = sms_lua_time(L, 3), wait = 0;
  uint32_t quota = sms_lua_quota(L, 6);
  struct claims *claims = claims_for(L);
  claims->quota = quota;
  int taken = take(L, 4, claims, time, lease, &wait);
  if (taken == claims->count) return 1;
  lua_rawgeti(L, 1, taken + 1);
  sms_rate_limit *limit = sms_lua_check(L, -1, SMS_LUA_RATE_LIMIT);
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
  settle_all(sms_lua_check_type(L, 1, CLAIMS), lua_toboolean(L, 2), sms_lua_time(L, 3));
  return 0;
}

/* claims:hold(until): the calls of their quota, or all where they have none */
static int hold_claims(lua_State *L) {
  const struct claims *claims = sms_lua_check_type(L, 1, CLAIMS);
  int64_t until = sms_lua_time(L, 2);
  for (int i = 0; i < claims->count; i++) {
    sms_rate_limit *limit = claims->taken[i].box->limit;
    if (limit) sms_rate_limit_hold_quota(limit, claims->quota, until);
  }
  return 0;
}

static const luaL_Reg methods[] = {
    {"hold", hold_claims},
    {"settle", settle_claims},
    {NULL, NULL},
};

static const luaL_Reg meta[] = {{NULL, NULL}};

void sms_lua_open_claims(lua_State *L) {
  sms_lua_type(L, CLAIMS, methods, meta);
  sms_lua_push_seen_version(L);
  lua_pushcclosure(L, claim, 1);
  lua_setfield(L, -2, "claim");
}
