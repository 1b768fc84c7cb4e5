#include "lua/http.h"
#include "base/clock.h"
#include "lua/claims.h"
#include <string.h>

#define HEAD "sms.request_head"

static const char *const methods_by_name[] = {"GET",    "POST",  "PUT",
                                              "DELETE", "PATCH", NULL};
static const char *const contents_by_name[] = {"none", "json", "form", NULL};
static const char *const auths_by_name[] = {"none",      "basic",  "query", "body",
                                            "signature", "bearer", NULL};
static const char *const ends_by_name[] = {"answered",  "timed_out", "unreached",
                                           "broken",    "too_large", "too_late",
                                           "cancelled", "no_memory", "no_files"};
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

static struct sms_http_request read_request(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  struct sms_http_request request = {
      .method = (enum sms_http_method)word(L, index, "method", methods_by_name),
      .url = sms_lua_string(L, index, "url", NULL),
      .content = (enum sms_http_content)word(L, index, "content", contents_by_name),
      .auth = (enum sms_http_auth)word(L, index, "auth", auths_by_name),
  };
  request.body = sms_lua_string(L, index, "body", &request.body_length);
  if (request.auth == SMS_HTTP_SIGNED) {
    int method = word(L, index, "signature", sms_lua_signatures);
    request.signature = (enum sms_signature)method;
    request.signed_text =
        sms_lua_string(L, index, "signed_text", &request.signed_length);
  }
  if (!request.url) luaL_error(L, "url: a string was expected");
  return request;
}

/* What requests to one place have in common, read once. */
struct head {
  struct sms_http_request request;
  char url[];
};

/* request_head { method, url, content, auth } -> what sms_lua_request takes */
static int new_head(lua_State *L) {
  struct sms_http_request request = read_request(L, 1);
  luaL_argcheck(L, !request.body && !request.signed_text, 1, "a head has no body");
  size_t size = strlen(request.url) + 1;
  struct head *head = lua_newuserdata(L, sizeof *head + size);
  memcpy(head->url, request.url, size);
  request.url = head->url;
  head->request = request;
  luaL_getmetatable(L, HEAD);
  lua_setmetatable(L, -2);
  return 1;
}

struct sms_http_request sms_lua_request(lua_State *L, int index) {
  struct sms_http_request request;
  if (lua_istable(L, index)) {
    request = read_request(L, index);
  } else {
    request = ((struct head *)sms_lua_check_type(L, index, HEAD))->request;
    if (!lua_isnoneornil(L, index + 4))
      request.body = sms_lua_text(L, index + 4, &request.body_length);
  }
  request.timeout = sms_lua_microseconds(luaL_checknumber(L, index + 1));
  request.connect_timeout = sms_lua_microseconds(luaL_checknumber(L, index + 2));
  request.start_before = sms_lua_microseconds(luaL_checknumber(L, index + 3));
  if (request.start_before > 0) /* a pause of the machine counts from here on */
    request.start_before_wall =
        sms_clock_wall() + request.start_before - sms_clock_now();
  return request;
}

sms_http_client *sms_lua_http_client(lua_State *L, int index) {
  return *(void **)sms_lua_check_type(L, index, SMS_LUA_HTTP_CLIENT);
}

/* NULL: nil. */
static void set_string(lua_State *L, const char *field, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
}

/* How a request ended without a whole answer. [-0, +1] */
static void push_ending(lua_State *L, const struct sms_http_response *r) {
  lua_createtable(L, 0, 12);
  set_string(L, "ending", ends_by_name[r->end]);
  lua_pushboolean(L, r->sent);
  lua_setfield(L, -2, "sent");
  lua_pushinteger(L, r->status);
  lua_setfield(L, -2, "status");
  if (r->proxy_status) {
    lua_pushinteger(L, r->proxy_status);
    lua_setfield(L, -2, "proxy_status");
  }
  lua_pushboolean(L, r->tunnelled);
  lua_setfield(L, -2, "tunnelled");
  lua_pushlstring(L, r->body, r->body_length);
  lua_setfield(L, -2, "body");
  set_string(L, "phase", phases_by_name[r->phase]);
  set_string(L, "message", r->message);
  lua_pushboolean(L, r->lingers);
  lua_setfield(L, -2, "keeps_slots");
}

int sms_lua_push_response(lua_State *L, const struct sms_http_response *r, int claims) {
  if (!r->lingers) sms_lua_settle(L, claims, r->sent); /* else: their leases end */
  if (r->end == SMS_HTTP_ANSWERED) {
    lua_pushinteger(L, r->status);
    lua_pushlstring(L, r->body, r->body_length);
  } else {
    lua_pushnil(L);
    push_ending(L, r);
  }
  if (!r->retry_after && r->status != 401) return 2;
  lua_pushstring(L, r->retry_after); /* NULL: nil */
  lua_pushstring(L, r->date);
  return 4;
}

/* libcurl() -> { version, tls, ca_file, quick_exit, http2, keeps_connections,
 * keeps_secrets } */
static int libcurl(lua_State *L) {
  struct sms_http_library library;
  sms_http_library(&library);
  lua_createtable(L, 0, 7);
  set_string(L, "version", library.version);
  set_string(L, "tls", library.tls);
  set_string(L, "ca_file", library.ca_file);
  lua_pushboolean(L, library.quick_exit);
  lua_setfield(L, -2, "quick_exit");
  lua_pushboolean(L, library.http2);
  lua_setfield(L, -2, "http2");
  lua_pushboolean(L, library.keeps_connections);
  lua_setfield(L, -2, "keeps_connections");
  lua_pushboolean(L, library.keeps_secrets);
  lua_setfield(L, -2, "keeps_secrets");
  return 1;
}

void sms_lua_open_http(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"libcurl", libcurl}, {"request_head", new_head}, {NULL, NULL}};
  static const luaL_Reg none[] = {{NULL, NULL}};
  sms_lua_type(L, HEAD, none, none);
  sms_lua_set_functions(L, functions);
}
