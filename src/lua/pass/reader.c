/* Whether a decoded reply has its documented shape already, as most do: a yes saves
 * sms.wire.response its work. On the way whole numbers become integers, and nulls go.
 */
#include "lua/pass/layout.h"
#include <math.h>
#include <string.h>

/* Upvalues; the nodes keep the strings of the layout. */
enum { LAYOUT = 1, NODES };

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

static bool fits(lua_State *L, struct layout *layout, struct node *node, int table);

/* Whether there is more than blanks in the string on top. */
static bool is_filled(lua_State *L) {
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  return strspn(text, " \t\n\v\f\r") < length;
}

/* Records are mostly alike: their fields come in the order of the last one's. */
static bool fits_record(lua_State *L, struct layout *layout, struct node *node) {
  struct node *fields = layout->nodes + node->first;
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
                    : sms_layout_child(layout, node, name);
    if (child < 0) {
      if (!fits(L, layout, NULL, table)) return false;
      continue;
    }
    struct node *field = fields + child;
    bool plain = field->kind == STRING && type == LUA_TSTRING; /* most are */
    if (!plain && !fits(L, layout, field, table)) return false;
    given |= 1u << child;
    *next = child;
    next = &field->follower;
  }
  return (given & node->needed) == node->needed;
}

static bool fits_list(lua_State *L, struct layout *layout, struct node *node) {
  int table = lua_gettop(L);
  lua_Number count = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TNUMBER || lua_tonumber(L, -2) != ++count) return false;
    if (!fits(L, layout, layout->nodes + node->first, table)) return false;
  }
  return true;
}

/* The value on top, of a table; node is NULL where its field is not declared. */
static bool fits(lua_State *L, struct layout *layout, struct node *node, int table) {
  enum kind kind = node ? node->kind : ANY;
  switch (lua_type(L, -1)) {
  case LUA_TSTRING:
    return kind == STRING || kind == ANY || (kind == NOT_BLANK && is_filled(L));
  case LUA_TBOOLEAN:
    return kind == BOOLEAN || kind == ANY;
  case LUA_TNUMBER:
    return (kind == INTEGER || kind == ANY) && make_whole(L, table);
  case LUA_TTABLE:
    if (kind == ARRAY) return fits_list(L, layout, node);
    return kind == RECORD && fits_record(L, layout, node);
  default:
    return false;
  }
}

/* read(decoded) -> whether it is as documented; if not, ask sms.wire.response. What is
 * empty is not: it may have been a list or an object. */
static int read_reply(lua_State *L) {
  enum { REPLY = 1 };
  struct layout *layout = lua_touserdata(L, lua_upvalueindex(LAYOUT));
  lua_settop(L, REPLY);
  luaL_checkstack(L, 40, "a reply");
  bool empty = !lua_istable(L, REPLY) || (lua_pushnil(L), !lua_next(L, REPLY));
  lua_settop(L, REPLY);
  lua_pushboolean(L, !empty && fits(L, layout, layout->nodes, 0));
  return 1;
}

/* reader(nodes) -> read, by what sms.schema.layout lays out */
static int new_reader(lua_State *L) {
  lua_settop(L, 1);
  sms_lua_layout(L, 1);
  lua_insert(L, 1);
  lua_pushcclosure(L, read_reply, NODES);
  return 1;
}

void sms_lua_open_reader(lua_State *L) {
  static const luaL_Reg functions[] = {{"reader", new_reader}, {NULL, NULL}};
  sms_lua_set_functions(L, functions);
}
