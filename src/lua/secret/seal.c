/* Seals for Lua, which can use their secrets and never read them back. */
#include "secret/seal.h"
#include "lua/binding.h"

/* Adds the secrets of the list at index. [-0, +0] */
static enum sms_status add_secrets(lua_State *L, int index, sms_seal *seal) {
  enum sms_status status = SMS_OK;
  for (size_t i = 1, count = lua_rawlen(L, index); i <= count; i++) {
    size_t length;
    lua_rawgeti(L, index, (int)i);
    const char *secret = luaL_checklstring(L, -1, &length);
    if (status == SMS_OK) status = sms_seal_add(seal, secret, length);
    lua_pop(L, 1);
  }
  return status;
}

/* seal(name, list of secrets) -> Seal | nil, why. The first secret seals, each opens.
 */
static int new_seal(lua_State *L) {
  size_t length;
  sms_seal *seal;
  const char *name = luaL_checklstring(L, 1, &length);
  luaL_checktype(L, 2, LUA_TTABLE);
  void **box = sms_lua_box(L, SMS_LUA_SEAL);
  enum sms_status status = sms_seal_new(name, length, &seal);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  *box = seal;
  status = add_secrets(L, 2, seal);
  return status == SMS_OK ? 1 : sms_lua_fail(L, status);
}

/* seal:apply(bytes) -> sealed bytes | nil, why */
static int apply(lua_State *L) {
  size_t length;
  const sms_seal *seal = sms_lua_check(L, 1, SMS_LUA_SEAL);
  const char *bytes = luaL_checklstring(L, 2, &length);
  void *sealed = lua_newuserdata(L, length + SMS_SEAL_EXTRA);
  enum sms_status status = sms_seal_apply(seal, bytes, length, sealed);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  lua_pushlstring(L, sealed, length + SMS_SEAL_EXTRA);
  return 1;
}

/* seal:open(sealed bytes) -> bytes | nil, why, whether it is the secret that is missing
 */
static int open(lua_State *L) {
  size_t length;
  const char *why;
  const sms_seal *seal = sms_lua_check(L, 1, SMS_LUA_SEAL);
  const char *sealed = luaL_checklstring(L, 2, &length);
  void *bytes = lua_newuserdata(L, length);
  if (sms_seal_open(seal, sealed, length, bytes, &why) == SMS_OK) {
    lua_pushlstring(L, bytes, length - SMS_SEAL_EXTRA);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, why);
  lua_pushboolean(L, !sms_seal_knows(seal, sealed, length));
  return 3;
}

static int to_string(lua_State *L) {
  lua_pushliteral(L, "***");
  return 1;
}

/* Wipes the secrets. */
static int close_seal(lua_State *L) {
  void **box = luaL_checkudata(L, 1, SMS_LUA_SEAL);
  sms_seal_free(*box);
  *box = NULL;
  return 0;
}

static const luaL_Reg methods[] = {
    {"apply", apply}, {"close", close_seal}, {"open", open}, {NULL, NULL}};

static const luaL_Reg meta[] = {{"__close", close_seal},
                                {"__gc", close_seal},
                                {"__tostring", to_string},
                                {NULL, NULL}};

void sms_lua_open_seal(lua_State *L) {
  static const luaL_Reg functions[] = {{"seal", new_seal}, {NULL, NULL}};
  sms_lua_type(L, SMS_LUA_SEAL, methods, meta);
  sms_lua_set_functions(L, functions);
}
