/* One pass over the params of a call: they are checked against the declared fields and
 * written as the body. It only says yes or no: where anything is amiss, or out of the
 * ordinary, sms.schema checks again and finds the words. */
#include "byte_buffer.h"
#include "lua_plan.h"
#include "sms_text.h"
#include "value_format.h"
#include <math.h>
#include <string.h>

enum { FIRST_ROOM = 4096, STACK = 40 };

/* Upvalues; names and formats are lists by the nodes' places from 1. */
enum { PLAN = 1, NAMES, FORMATS, NODES };

struct pass {
  lua_State *L;
  const struct plan *plan;
  char *at, *end, *start;
  bool may_misfit, misfits;
};

enum { PARAMS = 1, ROOM = 2 }; /* stack: what is checked, and its body if it is long */

/* Room for so many bytes. No memory of our own: Lua functions are called on the way. */
static bool room(struct pass *p, size_t more) {
  if ((size_t)(p->end - p->at) >= more) return true;
  size_t used = (size_t)(p->at - p->start);
  if (more > SMS_CEILING_REQUEST - used) return false;
  char *larger = lua_newuserdata(p->L, 2 * (used + more));
  memcpy(larger, p->start, used);
  lua_replace(p->L, ROOM);
  p->start = larger;
  p->at = larger + used;
  p->end = larger + 2 * (used + more);
  return true;
}

static bool put(struct pass *p, const char *text, size_t length) {
  if (!room(p, length)) return false;
  memcpy(p->at, text, length);
  p->at += length;
  return true;
}

static bool put_mark(struct pass *p, char mark) {
  if (p->at == p->end && !room(p, 1)) return false;
  *p->at++ = mark;
  return true;
}

static bool put_string(struct pass *p, const char *text, size_t length) {
  if (!room(p, 6 * length + 2)) return false;
  p->at = p->plan->json ? sms_json_quote(p->at, text, length)
                        : sms_escape(p->at, text, length);
  return true;
}

static bool put_whole(struct pass *p, lua_Number value) {
  char digits[24], *at = digits + sizeof digits;
  uint64_t rest = (uint64_t)fabs(value);
  do
    *--at = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (value < 0) *--at = '-';
  return put(p, at, (size_t)(digits + sizeof digits - at));
}

static bool is_plain(lua_State *L, int index) {
  if (!lua_istable(L, index)) return false;
  if (!lua_getmetatable(L, index)) return true;
  lua_pop(L, 1);
  return false;
}

/* Asks the format's function about the string on top: it must leave it as it is. */
static bool is_fine_in_lua(struct pass *p, const struct node *node) {
  lua_State *L = p->L;
  lua_rawgeti(L, lua_upvalueindex(FORMATS), (int)(node - p->plan->nodes) + 1);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  return same;
}

/* A number has no characters that are spelt otherwise, but for its + in forms. */
static bool write_number(struct pass *p, const struct node *node, const char *text,
                         size_t length) {
  char number[SMS_NUMBER_MAX];
  length = node->format == PHONE ? sms_phone(text, length, number)
                                 : sms_e164(text, length, number);
  if (length == 0) return false;
  if (!p->plan->json) return put_string(p, number, length);
  return put_mark(p, '"') && put(p, number, length) && put_mark(p, '"');
}

/* The value on top must be a string. */
static bool write_string(struct pass *p, const struct node *node) {
  struct sms_text_content content;
  size_t length;
  if (lua_type(p->L, -1) != LUA_TSTRING) return false;
  const char *text = lua_tolstring(p->L, -1, &length);
  if (node->format == PHONE || node->format == E164)
    return write_number(p, node, text, length);
  if (sms_text_inspect(text, length, &content) != SMS_OK || content.nul) return false;
  if (content.control && !node->multiline) return false;
  lua_Number characters = (lua_Number)content.characters;
  bool ascii = content.characters == length;
  if (characters < node->least || characters > (ascii ? node->most_ascii : node->most))
    return false;
  if (node->count > 0 && sms_plan_child(p->plan, node, text) < 0) return false;
  bool known = node->format == NO_FORMAT ||
               (node->format == SENDER && sms_is_plain_sender(text, length));
  return (known || is_fine_in_lua(p, node)) && put_string(p, text, length);
}

static bool write_integer(struct pass *p, const struct node *node) {
  if (lua_type(p->L, -1) != LUA_TNUMBER) return false;
  lua_Number value = lua_tonumber(p->L, -1);
  if (value != floor(value) || fabs(value) >= 9007199254740992.0) return false;
  if ((value < node->min || value > node->max) && value != node->or_value) return false;
  return put_whole(p, value);
}

static bool write_boolean(struct pass *p, const struct node *node) {
  if (!lua_isboolean(p->L, -1)) return node->kind == FLAG && write_integer(p, node);
  int value = lua_toboolean(p->L, -1);
  if (node->kind == FLAG) return put(p, value ? "1" : "0", 1);
  return value ? put(p, "true", 4) : put(p, "false", 5);
}

static bool write_value(struct pass *p, const struct node *node);

/* A list in order: what Lua keeps otherwise is left to sms.schema. */
static bool write_array(struct pass *p, const struct node *node) {
  lua_State *L = p->L;
  int list = lua_gettop(L);
  lua_Number count = 0;
  if (!p->plan->json || !is_plain(L, list) || !put_mark(p, '[')) return false;
  for (lua_pushnil(L); lua_next(L, list); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TNUMBER || lua_tonumber(L, -2) != ++count) return false;
    if (count > 1 && !put_mark(p, ',')) return false;
    if (!write_value(p, p->plan->nodes + node->first)) return false;
  }
  return count >= node->least && put_mark(p, ']');
}

/* The fields that the table on top has, as bits; false where it has others. */
static bool find_given(struct pass *p, const struct node *node, uint32_t *given) {
  lua_State *L = p->L;
  int table = lua_gettop(L);
  *given = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) return false;
    int child = sms_plan_child(p->plan, node, lua_tostring(L, -2));
    if (child < 0) return false;
    *given |= 1u << child;
  }
  return true;
}

/* The value of a field of the table on top. [-0, +1] */
static void get_field(struct pass *p, const struct node *field) {
  lua_rawgeti(p->L, lua_upvalueindex(NAMES), (int)(field - p->plan->nodes) + 1);
  lua_rawget(p->L, -2);
}

/* Whether a text and its type go together; sets the type where the text needs it. */
static bool choose_type(struct pass *p, uint32_t *given) {
  const struct plan *plan = p->plan;
  const struct node *fields = plan->nodes + plan->nodes->first;
  size_t length;
  if (plan->text < 0) return true;
  if (*given & plan->without || !(*given & 1u << plan->text)) return false;
  get_field(p, fields + (*given & 1u << plan->type ? plan->type : plan->text));
  const char *text = lua_tolstring(p->L, -1, &length);
  bool fits = text && (*given & 1u << plan->type ? text == plan->misfit
                                                 : sms_text_is_gsm(text, length));
  lua_pop(p->L, 1);
  if (fits) return true;
  p->misfits = p->may_misfit && !(*given & 1u << plan->type);
  *given |= 1u << plan->type;
  return p->misfits;
}

static bool write_field(struct pass *p, const struct node *field, bool misfit) {
  if (!put(p, field->head, field->head_length)) return false;
  if (misfit) return put(p, p->plan->misfit, strlen(p->plan->misfit));
  get_field(p, field);
  if (!write_value(p, field)) return false;
  lua_pop(p->L, 1);
  return true;
}

static bool write_fields(struct pass *p, const struct node *node) {
  const struct node *fields = p->plan->nodes + node->first;
  bool top = node == p->plan->nodes, first = true;
  uint32_t given;
  if (!is_plain(p->L, -1) || !find_given(p, node, &given)) return false;
  if ((given & node->needed) != node->needed) return false;
  if (top && !choose_type(p, &given)) return false;
  for (int i = 0; i < node->count; i++) {
    if (!(given >> i & 1)) continue;
    if (!first && !put_mark(p, p->plan->json ? ',' : '&')) return false;
    first = false;
    bool misfit = top && p->misfits && i == p->plan->type;
    if (!write_field(p, fields + i, misfit)) return false;
  }
  return true;
}

static bool write_record(struct pass *p, const struct node *node) {
  const struct node *shorthand = p->plan->nodes + node->first + node->shorthand;
  if (!p->plan->json) return node == p->plan->nodes && write_fields(p, node);
  if (!put_mark(p, '{')) return false;
  if (node->shorthand < 0 || lua_type(p->L, -1) != LUA_TSTRING)
    return write_fields(p, node) && put_mark(p, '}');
  return put(p, shorthand->head, shorthand->head_length) &&
         write_string(p, shorthand) && put_mark(p, '}');
}

static bool write_value(struct pass *p, const struct node *node) {
  switch (node->kind) {
  case STRING:
    return write_string(p, node);
  case INTEGER:
    return write_integer(p, node);
  case BOOLEAN:
  case FLAG:
    return write_boolean(p, node);
  case ARRAY:
    return write_array(p, node);
  case RECORD:
    return write_record(p, node);
  case ANY:
    break;
  }
  return false;
}

/* write(params, may_misfit) -> body | nothing: ask sms.schema */
static int write_params(lua_State *L) {
  char body[FIRST_ROOM];
  struct pass p;
  p.L = L;
  p.plan = lua_touserdata(L, lua_upvalueindex(PLAN));
  p.start = p.at = body;
  p.end = body + sizeof body;
  p.may_misfit = lua_toboolean(L, 2);
  p.misfits = false;
  lua_settop(L, ROOM);
  luaL_checkstack(L, STACK, "params");
  lua_pushvalue(L, PARAMS);
  if (!write_record(&p, p.plan->nodes)) return 0;
  lua_pushlstring(L, p.start, (size_t)(p.at - p.start));
  return 1;
}

/* writer(nodes, names, formats) -> write, by a plan of sms.plan */
int sms_lua_writer(lua_State *L) {
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  sms_lua_plan(L, 1);
  lua_insert(L, 1);
  lua_pushvalue(L, 2);
  lua_remove(L, 2); /* plan, names, formats, nodes */
  lua_pushcclosure(L, write_params, NODES);
  return 1;
}
