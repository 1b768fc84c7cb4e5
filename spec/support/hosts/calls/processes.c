/* What a spec of many calls asks of the system, as a Lua module.
 *
 *   processes.fork()         0 in the child, its process id here
 *   processes.ended(wait)    process id of a child that has ended, its exit code or
 *                            128 + the signal; nil: there is none, or (without wait)
 *                            none yet
 *   processes.heap()         bytes in use of the C heap; Lua 5.4's own are among them,
 *                            LuaJIT's are not
 *   processes.descriptors()  how many sockets are open, how many others
 */
#include <dirent.h>
#include <lauxlib.h>
#include <lua.h>
#include <malloc.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((visibility("default"))) int luaopen_processes(lua_State *L);

static int fork_here(lua_State *L) {
  lua_pushinteger(L, fork());
  return 1;
}

static int ended(lua_State *L) {
  int status;
  pid_t pid = waitpid(-1, &status, lua_toboolean(L, 1) ? 0 : WNOHANG);
  if (pid <= 0) return 0;
  lua_pushinteger(L, pid);
  lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 2;
}

static int heap(lua_State *L) {
  struct mallinfo2 info = mallinfo2();
  lua_pushnumber(L, (lua_Number)info.uordblks + (lua_Number)info.hblkhd);
  return 1;
}

/* A shell would see the other end of its own pipe now and then: it may be quicker than
 * the close in popen. */
static int descriptors(lua_State *L) {
  int sockets = 0, others = -1; /* that of the folder */
  DIR *folder = opendir("/proc/self/fd");
  if (!folder) return luaL_error(L, "no /proc");
  for (struct dirent *entry; (entry = readdir(folder));) {
    char target[8] = "";
    if (entry->d_name[0] == '.') continue;
    if (readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1) > 0 &&
        strcmp(target, "socket:") == 0)
      sockets++;
    else
      others++;
  }
  closedir(folder);
  lua_pushinteger(L, sockets);
  lua_pushinteger(L, others);
  return 2;
}

int luaopen_processes(lua_State *L) {
  static const luaL_Reg functions[] = {{"fork", fork_here},
                                       {"ended", ended},
                                       {"heap", heap},
                                       {"descriptors", descriptors},
                                       {NULL, NULL}};
  lua_newtable(L);
  for (const luaL_Reg *f = functions; f->name; f++) {
    lua_pushcfunction(L, f->func);
    lua_setfield(L, -2, f->name);
  }
  return 1;
}
