/* A Lua interpreter to build with sanitizers, which have to be in the program that
 * loads a sanitized module: interpreter FILE [arguments], or interpreter -e CODE. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VISIBLE __attribute__((visibility("default")))

/* lua-cjson loses its buffer where memory runs out while it decodes, and newlocale of
 * glibc 2.41 (Debian 13) the folders of LOCPATH. */
VISIBLE const char *__lsan_default_suppressions(void);
VISIBLE const char *__lsan_default_suppressions(void) {
  return "leak:cjson\nleak:argz_add_sep";
}

/* In place of libc's: modules stay, so that reports name them. */
VISIBLE int dlclose(void *module);
VISIBLE int dlclose(void *module) {
  return module == NULL;
}

static lua_State *running;

static void interrupt(lua_State *L, lua_Debug *where) {
  (void)where;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted!");
}

/* The first Ctrl-C raises in Lua, the second ends the program. */
static void on_signal(int number) {
  signal(number, SIG_DFL);
  lua_sethook(running, interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

/* The table arg, as the stand-alone interpreters make it for a script. [-0, +0] */
static void set_arg(lua_State *L, int argc, char **argv) {
  lua_newtable(L);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - 1);
  }
  lua_setglobal(L, "arg");
}

static int traceback(lua_State *L) {
  if (lua_isstring(L, 1)) luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

/* Whoever calls os.exit closes the state, lest all that it holds count as leaks. */
static const char close_at_exit[] =
    "local exit = os.exit; function os.exit(status) exit(status, true) end";

/* Leaves a message if it fails. [-0, +1] */
static int run(lua_State *L, int argc, char **argv) {
  lua_pushcfunction(L, traceback);
  int failed = argc == 3 && strcmp(argv[1], "-e") == 0 ? luaL_loadstring(L, argv[2])
                                                       : luaL_loadfile(L, argv[1]);
  if (failed) return failed;
  for (int i = 2; i < argc; i++)
    lua_pushstring(L, argv[i]);
  signal(SIGINT, on_signal);
  failed = lua_pcall(L, argc - 2, 0, 1);
  signal(SIGINT, SIG_DFL);
  return failed;
}

int main(int argc, char **argv) {
  lua_State *L = argc > 1 ? luaL_newstate() : NULL;
  if (!L) return 1;
  running = L;
  luaL_openlibs(L);
  set_arg(L, argc, argv);
  const char *init = getenv("LUA_INIT");
  int failed = luaL_dostring(L, close_at_exit) || (init && luaL_dostring(L, init)) ||
               run(L, argc, argv);
  if (lua_isstring(L, -1)) fprintf(stderr, "%s: %s\n", argv[0], lua_tostring(L, -1));
  lua_close(L);
  return failed;
}
