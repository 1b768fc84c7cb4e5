/* core.writer: the pass of lua_schema.c as a function of Lua. */
#include "lua/pass/writer.h"

/* Upvalues; the nodes keep the plan's strings. */
enum { PLAN = 1, FORMATS, NODES, KEPT };

/* write(params, may_misfit) -> body | nothing: ask sms.schema */
static int write_params(lua_State *L) {
  struct sms_lua_body body;
  struct sms_lua_writer writer = {
      .plan = lua_touserdata(L, lua_upvalueindex(PLAN)),
      .formats = lua_upvalueindex(FORMATS),
      .kept = lua_upvalueindex(KEPT),
      .may_misfit = lua_toboolean(L, 2),
  };
  lua_settop(L, 1);
  if (!sms_lua_write(L, &writer, 1, &body)) return 0;
  lua_pushlstring(L, body.data, body.length);
  return 1;
}

/* writer(nodes, formats) -> write, by a plan of sms.plan */
int sms_lua_writer(lua_State *L) {
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  sms_lua_plan(L, 1);
  lua_insert(L, 1);
  lua_insert(L, 2); /* plan, formats, nodes */
  lua_pushnil(L);
  lua_pushcclosure(L, write_params, KEPT);
  return 1;
}

const struct plan *sms_lua_push_writer(lua_State *L, int write) {
  luaL_argcheck(L, lua_tocfunction(L, write) == write_params, write, "no writer");
  lua_getupvalue(L, write, PLAN);
  const struct plan *plan = lua_touserdata(L, -1);
  lua_pop(L, 1);
  lua_getupvalue(L, write, FORMATS);
  return plan;
}
