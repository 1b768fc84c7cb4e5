/* Notes what is executed in files of Lua below coverage/: a module for each Lua, which
 * such a file starts itself (tools/coverage.lua makes them), with the path to write to.
 *
 * A step is a line "<file> <from> <to> <count>\n" at the end of what lies there: in one
 * activation of a function, line <to> has come after <from>; <count> is 0, or how many
 * instructions of <to> were executed before the next line came. Of files that are not
 * below branches/, and in LuaJIT, whose instructions are others, lines alone are told:
 * the rest is 0. Each is written when the first process sees it, since processes of
 * tests may end in any way; <path>.seen, which all of them map, has what was. */
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

__attribute__((visibility("default"))) int luaopen_steps(lua_State *L);

enum { FILES = 512, SEEN = 1 << 18, ACTIVATIONS = 4096, NAME = 120, MOST = 4095 };

static const char top[] = "/coverage/", close_up[] = "branches/", others[] = "lua/";
static const char from_command[] = "bin/../"; /* where bin/sms looks for lua/ */
static char names[FILES][NAME];               /* "branches/sms/…" or "lua/sms/…" */
static unsigned files;
static char path[4096];
/* Open addressing; what finds no room is told again. */
static uint64_t seen_here[SEEN], *seen;

static size_t mixed(uint64_t key, size_t size) {
  return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 40) % size;
}

static bool begins(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

/* The number of a file, from 1 on; 0 if it is none of ours. */
static unsigned file_of(const char *source) {
  static unsigned last;
  const char *name = strstr(source, top);
  if (!name) return 0;
  name += sizeof top - 1;
  if (begins(name, from_command)) name += sizeof from_command - 1;
  if (!begins(name, close_up) && !begins(name, others)) return 0;
  if (last && strcmp(names[last - 1], name) == 0) return last;
  unsigned i = 0;
  while (i < files && strcmp(names[i], name) != 0)
    i++;
  if (i == files && (i == FILES || strlen(name) >= NAME)) return 0;
  if (i == files) strcpy(names[files++], name);
  return last = i + 1;
}

static bool is_close_up(unsigned file) {
  return LUA_VERSION_NUM > 501 && begins(names[file - 1], close_up);
}

static uint64_t key_of(const char *text) {
  uint64_t key = UINT64_C(14695981039346656037);
  for (; *text; text++)
    key = (key ^ (unsigned char)*text) * UINT64_C(1099511628211);
  return key | 1;
}

/* Where a key stands, or would stand; NULL: nowhere. */
static uint64_t *place_of(uint64_t *table, uint64_t key) {
  size_t at = mixed(key, SEEN);
  for (size_t tries = 0; table && tries < 64; tries++, at = (at + 1) % SEEN) {
    uint64_t found = __atomic_load_n(&table[at], __ATOMIC_RELAXED);
    if (found == key || found == 0) return &table[at];
  }
  return NULL;
}

static bool is_new_here(uint64_t key) {
  uint64_t *place = place_of(seen_here, key);
  bool is_new = !place || *place == 0;
  if (place) *place = key;
  return is_new;
}

static void tell(unsigned file, unsigned from, unsigned to, unsigned count) {
  char line[NAME + 40];
  if (!is_new_here((uint64_t)file << 50 | (uint64_t)from << 31 | (uint64_t)to << 12 |
                   count))
    return;
  int length = snprintf(line, sizeof line, "%s %u %u %u\n",
                        strchr(names[file - 1], '/') + 1, from, to, count);
  uint64_t key = key_of(line), *place = place_of(seen, key);
  if (place && *place == key) return;
  int out = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  bool is_told = out >= 0 && write(out, line, (size_t)length) == length;
  if (out >= 0) close(out);
  if (is_told && place) __atomic_store_n(place, key, __ATOMIC_RELAXED);
}

#if LUA_VERSION_NUM > 501
static struct activation {
  const lua_State *state;
  uintptr_t call;
  unsigned file, from, line, count;
} activations[ACTIVATIONS];

/* Of the line that it was at last. */
static void tell_count(const struct activation *at) {
  if (at->from) tell(at->file, at->from, at->line, at->count < MOST ? at->count : MOST);
}

static void step(lua_State *L, lua_Debug *here, unsigned file) {
  uintptr_t call = (uintptr_t)here->i_ci;
  unsigned line = (unsigned)here->currentline;
  struct activation *at = &activations[mixed((uintptr_t)L ^ call, ACTIVATIONS)];
  if (at->state != L || at->call != call || at->file != file) {
    tell_count(at);
    *at = (struct activation){.state = L, .call = call, .file = file};
  }
  if (at->line != line) {
    tell_count(at);
    at->from = at->line, at->line = line, at->count = 0;
    tell(file, at->from, line, 0);
  }
  at->count++;
}
#endif

/* Instructions are looked at in files close up alone: a line of one begins that, and so
 * may any return, since the caller is in the middle of a line. */
static void hook(lua_State *L, lua_Debug *here) {
  static const int always = LUA_MASKLINE | (LUA_VERSION_NUM > 501 ? LUA_MASKRET : 0);
  bool counts = lua_gethookmask(L) & LUA_MASKCOUNT, is_close = false;
  if (here->event == LUA_HOOKLINE && counts) return; /* it was counted */
  if (here->event == LUA_HOOKLINE || here->event == LUA_HOOKCOUNT) {
    lua_getinfo(L, "Sl", here);
    unsigned file = file_of(here->source);
    is_close = file && is_close_up(file);
#if LUA_VERSION_NUM > 501
    if (is_close) step(L, here, file);
#endif
    if (file && !is_close) tell(file, 0, (unsigned)here->currentline, 0);
  } else {
    is_close = true;
  }
  if (is_close != counts)
    lua_sethook(L, hook, always | (is_close ? LUA_MASKCOUNT : 0), 1);
}

static void start(lua_State *L) {
  if (lua_gethook(L) != hook) lua_sethook(L, hook, LUA_MASKLINE, 1);
}

static void open_seen(const char *given) {
  char name[sizeof path + 8];
  snprintf(path, sizeof path, "%s", given);
  snprintf(name, sizeof name, "%s.seen", path);
  int file = open(name, O_RDWR | O_CLOEXEC);
  void *map =
      mmap(NULL, SEEN * sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file >= 0) close(file);
  if (map != MAP_FAILED) seen = map;
}

int luaopen_steps(lua_State *L) {
  if (!path[0]) open_seen(luaL_checkstring(L, 1));
  start(L);
#if LUA_VERSION_NUM > 501
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  start(lua_tothread(L, -1));
#endif
  return 0;
}
