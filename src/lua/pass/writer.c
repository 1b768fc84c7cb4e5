/* One pass over the params of a call: they are checked against the declared fields and
 * written as the body. It only says yes or no: where anything is amiss, or out of the
 * ordinary, sms.schema checks again and finds the words. */
#include "base/byte_buffer.h"
#include "lua/pass/layout.h"
#include "text/form.h"
#include "text/sms_text.h"
#include "text/value_format.h"
#include <string.h>

/* Upvalues. */
enum { LAYOUT = 1, FORMATS, STRINGS, KEPT };

/* On the stack. The body is written to the room if it is long; the spare one is that of
 * the last long body. Where there is a place for long ones, it is put there. */
enum { PARAMS = 1, PLACE, SPARE, ROOM };

enum { KEPT_ROOM = 1 << 20, STACK = 40 };

struct pass {
  lua_State *L;
  const struct layout *layout;
  char *at, *end, *start;
  bool may_misfit, misfits;
};

/* Takes the room of the last long body out of its place: what runs while this body is
 * written, such as a format or a finaliser, may write another. [-0, +0] */
static void take_spare(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(KEPT));
  lua_replace(L, SPARE);
  lua_pushnil(L);
  lua_replace(L, lua_upvalueindex(KEPT));
}

/* For the next long body, unless it is a large one. [-0, +0] */
static void keep_room(lua_State *L) {
  if (lua_isnil(L, ROOM)) return; /* none was needed */
  lua_pushvalue(L, lua_rawlen(L, ROOM) > KEPT_ROOM ? SPARE : ROOM);
  lua_replace(L, lua_upvalueindex(KEPT));
}

/* No memory of our own: Lua functions are called on the way. */
static bool grow(struct pass *p, size_t more) {
  lua_State *L = p->L;
  size_t used = (size_t)(p->at - p->start), size = 2 * (used + more);
  if (more > SMS_CEILING_REQUEST - used) return false;
  bool first = lua_isnil(L, ROOM);
  if (first) take_spare(L);
  if (first && lua_rawlen(L, SPARE) >= used + more) { /* of nil it is 0 */
    lua_pushvalue(L, SPARE);
    size = lua_rawlen(L, SPARE);
  } else {
    lua_newuserdata(L, size);
  }
  char *larger = lua_touserdata(L, -1);
  memcpy(larger, p->start, used);
  lua_replace(L, ROOM);
  p->start = larger;
  p->at = larger + used;
  p->end = larger + size;
  return true;
}

/* Room for so many bytes. */
static inline bool room(struct pass *p, size_t more) {
  return (size_t)(p->end - p->at) >= more || grow(p, more);
}

static inline bool put(struct pass *p, const char *text, size_t length) {
  if (!room(p, length)) return false;
  memcpy(p->at, text, length);
  p->at += length;
  return true;
}

static inline bool put_mark(struct pass *p, char mark) {
  if (!room(p, 1)) return false;
  *p->at++ = mark;
  return true;
}

static bool put_string(struct pass *p, const char *text, size_t length) {
  if (!room(p, 6 * length + 2)) return false;
  p->at = p->layout->json ? sms_json_quote(p->at, text, length)
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
  lua_rawgeti(L, lua_upvalueindex(FORMATS), (int)(node - p->layout->nodes) + 1);
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
  bool json = p->layout->json;
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

/* A word of an enumeration, as it is declared. */
static bool write_word(struct pass *p, const struct node *node, const char *text) {
  int child = sms_layout_word(p->layout, node, text);
  if (child < 0) return false;
  const char *word = p->layout->nodes[node->first + child].name;
  if (p->layout->exact && word != text) return false;
  return put_string(p, word, strlen(word));
}

static bool is_blank(const char *text, size_t length) {
  if (length > 0 && *text > ' ' && *text <= '~') return false; /* most texts */
  sms_trim(text, &length);
  return length == 0;
}

/* The string on top. */
static bool write_string(struct pass *p, const struct node *node) {
  struct sms_text_content content;
  size_t length;
  const char *text = lua_tolstring(p->L, -1, &length);
  if (node->format == PHONE || node->format == E164)
    return write_number(p, node, text, length);
  if (length == 0 && node->empty) return put_string(p, text, length);
  if (sms_text_inspect(text, length, &content) != SMS_OK || content.nul) return false;
  if (is_blank(text, length)) return false;
  if (content.control && !node->multiline) return false;
  lua_Number characters = (lua_Number)content.characters;
  if (characters < node->least || characters > node->most) return false;
  if (node->count > 0) return write_word(p, node, text);
  bool known = node->format == NO_FORMAT ||
               (node->format == SENDER && sms_is_plain_sender(text, length));
  return (known || is_fine_in_lua(p, node)) && put_string(p, text, length);
}

/* A string, or a number that stands for its digits. */
static bool write_text(struct pass *p, const struct node *node) {
  lua_State *L = p->L;
  char digits[SMS_WHOLE_MAX];
  if (lua_type(L, -1) == LUA_TSTRING) return write_string(p, node);
  if (!node->reference || lua_type(L, -1) != LUA_TNUMBER) return false;
  size_t length = sms_whole(lua_tonumber(L, -1), digits);
  if (length == 0) return false;
  lua_pushlstring(L, digits, length);
  bool written = write_string(p, node);
  lua_pop(L, 1);
  return written;
}

/* The number on top, or what a text there says. */
static bool read_number(struct pass *p, lua_Number *value) {
  lua_State *L = p->L;
  size_t length;
  if (lua_type(L, -1) == LUA_TSTRING && !p->layout->exact) {
    const char *text = lua_tolstring(L, -1, &length);
    return sms_read_whole(text, length, value);
  }
  *value = lua_tonumber(L, -1);
  return lua_type(L, -1) == LUA_TNUMBER;
}

static bool write_integer(struct pass *p, const struct node *node) {
  char digits[SMS_WHOLE_MAX];
  lua_Number value;
  if (!read_number(p, &value)) return false;
  if ((value < node->min || value > node->max) && value != node->or_value) return false;
  size_t length = sms_whole(value, digits);
  return length > 0 && put(p, digits, length);
}

/* Whether the value on top is a number, which a text may say, or that word. */
static bool is(lua_State *L, lua_Number number, const char *word) {
  size_t length;
  double said;
  if (lua_type(L, -1) == LUA_TNUMBER) return lua_tonumber(L, -1) == number;
  if (lua_type(L, -1) != LUA_TSTRING) return false;
  const char *text = lua_tolstring(L, -1, &length);
  if (sms_read_whole(text, length, &said)) return said == number;
  return length == strlen(word) && memcmp(text, word, length) == 0;
}

/* Yes or no, as sms.schema.values reads it: also 1 and 0, and all of them as texts. */
static bool write_boolean(struct pass *p, const struct node *node) {
  lua_State *L = p->L;
  bool given = lua_isboolean(L, -1);
  if (p->layout->exact && !given) return false;
  bool yes = given ? lua_toboolean(L, -1) : is(L, 1, "true");
  bool no = given ? !yes : is(L, 0, "false");
  if (node->kind == FLAG) return (yes || no) && put(p, yes ? "1" : "0", 1);
  return yes ? put(p, "true", 4) : no && put(p, "false", 5);
}

static bool write_value(struct pass *p, const struct node *node);

/* A list in order: what Lua keeps otherwise is left to sms.schema. */
static bool write_array(struct pass *p, const struct node *node) {
  lua_State *L = p->L;
  int list = lua_gettop(L);
  lua_Number count = 0;
  if (!p->layout->json || !lua_istable(L, list) || has_metatable(L, list)) return false;
  if (!put_mark(p, '[')) return false;
  for (lua_pushnil(L); lua_next(L, list); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TNUMBER || lua_tonumber(L, -2) != ++count) return false;
    if (count > 1 && !put_mark(p, ',')) return false;
    if (!write_value(p, p->layout->nodes + node->first)) return false;
  }
  return count >= node->least && put_mark(p, ']');
}

/* The fields that a table has: as bits, and where their values lie on the stack. */
struct given {
  uint32_t fields;
  int count, at[SMS_LAYOUT_FIELDS_MAX];
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
    int child = sms_layout_child(p->layout, node, lua_tostring(L, -2));
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
  const struct layout *layout = p->layout;
  size_t length;
  if (layout->text < 0) return true;
  if (given->fields & layout->without || !has(given, layout->text)) return false;
  bool typed = has(given, layout->type);
  int at = given->at[typed ? layout->type : layout->text];
  if (lua_type(p->L, at) != LUA_TSTRING) return false;
  const char *text = lua_tolstring(p->L, at, &length);
  if (typed ? text == layout->misfit : sms_text_is_gsm(text, length)) return true;
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
  const struct layout *layout = p->layout;
  const struct node *type = layout->nodes + layout->nodes->first + layout->type;
  return put(p, type->head, type->head_length) &&
         put(p, layout->misfit, strlen(layout->misfit));
}

/* The table on top. [-0, +0] */
static bool write_fields(struct pass *p, const struct node *node) {
  const struct node *fields = p->layout->nodes + node->first;
  bool top = node == p->layout->nodes, first = true;
  int table = lua_gettop(p->L);
  struct given given;
  if (has_metatable(p->L, table) || !find_given(p, node, table, &given)) return false;
  if ((given.fields & node->needed) != node->needed) return false;
  if (top && !choose_type(p, &given)) return false;
  for (int i = 0; i < node->count; i++) {
    bool misfit = top && p->misfits && i == p->layout->type;
    if (!has(&given, i) && !misfit) continue;
    size_t before = (size_t)(p->at - p->start);
    if (!first && !put_mark(p, p->layout->json ? ',' : '&')) return false;
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
  const struct node *shorthand = p->layout->nodes + node->first + node->shorthand;
  int type = lua_type(p->L, -1);
  if (!p->layout->json)
    return node == p->layout->nodes && type == LUA_TTABLE && write_fields(p, node);
  if (!put_mark(p, '{')) return false;
  if (type == LUA_TTABLE) return write_fields(p, node) && put_mark(p, '}');
  return type == LUA_TSTRING && node->shorthand >= 0 &&
         put(p, shorthand->head, shorthand->head_length) &&
         write_string(p, shorthand) && put_mark(p, '}');
}

static bool write_value(struct pass *p, const struct node *node) {
  switch (node->kind) {
  case STRING:
    return write_text(p, node);
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
  case ALIAS:
  case NOT_BLANK:
    break;
  }
  return false;
}

/* The body, as a string where it is short, or nobody has a place for it, or for one so
 * large. [-0, +1] */
static void push_body(lua_State *L, const char *body, size_t length) {
  if (lua_isnil(L, ROOM) || lua_isnil(L, PLACE) || length > KEPT_ROOM)
    lua_pushlstring(L, body, length);
  else
    sms_lua_push_long_text(L, PLACE, body, length);
}

/* write(params, may_misfit, place) -> body | nothing: ask sms.schema. The place of a
 * long one is a LongText, or false for a new one; nil: all are strings */
static int write_params(lua_State *L) {
  char first[4096];
  struct pass p = {
      .L = L,
      .layout = lua_touserdata(L, lua_upvalueindex(LAYOUT)),
      .may_misfit = lua_toboolean(L, 2),
      .at = first,
      .start = first,
      .end = first + sizeof first,
  };
  lua_settop(L, 3);
  lua_remove(L, 2);
  lua_settop(L, ROOM);
  sms_lua_need_stack(L, p.layout->count + STACK); /* no field is there twice */
  lua_pushvalue(L, PARAMS);
  bool written = write_record(&p, p.layout->nodes);
  lua_settop(L, ROOM);
  if (written) push_body(L, p.start, (size_t)(p.at - p.start));
  keep_room(L);
  return written;
}

/* writer(nodes, formats) -> write, by what sms.schema.layout lays out; formats are a
 * list by the nodes' places */
static int new_writer(lua_State *L) {
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  const struct layout *layout = sms_lua_layout(L, 1);
  luaL_argcheck(L, layout->nodes->kind == RECORD, 1, "a record was expected");
  lua_pushvalue(L, 2);
  lua_insert(L, -2); /* layout, formats, strings */
  lua_pushnil(L);
  lua_pushcclosure(L, write_params, KEPT);
  return 1;
}

void sms_lua_open_writer(lua_State *L) {
  static const luaL_Reg functions[] = {{"writer", new_writer}, {NULL, NULL}};
  sms_lua_set_functions(L, functions);
}
