#include "lua/pass/layout.h"
#include <math.h>

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

/* A number of the table on top. [-0, +0] */
static lua_Number number(lua_State *L, const char *name, lua_Number otherwise) {
  lua_getfield(L, -1, name);
  lua_Number value = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : otherwise;
  lua_pop(L, 1);
  return value;
}

static void read_node(lua_State *L, struct node *node) {
  node->name_length = 0;
  node->name = sms_lua_string(L, -1, "name", &node->name_length);
  node->head = sms_lua_string(L, -1, "head", &node->head_length);
  node->kind = (enum kind)number(L, "kind", ANY);
  node->format = (enum format)number(L, "format", NO_FORMAT);
  node->multiline = number(L, "multiline", 0) > 0;
  node->empty = number(L, "empty", 0) > 0;
  node->reference = number(L, "reference", 0) > 0;
  node->least = number(L, "least", 0);
  node->most = number(L, "most", HUGE_VAL);
  node->min = number(L, "min", -HUGE_VAL);
  node->max = number(L, "max", HUGE_VAL);
  node->or_value = number(L, "or_value", node->min);
  node->first = (int)number(L, "first", 1) - 1;
  node->count = (int)number(L, "count", 0);
  node->shorthand = (int)number(L, "shorthand", 0) - 1;
  node->follower = node->usual = 0;
  node->added = (int)number(L, "added", 0);
  node->needed = (uint32_t)number(L, "needed", 0);
}

struct layout *sms_lua_layout(lua_State *L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  size_t count = lua_rawlen(L, index);
  struct layout *layout =
      lua_newuserdata(L, sizeof *layout + count * sizeof layout->nodes[0]);
  lua_pushvalue(L, index);
  layout->count = (int)count;
  layout->json = number(L, "json", 0) > 0;
  layout->exact = number(L, "exact", 0) > 0;
  layout->text = (int)number(L, "text", 0) - 1;
  layout->type = (int)number(L, "type", 0) - 1;
  layout->misfit = sms_lua_string(L, -1, "misfit", NULL);
  layout->without = (uint32_t)number(L, "without", 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    read_node(L, &layout->nodes[i]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return layout;
}
