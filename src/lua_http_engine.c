#include "http_engine.h"
#include "lua_compat.h"
#include <string.h>

#define ENGINE   "sms.engine"
#define CLIENT   "sms.http_client"
#define TRANSFER "sms.transfer"

static const char *const methods_by_name[] = {"GET", "POST", "PUT", "DELETE", NULL};
static const char *const contents_by_name[] = {"none", "json", "form", NULL};
static const char *const auths_by_name[] = {"none", "basic",     "query",
                                            "body", "signature", NULL};
static const char *const signatures_by_name[] = {"md5hash", "md5",    "sha1",
                                                 "sha256",  "sha512", NULL};
static const char *const ends_by_name[] = {"answered",  "timed_out", "unreached",
                                           "broken",    "too_large", "too_late",
                                           "cancelled", "no_memory"};
static const char *const phases_by_name[] = {"queue", "lookup", "connect", "tls",
                                             "send",  "answer", "body"};

/* The place of a field's word in a list; the first word where the field is nil. */
static int word(lua_State *L, int index, const char *field, const char *const *words) {
  const char *given = sms_lua_string(L, index, field, NULL);
  if (!given) return 0;
  for (int i = 0; words[i]; i++)
    if (strcmp(words[i], given) == 0) return i;
  return luaL_error(L, "%s: '%s' is not known", field, given);
}

static long whole(lua_State *L, int index, const char *field) {
  lua_getfield(L, index, field);
  lua_Integer value = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return (long)value;
}

static bool flag(lua_State *L, int index, const char *field) {
  lua_getfield(L, index, field);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* http_client(options[, credentials]) -> HttpClient | nil, why. The options are those
 * of struct sms_http_options. */
int sms_lua_http_client(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  struct sms_http_options options = {
      .credentials =
          lua_isnoneornil(L, 2) ? NULL : sms_lua_check(L, 2, SMS_LUA_CREDENTIALS),
      .user_agent = sms_lua_string(L, 1, "user_agent", NULL),
      .proxy = sms_lua_string(L, 1, "proxy", NULL),
      .no_proxy = sms_lua_string(L, 1, "no_proxy", NULL),
      .ca_file = sms_lua_string(L, 1, "ca_file", NULL),
      .ca_path = sms_lua_string(L, 1, "ca_path", NULL),
      .client_cert = sms_lua_string(L, 1, "client_cert", NULL),
      .client_key = sms_lua_string(L, 1, "client_key", NULL),
      .pinned_public_key = sms_lua_string(L, 1, "pinned_public_key", NULL),
      .insecure = flag(L, 1, "insecure"),
      .http2 = flag(L, 1, "http2"),
      .min_tls = (int)whole(L, 1, "min_tls"),
      .max_connections = whole(L, 1, "max_connections"),
      .keep_alive = whole(L, 1, "keep_alive"),
      .max_response = (size_t)whole(L, 1, "max_response"),
  };
  void **box = sms_lua_box(L, CLIENT);
  sms_http_client *client;
  enum sms_status status = sms_http_client_new(&options, &client);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  *box = client;
  return 1;
}

static int close_client(lua_State *L) {
  void **box = luaL_checkudata(L, 1, CLIENT);
  sms_http_client_release(*box);
  *box = NULL;
  return 0;
}

/* engine() -> Engine | nil, why */
int sms_lua_engine(lua_State *L) {
  void **box = sms_lua_box(L, ENGINE);
  sms_http_engine *engine;
  enum sms_status status = sms_http_engine_new(&engine);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  *box = engine;
  return 1;
}

/* engine:submit(http_client, { method, url, body, content, auth, signature, signed_text
 * }, timeout, connect_timeout, start_before) -> Transfer | nil, why Times are seconds;
 * start_before is one of core.now(), or 0. */
static int submit(lua_State *L) {
  sms_http_engine *engine = sms_lua_check(L, 1, ENGINE);
  sms_http_client *client = sms_lua_check(L, 2, CLIENT);
  luaL_checktype(L, 3, LUA_TTABLE);
  struct sms_http_request request = {
      .method = (enum sms_http_method)word(L, 3, "method", methods_by_name),
      .url = sms_lua_string(L, 3, "url", NULL),
      .content = (enum sms_http_content)word(L, 3, "content", contents_by_name),
      .auth = (enum sms_http_auth)word(L, 3, "auth", auths_by_name),
      .timeout = sms_lua_microseconds(luaL_checknumber(L, 4)),
      .connect_timeout = sms_lua_microseconds(luaL_checknumber(L, 5)),
      .start_before = sms_lua_microseconds(luaL_checknumber(L, 6)),
  };
  request.body = sms_lua_string(L, 3, "body", &request.body_length);
  if (request.auth == SMS_HTTP_SIGNED) {
    request.signature = (enum sms_signature)word(L, 3, "signature", signatures_by_name);
    request.signed_text = sms_lua_string(L, 3, "signed_text", &request.signed_length);
  }
  if (!request.url) return luaL_error(L, "url: a string was expected");
  void **box = sms_lua_box(L, TRANSFER);
  sms_http_transfer *transfer;
  enum sms_status status = sms_http_engine_submit(engine, client, &request, &transfer);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  *box = transfer;
  return 1;
}

/* engine:step(seconds) -> true | nil, why */
static int step(lua_State *L) {
  sms_http_engine *engine = sms_lua_check(L, 1, ENGINE);
  int64_t wait = sms_lua_microseconds(luaL_checknumber(L, 2));
  enum sms_status status = sms_http_engine_step(engine, wait);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  lua_pushboolean(L, 1);
  return 1;
}

/* engine:finished() -> id of the next transfer that has ended | nil */
static int finished(lua_State *L) {
  sms_http_transfer *transfer = sms_http_engine_finished(sms_lua_check(L, 1, ENGINE));
  if (!transfer) return 0;
  lua_pushinteger(L, (lua_Integer)sms_http_transfer_id(transfer));
  return 1;
}

/* engine:sweep() */
static int sweep(lua_State *L) {
  sms_http_engine_sweep(sms_lua_check(L, 1, ENGINE));
  return 0;
}

static int close_engine(lua_State *L) {
  void **box = luaL_checkudata(L, 1, ENGINE);
  sms_http_engine_release(*box);
  *box = NULL;
  return 0;
}

/* transfer:id() -> integer */
static int id(lua_State *L) {
  sms_http_transfer *transfer = sms_lua_check(L, 1, TRANSFER);
  lua_pushinteger(L, (lua_Integer)sms_http_transfer_id(transfer));
  return 1;
}

static void set_string(lua_State *L, const char *field, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

/* transfer:response() -> { ending, sent, status, body, retry_after, phase, message }
 *                      | nil while it is under way. Gives the transfer back. */
static int response(lua_State *L) {
  sms_http_transfer *transfer = sms_lua_check(L, 1, TRANSFER);
  const struct sms_http_response *r = sms_http_transfer_response(transfer);
  if (!r) return 0;
  lua_createtable(L, 0, 7);
  set_string(L, "ending", ends_by_name[r->end]);
  lua_pushboolean(L, r->sent);
  lua_setfield(L, -2, "sent");
  lua_pushinteger(L, r->status);
  lua_setfield(L, -2, "status");
  lua_pushlstring(L, r->body, r->body_length);
  lua_setfield(L, -2, "body");
  if (r->retry_after) set_string(L, "retry_after", r->retry_after);
  if (r->end != SMS_HTTP_ANSWERED) {
    set_string(L, "phase", phases_by_name[r->phase]);
    set_string(L, "message", r->message);
  }
  *(void **)lua_touserdata(L, 1) = NULL;
  sms_http_transfer_release(transfer);
  return 1;
}

/* transfer:cancel(): it ends now; its response tells whether a byte was sent */
static int cancel(lua_State *L) {
  sms_http_transfer_cancel(sms_lua_check(L, 1, TRANSFER));
  return 0;
}

static int collect_transfer(lua_State *L) {
  void **box = luaL_checkudata(L, 1, TRANSFER);
  sms_http_transfer_release(*box);
  *box = NULL;
  return 0;
}

static const luaL_Reg client_methods[] = {{"close", close_client}, {NULL, NULL}};
static const luaL_Reg client_meta[] = {
    {"__close", close_client},
    {"__gc", close_client},
    {NULL, NULL},
};

static const luaL_Reg engine_methods[] = {
    {"close", close_engine}, {"finished", finished}, {"step", step},
    {"submit", submit},      {"sweep", sweep},       {NULL, NULL},
};
static const luaL_Reg engine_meta[] = {
    {"__close", close_engine},
    {"__gc", close_engine},
    {NULL, NULL},
};

static const luaL_Reg transfer_methods[] = {
    {"cancel", cancel},
    {"id", id},
    {"response", response},
    {NULL, NULL},
};
static const luaL_Reg transfer_meta[] = {
    {"__close", collect_transfer},
    {"__gc", collect_transfer},
    {NULL, NULL},
};

void sms_lua_open_http_engine(lua_State *L) {
  sms_lua_type(L, CLIENT, client_methods, client_meta);
  sms_lua_type(L, ENGINE, engine_methods, engine_meta);
  sms_lua_type(L, TRANSFER, transfer_methods, transfer_meta);
}
