/* One pass over the params of a call: they are checked against the declared fields and
 * written as the body. It only says yes or no: where anything is amiss, or out of the
 * ordinary, sms.schema checks again and finds the words. */
#include "lua/pass/writer.h"
#include "base/byte_buffer.h"
#include "text/form.h"
#include "text/sms_text.h"
#include "text/value_format.h"
#include <string.h>

/* Upvalues of write; the nodes keep the plan's strings. */
enum { PLAN = 1, FORMATS, NODES, KEPT };

enum { KEPT_ROOM = 1 << 20, STACK = 40 };

struct pass {
  lua_State *L;
  const struct plan *plan;
  int formats, room; /* where they are: the list, and the body if it is long */
  char *at, *end, *start;
  bool may_misfit, misfits;
};

/* Room for so many bytes. No memory of our own: Lua functions are called on the way. */
static bool room(struct pass *p, size_t more) {
  if ((size_t)(p->end - p->at) >= more) return true;
  size_t used = (size_t)(p->at - p->start);
  if (more > SMS_CEILING_REQUEST - used) return false;
  char *larger = lua_newuserdata(p->L, 2 * (used + more));
  memcpy(larger, p->start, used);
  lua_replace(p->L, p->room);
  p->start = larger;
  p->at = larger + used;
  p->end = larger + 2 * (used + more);
  return true;
}

static inline bool put(struct pass *p, const char *text, size_t length) {
  if (!room(p, length)) return false;
  memcpy(p->at, text, length);
  p->at += length;
  return true;
}

static inline bool put_mark(struct pass *p, char mark) {
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

static bool has_metatable(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  lua_pop(L, 1);
  return true;
}

/* Asks the format's function about the string on top: it must leave it as it is. */
static bool is_fine_in_lua(struct pass *p, const struct node *node) {
  lua_State *L = p->L;
  lua_rawgeti(L, p->formats, (int)(node - p->plan->nodes) + 1);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  return same;
}

/* A number has no characters that are spelt otherwise, but for its + in forms. */
static bool write_number(struct pass *p, const struct node *node, const char *text,
                         size_t length) {
  char buffer[SMS_NUMBER_MAX];
  bool json = p->plan->json;
  if (!room(p, SMS_NUMBER_MAX + 2)) return false;
  char *number = json ? p->at + 1 : buffer;
  length = node->format == PHONE ? sms_phone(text, length, number)
                                 : sms_e164(text, length, number);
  if (length == 0) return false;
  if (!json) return put_string(p, number, length);
  number[-1] = number[length] = '"';
  p->at = number + length + 1;
  return true;
}

/* The string on top. */
static bool write_string(struct pass *p, const struct node *node) {
  struct sms_text_content content;
  size_t length;
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
  char digits[SMS_WHOLE_MAX];
  lua_Number value = lua_tonumber(p->L, -1);
  if ((value < node->min || value > node->max) && value != node->or_value) return false;
  size_t length = sms_whole(value, digits);
  return length > 0 && put(p, digits, length);
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
  if (!p->plan->json || !lua_istable(L, list) || has_metatable(L, list)) return false;
  if (!put_mark(p, '[')) return false;
  for (lua_pushnil(L); lua_next(L, list); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TNUMBER || lua_tonumber(L, -2) != ++count) return false;
    if (count > 1 && !put_mark(p, ',')) return false;
    if (!write_value(p, p->plan->nodes + node->first)) return false;
  }
  return count >= node->least && put_mark(p, ']');
}

/* The fields that a table has: as bits, and where their values lie on the stack. */
struct given {
  uint32_t fields;
  int count, at[SMS_PLAN_FIELDS_MAX];
};

/* Leaves the values of the table on top above it; false where it has others. [-0, +n]
 */
static bool find_given(struct pass *p, const struct node *node, int table,
                       struct given *given) {
  lua_State *L = p->L;
  given->fields = 0;
  given->count = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_insert(L, -2)) {
    if (lua_type(L, -2) != LUA_TSTRING) return false;
    int child = sms_plan_child(p->plan, node, lua_tostring(L, -2));
    if (child < 0) return false;
    given->fields |= 1u << child;
    given->at[child] = table + ++given->count;
  }
  return true;
}

static bool has(const struct given *given, int field) {
  return given->fields >> field & 1;
}

/* Whether a text and its type go together; where the text needs its type, says so. */
static bool choose_type(struct pass *p, const struct given *given) {
  const struct plan *plan = p->plan;
  size_t length;
  if (plan->text < 0) return true;
  if (given->fields & plan->without || !has(given, plan->text)) return false;
  bool typed = has(given, plan->type);
  int at = given->at[typed ? plan->type : plan->text];
  if (lua_type(p->L, at) != LUA_TSTRING) return false;
  const char *text = lua_tolstring(p->L, at, &length);
  if (typed ? text == plan->misfit : sms_text_is_gsm(text, length)) return true;
  p->misfits = p->may_misfit && !typed;
  return p->misfits;
}

/* The value of a record's only field is on top already. */
static bool write_field(struct pass *p, const struct node *field,
                        const struct given *given, int at) {
  if (field->head && !put(p, field->head, field->head_length)) return false;
  if (given->count == 1) return write_value(p, field);
  lua_pushvalue(p->L, at);
  if (!write_value(p, field)) return false;
  lua_pop(p->L, 1);
  return true;
}

static bool write_misfit(struct pass *p) {
  const struct plan *plan = p->plan;
  const struct node *type = plan->nodes + plan->nodes->first + plan->type;
  return put(p, type->head, type->head_length) &&
         put(p, plan->misfit, strlen(plan->misfit));
}

/* The table on top. [-0, +0] */
static bool write_fields(struct pass *p, const struct node *node) {
  const struct node *fields = p->plan->nodes + node->first;
  bool top = node == p->plan->nodes, first = true;
  int table = lua_gettop(p->L);
  struct given given;
  if (has_metatable(p->L, table) || !find_given(p, node, table, &given)) return false;
  if ((given.fields & node->needed) != node->needed) return false;
  if (top && !choose_type(p, &given)) return false;
  for (int i = 0; i < node->count; i++) {
    bool misfit = top && p->misfits && i == p->plan->type;
    if (!has(&given, i) && !misfit) continue;
    size_t before = (size_t)(p->at - p->start);
    if (!first && !put_mark(p, p->plan->json ? ',' : '&')) return false;
    if (!(misfit ? write_misfit(p) : write_field(p, fields + i, &given, given.at[i])))
      return false;
    if (fields[i].head)
      first = false;
    else
      p->at = p->start + before;
  }
  lua_settop(p->L, table);
  return true;
}

static bool write_record(struct pass *p, const struct node *node) {
  const struct node *shorthand = p->plan->nodes + node->first + node->shorthand;
  int type = lua_type(p->L, -1);
  if (!p->plan->json)
    return node == p->plan->nodes && type == LUA_TTABLE && write_fields(p, node);
  if (!put_mark(p, '{')) return false;
  if (type == LUA_TTABLE) return write_fields(p, node) && put_mark(p, '}');
  return type == LUA_TSTRING && node->shorthand >= 0 &&
         put(p, shorthand->head, shorthand->head_length) &&
         write_string(p, shorthand) && put_mark(p, '}');
}

static bool write_value(struct pass *p, const struct node *node) {
  switch (node->kind) {
  case STRING:
    return lua_type(p->L, -1) == LUA_TSTRING && write_string(p, node);
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

/* The room of the last long body, or nil: twice, for the pass and for keep_room. It is
 * no longer in its place: what runs while this body is written or sent, such as a
 * format or a finaliser, may write another. [-0, +2] */
static int take_room(lua_State *L, const struct sms_lua_writer *writer) {
  lua_pushvalue(L, writer->kept);
  lua_pushnil(L);
  lua_replace(L, writer->kept);
  lua_pushvalue(L, -1);
  return lua_gettop(L);
}

static bool is_kept(lua_State *L, int room) {
  return lua_isuserdata(L, room) && lua_rawlen(L, room) <= KEPT_ROOM;
}

void sms_lua_keep_room(lua_State *L, const struct sms_lua_writer *writer) {
  if (!is_kept(L, -1)) lua_pop(L, 1), lua_pushvalue(L, -1);
  lua_replace(L, writer->kept);
  lua_pop(L, 1);
}

bool sms_lua_write(lua_State *L, const struct sms_lua_writer *writer, int params,
                   struct sms_lua_body *body) {
  struct pass p = {
      .L = L,
      .plan = writer->plan,
      .formats = writer->formats,
      .may_misfit = writer->may_misfit,
      .at = body->first,
      .start = body->first,
      .end = body->first + sizeof body->first,
  };
  luaL_checkstack(L, p.plan->count + STACK, "params"); /* no field is there twice */
  p.room = take_room(L, writer);
  if (!lua_isnil(L, p.room)) {
    p.at = p.start = lua_touserdata(L, p.room);
    p.end = p.start + lua_rawlen(L, p.room);
  }
  lua_pushvalue(L, params);
  bool written = write_record(&p, p.plan->nodes);
  lua_settop(L, p.room);
  body->data = p.start;
  body->length = (size_t)(p.at - p.start);
  if (!written) sms_lua_keep_room(L, writer);
  return written;
}

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
  lua_insert(L, 1);
  sms_lua_keep_room(L, &writer);
  lua_settop(L, 1);
  return 1;
}

/* writer(nodes, formats) -> write, by a plan of sms.schema.layout */
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
