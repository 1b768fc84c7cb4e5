/* One pass from the text of a reply to the result, where it has its documented shape,
 * as most have. It only says yes or no: what is out of the ordinary sms.wire.response
 * reads step by step, and finds the words.
 */
#include "lua/pass/layout.h"
#include "text/json.h"
#include <math.h>
#include <string.h>

/* Upvalues; the names are those of the nodes, at their places. The metatables are those
 * of lists that have something in them and of empty ones, or nil. */
enum { LAYOUT = 1, NAMES, FILLED, EMPTY };

enum { STACK = 40 };

struct pass {
  lua_State *L;
  struct layout *layout;
  const char *at, *end;
  bool escapes; /* there are some in the text */
};

/* The next byte that is no blank; NUL at the end. */
static inline char next_byte(struct pass *p) {
  if (*p->at <= ' ') p->at = sms_json_blanks(p->at, p->end);
  return *p->at;
}

static bool read_word(struct pass *p, const char *word, size_t length) {
  if (strncmp(p->at, word, length) != 0) return false;
  p->at += length;
  return true;
}

/* [-0, +1], as all that read, or false */
static bool read_escaped(struct pass *p) {
  lua_State *L = p->L;
  bool verbatim;
  const char *first = p->at + 1, *after = sms_json_string(p->at, p->end, &verbatim);
  if (!after) return false;
  size_t length = (size_t)(after - first) - 1;
  p->at = after;
  if (verbatim) {
    lua_pushlstring(L, first, length);
    return true;
  }
  char *text = lua_newuserdata(L, length);
  const char *end = sms_json_unescape(text, first, length);
  if (!end) return false;
  lua_pushlstring(L, text, (size_t)(end - text));
  lua_replace(L, -2);
  return true;
}

static bool read_string(struct pass *p) {
  if (p->escapes) return read_escaped(p);
  const char *first = p->at + 1;
  const char *quote = memchr(first, '"', (size_t)(p->end - first));
  if (!quote) return false;
  lua_pushlstring(p->L, first, (size_t)(quote - first));
  p->at = quote + 1;
  return true;
}

/* Of digits, and a sign in front, below 2^53. */
static double whole(const char *digits, const char *end) {
  int64_t value = 0;
  bool negative = *digits == '-';
  for (digits += negative; digits < end; digits++)
    value = 10 * value + (*digits - '0');
  return (double)(negative ? -value : value);
}

/* One that a double holds as it stands there. */
static bool read_number(struct pass *p) {
  const double two_53 = 9007199254740992;
  enum sms_json_number kind;
  double value;
  const char *after = sms_json_number(p->at, &kind);
  if (!after || kind == SMS_JSON_LONG) return false;
  if (kind == SMS_JSON_WHOLE)
    value = whole(p->at, after);
  else if (!sms_json_to_double(p->at, (size_t)(after - p->at), &value) ||
           fabs(value) >= two_53)
    return false;
  sms_lua_push_number(p->L, value == 0 ? 0 : value); /* without a sign */
  p->at = after;
  return true;
}

static bool read_boolean(struct pass *p) {
  bool yes = *p->at == 't';
  lua_pushboolean(p->L, yes);
  return yes ? read_word(p, "true", 4) : read_word(p, "false", 5);
}

/* Whether there is more than blanks in the string on top. */
static bool is_filled(lua_State *L) {
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  return strspn(text, " \t\n\v\f\r") < length;
}

static bool is_name_of(const struct pass *p, const struct node *field,
                       const char *name) {
  size_t length = field->name_length;
  return (size_t)(p->end - name) > length && name[length] == '"' &&
         memcmp(name, field->name, length) == 0;
}

/* The field whose name begins there, most likely the guessed one; -1: it is none. */
static int child_at(const struct pass *p, const struct node *node, int guess,
                    const char *name) {
  const struct node *fields = p->layout->nodes + node->first;
  if (guess < node->count && is_name_of(p, fields + guess, name)) return guess;
  for (int i = 0; i < node->count; i++)
    if (is_name_of(p, fields + i, name)) return i;
  return -1;
}

/* The name of a field, and what is between it and its value. */
static bool read_name(struct pass *p, const struct node *node, int guess, int *child) {
  const char *name = p->at + 1;
  if (*p->at != '"') return false;
  *child = child_at(p, node, guess, name);
  if (*child >= 0) {
    int place = node->first + *child;
    lua_rawgeti(p->L, lua_upvalueindex(NAMES), place + 1);
    p->at = name + p->layout->nodes[place].name_length + 1;
  } else if (!read_string(p)) {
    return false;
  }
  if (next_byte(p) != ':') return false;
  p->at++;
  next_byte(p);
  return true;
}

/* Whether the table below the key on top has that key. */
static bool has(lua_State *L) {
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);
  bool found = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return found;
}

/* Whether another part follows; else the list or record has been closed, or is wrong.
 */
static bool follows(struct pass *p, char close, bool *right) {
  char byte = next_byte(p);
  *right = byte == close || byte == ',';
  if (!*right) return false;
  p->at++;
  if (byte == close) return false;
  next_byte(p);
  return true;
}

static bool read_value(struct pass *p, struct node *node);

/* What a record in reading has. */
struct found {
  uint32_t named, given; /* fields; null is not given */
  int count;
  int *next; /* where the place of the next field is guessed */
};

/* A field of the record on top. A name that stands twice is left to others. [-0, +0] */
static bool read_field(struct pass *p, struct node *node, struct found *found) {
  lua_State *L = p->L;
  int child;
  if (!read_name(p, node, *found->next, &child)) return false;
  struct node *field = child < 0 ? NULL : p->layout->nodes + node->first + child;
  if (!field) {
    if (has(L) || !read_value(p, NULL)) return false;
    lua_rawset(L, -3);
    found->count++;
    return true;
  }
  uint32_t bit = (uint32_t)1 << child;
  if (found->named & bit) return false;
  found->named |= bit;
  *found->next = child;
  found->next = &field->follower;
  if (*p->at == 'n') {
    lua_pop(L, 1);
    return read_word(p, "null", 4);
  }
  if (!read_value(p, field)) return false;
  lua_rawset(L, -3);
  found->given |= bit;
  found->count++;
  return true;
}

/* Records are mostly alike: as many fields as the last one had, in its order. */
static bool read_record(struct pass *p, struct node *node) {
  struct found found = {.next = &node->follower};
  bool right = true;
  lua_createtable(p->L, 0, node->usual + node->added);
  p->at++;
  if (next_byte(p) == '}') {
    p->at++;
  } else {
    do
      right = read_field(p, node, &found);
    while (right && follows(p, '}', &right));
  }
  node->usual = found.count < node->count ? found.count : node->count;
  return right && (found.given & node->needed) == node->needed;
}

/* The list on top gets the metatable of an upvalue. [-0, +0] */
static void mark_list(lua_State *L, int meta) {
  if (lua_isnil(L, lua_upvalueindex(meta))) return;
  lua_pushvalue(L, lua_upvalueindex(meta));
  lua_setmetatable(L, -2);
}

static bool read_list(struct pass *p, struct node *node) {
  int count = 0;
  bool right = true;
  lua_createtable(p->L, 1, 0);
  p->at++;
  if (next_byte(p) == ']') {
    p->at++;
    mark_list(p->L, EMPTY);
    return true;
  }
  do {
    if (!read_value(p, p->layout->nodes + node->first)) return false;
    lua_rawseti(p->L, -2, ++count);
  } while (follows(p, ']', &right));
  mark_list(p->L, FILLED);
  return right;
}

/* node is NULL where the field is not declared. */
static bool read_value(struct pass *p, struct node *node) {
  enum kind kind = node ? node->kind : ANY;
  switch (*p->at) {
  case '"':
    if (kind == NOT_BLANK) return read_string(p) && is_filled(p->L);
    return (kind == STRING || kind == ANY) && read_string(p);
  case '{':
    return kind == RECORD && read_record(p, node);
  case '[':
    return kind == ARRAY && read_list(p, node);
  case 't':
  case 'f':
    return (kind == BOOLEAN || kind == ANY) && read_boolean(p);
  default:
    return (kind == INTEGER || kind == ANY) && read_number(p);
  }
}

/* read(text) -> result | nothing: ask sms.wire.response */
static int read_reply(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  struct pass p = {
      .L = L,
      .layout = lua_touserdata(L, lua_upvalueindex(LAYOUT)),
      .at = text,
      .end = text + length,
      .escapes = memchr(text, '\\', length) != NULL,
  };
  if (memchr(text, '\0', length)) return 0;
  sms_lua_need_stack(L, STACK);
  next_byte(&p);
  if (!read_value(&p, p.layout->nodes)) return 0;
  next_byte(&p);
  return p.at == p.end;
}

/* reader(nodes, metatable of lists | nil, that of empty ones | nil) -> read, by what
 * sms.schema.layout lays out */
static int new_reader(lua_State *L) {
  enum { NODES = 1, METAS = 2 };
  lua_settop(L, 1 + METAS);
  sms_lua_layout(L, NODES);
  lua_pushvalue(L, NODES + 1);
  lua_pushvalue(L, NODES + 2);
  lua_pushcclosure(L, read_reply, EMPTY);
  return 1;
}

void sms_lua_open_reader(lua_State *L) {
  static const luaL_Reg functions[] = {{"reader", new_reader}, {NULL, NULL}};
  sms_lua_set_functions(L, functions);
}
