/* Stands before the system's allocator (LD_PRELOAD), and is a Lua module as well:
 * memory of the C core, and of libcurl, OpenSSL and libc below it, runs out when a spec
 * wants it to. Lua itself has memory of its own there (failing_memory is for that).
 *
 *   local heap = package.loadlib(path, "luaopen_failing_heap")()
 *   heap.arm(n, times)             from the n-th request for memory on, so many are
 *                                  refused
 *   heap.disarm() -> was one refused, requests that came
 *   heap.live() -> blocks in use
 */
#include <dlfcn.h>
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))

/* What glibc itself has under these names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

PUBLIC void *malloc(size_t size);
PUBLIC void *calloc(size_t count, size_t size);
PUBLIC void *realloc(void *block, size_t size);
PUBLIC int posix_memalign(void **block, size_t alignment, size_t size);
PUBLIC void free(void *block);
PUBLIC int luaopen_failing_heap(lua_State *L);

static atomic_llong live, asked, before, times;
static atomic_bool armed, refused;

/* Lua-cjson ends the process instead. */
static bool is_excepted(const void *caller) {
  Dl_info info;
  return dladdr(caller, &info) && strstr(info.dli_fname, "cjson");
}

static bool is_refused_to(const void *caller) {
  if (!atomic_load(&armed)) return false;
  if (atomic_fetch_add(&asked, 1) + 1 < atomic_load(&before)) return false;
  if (atomic_load(&times) <= 0 || is_excepted(caller)) return false;
  if (atomic_fetch_sub(&times, 1) <= 0) return false;
  atomic_store(&refused, true);
  errno = ENOMEM;
  return true;
}

static void *counted(void *block) {
  if (block) atomic_fetch_add(&live, 1);
  return block;
}

void *malloc(size_t size) {
  return is_refused_to(__builtin_return_address(0)) ? NULL
                                                    : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
  return is_refused_to(__builtin_return_address(0))
             ? NULL
             : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size) {
  if (!block) return malloc(size);
  if (size == 0) {
    free(block);
    return NULL;
  }
  return is_refused_to(__builtin_return_address(0)) ? NULL
                                                    : __libc_realloc(block, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (is_refused_to(__builtin_return_address(0))) return ENOMEM;
  *block = counted(__libc_memalign(alignment, size));
  return *block ? 0 : ENOMEM;
}

void free(void *block) {
  if (block) atomic_fetch_sub(&live, 1);
  __libc_free(block);
}

static int arm(lua_State *L) {
  atomic_store(&asked, 0);
  atomic_store(&refused, false);
  atomic_store(&before, luaL_checkinteger(L, 1));
  atomic_store(&times, luaL_checkinteger(L, 2));
  atomic_store(&armed, true);
  return 0;
}

static int disarm(lua_State *L) {
  atomic_store(&armed, false);
  lua_pushboolean(L, atomic_load(&refused));
  lua_pushinteger(L, (lua_Integer)atomic_load(&asked));
  return 2;
}

static int count_live(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)atomic_load(&live));
  return 1;
}

#if LUA_VERSION_NUM >= 504
/* For Lua's own memory, which is neither refused nor counted. */
static void *own(void *context, void *block, size_t old, size_t new) {
  (void)context;
  (void)old;
  if (new > 0) return __libc_realloc(block, new);
  __libc_free(block);
  return NULL;
}

static void move_out(lua_State *L) {
  void *context;
  if (lua_getallocf(L, &context) != own) lua_setallocf(L, own, NULL);
}
#else
/* LuaJIT's has never been in this heap. */
static void move_out(lua_State *L) {
  (void)L;
}
#endif

int luaopen_failing_heap(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"arm", arm}, {"disarm", disarm}, {"live", count_live}, {NULL, NULL}};
  lua_newtable(L);
  for (const luaL_Reg *f = functions; f->name; f++) {
    lua_pushcfunction(L, f->func);
    lua_setfield(L, -2, f->name);
  }
  move_out(L);
  return 1;
}
