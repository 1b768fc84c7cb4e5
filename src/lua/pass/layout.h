/* Declared fields as C walks over them: a flat list of nodes, made once from a plan of
 * sms.schema.layout. Inside of the bindings only. */
#ifndef SMS_LUA_PASS_LAYOUT_H
#define SMS_LUA_PASS_LAYOUT_H

#include "lua/binding.h"
#include <stdbool.h>

/* As sms.schema.layout numbers them. */
enum kind { ANY, STRING, INTEGER, BOOLEAN, FLAG, ARRAY, RECORD };
enum format { NO_FORMAT, PHONE, E164, SENDER, IN_LUA };

#define SMS_PLAN_FIELDS_MAX 32 /* of a record: they are bits of a word */

/* A declared field, an array's item, or a word of an enumeration. */
struct node {
  const char *name; /* as Lua keeps it: an equal key is the same string */
  const char *head; /* what is written before the value; NULL: it is only checked */
  size_t head_length;
  enum kind kind;
  enum format format;
  bool multiline;
  lua_Number least, most, most_ascii; /* characters, or items */
  lua_Number min, max, or_value;
  int first, count; /* children: fields, the item, words */
  int shorthand;    /* the field that a string stands for; -1: none */
  int follower;     /* the field that came after this one last time, or first in it */
  uint32_t needed;  /* fields that must be given */
};

/* The nodes, the operation's record first. Where it has a text, this goes without the
 * type, or with the type misfit, which it has to where it is not GSM 7-bit. */
struct plan {
  bool json;
  int count;          /* of the nodes */
  int text, type;     /* fields; -1: there are none */
  const char *misfit; /* as Lua keeps it */
  uint32_t without;   /* fields that are out of the ordinary */
  struct node nodes[];
};

/* The plan of the table at index: a list of struct node, with that of struct plan
 * beside it; places count from 1. Its strings are the table's, which must be kept. [-0,
 * +1] */
struct plan *sms_lua_plan(lua_State *L, int index);

/* The child of that name, or -1. Lua keeps equal short strings as one. */
int sms_plan_child(const struct plan *plan, const struct node *node, const char *name);

#endif
