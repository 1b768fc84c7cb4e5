#include "lua/pass/layout.h"
#include <math.h>
#include <string.h>

int sms_layout_child(const struct layout *layout, const struct node *node,
                     const char *name) {
  const struct node *children = layout->nodes + node->first;
  for (int i = 0; i < node->count; i++)
    if (children[i].name == name) return i;
  return -1;
}

static int small(char c) {
  return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool is_same_word(const char *a, const char *b) {
  for (; *a && small(*a) == small(*b); a++)
    b++;
  return small(*a) == small(*b);
}

int sms_layout_word(const struct layout *layout, const struct node *node,
                    const char *text) {
  int child = sms_layout_child(layout, node, text);
  for (int i = 0; child < 0 && i < node->count; i++)
    if (is_same_word(layout->nodes[node->first + i].name, text)) child = i;
  return child;
}

/* ---- Making one --------------------------------------------------------------------
 */

/* What is wrong about it is wrong for good: nothing looks at it again in a pass. */
static int refuse(lua_State *L, const char *what) {
  return luaL_error(L, "no layout is like this: %s", what);
}

/* A number of the table on top. [-0, +0] */
static lua_Number number(lua_State *L, const char *name, lua_Number otherwise) {
  lua_getfield(L, -1, name);
  lua_Number value = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : otherwise;
  lua_pop(L, 1);
  return value;
}

/* The same, whole and from 0 to most. */
static uint32_t whole(lua_State *L, const char *name, lua_Number otherwise,
                      uint32_t most) {
  lua_Number value = number(L, name, otherwise);
  if (!(value >= 0 && value <= most) || value != floor(value)) refuse(L, name);
  return (uint32_t)value;
}

/* A string of the table on top, which goes into the list at index; NULL: none. [-0, +0]
 */
static const char *keep(lua_State *L, int index, int place, const char *name,
                        size_t *length) {
  const char *string = NULL;
  *length = 0;
  lua_getfield(L, -1, name);
  if (lua_type(L, -1) == LUA_TSTRING)
    string = lua_tolstring(L, -1, length);
  else if (!lua_isnil(L, -1))
    refuse(L, name);
  if (!string) {
    lua_pop(L, 1);
    lua_pushboolean(L, 0); /* no hole */
  }
  lua_rawseti(L, index, place);
  return string;
}

static void read_node(lua_State *L, int strings, struct layout *layout, int place) {
  struct node *node = &layout->nodes[place];
  uint32_t all = (uint32_t)layout->count;
  node->name = keep(L, strings, place + 1, "name", &node->name_length);
  node->head = keep(L, strings, layout->count + place + 1, "head", &node->head_length);
  node->kind = (enum kind)whole(L, "kind", ANY, NOT_BLANK);
  node->format = (enum format)whole(L, "format", NO_FORMAT, IN_LUA);
  node->multiline = number(L, "multiline", 0) > 0;
  node->empty = number(L, "empty", 0) > 0;
  node->reference = number(L, "reference", 0) > 0;
  node->least = number(L, "least", 0);
  node->most = number(L, "most", HUGE_VAL);
  node->min = number(L, "min", -HUGE_VAL);
  node->max = number(L, "max", HUGE_VAL);
  node->or_value = number(L, "or_value", node->min);
  node->first = (int)whole(L, "first", 1, all + 1) - 1;
  node->count = (int)whole(L, "count", 0, all);
  node->shorthand = (int)whole(L, "shorthand", 0, all) - 1;
  node->follower = node->usual = 0;
  node->added = (int)whole(L, "added", 0, SMS_LAYOUT_FIELDS_MAX);
  node->needed = whole(L, "needed", 0, UINT32_MAX);
}

/* What is wrong about a node, whose children lie behind it; NULL: nothing. */
static const char *flaw_of(const struct layout *layout, int place) {
  const struct node *node = &layout->nodes[place];
  const struct node *children = &layout->nodes[node->first];
  if (node->count == 0) return node->kind == ARRAY ? "no item" : NULL;
  if (node->first <= place || node->count > layout->count - node->first)
    return "children in a place that cannot be";
  if (node->kind == ARRAY) return NULL;
  if (node->kind == RECORD && node->count > SMS_LAYOUT_FIELDS_MAX)
    return "too many fields";
  for (int i = 0; i < node->count; i++)
    if (!children[i].name) return "a child without a name";
  if (node->shorthand >= node->count) return "no such shorthand";
  if (node->shorthand >= 0 && !children[node->shorthand].head) return "no head";
  return NULL;
}

/* Notes how many nodes stand above those in a node, which are in no other. */
static const char *lower(const struct layout *layout, int place,
                         unsigned char *levels) {
  const struct node *node = &layout->nodes[place];
  if (levels[place] > SMS_LAYOUT_DEEPEST) return "too deep";
  for (int i = node->first; i < node->first + node->count; i++) {
    if (levels[i]) return "a node in two places";
    levels[i] = (unsigned char)(levels[place] + 1);
  }
  return NULL;
}

static const char *flaw_of_text(const struct layout *layout) {
  const struct node *root = layout->nodes;
  if (layout->text < 0) return NULL;
  if (root->kind != RECORD || layout->text >= root->count || layout->type < 0 ||
      layout->type >= root->count || !layout->misfit)
    return "no such text or type";
  return root[root->first + layout->type].head ? NULL : "no head";
}

static void check_all(lua_State *L, const struct layout *layout) {
  unsigned char *levels = lua_newuserdata(L, (size_t)layout->count);
  const char *what = flaw_of_text(layout);
  memset(levels, 0, (size_t)layout->count);
  for (int i = 0; i < layout->count && !what; i++) {
    what = flaw_of(layout, i);
    if (!what) what = lower(layout, i, levels);
  }
  if (what) refuse(L, what);
  lua_pop(L, 1);
}

struct layout *sms_lua_layout(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  size_t count = lua_rawlen(L, index), length;
  if (count == 0 || count > SMS_LAYOUT_NODES_MAX) refuse(L, "nodes");
  struct layout *layout =
      lua_newuserdata(L, sizeof *layout + count * sizeof layout->nodes[0]);
  lua_createtable(L, 2 * (int)count + 1, 0);
  const int strings = lua_gettop(L);
  lua_pushvalue(L, index);
  layout->count = (int)count;
  layout->json = number(L, "json", 0) > 0;
  layout->exact = number(L, "exact", 0) > 0;
  layout->text = (int)whole(L, "text", 0, SMS_LAYOUT_FIELDS_MAX) - 1;
  layout->type = (int)whole(L, "type", 0, SMS_LAYOUT_FIELDS_MAX) - 1;
  layout->misfit = keep(L, strings, 2 * (int)count + 1, "misfit", &length);
  layout->without = whole(L, "without", 0, UINT32_MAX);
  for (int i = 0; i < layout->count; i++) {
    lua_rawgeti(L, -1, i + 1);
    if (!lua_istable(L, -1)) refuse(L, "a node");
    read_node(L, strings, layout, i);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  check_all(L, layout);
  return layout;
}
