/* Looks for what is left of a text in the memory of the process: in all of it that can
 * be written but Lua's own, which lies apart from the first call on, and the
 * environment. For Lua 5.4: LuaJIT's allocator is its own.
 *
 *   local remains = require "remains"      before the program has a secret
 *   remains.find(hex) -> nil | "[heap]", what lies around it
 */
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CLASSES = 28, SMALLEST = 16, AROUND = 32 };
#define ARENA ((size_t)1 << 30) /* of addresses */

extern char **environ;

/* Blocks of powers of two; what is free hangs in lists. */
static char *arena;
static size_t used;
static void *idle[CLASSES];

static size_t class_of(size_t size) {
  size_t class = 0;
  while (((size_t)SMALLEST << class) < size)
    class ++;
  return class;
}

static void *take(size_t size) {
  size_t class = class_of(size);
  if (class >= CLASSES) return NULL;
  void *block = idle[class];
  if (block) {
    memcpy(&idle[class], block, sizeof idle[class]);
    return block;
  }
  if (((size_t)SMALLEST << class) > ARENA - used) return NULL;
  block = arena + used;
  used += (size_t)SMALLEST << class;
  return block;
}

static bool is_inside(const void *block) {
  return (uintptr_t)block - (uintptr_t)arena < ARENA;
}

static void give_back(void *block, size_t size) {
  if (!is_inside(block)) {
    free(block); /* from before */
    return;
  }
  size_t class = class_of(size);
  memcpy(block, &idle[class], sizeof idle[class]);
  idle[class] = block;
}

/* As lua_Alloc. */
static void *own(void *context, void *block, size_t old, size_t new) {
  (void)context;
  void *moved = new > 0 ? take(new) : NULL;
  if (!block || (new > 0 && !moved)) return moved;
  if (moved) memcpy(moved, block, old < new ? old : new);
  give_back(block, old);
  return moved;
}

struct range {
  uintptr_t begin, end;
};

/* Of a line in /proc/self/maps; false: nothing is to be looked for there. */
static bool read_range(const char *line, struct range *range) {
  char rights[5];
  if (sscanf(line, "%lx-%lx %4s", &range->begin, &range->end, rights) != 3)
    return false;
  if (rights[0] != 'r' || rights[1] != 'w' || is_inside((void *)range->begin))
    return false;
  for (char **variable = environ; strstr(line, "[stack]") && *variable; variable++) {
    uintptr_t at = (uintptr_t)*variable;
    if (at >= range->begin && at < range->end) range->end = at;
  }
  return true;
}

/* The whole of a file that tells no length. */
static void read_maps(char *text, size_t size) {
  int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file < 0) abort();
  size_t length = 0;
  for (ssize_t got; (got = read(file, text + length, size - 1 - length)) > 0;)
    length += (size_t)got;
  text[length] = '\0';
  close(file);
}

static int push_found(lua_State *L, const struct range *range, const char *at,
                      const char *line, size_t length) {
  size_t before = (uintptr_t)at - range->begin, behind = range->end - (uintptr_t)at;
  if (before > AROUND) before = AROUND;
  if (behind > length + AROUND) behind = length + AROUND;
  const char *name = strpbrk(line, "[/\n");
  lua_pushlstring(L, name, *name == '\n' ? 0 : strcspn(name, "\n"));
  lua_pushlstring(L, at - before, before + behind);
  return 2;
}

/* What is looked for lies in Lua's memory alone, as what is read for it does. */
static int find(lua_State *L) {
  enum { MAPS = 1 << 20 };
  size_t digits;
  const char *hex = luaL_checklstring(L, 1, &digits);
  char *maps = lua_newuserdata(L, MAPS);
  unsigned char *text = lua_newuserdata(L, digits / 2);
  for (size_t i = 0; i < digits / 2; i++)
    sscanf(hex + 2 * i, "%2hhx", &text[i]);
  read_maps(maps, MAPS);
  for (const char *line = maps, *next; line && *line; line = next) {
    struct range range;
    next = strchr(line, '\n');
    next = next ? next + 1 : NULL;
    if (!read_range(line, &range)) continue;
    const char *at =
        memmem((void *)range.begin, range.end - range.begin, text, digits / 2);
    if (at) return push_found(L, &range, at, line, digits / 2);
  }
  return 0;
}

__attribute__((visibility("default"))) int luaopen_remains(lua_State *L);

int luaopen_remains(lua_State *L) {
  const size_t guard = 1 << 16; /* the kernel joins neighbours that are alike */
  char *whole = mmap(NULL, ARENA + 2 * guard, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  arena = whole + guard;
  if (whole == MAP_FAILED || mprotect(arena, ARENA, PROT_READ | PROT_WRITE))
    return luaL_error(L, "no memory");
  lua_setallocf(L, own, NULL);
  lua_newtable(L);
  lua_pushcfunction(L, find);
  lua_setfield(L, -2, "find");
  return 1;
}
