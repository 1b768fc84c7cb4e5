/* Declared fields as the passes walk over them: a flat list of nodes, made once from
 * what sms.schema.layout lays out. */
#ifndef SMS_LUA_PASS_LAYOUT_H
#define SMS_LUA_PASS_LAYOUT_H

#include "lua/binding.h"
#include <stdbool.h>

/* As sms.schema.layout numbers them. */
enum kind { ANY, STRING, INTEGER, BOOLEAN, FLAG, ARRAY, RECORD, ALIAS, NOT_BLANK };
enum format { NO_FORMAT, PHONE, E164, SENDER, IN_LUA };

#define SMS_LAYOUT_FIELDS_MAX 32 /* of a record: they are bits of a word */
#define SMS_LAYOUT_NODES_MAX  4096
#define SMS_LAYOUT_DEEPEST    8 /* nodes above a node: a pass has room for so many */

/* A declared field, an array's item, or a word of an enumeration. */
struct node {
  const char *name; /* as Lua keeps it: an equal key is the same string */
  size_t name_length;
  const char *head; /* what is written before the value; NULL: it is only checked */
  size_t head_length;
  enum kind kind;
  enum format format;
  bool multiline;
  bool empty;             /* an empty text is a value, too */
  bool reference;         /* a whole number is taken for its digits */
  lua_Number least, most; /* characters, or items */
  lua_Number min, max, or_value;
  int first, count; /* children: fields, the item, words */
  int shorthand;    /* the field that a string stands for; -1: none */
  int follower;     /* the field that came after this one last time, or first in it */
  int usual;        /* how many of its fields the last record had */
  int added;        /* fields that get their values later */
  uint32_t needed;  /* fields that must be given */
};

/* The nodes, the operation's record first. Where it has a text, this goes without the
 * type, or with the type misfit, which it has to where it is not GSM 7-bit. */
struct layout {
  bool json;
  bool exact; /* rules in Lua see what is given: no text for a number, no other case */
  int count;  /* of the nodes */
  int text, type;     /* fields; -1: there are none */
  const char *misfit; /* as Lua keeps it */
  uint32_t without;   /* fields that are out of the ordinary */
  struct node nodes[];
};

/* Reads the table at index: a list of what struct node has, with what struct layout has
 * beside it; places count from 1. Raises where a pass would go astray in it. Pushes the
 * layout, and a list of its strings, which must be kept as long: first the names of the
 * nodes, at their places, false where one has none. [-0, +2] */
struct layout *sms_lua_layout(lua_State *L, int index);

/* The child of that name, or -1. Lua keeps equal short strings as one. */
int sms_layout_child(const struct layout *layout, const struct node *node,
                     const char *name);

/* The same for any text, and whatever the case of its letters (ASCII). */
int sms_layout_word(const struct layout *layout, const struct node *node,
                    const char *text);

#endif
