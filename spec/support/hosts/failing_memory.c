/* Memory that runs out in Lua when a spec wants it to:
 *
 *   failing_memory.arm(n, times): from the n-th request for more on, so many are
 * refused failing_memory.disarm() -> whether one was */
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

static struct {
  lua_Alloc allocate;
  void *context;
  lua_Integer before, times;
  bool refused;
} memory;

static void *allocate(void *context, void *block, size_t old, size_t new) {
  (void)context;
  bool more = new > 0 && (!block || new > old);
  if (more && memory.times > 0 && --memory.before < 1) {
    memory.times--;
    memory.refused = true;
    return NULL;
  }
  return memory.allocate(memory.context, block, old, new);
}

static int arm(lua_State *L) {
  lua_Integer before = luaL_checkinteger(L, 1), times = luaL_checkinteger(L, 2);
  if (!memory.allocate) {
    memory.allocate = lua_getallocf(L, &memory.context);
    lua_setallocf(L, allocate, NULL);
  }
  memory.before = before;
  memory.times = times;
  memory.refused = false;
  return 0;
}

static int disarm(lua_State *L) {
  memory.times = 0;
  lua_pushboolean(L, memory.refused);
  return 1;
}

__attribute__((visibility("default"))) int luaopen_failing_memory(lua_State *L);

int luaopen_failing_memory(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, arm);
  lua_setfield(L, -2, "arm");
  lua_pushcfunction(L, disarm);
  lua_setfield(L, -2, "disarm");
  return 1;
}
