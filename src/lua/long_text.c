/* A text that grows outside of Lua's memory, for what waits long: there it would cost
 * twice its length, since the collector waits until what is kept has doubled.
 *
 *   core.long_text(...) -> LongText of texts, one behind the other
 *   long_text:add(...)  -> the same, with more; a text is a string or a LongText
 *   long_text:text()    -> all of it as a string
 *   long_text:drop():   its memory is free now; it is empty
 *
 * A request takes one as its body, and a journal as its hashes. */
#include "base/byte_buffer.h"
#include "lua/binding.h"
#include <stdbool.h>

#define TYPE "sms.long_text"

const char *sms_lua_text(lua_State *L, int index, size_t *length) {
  if (lua_type(L, index) != LUA_TUSERDATA) return luaL_checklstring(L, index, length);
  const struct sms_buffer *buffer = sms_lua_check_type(L, index, TYPE);
  *length = buffer->length;
  return buffer->data ? buffer->data : "";
}

/* Adds the text at index, which may be this one: then it moves as there is room made.
 * [-0, +0] */
static bool append(lua_State *L, struct sms_buffer *buffer, int index) {
  size_t length;
  sms_lua_text(L, index, &length);
  if (sms_buffer_reserve(buffer, length) != SMS_OK) return false;
  const char *text = sms_lua_text(L, index, &length);
  return sms_buffer_append(buffer, text, length) == SMS_OK;
}

/* Adds the arguments from first on to the one at index. [-0, +0] */
static int add_from(lua_State *L, int index, int first, int last) {
  struct sms_buffer *buffer = sms_lua_check_type(L, index, TYPE);
  for (int i = first; i <= last; i++)
    if (!append(L, buffer, i)) return luaL_error(L, "not enough memory");
  lua_pushvalue(L, index);
  return 1;
}

/* An empty one. [-0, +1] */
static struct sms_buffer *push_new(lua_State *L) {
  struct sms_buffer *buffer = lua_newuserdata(L, sizeof *buffer);
  sms_buffer_init(buffer, SMS_CEILING_LONG_TEXT);
  luaL_getmetatable(L, TYPE);
  lua_setmetatable(L, -2);
  return buffer;
}

void sms_lua_push_long_text(lua_State *L, int index, const char *text, size_t length) {
  bool has_one = lua_toboolean(L, index);
  struct sms_buffer *buffer =
      has_one ? sms_lua_check_type(L, index, TYPE) : push_new(L);
  if (has_one) lua_pushvalue(L, index);
  sms_buffer_clear(buffer);
  if (sms_buffer_append(buffer, text, length) != SMS_OK)
    luaL_error(L, "not enough memory");
}

/* long_text(...) */
static int new_long_text(lua_State *L) {
  int last = lua_gettop(L);
  push_new(L);
  return add_from(L, last + 1, 1, last);
}

static int add(lua_State *L) {
  return add_from(L, 1, 2, lua_gettop(L));
}

static int text(lua_State *L) {
  const struct sms_buffer *buffer = sms_lua_check_type(L, 1, TYPE);
  lua_pushlstring(L, buffer->data ? buffer->data : "", buffer->length);
  return 1;
}

static int drop(lua_State *L) {
  sms_buffer_free(sms_lua_check_type(L, 1, TYPE));
  return 0;
}

void sms_lua_open_long_text(lua_State *L) {
  static const luaL_Reg functions[] = {{"long_text", new_long_text}, {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"add", add}, {"drop", drop}, {"text", text}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", drop}, {NULL, NULL}};
  sms_lua_type(L, TYPE, methods, meta);
  sms_lua_set_functions(L, functions);
}
