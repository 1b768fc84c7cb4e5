/* JSON as Lua has it: whole numbers are integers, null is absent, and nothing depends
 * on the host's locale. sms.base.json says what else there is to it.
 */
#include "text/json.h"
#include "lua/binding.h"
#include "text/value_format.h"
#include <math.h>
#include <string.h>

enum { TEXT = 1, ONCE, SCRATCH }; /* the stack; above it what is being made */
enum { DEEPEST = 1000 };          /* tables in each other */

#define WHOLE_MAX 9007199254740992.0 /* 2^53: beyond, a double skips whole numbers */

struct reader {
  lua_State *L;
  const char *end;
  char *scratch; /* for strings with escapes, which get shorter without them */
  bool once;     /* a key may not stand twice with different values */
  int depth;
};

static const char *read_value(struct reader *r, const char *at);

static void push_null(lua_State *L) {
  lua_pushlightuserdata(L, NULL);
}

static bool is_null(lua_State *L) {
  return lua_islightuserdata(L, -1);
}

/* [-0, +1], or NULL, as all that read */
static const char *read_string(struct reader *r, const char *at) {
  bool verbatim;
  const char *after = sms_json_string(at, r->end, &verbatim);
  if (!after) return NULL;
  size_t length = (size_t)(after - at) - 2;
  if (verbatim) {
    lua_pushlstring(r->L, at + 1, length);
    return after;
  }
  if (!r->scratch) {
    r->scratch = lua_newuserdata(r->L, (size_t)(r->end - at));
    lua_replace(r->L, SCRATCH);
  }
  const char *end = sms_json_unescape(r->scratch, at + 1, length);
  if (!end) return NULL;
  lua_pushlstring(r->L, r->scratch, (size_t)(end - r->scratch));
  return after;
}

/* What a double cannot hold keeps its text. */
static const char *read_number(struct reader *r, const char *at) {
  double value;
  const char *after = sms_json_number(at, r->end, &value);
  if (!after) return NULL;
  size_t length = (size_t)(after - at);
  bool large = fabs(value) >= WHOLE_MAX;
  if (large && (isinf(value) || strcspn(at, ".eE") >= length)) {
    lua_pushlstring(r->L, at, length);
    return after;
  }
#if LUA_VERSION_NUM >= 503
  lua_Integer whole;
  if (lua_numbertointeger(value, &whole) && (lua_Number)whole == value) {
    lua_pushinteger(r->L, whole);
    return after;
  }
#endif
  lua_pushnumber(r->L, value);
  return after;
}

static const char *read_word(struct reader *r, const char *at) {
  if (strncmp(at, "true", 4) == 0) {
    lua_pushboolean(r->L, true);
    return at + 4;
  } else if (strncmp(at, "false", 5) == 0) {
    lua_pushboolean(r->L, false);
    return at + 5;
  } else if (strncmp(at, "null", 4) == 0) {
    push_null(r->L);
    return at + 4;
  }
  return NULL;
}

/* Behind a value: the next one's first byte, or the byte behind the close, which then
 * is *after; NULL where there is neither. */
static const char *next_value(struct reader *r, const char *at, char close,
                              const char **after) {
  at = sms_json_blanks(at, r->end);
  if (*at == close) *after = at + 1;
  return *at == ',' || *at == close ? sms_json_blanks(at + 1, r->end) : NULL;
}

static const char *read_list(struct reader *r, const char *at) {
  const char *after = NULL;
  int last = 0;
  lua_newtable(r->L);
  at = sms_json_blanks(at + 1, r->end);
  if (*at == ']') return at + 1;
  while (!after) {
    at = read_value(r, at);
    if (!at) return NULL;
    if (is_null(r->L))
      lua_pop(r->L, 1); /* the list closes up */
    else
      lua_rawseti(r->L, -2, ++last);
    at = next_value(r, at, ']', &after);
    if (!at) return NULL;
  }
  return after;
}

/* Whether the table below key and value has another value there. [-0, +0] */
static bool is_repeated(lua_State *L) {
  lua_pushvalue(L, -2);
  lua_rawget(L, -4);
  bool repeated = !lua_isnil(L, -1) && !lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  return repeated;
}

static void drop_nulls(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    if (!is_null(L)) continue;
    lua_pushvalue(L, -2);
    lua_pushnil(L);
    lua_rawset(L, -5);
  }
}

static const char *read_member(struct reader *r, const char *at) {
  if (*at != '"') return NULL;
  at = read_string(r, at);
  if (!at) return NULL;
  at = sms_json_blanks(at, r->end);
  if (*at != ':') return NULL;
  return read_value(r, sms_json_blanks(at + 1, r->end));
}

static const char *read_object(struct reader *r, const char *at) {
  enum { USUAL = 4 }; /* members, for which there is room at once */
  const char *after = NULL;
  bool nulls = false;
  lua_createtable(r->L, 0, USUAL);
  at = sms_json_blanks(at + 1, r->end);
  if (*at == '}') return at + 1;
  while (!after) {
    at = read_member(r, at);
    if (!at || (r->once && is_repeated(r->L))) return NULL;
    nulls = nulls || is_null(r->L);
    lua_rawset(r->L, -3);
    at = next_value(r, at, '}', &after);
    if (!at) return NULL;
  }
  if (nulls) drop_nulls(r->L);
  return after;
}

static const char *read_table(struct reader *r, const char *at) {
  if (++r->depth > DEEPEST || !lua_checkstack(r->L, 8)) return NULL;
  at = *at == '{' ? read_object(r, at) : read_list(r, at);
  r->depth--;
  return at;
}

static const char *read_value(struct reader *r, const char *at) {
  switch (*at) {
  case '"':
    return read_string(r, at);
  case '{':
  case '[':
    return read_table(r, at);
  case 't':
  case 'f':
  case 'n':
    return read_word(r, at);
  default:
    return read_number(r, at);
  }
}

/* json_read(text[, once]) -> true, value | false. once: a key that stands twice with
 * different values is refused; else the last one holds. */
static int json_read(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, TEXT, &length);
  lua_settop(L, SCRATCH);
  struct reader r = {L, text + length, NULL, lua_toboolean(L, ONCE), 0};
  const char *at = read_value(&r, sms_json_blanks(text, r.end));
  bool whole = at && sms_json_blanks(at, r.end) == r.end;
  if (whole && is_null(L)) lua_pushnil(L);
  lua_pushboolean(L, whole);
  if (!whole) return 1;
  lua_insert(L, -2);
  return 2;
}

/* Adds a text to the list. [-0, +0] */
static void add(lua_State *L, int list, int place, const char *text, const char *end) {
  lua_pushlstring(L, text, (size_t)(end - text));
  lua_rawseti(L, list, place);
}

/* json_members(text) -> { name, its text, its value's text, ... } | nothing. The text
 * must be JSON; texts are as they stand there. */
static int json_members(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, TEXT, &length), *after = NULL;
  lua_settop(L, SCRATCH);
  struct reader r = {L, text + length, NULL, false, 0};
  const char *at = sms_json_blanks(text, r.end);
  if (*at != '{') return 0;
  lua_newtable(L);
  int list = lua_gettop(L), count = 0;
  at = sms_json_blanks(at + 1, r.end);
  if (*at == '}') return 1;
  while (!after) {
    const char *name = at, *name_end = *at == '"' ? read_string(&r, at) : NULL;
    if (!name_end) return 0;
    lua_rawseti(L, list, ++count);
    add(L, list, ++count, name, name_end);
    at = sms_json_blanks(name_end, r.end);
    if (*at != ':') return 0;
    const char *value = sms_json_blanks(at + 1, r.end);
    at = sms_json_skip(value, r.end);
    if (!at) return 0;
    add(L, list, ++count, value, at);
    at = next_value(&r, at, '}', &after);
    if (!at) return 0;
  }
  return 1;
}

/* json_quote(text) -> the JSON string */
static int json_quote(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  char *out = lua_newuserdata(L, 6 * length + 2);
  const char *end = sms_json_quote(out, text, length);
  lua_pushlstring(L, out, (size_t)(end - out));
  return 1;
}

/* double_text(number) -> the shortest text that is the same number */
static int double_text(lua_State *L) {
  char text[SMS_DOUBLE_MAX];
  lua_pushlstring(L, text, sms_json_double(luaL_checknumber(L, 1), text));
  return 1;
}

/* to_double(text) -> the number | nothing */
static int to_double(lua_State *L) {
  size_t length;
  double value;
  const char *text = luaL_checklstring(L, 1, &length);
  if (!sms_json_to_double(text, length, &value)) return 0;
  lua_pushnumber(L, value);
  return 1;
}

static const luaL_Reg functions[] = {
    {"double_text", double_text}, {"json_members", json_members},
    {"json_quote", json_quote},   {"json_read", json_read},
    {"to_double", to_double},     {NULL, NULL},
};

void sms_lua_open_json(lua_State *L) {
  sms_lua_set_functions(L, functions);
  push_null(L);
  lua_setfield(L, -2, "null");
}
