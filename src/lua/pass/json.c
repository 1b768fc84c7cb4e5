/* What lua-cjson needs before and after it, so that nothing depends on the host's
 * locale and no digit is lost: sms.base.json.
 */
#include "text/json.h"
#include "lua/binding.h"
#include "text/json_mark.h"
#include <math.h>

#define MARKING "sms.json_marking"

enum { TEXT = 1 };

/* ---- Before -------------------------------------------------------------------------
 */

static int free_marking(lua_State *L) {
  struct sms_json_marking *marking = lua_touserdata(L, 1);
  sms_buffer_free(&marking->text);
  sms_buffer_free(&marking->members);
  return 0;
}

static void drop_large(struct sms_buffer *buffer) {
  enum { KEPT = 64 << 10 }; /* most replies are shorter */
  if (buffer->capacity > KEPT) sms_buffer_free(buffer);
}

/* json_mark(text[, once]) -> text for lua-cjson, whether numbers are marked in it
 * | nothing, where it is no JSON. once: a name that stands twice with different values
 * is refused; else the last one holds. */
static int json_mark(lua_State *L) {
  enum { ONCE = 2 };
  size_t length;
  const char *text = luaL_checklstring(L, TEXT, &length);
  struct sms_json_marking *marking = lua_touserdata(L, lua_upvalueindex(1));
  enum sms_status status = sms_json_mark(text, length, lua_toboolean(L, ONCE), marking);
  if (status == SMS_INVALID) return 0;
  if (status != SMS_OK) return luaL_error(L, "not enough memory");
  if (marking->changed)
    lua_pushlstring(L, marking->text.data, marking->text.length);
  else
    lua_pushvalue(L, TEXT);
  drop_large(&marking->text);
  drop_large(&marking->members);
  lua_pushboolean(L, marking->marks);
  return 2;
}

/* ---- After --------------------------------------------------------------------------
 */

/* What was marked: a number, or a string that began as one. What a double does not
 * hold, or may have rounded, keeps its text; zero has no sign. [-0, +1] */
static void push_unmarked(lua_State *L, int index) {
  const double two_53 = 9007199254740992;
  size_t length;
  double value;
  const char *text = lua_tolstring(L, index, &length);
  bool number = sms_json_to_double(text + 1, length - 1, &value);
  if (number && fabs(value) < two_53)
    sms_lua_push_number(L, value == 0 ? 0 : value);
  else
    lua_pushlstring(L, text + 1, length - 1);
}

static void restore_table(lua_State *L);

/* What belongs in the place of the value on top, null being nil: there is something
 * else, and it is pushed. [-0, +(0|1)] */
static bool push_restored(lua_State *L) {
  switch (lua_type(L, -1)) {
  case LUA_TLIGHTUSERDATA:
    lua_pushnil(L);
    return true;
  case LUA_TNUMBER:
    sms_lua_push_number(L, lua_tonumber(L, -1));
    return true;
  case LUA_TSTRING:
    if (*lua_tostring(L, -1) != SMS_JSON_MARK) return false;
    push_unmarked(L, -1);
    return true;
  case LUA_TTABLE:
    restore_table(L);
    return false;
  default:
    return false;
  }
}

/* A list closes up where a null was. */
static void restore_list(lua_State *L, int table, int count) {
  int last = 0;
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, table, i);
    bool other = push_restored(L);
    if (lua_isnil(L, -1)) {
      lua_pop(L, other ? 2 : 1);
      continue;
    }
    last++;
    if (other || last < i)
      lua_rawseti(L, table, last);
    else
      lua_pop(L, 1);
    if (other) lua_pop(L, 1);
  }
  for (int i = count; i > last; i--) {
    lua_pushnil(L);
    lua_rawseti(L, table, i);
  }
}

static void restore_table(lua_State *L) {
  int table = lua_gettop(L), count = (int)lua_rawlen(L, table);
  sms_lua_need_stack(L, 6);
  if (count > 0) {
    restore_list(L, table, count);
    return;
  }
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (!push_restored(L)) continue;
    lua_pushvalue(L, -3);
    lua_insert(L, -2);
    lua_rawset(L, table);
  }
}

/* json_restore(value) -> value of lua-cjson, changed in place: numbers as they stood
 * there, whole ones as integers, and no nulls */
static int json_restore(lua_State *L) {
  lua_settop(L, 1);
  push_restored(L);
  return 1;
}

/* ---- The text itself ----------------------------------------------------------------
 */

/* Adds a text to the list. [-0, +0] */
static void add(lua_State *L, int list, int place, const char *text, const char *end) {
  lua_pushlstring(L, text, (size_t)(end - text));
  lua_rawseti(L, list, place);
}

/* Pushes a name without its quotes and escapes; false where it is none. [-0, +1] */
static bool push_name(lua_State *L, const char *at, const char *after) {
  char *name = lua_newuserdata(L, (size_t)(after - at));
  const char *end = sms_json_unescape(name, at + 1, (size_t)(after - at) - 2);
  if (!end) return false;
  lua_pushlstring(L, name, (size_t)(end - name));
  lua_replace(L, -2);
  return true;
}

/* json_members(text) -> { name, its text, its value's text, ... } | nothing, where it
 * is no object. The text must be JSON; texts are as they stand there. */
static int json_members(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, TEXT, &length), *end = text + length;
  lua_settop(L, TEXT);
  const char *at = sms_json_blanks(text, end);
  if (*at != '{') return 0;
  lua_newtable(L);
  int list = lua_gettop(L), count = 0;
  at = sms_json_blanks(at + 1, end);
  while (*at != '}') {
    bool verbatim;
    const char *name = at;
    const char *after = *at == '"' ? sms_json_string(at, end, &verbatim) : NULL;
    if (!after || !push_name(L, name, after)) return 0;
    lua_rawseti(L, list, ++count);
    add(L, list, ++count, name, after);
    at = sms_json_blanks(after, end);
    const char *value = sms_json_blanks(at + 1, end);
    at = *at == ':' ? sms_json_skip(value, end) : NULL;
    if (!at) return 0;
    add(L, list, ++count, value, at);
    at = sms_json_blanks(at, end);
    if (*at == ',') at = sms_json_blanks(at + 1, end);
  }
  return 1;
}

/* double_text(number) -> the shortest text that is the same number */
static int double_text(lua_State *L) {
  char text[SMS_DOUBLE_MAX];
  lua_pushlstring(L, text, sms_json_double(luaL_checknumber(L, 1), text));
  return 1;
}

/* to_double(text) -> the number | nothing */
static int to_double(lua_State *L) {
  size_t length;
  double value;
  const char *text = luaL_checklstring(L, 1, &length);
  if (!sms_json_to_double(text, length, &value)) return 0;
  lua_pushnumber(L, value);
  return 1;
}

void sms_lua_open_json(lua_State *L) {
  static const luaL_Reg functions[] = {{"double_text", double_text},
                                       {"json_members", json_members},
                                       {"json_restore", json_restore},
                                       {"to_double", to_double},
                                       {NULL, NULL}};
  static const luaL_Reg none[] = {{NULL, NULL}},
                        meta[] = {{"__gc", free_marking}, {NULL, NULL}};
  sms_lua_set_functions(L, functions);
  sms_lua_type(L, MARKING, none, meta);
  struct sms_json_marking *marking = lua_newuserdata(L, sizeof *marking);
  sms_buffer_init(&marking->text, SMS_CEILING_LONG_TEXT);
  sms_buffer_init(&marking->members, SMS_CEILING_LONG_TEXT);
  luaL_getmetatable(L, MARKING);
  lua_setmetatable(L, -2);
  lua_pushcclosure(L, json_mark, 1);
  lua_setfield(L, -2, "json_mark");
}
