#include "lua/binding.h"
#include <stdbool.h>

void sms_lua_set_functions(lua_State *L, const luaL_Reg *functions) {
  for (; functions->name; functions++) {
    lua_pushcfunction(L, functions->func);
    lua_setfield(L, -2, functions->name);
  }
}

void sms_lua_type(lua_State *L, const char *name, const luaL_Reg *methods,
                  const luaL_Reg *meta) {
  luaL_newmetatable(L, name);
  sms_lua_set_functions(L, meta);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  lua_pushlightuserdata(L, (void *)(uintptr_t)name); /* for sms_lua_check_type */
  lua_rawseti(L, -2, 1);
  lua_newtable(L);
  sms_lua_set_functions(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "locked");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void **sms_lua_box(lua_State *L, const char *name) {
  void **box = lua_newuserdata(L, sizeof *box);
  *box = NULL;
  luaL_getmetatable(L, name);
  lua_setmetatable(L, -2);
  return box;
}

void *sms_lua_check_type(lua_State *L, int index, const char *name) {
  void *data = lua_touserdata(L, index);
  bool known = false;
  if (data && lua_getmetatable(L, index)) { /* luaL_checkudata alone is slow */
    lua_rawgeti(L, -1, 1);
    known = lua_touserdata(L, -1) == name;
    lua_pop(L, 2);
  }
  return known ? data : luaL_checkudata(L, index, name);
}

void *sms_lua_check(lua_State *L, int index, const char *name) {
  void **box = sms_lua_check_type(L, index, name);
  if (!*box) luaL_error(L, "this %s is closed", name);
  return *box;
}

int sms_lua_fail(lua_State *L, enum sms_status status) {
  static const char *const words[] = {"ok",     "no memory", "too large", "invalid",
                                      "forked", "failed",    "closed",    "no files"};
  lua_pushnil(L);
  lua_pushstring(L, words[status]);
  return 2;
}

void sms_lua_need_stack(lua_State *L, int count) {
  if (lua_checkstack(L, count)) return;
  lua_pushliteral(L, "not enough memory"); /* luaL_checkstack calls it an overflow */
  lua_error(L);
}

const char *sms_lua_string(lua_State *L, int index, const char *field, size_t *length) {
  const char *string = NULL;
  lua_getfield(L, index, field);
  if (lua_type(L, -1) == LUA_TSTRING)
    string = lua_tolstring(L, -1, length);
  else if (!lua_isnil(L, -1))
    luaL_error(L, "%s: a string was expected", field);
  lua_pop(L, 1);
  return string;
}

void sms_lua_push_number(lua_State *L, lua_Number value) {
#if LUA_VERSION_NUM >= 503
  lua_Integer whole;
  if (lua_numbertointeger(value, &whole) && (lua_Number)whole == value) {
    lua_pushinteger(L, whole);
    return;
  }
#endif
  lua_pushnumber(L, value);
}

/* To the nearest: a time of core.now() comes back as the clock gave it. */
int64_t sms_lua_microseconds(lua_Number seconds) {
  const lua_Number most = 3.2e9;
  if (!(seconds > 0)) return 0;
  return (int64_t)((seconds < most ? seconds : most) * 1e6 + 0.5);
}
