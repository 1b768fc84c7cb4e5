/* A poll that fails when a spec wants it to (LD_PRELOAD):
 *
 *   failing_poll.arm(n, times, word): from the n-th on, so many fail, word: "ENOMEM" or
 * "EINVAL". failing_poll.disarm() -> how many did, and how many were asked for */
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

PUBLIC int luaopen_failing_poll(lua_State *L);
PUBLIC int poll(struct pollfd *entries, nfds_t count, int wait);
PUBLIC int __poll_chk(struct pollfd *entries, nfds_t count, int wait, size_t size);

static atomic_int before, left, failed, asked, reason;

int poll(struct pollfd *entries, nfds_t count, int wait) {
  struct timespec time = {wait / 1000, wait % 1000 * 1000000L};
  atomic_fetch_add(&asked, 1);
  if (atomic_load(&left) > 0 && atomic_fetch_sub(&before, 1) <= 1) {
    atomic_fetch_sub(&left, 1);
    atomic_fetch_add(&failed, 1);
    errno = atomic_load(&reason);
    return -1;
  }
  return (int)syscall(SYS_ppoll, entries, count, wait < 0 ? NULL : &time, NULL, 0);
}

int __poll_chk(struct pollfd *entries, nfds_t count, int wait, size_t size) {
  (void)size;
  return poll(entries, count, wait);
}

static int arm(lua_State *L) {
  int place = (int)luaL_checkinteger(L, 1), times = (int)luaL_checkinteger(L, 2);
  const char *word = luaL_checkstring(L, 3);
  atomic_store(&reason, strcmp(word, "ENOMEM") == 0 ? ENOMEM : EINVAL);
  atomic_store(&failed, 0);
  atomic_store(&asked, 0);
  atomic_store(&before, place);
  atomic_store(&left, times);
  return 0;
}

static int disarm(lua_State *L) {
  atomic_store(&left, 0);
  lua_pushinteger(L, atomic_load(&failed));
  lua_pushinteger(L, atomic_load(&asked));
  return 2;
}

int luaopen_failing_poll(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, arm);
  lua_setfield(L, -2, "arm");
  lua_pushcfunction(L, disarm);
  lua_setfield(L, -2, "disarm");
  return 1;
}
