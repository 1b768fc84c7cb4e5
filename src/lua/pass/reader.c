/* Whether a decoded reply has its documented shape already, as most do: a yes saves
 * sms.wire.response its work. On the way whole numbers become integers, and nulls go.
 */
#include "lua/pass/reader.h"
#include <math.h>

/* Gives the field whose key and value are on top another value. [-1, +0] */
static void set_field(lua_State *L, int table) {
  lua_pushvalue(L, -3);
  lua_insert(L, -2);
  lua_rawset(L, table);
}

/* The number on top, in the table below its key: an integer where it is whole and this
 * Lua has integers. */
static bool make_whole(lua_State *L, int table) {
  lua_Number value = lua_tonumber(L, -1);
  if (!isfinite(value)) return false;
#if LUA_VERSION_NUM >= 503
  lua_Integer whole;
  if (lua_isinteger(L, -1) || !lua_numbertointeger(value, &whole)) return true;
  if ((lua_Number)whole != value) return true;
  lua_pushinteger(L, whole);
  set_field(L, table);
#else
  (void)table;
#endif
  return true;
}

static bool fits(lua_State *L, struct plan *plan, struct node *node, int table);

/* Records are mostly alike: their fields come in the order of the last one's. */
static bool fits_record(lua_State *L, struct plan *plan, struct node *node) {
  struct node *fields = plan->nodes + node->first;
  uint32_t given = 0;
  int *next = &node->follower;
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) return false;
    int type = lua_type(L, -1);
    if (type == LUA_TLIGHTUSERDATA) { /* null: absent */
      lua_pushnil(L);
      set_field(L, table);
      continue;
    }
    const char *name = lua_tostring(L, -2);
    int child = *next < node->count && fields[*next].name == name
                    ? *next
                    : sms_plan_child(plan, node, name);
    if (child < 0) {
      if (!fits(L, plan, NULL, table)) return false;
      continue;
    }
    struct node *field = fields + child;
    bool plain = field->kind == STRING && type == LUA_TSTRING; /* most are */
    if (!plain && !fits(L, plan, field, table)) return false;
    given |= 1u << child;
    *next = child;
    next = &field->follower;
  }
  return (given & node->needed) == node->needed;
}

static bool fits_list(lua_State *L, struct plan *plan, struct node *node) {
  int table = lua_gettop(L);
  lua_Number count = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TNUMBER || lua_tonumber(L, -2) != ++count) return false;
    if (!fits(L, plan, plan->nodes + node->first, table)) return false;
  }
  return true;
}

/* The value on top, of a table; node is NULL where its field is not declared. */
static bool fits(lua_State *L, struct plan *plan, struct node *node, int table) {
  enum kind kind = node ? node->kind : ANY;
  switch (lua_type(L, -1)) {
  case LUA_TSTRING:
    return kind == STRING || kind == ANY;
  case LUA_TBOOLEAN:
    return kind == BOOLEAN || kind == ANY;
  case LUA_TNUMBER:
    return (kind == INTEGER || kind == ANY) && make_whole(L, table);
  case LUA_TTABLE:
    if (kind == ARRAY) return fits_list(L, plan, node);
    return kind == RECORD && fits_record(L, plan, node);
  default:
    return false;
  }
}

bool sms_lua_fits(lua_State *L, struct plan *plan) {
  int value = lua_gettop(L);
  luaL_checkstack(L, 40, "a reply");
  bool empty = !lua_istable(L, value) || (lua_pushnil(L), !lua_next(L, value));
  lua_settop(L, value);
  bool yes = !empty && fits(L, plan, plan->nodes, 0);
  lua_settop(L, value);
  return yes;
}

/* read(decoded) -> whether it is as documented; if not, ask sms.wire.response */
static int read_reply(lua_State *L) {
  lua_settop(L, 1);
  lua_pushboolean(L, sms_lua_fits(L, lua_touserdata(L, lua_upvalueindex(1))));
  return 1;
}

struct plan *sms_lua_reader_plan(lua_State *L, int read) {
  luaL_argcheck(L, lua_tocfunction(L, read) == read_reply, read, "no reader");
  lua_getupvalue(L, read, 1);
  struct plan *plan = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return plan;
}

/* reader(nodes) -> read, by nodes of sms.schema.layout */
int sms_lua_reader(lua_State *L) {
  lua_settop(L, 1);
  sms_lua_plan(L, 1);
  lua_insert(L, 1);
  lua_pushcclosure(L, read_reply, 2); /* the plan, and what keeps its strings */
  return 1;
}
