/* The engine for Lua: requests that the caller itself drives to their end. */
#include "http/engine.h"
#include "lua/http.h"

#define ENGINE   "sms.engine"
#define TRANSFER "sms.transfer"

/* Upvalues of what makes Transfers and of what gives them back. */
enum { IDLE = 1, LIST, REUSE = LIST };

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
static int new_client(lua_State *L) {
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
      .keep_free_memory = flag(L, 1, "keep_free_memory"),
      .min_tls = (int)whole(L, 1, "min_tls"),
      .max_connections = whole(L, 1, "max_connections"),
      .keep_alive = whole(L, 1, "keep_alive"),
      .max_response = (size_t)whole(L, 1, "max_response"),
  };
  void **box = sms_lua_box(L, SMS_LUA_HTTP_CLIENT);
  sms_http_client *client;
  enum sms_status status = sms_http_client_new(&options, &client);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  *box = client;
  return 1;
}

static int collect_client(lua_State *L) {
  void **box = luaL_checkudata(L, 1, SMS_LUA_HTTP_CLIENT);
  sms_http_client_release(*box);
  *box = NULL;
  return 0;
}

/* http_client:close(): what is under way ends with the next sweep, and who submits more
 * is told so. Nothing of it waits for the collector: there is a proxy's password. */
static int close_client(lua_State *L) {
  sms_http_client_close(sms_lua_http_client(L, 1));
  return collect_client(L);
}

/* engine() -> Engine | nil, why */
static int new_engine(lua_State *L) {
  void **box = sms_lua_box(L, ENGINE);
  sms_http_engine *engine;
  enum sms_status status = sms_http_engine_new(&engine);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  *box = engine;
  return 1;
}

/* Transfers that hold nothing serve again: to make one, and to collect it, is as much
 * work as to claim the slots of a call. They stand in a list, which has a place for
 * each of them from the start, so that to give one back needs no memory. */
struct idle {
  int count; /* in the list, at its beginning; false stands in the other places */
  int places;
};

/* A Transfer that holds nothing: what it will hold is given back though Lua has no
 * memory to be told of it. [-0, +1] */
static void **push_idle(lua_State *L) {
  struct idle *idle = lua_touserdata(L, lua_upvalueindex(IDLE));
  if (idle->count == 0) {
    void **box = sms_lua_box(L, TRANSFER);
    lua_pushboolean(L, 0);
    lua_rawseti(L, lua_upvalueindex(LIST), idle->places + 1);
    idle->places++;
    return box;
  }
  int last = idle->count--;
  lua_rawgeti(L, lua_upvalueindex(LIST), last);
  lua_pushboolean(L, 0);
  lua_rawseti(L, lua_upvalueindex(LIST), last);
  return lua_touserdata(L, -1);
}

/* Gives back what a Transfer holds, and keeps it. [-0, +0] */
static void keep_idle(lua_State *L, int index) {
  struct idle *idle = lua_touserdata(L, lua_upvalueindex(IDLE));
  void **box = lua_touserdata(L, index);
  sms_http_transfer_release(*box);
  *box = NULL;
  lua_pushvalue(L, index);
  lua_rawseti(L, lua_upvalueindex(LIST), ++idle->count);
}

/* engine:submit(http_client, { method, url, body, content, auth, signature, signed_text
 * }, timeout, connect_timeout, start_before) -> Transfer, id | nil, why. Times are
 * seconds; start_before is one of core.now(), or 0. */
static int submit(lua_State *L) {
  enum { BOX = 8 };
  sms_http_engine *engine = sms_lua_check(L, 1, ENGINE);
  sms_http_client *client = sms_lua_http_client(L, 2);
  struct sms_http_request request = sms_lua_request(L, 3);
  lua_settop(L, BOX - 1);
  void **box = push_idle(L);
  sms_http_transfer *transfer;
  enum sms_status status = sms_http_engine_submit(engine, client, &request, &transfer);
  if (status != SMS_OK) {
    keep_idle(L, BOX);
    return sms_lua_fail(L, status);
  }
  *box = transfer;
  lua_pushinteger(L, (lua_Integer)sms_http_transfer_id(transfer));
  return 2;
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

/* engine:finished(waiters, list, count) -> count. For each transfer that has ended
 * since the last call, what stands under its id in waiters goes to the end of the list,
 * which has count entries. */
static int finished(lua_State *L) {
  sms_http_engine *engine = sms_lua_check(L, 1, ENGINE);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  int count = (int)luaL_checkinteger(L, 4);
  sms_http_transfer *transfer;
  while ((transfer = sms_http_engine_finished(engine))) {
    int id = (int)sms_http_transfer_id(transfer);
    lua_rawgeti(L, 2, id);
    if (lua_toboolean(L, -1)) {
      lua_rawseti(L, 3, ++count);
      lua_pushboolean(L, 0); /* not nil: the id will come again */
      lua_rawseti(L, 2, id);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_pushinteger(L, count);
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

/* false and the status as a word. [-0, +2] */
static int refuse(lua_State *L, enum sms_status status) {
  sms_lua_fail(L, status);
  lua_pushboolean(L, 0);
  lua_replace(L, -3);
  return 2;
}

/* Pushes what came and gives the transfer in the box back; false while it is under way.
 */
static int push_ended(lua_State *L, int index, sms_http_transfer *transfer,
                      int claims) {
  const struct sms_http_response *r = sms_http_transfer_response(transfer);
  if (!r) {
    lua_pushboolean(L, 0);
    return 1;
  }
  int count = sms_lua_push_response(L, r, claims);
  keep_idle(L, index);
  return count;
}

/* transfer:response(claims | nil) -> as sms_lua_push_response | false while it is under
 * way. Gives the transfer back. */
static int response(lua_State *L) {
  return push_ended(L, 1, sms_lua_check(L, 1, TRANSFER), 2);
}

/* Sends what is new and waits once, so that a host's signal handler gets its turn. */
static enum sms_status step_to_end(sms_http_engine *engine, sms_http_transfer *transfer,
                                   int64_t wait) {
  enum sms_status status = SMS_OK;
  for (int i = 0; i < 2 && status == SMS_OK; i++) {
    if (sms_http_transfer_response(transfer)) break;
    status = sms_http_engine_step(engine, wait);
  }
  return status;
}

/* engine:await(transfer, seconds, claims | nil) -> as transfer:response() | false, why
 * it failed */
static int await(lua_State *L) {
  sms_http_engine *engine = sms_lua_check(L, 1, ENGINE);
  sms_http_transfer *transfer = sms_lua_check(L, 2, TRANSFER);
  int64_t wait = sms_lua_microseconds(luaL_checknumber(L, 3));
  enum sms_status status = step_to_end(engine, transfer, wait);
  return status == SMS_OK ? push_ended(L, 2, transfer, 4) : refuse(L, status);
}

/* engine:perform(seconds, as submit, body | nil, claims | nil) -> as
 * transfer:response() | false, transfer that is under way | false, nil, why it was not
 * begun */
static int perform(lua_State *L) {
  enum { CLAIMS = 9, BOX };
  sms_http_engine *engine = sms_lua_check(L, 1, ENGINE);
  lua_settop(L, CLAIMS);
  void **box = push_idle(L);
  int64_t wait = sms_lua_microseconds(luaL_checknumber(L, 2));
  sms_http_client *client = sms_lua_http_client(L, 3);
  struct sms_http_request request = sms_lua_request(L, 4);
  sms_http_transfer *transfer;
  enum sms_status status = sms_http_engine_submit(engine, client, &request, &transfer);
  if (status != SMS_OK) {
    keep_idle(L, BOX);
    lua_pushboolean(L, 0);
    return 1 + sms_lua_fail(L, status);
  }
  *box = transfer;
  step_to_end(engine, transfer, wait); /* await tells how it failed */
  const struct sms_http_response *r = sms_http_transfer_response(transfer);
  if (!r) {
    lua_pushboolean(L, 0);
    lua_pushvalue(L, BOX);
    return 2;
  }
  int count = sms_lua_push_response(L, r, CLAIMS);
  keep_idle(L, BOX);
  return count;
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
    {"__gc", collect_client},
    {NULL, NULL},
};

static const luaL_Reg engine_methods[] = {
    {"close", close_engine}, {"finished", finished}, {"step", step},
    {"sweep", sweep},        {NULL, NULL},
};
static const luaL_Reg engine_meta[] = {
    {"__close", close_engine},
    {"__gc", close_engine},
    {NULL, NULL},
};

static const luaL_Reg transfer_methods[] = {{NULL, NULL}};
static const luaL_Reg transfer_meta[] = {
    {"__close", collect_transfer},
    {"__gc", collect_transfer},
    {NULL, NULL},
};

/* Adds a method that makes Transfers or gives them back; on top are its upvalues.
 * [-0, +0] */
static void add_reusing(lua_State *L, const char *type, const char *name,
                        lua_CFunction method) {
  int idle = lua_gettop(L) - 1;
  luaL_getmetatable(L, type);
  lua_getfield(L, -1, "__index");
  lua_pushvalue(L, idle);
  lua_pushvalue(L, idle + 1);
  lua_pushcclosure(L, method, REUSE);
  lua_setfield(L, -2, name);
  lua_pop(L, 2);
}

void sms_lua_open_engine(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"engine", new_engine}, {"http_client", new_client}, {NULL, NULL}};
  sms_lua_type(L, SMS_LUA_HTTP_CLIENT, client_methods, client_meta);
  sms_lua_type(L, ENGINE, engine_methods, engine_meta);
  sms_lua_type(L, TRANSFER, transfer_methods, transfer_meta);
  struct idle *idle = lua_newuserdata(L, sizeof *idle);
  *idle = (struct idle){0};
  lua_newtable(L);
  add_reusing(L, ENGINE, "await", await);
  add_reusing(L, ENGINE, "perform", perform);
  add_reusing(L, ENGINE, "submit", submit);
  add_reusing(L, TRANSFER, "response", response);
  lua_pop(L, 2);
  sms_lua_set_functions(L, functions);
}
