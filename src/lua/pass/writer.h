/* The pass that checks params and writes them as a body, for bindings that send it at
 * once. */
#ifndef SMS_LUA_SCHEMA_H
#define SMS_LUA_SCHEMA_H

#include "lua/pass/layout.h"
#include <stddef.h>

/* Formats are a list by the nodes' places from 1; kept is where the room of the last
 * long body lies, or nil. No format calls a pass, so that nobody else writes there. */
struct sms_lua_writer {
  const struct plan *plan;
  int formats, kept; /* upvalues */
  bool may_misfit;
};

/* What was written, in first or in the room that lies on the stack. */
struct sms_lua_body {
  const char *data;
  size_t length;
  char first[4096];
};

/* False: sms.schema must say what is amiss, and there may be anything on the stack.
 * [-0, +1: the room] */
bool sms_lua_write(lua_State *L, const struct sms_lua_writer *writer, int params,
                   struct sms_lua_body *body);

/* The plan of a function that core.writer made, and its formats. [-0, +1] */
const struct plan *sms_lua_push_writer(lua_State *L, int write);

#endif
