#include "base/byte_buffer.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/random.h"
#include "http/engine.h"
#include "lua/binding.h"
#include "secret/crypto.h"
#include "text/form.h"
#include "text/sms_text.h"
#include "text/value_format.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void set_functions(lua_State *L, const luaL_Reg *functions) {
  for (; functions->name; functions++) {
    lua_pushcfunction(L, functions->func);
    lua_setfield(L, -2, functions->name);
  }
}

void sms_lua_type(lua_State *L, const char *name, const luaL_Reg *methods,
                  const luaL_Reg *meta) {
  luaL_newmetatable(L, name);
  set_functions(L, meta);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  lua_pushlightuserdata(L, (void *)(uintptr_t)name); /* for sms_lua_check_type */
  lua_rawseti(L, -2, 1);
  lua_newtable(L);
  set_functions(L, methods);
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
  static const char *const words[] = {"ok",      "no memory", "too large",
                                      "invalid", "forked",    "failed"};
  lua_pushnil(L);
  lua_pushstring(L, words[status]);
  return 2;
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

/* To the nearest: a time of core.now() comes back as the clock gave it. */
int64_t sms_lua_microseconds(lua_Number seconds) {
  const lua_Number most = 3.2e9;
  if (!(seconds > 0)) return 0;
  return (int64_t)((seconds < most ? seconds : most) * 1e6 + 0.5);
}

/* now() -> seconds of CLOCK_MONOTONIC */
static int now(lua_State *L) {
  lua_pushnumber(L, (lua_Number)sms_clock_now() / 1e6);
  return 1;
}

/* random() -> a number in [0, 1), different in every process */
static int random_number(lua_State *L) {
  uint32_t bits = 0;
  sms_random_fill(&bits, sizeof bits);
  lua_pushnumber(L, (lua_Number)bits / 4294967296.0);
  return 1;
}

/* Lua states that have loaded the module since this process began: nginx without its
 * code cache makes one a request. */
static struct {
  pthread_mutex_t mutex;
  pid_t owner;
  int count;
} states = {PTHREAD_MUTEX_INITIALIZER, 0, 0};

static int add_state(int more) {
  pthread_mutex_lock(&states.mutex);
  if (states.owner != sms_process()) states.count = 0;
  states.owner = sms_process();
  int count = states.count += more;
  pthread_mutex_unlock(&states.mutex);
  return count;
}

static int count_states(lua_State *L) {
  lua_pushinteger(L, add_state(0));
  return 1;
}

/* libcurl() -> { version, ca_file, quick_exit, http2 } */
static int libcurl(lua_State *L) {
  struct sms_http_library library;
  sms_http_library(&library);
  lua_newtable(L);
  lua_pushstring(L, library.version);
  lua_setfield(L, -2, "version");
  lua_pushstring(L, library.ca_file); /* NULL: nil */
  lua_setfield(L, -2, "ca_file");
  lua_pushboolean(L, library.quick_exit);
  lua_setfield(L, -2, "quick_exit");
  lua_pushboolean(L, library.http2);
  lua_setfield(L, -2, "http2");
  return 1;
}

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

/* The string at index i of the list, without a reference: the list keeps it. */
static const char *item(lua_State *L, int list, int i, size_t *length) {
  lua_rawgeti(L, list, i);
  const char *string =
      lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, length) : NULL;
  lua_pop(L, 1);
  return string;
}

/* form({ name, value, name, value, ... }) -> "name=value&name=value", percent-encoded
 */
static int form(lua_State *L) {
  size_t length, most = 0;
  int count = 0;
  luaL_checktype(L, 1, LUA_TTABLE);
  while (item(L, 1, count + 1, &length))
    most += 3 * length + 1, count++;
  char *out = lua_newuserdata(L, most + 1), *end = out;
  for (int i = 1; i <= count; i++) {
    const char *text = item(L, 1, i, &length);
    if (i > 1) *end++ = i % 2 == 0 ? '=' : '&';
    end = sms_escape(end, text, length);
  }
  lua_pushlstring(L, out, (size_t)(end - out));
  return 1;
}

/* Writes a value as forms take it: a string, a boolean, a whole number. NULL: none of
 * these, or out is NULL. At most is what it needs there, for any of them. */
static char *put_value(lua_State *L, int index, char *out, size_t *most) {
  char number[32];
  size_t length;
  const char *text = number;
  switch (lua_type(L, index)) {
  case LUA_TSTRING:
    text = lua_tolstring(L, index, &length);
    break;
  case LUA_TBOOLEAN:
    text = lua_toboolean(L, index) ? "true" : "false";
    length = strlen(text);
    break;
  case LUA_TNUMBER: {
    lua_Number value = lua_tonumber(L, index);
    if (value != floor(value) || fabs(value) >= 9007199254740992.0) return NULL;
    length = (size_t)snprintf(number, sizeof number, "%.0f", (double)value);
    break;
  }
  default:
    return NULL;
  }
  *most = 3 * length;
  return out ? sms_escape(out, text, length) : NULL;
}

/* form_of(names, params) -> "name=value&name=value" of the params that have these
 * names, in the order of the names | nil: a value is none that put_value takes */
static int form_of(lua_State *L) {
  size_t length, most = 1, need;
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
    need = 0;
    put_value(L, -1, NULL, &need);
    if (lua_type(L, -2) == LUA_TSTRING)
      lua_tolstring(L, -2, &length), most += need + 3 * length + 2;
  }
  char *out = lua_newuserdata(L, most), *end = out;
  for (int i = 1;; i++) {
    lua_rawgeti(L, 1, i);
    if (lua_isnil(L, -1)) break;
    const char *name = lua_tolstring(L, -1, &length);
    lua_pushvalue(L, -1);
    lua_rawget(L, 2);
    if (!lua_isnil(L, -1)) {
      if (end > out) *end++ = '&';
      end = sms_escape(end, name, length);
      *end++ = '=';
      if (!(end = put_value(L, -1, end, &need))) return 0;
    }
    lua_pop(L, 2);
  }
  lua_pushlstring(L, out, (size_t)(end - out));
  return 1;
}

typedef size_t spell(const char *text, size_t length, char number[SMS_NUMBER_MAX]);

static int push_number(lua_State *L, spell *how) {
  char number[SMS_NUMBER_MAX];
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  length = how(text, length, number);
  if (length == 0) return 0;
  lua_pushlstring(L, number, length);
  return 1;
}

/* phone(text) -> the number as it is sent | nothing */
static int phone(lua_State *L) {
  return push_number(L, sms_phone);
}

/* e164(text) -> the number as it is sent | nothing */
static int e164(lua_State *L) {
  return push_number(L, sms_e164);
}

/* escape(text) -> percent-encoded */
static int escape(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  char *out = lua_newuserdata(L, 3 * length + 1);
  lua_pushlstring(L, out, (size_t)(sms_escape(out, text, length) - out));
  return 1;
}

/* sha256(text) -> 32 bytes | nil, why */
static int sha256(lua_State *L) {
  unsigned char bytes[SMS_DIGEST_MAX];
  size_t length, size;
  const char *text = luaL_checklstring(L, 1, &length);
  enum sms_status status = sms_digest(SMS_DIGEST_SHA256, text, length, bytes, &size);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  lua_pushlstring(L, (const char *)bytes, size);
  return 1;
}

static const luaL_Reg functions[] = {
    {"claim", sms_lua_claim},
    {"credentials", sms_lua_credentials},
    {"engine", sms_lua_engine},
    {"exchange", sms_lua_exchange},
    {"http_client", sms_lua_http_client},
    {"e164", e164},
    {"escape", escape},
    {"form", form},
    {"form_of", form_of},
    {"inspect", inspect},
    {"journal", sms_lua_journal},
    {"libcurl", libcurl},
    {"long_text", sms_lua_long_text},
    {"mailbox", sms_lua_mailbox},
    {"measure", measure},
    {"now", now},
    {"phone", phone},
    {"random", random_number},
    {"request_head", sms_lua_request_head},
    {"rate_limit", sms_lua_rate_limit},
    {"rate_limit_file", sms_lua_rate_limit_file},
    {"sha256", sha256},
    {"reader", sms_lua_reader},
    {"states", count_states},
    {"writer", sms_lua_writer},
    {NULL, NULL},
};

__attribute__((visibility("default"))) int luaopen_sms_core(lua_State *L);

int luaopen_sms_core(lua_State *L) {
  add_state(1);
  sms_lua_open_credentials(L);
  sms_lua_open_exchange(L);
  sms_lua_open_http(L);
  sms_lua_open_http_driver(L);
  sms_lua_open_http_engine(L);
  sms_lua_open_journal(L);
  sms_lua_open_long_text(L);
  sms_lua_open_rate_limit(L);
  lua_newtable(L);
  set_functions(L, functions);
  lua_pushliteral(L, SMS_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
