#include "credentials.h"
#include "lua_compat.h"
#include <string.h>

static enum sms_status set(lua_State *L, sms_credentials *credentials,
                           enum sms_secret which, const char *field) {
  size_t length;
  const char *value = sms_lua_string(L, 1, field, &length);
  if (!value) return SMS_OK;
  return sms_credentials_set(credentials, which, value, length);
}

/* credentials { identity, password, signature } -> Credentials | nil, why */
int sms_lua_credentials(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  void **box = sms_lua_box(L, SMS_LUA_CREDENTIALS);
  sms_credentials *credentials;
  enum sms_status status = sms_credentials_new(&credentials);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  *box = credentials;
  status = set(L, credentials, SMS_SECRET_IDENTITY, "identity");
  if (status == SMS_OK) status = set(L, credentials, SMS_SECRET_PASSWORD, "password");
  if (status == SMS_OK) status = set(L, credentials, SMS_SECRET_SIGNATURE, "signature");
  if (status != SMS_OK) return sms_lua_fail(L, status);
  return 1;
}

/* credentials:mask(text) -> the text without secrets */
static int mask(lua_State *L) {
  size_t length;
  sms_credentials *credentials = sms_lua_check(L, 1, SMS_LUA_CREDENTIALS);
  const char *text = luaL_checklstring(L, 2, &length);
  char *copy = lua_newuserdata(L, length + 1);
  memcpy(copy, text, length);
  lua_pushlstring(L, copy, sms_credentials_mask(credentials, copy, length));
  return 1;
}

/* credentials:fingerprint() -> 16 hex digits of the identity's hash | nil, why */
static int fingerprint(lua_State *L) {
  char hex[17];
  sms_credentials *credentials = sms_lua_check(L, 1, SMS_LUA_CREDENTIALS);
  enum sms_status status = sms_credentials_fingerprint(credentials, hex);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  lua_pushstring(L, hex);
  return 1;
}

static int to_string(lua_State *L) {
  lua_pushliteral(L, "***");
  return 1;
}

/* Wipes at once, even while a request still holds a reference. */
static int close_credentials(lua_State *L) {
  void **box = luaL_checkudata(L, 1, SMS_LUA_CREDENTIALS);
  if (*box) {
    sms_credentials_wipe(*box);
    sms_credentials_release(*box);
  }
  *box = NULL;
  return 0;
}

static int collect(lua_State *L) {
  void **box = luaL_checkudata(L, 1, SMS_LUA_CREDENTIALS);
  sms_credentials_release(*box);
  *box = NULL;
  return 0;
}

static const luaL_Reg methods[] = {
    {"close", close_credentials},
    {"fingerprint", fingerprint},
    {"mask", mask},
    {NULL, NULL},
};

static const luaL_Reg meta[] = {
    {"__close", close_credentials},
    {"__gc", collect},
    {"__tostring", to_string},
    {NULL, NULL},
};

void sms_lua_open_credentials(lua_State *L) {
  sms_lua_type(L, SMS_LUA_CREDENTIALS, methods, meta);
}
