/* sms.core: what all bindings put into it, and what belongs to none of them. */
#include "base/clock.h"
#include "base/process.h"
#include "base/random.h"
#include "base/stop_signal.h"
#include "lua/binding.h"
#include "secret/crypto.h"
#include "secret/needed_openssl.h"
#include "secret/openssl_context.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

/* now() -> seconds of CLOCK_BOOTTIME */
static int now(lua_State *L) {
  lua_pushnumber(L, (lua_Number)sms_clock_now() / 1e6);
  return 1;
}

/* wall() -> seconds since 1970 */
static int wall(lua_State *L) {
  lua_pushnumber(L, (lua_Number)sms_clock_wall() / 1e6);
  return 1;
}

/* pause(seconds): blocks the caller, until a signal comes at the latest */
static int pause_for(lua_State *L) {
  int64_t time = sms_lua_microseconds(luaL_checknumber(L, 1));
  struct timespec left = {time / 1000000, time % 1000000 * 1000};
  nanosleep(&left, NULL);
  return 0;
}

/* random() -> a number in [0, 1), different in every process */
static int random_number(lua_State *L) {
  uint32_t bits = 0;
  int error =
      sms_random_fill(&bits, sizeof bits); /* names are made of it: no default */
  if (error)
    return luaL_error(L, "the kernel gives no random numbers: %s", strerror(error));
  lua_pushnumber(L, (lua_Number)bits / 4294967296.0);
  return 1;
}

/* catch_signals(): SIGTERM and Ctrl-C are noted from now on, see base/stop_signal.h */
static int catch_signals(lua_State *L) {
  (void)L;
  sms_stop_signal_catch();
  return 0;
}

/* caught_signal() -> "TERM" | "INT" | nil: none came */
static int caught_signal(lua_State *L) {
  int number = sms_stop_signal();
  lua_pushstring(L, !number             ? NULL
                    : number == SIGTERM ? "TERM"
                                        : "INT"); /* NULL: nil */
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

/* Seconds that requests are counted by: an answer takes milliseconds in a sandbox,
 * tenths of a second at a provider, up to the time-out where it is late. */
static const lua_Number bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                    1,     2.5,  5,     10,   30,  60};
enum { BOUNDS = sizeof bounds / sizeof *bounds };

/* latency_bounds() -> { seconds, ... } */
static int latency_bounds(lua_State *L) {
  lua_createtable(L, BOUNDS, 0);
  for (int i = 0; i < BOUNDS; i++) {
    lua_pushnumber(L, bounds[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* count_latency(tally, since) -> seconds since then. The tally is a list: one more at
 * the place of the first bound that is not exceeded, or behind the last one; and behind
 * that the sum. A pass in C, since each request comes by here. */
static int count_latency(lua_State *L) {
  lua_Number seconds = (lua_Number)sms_clock_now() / 1e6 - luaL_checknumber(L, 2);
  int place = 1;
  luaL_checktype(L, 1, LUA_TTABLE);
  while (place <= BOUNDS && seconds > bounds[place - 1])
    place++;
  lua_rawgeti(L, 1, place);
  lua_pushinteger(L, lua_tointeger(L, -1) + 1);
  lua_rawseti(L, 1, place);
  lua_rawgeti(L, 1, BOUNDS + 2);
  lua_pushnumber(L, lua_tonumber(L, -1) + seconds);
  lua_rawseti(L, 1, BOUNDS + 2);
  lua_pushnumber(L, seconds);
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

/* old_openssl() -> what the OpenSSL of the process is called, what libcurl needs | nil:
 * it is new enough */
static int old_openssl(lua_State *L) {
  char needed[SMS_OPENSSL_MAX];
  const char *own = sms_openssl_too_old("libcurl.so", needed);
  lua_pushstring(L, own); /* NULL: nil */
  if (!own) return 1;
  lua_pushstring(L, needed);
  return 2;
}

static const luaL_Reg functions[] = {
    {"catch_signals", catch_signals},
    {"caught_signal", caught_signal},
    {"count_latency", count_latency},
    {"latency_bounds", latency_bounds},
    {"now", now},
    {"old_openssl", old_openssl},
    {"pause", pause_for},
    {"random", random_number},
    {"sha256", sha256},
    {"states", count_states},
    {"wall", wall},
    {NULL, NULL},
};

/* Without threads another one may be in there. */
static void begin_openssl(lua_State *L) {
  enum sms_status status = sms_crypto_has_threads() ? sms_openssl_begin() : SMS_OK;
  if (status == SMS_NO_MEMORY) luaL_error(L, "no memory");
  if (status != SMS_OK)
    luaL_error(L, "OpenSSL had no memory when it began: no call can be made in this "
                  "process, start it anew");
}

__attribute__((visibility("default"))) int luaopen_sms_core(lua_State *L);

int luaopen_sms_core(lua_State *L) {
  begin_openssl(L);
  add_state(1);
  sms_crypto_prepare();
  lua_newtable(L);
  sms_lua_set_functions(L, functions);
  sms_lua_open_announcements(L);
  sms_lua_open_claims(L); /* which looks at these */
  sms_lua_open_credentials(L);
  sms_lua_open_driver(L);
  sms_lua_open_engine(L);
  sms_lua_open_http(L);
  sms_lua_open_journal(L);
  sms_lua_open_json(L);
  sms_lua_open_long_text(L);
  sms_lua_open_rate_limit(L);
  sms_lua_open_reader(L);
  sms_lua_open_seal(L);
  sms_lua_open_text(L);
  sms_lua_open_writer(L);
  lua_pushliteral(L, SMS_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
