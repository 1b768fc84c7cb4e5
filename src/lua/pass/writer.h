/* The pass that checks params and writes them as a body, for bindings that send it at
 * once. */
#ifndef SMS_LUA_PASS_WRITER_H
#define SMS_LUA_PASS_WRITER_H

#include "lua/pass/layout.h"
#include <stddef.h>

/* Formats are a list by the nodes' places from 1; kept is where the room of the last
 * long body lies, or nil. */
struct sms_lua_writer {
  const struct plan *plan;
  int formats, kept; /* upvalues */
  bool may_misfit;
};

/* What was written, in first or in the room on top of the stack. */
struct sms_lua_body {
  const char *data;
  size_t length;
  char first[4096];
};

/* False: sms.schema must say what is amiss. [-0, +2: rooms; false: +0] */
bool sms_lua_write(lua_State *L, const struct sms_lua_writer *writer, int params,
                   struct sms_lua_body *body);

/* Once the body is no longer needed: its room is kept for the next one. [-2, +0] */
void sms_lua_keep_room(lua_State *L, const struct sms_lua_writer *writer);

/* The plan of a function that core.writer made, and its formats. [-0, +1] */
const struct plan *sms_lua_push_writer(lua_State *L, int write);

#endif
