/* Texts for Lua: what they cost and consist of, and how they are written. */
#include "lua/binding.h"
#include "text/form.h"
#include "text/host.h"
#include "text/sms_text.h"
#include "text/value_format.h"
#include <string.h>

/* measure(text) -> encoding, units, parts[, misfit's byte position, its length]
 *                | nil, byte position of what is not UTF-8 */
static int measure(lua_State *L) {
  size_t length;
  struct sms_text measured;
  const char *text = luaL_checklstring(L, 1, &length);
  if (sms_text_measure(text, length, &measured) != SMS_OK) {
    lua_pushnil(L);
    lua_pushinteger(L, (lua_Integer)measured.misfit + 1);
    return 2;
  }
  lua_pushstring(L, measured.ucs2 ? "UCS-2" : "GSM-7");
  lua_pushinteger(L, (lua_Integer)measured.units);
  lua_pushinteger(L, (lua_Integer)measured.parts);
  if (measured.misfit_length == 0) return 3;
  lua_pushinteger(L, (lua_Integer)measured.misfit + 1);
  lua_pushinteger(L, (lua_Integer)measured.misfit_length);
  return 5;
}

/* inspect(text) -> characters, control, nul | nil, control, nul, byte position of what
 * is not UTF-8. control and nul: whether there are such characters. */
static int inspect(lua_State *L) {
  size_t length;
  struct sms_text_content content;
  const char *text = luaL_checklstring(L, 1, &length);
  bool valid = sms_text_inspect(text, length, &content) == SMS_OK;
  if (valid)
    lua_pushinteger(L, (lua_Integer)content.characters);
  else
    lua_pushnil(L);
  lua_pushboolean(L, content.control);
  lua_pushboolean(L, content.nul);
  if (valid) return 3;
  lua_pushinteger(L, (lua_Integer)content.bad + 1);
  return 4;
}

/* Adds the text percent-encoded. [as luaL_addlstring] */
static void add_escaped(luaL_Buffer *out, const char *text, size_t length) {
  enum { PIECE = 128 };
  char piece[3 * PIECE];
  for (size_t done = 0, size; done < length; done += size) {
    size = length - done < PIECE ? length - done : PIECE;
    const char *end = sms_escape(piece, text + done, size);
    luaL_addlstring(out, piece, (size_t)(end - piece));
  }
}

/* escape(text) -> percent-encoded */
static int escape(lua_State *L) {
  luaL_Buffer out;
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_buffinit(L, &out);
  add_escaped(&out, text, length);
  luaL_pushresult(&out);
  return 1;
}

/* form({ name, value, name, value, ... }) -> "name=value&name=value", percent-encoded
 */
static int form(lua_State *L) {
  enum { LIST = 1, ITEM };
  luaL_Buffer out;
  luaL_checktype(L, LIST, LUA_TTABLE);
  lua_settop(L, ITEM);
  luaL_buffinit(L, &out);
  for (int i = 1;; i++) {
    size_t length;
    lua_rawgeti(L, LIST, i);
    lua_replace(L, ITEM);
    if (lua_type(L, ITEM) != LUA_TSTRING) break;
    const char *text = lua_tolstring(L, ITEM, &length);
    if (i > 1) luaL_addchar(&out, i % 2 == 0 ? '=' : '&');
    add_escaped(&out, text, length);
  }
  luaL_pushresult(&out);
  return 1;
}

typedef size_t spell(const char *text, size_t length, char number[SMS_NUMBER_MAX]);

static int push_number(lua_State *L, spell *how) {
  static const char *const faults[] = {"", "letters", "trunk", "fraction", "tail"};
  char number[SMS_NUMBER_MAX];
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  size_t left = how(text, length, number);
  if (left > 0) {
    lua_pushlstring(L, number, left);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, faults[sms_number_fault(text, length)]);
  return 2;
}

/* phone(text) -> the number as it is sent | nil, fault: "" where it has none of its own
 */
static int phone(lua_State *L) {
  return push_number(L, sms_phone);
}

/* e164(text) -> the number as it is sent | nil, fault */
static int e164(lua_State *L) {
  return push_number(L, sms_e164);
}

/* is_before(a, b) -> whether a comes first, byte by byte: < follows the host's locale
 */
static int is_before(lua_State *L) {
  size_t length, other;
  const char *a = luaL_checklstring(L, 1, &length),
             *b = luaL_checklstring(L, 2, &other);
  int order = memcmp(a, b, length < other ? length : other);
  lua_pushboolean(L, order < 0 || (order == 0 && length < other));
  return 1;
}

/* whole(text) -> the number that is spelt in digits | nothing */
static int whole(lua_State *L) {
  double value;
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  if (!sms_read_whole(text, length, &value)) return 0;
  lua_pushnumber(L, value);
  return 1;
}

/* trim(text) -> the text without blanks, tabs and line ends around it */
static int trim(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  text = sms_trim(text, &length);
  lua_pushlstring(L, text, length);
  return 1;
}

/* is_loopback(host) -> whether it is this machine */
static int is_loopback(lua_State *L) {
  lua_pushboolean(L, sms_host_is_loopback(luaL_checkstring(L, 1)));
  return 1;
}

/* is_excepted(host, list) -> whether a list as CURLOPT_NOPROXY has it names the host */
static int is_excepted(lua_State *L) {
  const char *host = luaL_checkstring(L, 1), *list = luaL_checkstring(L, 2);
  lua_pushboolean(L, sms_host_is_excepted(host, list));
  return 1;
}

static const luaL_Reg functions[] = {
    {"e164", e164},
    {"escape", escape},
    {"form", form},
    {"inspect", inspect},
    {"is_before", is_before},
    {"is_excepted", is_excepted},
    {"is_loopback", is_loopback},
    {"measure", measure},
    {"phone", phone},
    {"trim", trim},
    {"whole", whole},
    {NULL, NULL},
};

void sms_lua_open_text(lua_State *L) {
  sms_lua_set_functions(L, functions);
}
