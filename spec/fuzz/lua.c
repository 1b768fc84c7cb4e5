/* Runs a target that is written in Lua: spec/fuzz/<FUZZ_TARGET>.lua returns a function,
 * which gets the bytes as a string and raises where something does not hold. The C core
 * is a part of this program, so that what it does leads the search. */
#include "fuzz.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>

static lua_State *L;
static const char root[] = FUZZ_SOURCE, target[] = FUZZ_TARGET;

int luaopen_sms_core(lua_State *state);

static void fail(const char *what) {
  fprintf(stderr, "%s%s: %s\n", what, target, lua_tostring(L, -1));
  abort();
}

static int traceback(lua_State *state) {
  luaL_traceback(state, state, luaL_tolstring(state, 1, NULL), 1);
  return 1;
}

static void close_state(void) {
  lua_close(L);
}

static void preload_core(void) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_sms_core);
  lua_setfield(L, -2, "sms.core");
  lua_pop(L, 1);
  lua_pushfstring(L, "%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;/usr/share/lua/5.4/?.lua",
                  root, root, root);
  lua_setfield(L, -2, "path");
  lua_pop(L, 1);
}

/* The traceback, and above it what the file has returned, stay on the stack. */
static void start(void) {
  L = luaL_newstate();
  FUZZ_HOLDS(L);
  atexit(close_state);
  luaL_openlibs(L);
  preload_core();
  lua_pushstring(L, fuzz_path(""));
  lua_setglobal(L, "FUZZ_FOLDER");
  lua_pushfstring(L, "%s/spec/fuzz/%s.lua", root, target);
  lua_pushcfunction(L, traceback);
  lua_insert(L, 1);
  int loaded = luaL_loadfile(L, lua_tostring(L, 2));
  lua_remove(L, 2);
  if (loaded || lua_pcall(L, 0, 1, 1)) fail("loading ");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!L) start();
  lua_pushvalue(L, 2);
  lua_pushlstring(L, (const char *)data, size);
  if (lua_pcall(L, 1, 0, 1)) fail("");
  FUZZ_HOLDS(lua_gettop(L) == 2);
  return 0;
}

/* lua-cjson keeps its buffer where Lua raises while it decodes. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:cjson";
}
