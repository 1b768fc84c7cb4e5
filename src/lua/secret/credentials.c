/* Credentials for Lua, which can use them and never read them back. */
#include "secret/credentials.h"
#include "base/random.h"
#include "lua/binding.h"
#include "secret/crypto.h"
#include <string.h>

const char *const sms_lua_signatures[] = {"md5hash", "md5",    "sha1",
                                          "sha256",  "sha512", NULL};

/* What is wrong with the private key, in words; NULL where nothing is, or there is
 * none.
 */
static const char *set_application(lua_State *L, sms_credentials *credentials) {
  size_t id_length;
  size_t key_length;
  const char *why = NULL;
  const char *id = sms_lua_string(L, 1, "application", &id_length);
  const char *key = sms_lua_string(L, 1, "private_key", &key_length);
  if (!id || !key) return NULL;
  enum sms_status status = sms_credentials_set_application(credentials, id, id_length,
                                                           key, key_length, &why);
  return status == SMS_OK ? NULL : why;
}

/* What the tables at 1 and 2 say of a secret: itself, and its name as a parameter. */
static enum sms_status set(lua_State *L, sms_credentials *credentials,
                           enum sms_secret which, bool is_named) {
  static const char *const fields[] = {"identity", "password", "signature"};
  size_t length;
  const char *name = is_named ? sms_lua_string(L, 2, fields[which], &length) : NULL;
  const char *value = sms_lua_string(L, 1, fields[which], &length);
  enum sms_status status = SMS_OK;
  if (name) status = sms_credentials_name(credentials, which, name);
  if (status == SMS_OK && value)
    status = sms_credentials_set(credentials, which, value, length);
  return status;
}

/* credentials({ identity, password, signature, application, private_key }[, names of
 * the first three as parameters]) -> Credentials | nil, why */
static int new_credentials(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  bool is_named = lua_istable(L, 2);
  void **box = sms_lua_box(L, SMS_LUA_CREDENTIALS);
  sms_credentials *credentials;
  enum sms_status status = sms_credentials_new(&credentials);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  *box = credentials;
  for (int which = 0; which < SMS_SECRET_COUNT && status == SMS_OK; which++)
    status = set(L, credentials, (enum sms_secret)which, is_named);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  const char *why = set_application(L, credentials);
  if (!why) return 1;
  lua_pushnil(L);
  lua_pushfstring(L, "private_key: %s", why);
  return 2;
}

/* Those of a call whose client may have been closed meanwhile; NULL: it was. */
static sms_credentials *check_left(lua_State *L) {
  return *(void **)sms_lua_check_type(L, 1, SMS_LUA_CREDENTIALS);
}

/* credentials:renew_token(now[, stale]) -> the number of the token that serves from now
 * on | nil, why. stale is the number of one that was refused. */
static int renew_token(lua_State *L) {
  char unique[SMS_UUID_LENGTH + 1];
  uint64_t serial;
  sms_credentials *credentials = check_left(L);
  if (!credentials) return sms_lua_fail(L, SMS_CLOSED);
  int64_t now = sms_lua_microseconds(luaL_checknumber(L, 2)) / 1000000;
  lua_Number stale = luaL_optnumber(L, 3, 0);
  luaL_argcheck(L, stale >= 0 && stale < 1e15, 3, "not the number of a token");
  if (sms_random_uuid(unique) != 0) return sms_lua_fail(L, SMS_FAILED);
  enum sms_status status =
      sms_credentials_renew_token(credentials, now, (uint64_t)stale, unique, &serial);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  lua_pushnumber(L, (lua_Number)serial);
  return 1;
}

/* Hides a text, or each of a list of texts, at index; nothing else. [-0, +0] */
static void mask_texts(lua_State *L, int index, struct sms_mask *mask) {
  size_t length;
  if (lua_type(L, index) == LUA_TSTRING) {
    const char *text = lua_tolstring(L, index, &length);
    sms_mask_text(mask, text, length);
  } else if (lua_istable(L, index)) {
    for (size_t i = 1, count = lua_rawlen(L, index); i <= count; i++) {
      lua_rawgeti(L, index, (int)i);
      if (lua_type(L, -1) == LUA_TSTRING) mask_texts(L, lua_gettop(L), mask);
      lua_pop(L, 1);
    }
  }
}

/* credentials:mask(text, text or list of texts | nil) -> its beginning, without secrets
 * and these texts | nil, why: secrets are not known any more */
static int mask(lua_State *L) {
  size_t length;
  struct sms_mask hiding;
  char shown[SMS_MASK_OUT];
  sms_credentials *credentials = check_left(L);
  if (!credentials) return sms_lua_fail(L, SMS_CLOSED);
  const char *text = luaL_checklstring(L, 2, &length);
  sms_mask_begin(&hiding, text, length);
  sms_credentials_mask(credentials, &hiding);
  mask_texts(L, 3, &hiding);
  lua_pushlstring(L, shown, sms_mask_end(&hiding, shown));
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

/* A verdict as a boolean, a failure as nil and a word. [-0, +1 or +2] */
static int answer(lua_State *L, enum sms_status status, bool is_same) {
  if (status != SMS_OK) return sms_lua_fail(L, status);
  lua_pushboolean(L, is_same);
  return 1;
}

/* credentials:verify(method, text, signature) -> whether it is the text's | nil, why */
static int verify(lua_State *L) {
  size_t length;
  size_t given_length;
  bool is_same = false;
  sms_credentials *credentials = sms_lua_check(L, 1, SMS_LUA_CREDENTIALS);
  int method = luaL_checkoption(L, 2, NULL, sms_lua_signatures);
  const char *text = luaL_checklstring(L, 3, &length);
  const char *given = luaL_checklstring(L, 4, &given_length);
  enum sms_status status =
      sms_credentials_verify(credentials, (enum sms_signature)method, text, length,
                             given, given_length, &is_same);
  return answer(L, status, is_same);
}

/* credentials:verify_token(token) -> whether its last part signs the others (HS256)
 *                                  | nil, why */
static int verify_token(lua_State *L) {
  size_t length;
  bool is_same = false;
  sms_credentials *credentials = sms_lua_check(L, 1, SMS_LUA_CREDENTIALS);
  const char *token = luaL_checklstring(L, 2, &length);
  enum sms_status status =
      sms_credentials_verify_token(credentials, token, length, &is_same);
  return answer(L, status, is_same);
}

/* credentials:verify_hash(text, hex) -> whether it is the text's SHA-256 | nil, why;
 * needs no secret, but belongs to the check of a token. */
static int verify_hash(lua_State *L) {
  size_t length;
  size_t given_length;
  bool is_same = false;
  const char *text = luaL_checklstring(L, 2, &length);
  const char *given = luaL_checklstring(L, 3, &given_length);
  enum sms_status status =
      sms_digest_verify(SMS_DIGEST_SHA256, text, length, given, given_length, &is_same);
  return answer(L, status, is_same);
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
    {"renew_token", renew_token},
    {"verify", verify},
    {"verify_hash", verify_hash},
    {"verify_token", verify_token},
    {NULL, NULL},
};

static const luaL_Reg meta[] = {
    {"__close", close_credentials},
    {"__gc", collect},
    {"__tostring", to_string},
    {NULL, NULL},
};

void sms_lua_open_credentials(lua_State *L) {
  static const luaL_Reg functions[] = {{"credentials", new_credentials}, {NULL, NULL}};
  sms_lua_type(L, SMS_LUA_CREDENTIALS, methods, meta);
  sms_lua_set_functions(L, functions);
}
