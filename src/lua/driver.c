/* The driver for Lua: requests go in by a mailbox, and come back through it. */
#include "http/driver.h"
#include "base/descriptor.h"
#include "base/own_socket.h"
#include "base/thread.h"
#include "lua/http.h"
#include "secret/crypto.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TYPE "sms.mailbox"
#define STEP 1000000 /* nanoseconds from one step to the next */

/* One driver in a process, whatever the number of Lua states; stopped at exit, not with
 * a state: nginx closes states while calls of others are under way. */
static struct {
  pthread_mutex_t mutex;
  sms_http_driver *driver;
  bool registered;
} process = {PTHREAD_MUTEX_INITIALIZER, NULL, false};

static void stop_at_exit(void) {
  sms_http_driver_release(process.driver);
  process.driver = NULL;
}

/* SMS_FAILED: error is an errno, or 0. */
static enum sms_status shared_driver(sms_http_driver **driver, int *error) {
  enum sms_status status = SMS_OK;
  pthread_mutex_lock(&process.mutex);
  if (!process.driver || sms_http_driver_is_foreign(process.driver)) {
    process.driver = NULL;
    status = sms_crypto_has_threads() ? sms_http_driver_new(&process.driver)
                                      : sms_http_driver_new_stepped(&process.driver);
    *error = status == SMS_FAILED ? errno : 0;
  }
  if (!process.registered) process.registered = atexit(stop_at_exit) == 0;
  *driver = process.driver;
  pthread_mutex_unlock(&process.mutex);
  return status;
}

struct box {
  sms_http_mailbox *mailbox;
  struct sms_http_letter *letter; /* in hand, until the next is taken */
  struct sms_own_socket socket;
};

static struct box *check(lua_State *L) {
  struct box *box = sms_lua_check_type(L, 1, TYPE);
  if (!box->mailbox) luaL_error(L, "this mailbox is closed");
  return box;
}

/* mailbox() -> Mailbox of the process's driver | nil, why */
static int new_mailbox(lua_State *L) {
  struct box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  box->socket = (struct sms_own_socket){-1, -1, ""};
  luaL_getmetatable(L, TYPE);
  lua_setmetatable(L, -2);
  int error = 0;
  sms_http_driver *driver;
  enum sms_status status = shared_driver(&driver, &error);
  if (error) {
    lua_pushnil(L);
    lua_pushstring(L, sms_thread_why(error));
    return 2;
  }
  if (status == SMS_OK) status = sms_http_mailbox_new(driver, &box->mailbox);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  return 1;
}

/* mailbox:submit(http_client, request, timeout, connect_timeout, start_before)
 *   -> id | nil, why */
static int submit(lua_State *L) {
  struct box *box = check(L);
  sms_http_client *client = sms_lua_http_client(L, 2);
  struct sms_http_request request = sms_lua_request(L, 3);
  uint64_t id;
  enum sms_status status = sms_http_driver_submit(box->mailbox, client, &request, &id);
  if (status != SMS_OK) return sms_lua_fail(L, status);
  lua_pushinteger(L, (lua_Integer)id);
  return 1;
}

/* mailbox:take() -> id of the letter in hand from now on | nothing: it is empty */
static int take(lua_State *L) {
  struct box *box = check(L);
  sms_http_letter_free(box->letter);
  box->letter = sms_http_mailbox_take(box->mailbox);
  if (!box->letter) return 0;
  lua_pushinteger(L, (lua_Integer)box->letter->id);
  return 1;
}

/* mailbox:read(claims | nil) -> as sms_lua_push_response | nil, nil, why it was not
 * begun: of the letter in hand */
static int read_letter(lua_State *L) {
  const struct sms_http_letter *letter = check(L)->letter;
  luaL_argcheck(L, letter, 1, "no letter is in hand");
  if (letter->refused == SMS_OK) return sms_lua_push_response(L, &letter->response, 2);
  lua_pushnil(L);
  return 1 + sms_lua_fail(L, letter->refused);
}

static int fail_system(lua_State *L, const char *what, const char *where) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s %s: %s", what, where, strerror(errno));
  return 2;
}

/* mailbox:listen(folder) -> path of a socket to connect to | nil, why. It lies in a new
 * folder that nobody else can enter. */
static int listen_in(lua_State *L) {
  struct box *box = check(L);
  const char *folder = luaL_checkstring(L, 2);
  if (!sms_own_socket_open(&box->socket, folder))
    return fail_system(L, "cannot write to", folder);
  lua_pushstring(L, box->socket.path);
  return 1;
}

/* mailbox:accept() -> true | nil, why: takes the connection that the caller has made to
 * the socket, and wakes it there from now on. The socket is gone in any case. */
static int accept_own(lua_State *L) {
  struct box *box = check(L);
  int descriptor = sms_own_socket_accept(&box->socket);
  if (descriptor < 0) {
    lua_pushnil(L);
    lua_pushliteral(L, "the connection is not this process's own");
    return 2;
  }
  sms_http_mailbox_watch(box->mailbox, descriptor, false);
  lua_pushboolean(L, 1);
  return 1;
}

/* clean_sockets(folder): removes what processes that have ended in mid start left there
 */
static int clean_sockets(lua_State *L) {
  sms_own_socket_clean(luaL_checkstring(L, 1));
  return 0;
}

/* mailbox:step(): where no thread drives the engine, goes on with it */
static int step(lua_State *L) {
  sms_http_mailbox_step(check(L)->mailbox);
  return 0;
}

static int new_eventfd(void) {
  return sms_descriptor_raise(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
}

static int new_timer(void) {
  static const struct itimerspec each_millisecond = {{0, STEP}, {0, STEP}};
  int descriptor =
      sms_descriptor_raise(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (descriptor >= 0) timerfd_settime(descriptor, 0, &each_millisecond, NULL);
  return descriptor;
}

/* mailbox:descriptor() -> the number of a new descriptor, readable when it is time to
 * step and to take; to be polled by the host, never closed by it | nil, why */
static int descriptor_of(lua_State *L) {
  struct box *box = check(L);
  int descriptor = sms_crypto_has_threads() ? new_eventfd() : new_timer();
  if (descriptor < 0) return fail_system(L, "cannot make", "a descriptor to poll");
  sms_http_mailbox_watch(box->mailbox, descriptor, true);
  lua_pushinteger(L, descriptor);
  return 1;
}

/* has_driver_thread() -> whether a thread drives the engine of mailboxes: none may
 * where OpenSSL has been built without threads */
static int has_driver_thread(lua_State *L) {
  lua_pushboolean(L, sms_crypto_has_threads());
  return 1;
}

/* mailbox:is_foreign() -> whether it was made before a fork */
static int is_foreign(lua_State *L) {
  lua_pushboolean(L, sms_http_mailbox_is_foreign(check(L)->mailbox));
  return 1;
}

/* mailbox:sweep(): connections of closed clients may go */
static int sweep(lua_State *L) {
  check(L);
  if (process.driver) sms_http_driver_sweep(process.driver);
  return 0;
}

static int close_mailbox(lua_State *L) {
  struct box *box = luaL_checkudata(L, 1, TYPE);
  sms_own_socket_close(&box->socket);
  sms_http_letter_free(box->letter);
  box->letter = NULL;
  sms_http_mailbox_release(box->mailbox);
  box->mailbox = NULL;
  return 0;
}

static const luaL_Reg methods[] = {
    {"accept", accept_own},
    {"close", close_mailbox},
    {"descriptor", descriptor_of},
    {"is_foreign", is_foreign},
    {"listen", listen_in},
    {"read", read_letter},
    {"step", step},
    {"submit", submit},
    {"sweep", sweep},
    {"take", take},
    {NULL, NULL},
};

static const luaL_Reg meta[] = {
    {"__close", close_mailbox},
    {"__gc", close_mailbox},
    {NULL, NULL},
};

void sms_lua_open_driver(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"clean_sockets", clean_sockets},
      {"has_driver_thread", has_driver_thread},
      {"mailbox", new_mailbox},
      {NULL, NULL},
  };
  sms_lua_type(L, TYPE, methods, meta);
  sms_lua_set_functions(L, functions);
}
