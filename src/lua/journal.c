/* The journal of bulk sending (journal.h) for Lua.
 *
 *   core.journal(path, sync)        -> journal | nil, why
 *   journal:look(ordinal, hash)     -> state | nil, why
 *   journal:begin(ordinals, hashes) -> position | nil, why
 *   journal:finish(ordinals, outcomes)  -> position | nil, why
 *   journal:highest()               -> the highest ordinal begun
 *   journal:is_durable(position)    -> boolean | nil, why
 *   journal:check()                 -> true | nil, why: its path names another file,
 * ... journal:warning()               -> what was cut off its end, once | nil
 *   journal:close()                 as often as one likes
 *
 * begin and finish take one ordinal and its hash or outcome, or a list, which is one
 * write: with the hashes of all as one string or LongText, in its order; with a list of
 * outcomes as long, or the outcome of all. It has SMS_JOURNAL_ITEMS_MAX items at most.
 *
 * Ordinals are 1, 2, 3, ...; a hash is 32 bytes (core.sha256); a state is "new",
 * "accepted", "rejected", "ambiguous", "open" or "changed"; an outcome is "accepted",
 * "rejected", "not_sent" or "ambiguous". nil, why: nothing was written. What is not as
 * said here is an error at the caller. */
#include "journal/journal.h"
#include "base/random.h"
#include "lua/binding.h"
#include <math.h>
#include <string.h>

#define TYPE "sms.journal"

/* journal(path, sync) */
static int new_journal(lua_State *L) {
  char why[SMS_WHY_MAX];
  size_t length;
  uint64_t salt = 0;
  const char *path = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, strlen(path) == length, 1, "a path has no zero bytes");
  int error = sms_random_fill(&salt, sizeof salt);
  if (error) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: no random numbers: %s", path, strerror(error));
    return 2;
  }
  void **box = sms_lua_box(L, TYPE);
  sms_journal *journal;
  if (sms_journal_open(path, lua_toboolean(L, 2), salt, &journal, why) != SMS_OK) {
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
  }
  *box = journal;
  return 1;
}

/* nil and why. [-0, +2] */
static int fail(lua_State *L, const sms_journal *journal) {
  lua_pushnil(L);
  lua_pushstring(L, sms_journal_why(journal));
  return 2;
}

/* An error of Lua would break off the run, and lose how a call has ended. [-0, +2] */
static int fail_for_memory(lua_State *L) {
  lua_pushnil(L);
  lua_pushliteral(L, "memory ran out");
  return 2;
}

/* The item of a list, or what is no list itself. [-0, +1] */
static void push_item(lua_State *L, int index, size_t i) {
  if (lua_istable(L, index))
    lua_rawgeti(L, index, (int)i + 1);
  else
    lua_pushvalue(L, index);
}

static size_t count_items(lua_State *L, int index) {
  size_t count = 0;
  if (!lua_istable(L, index)) return 1;
  for (bool more = true; more; lua_pop(L, 1)) {
    push_item(L, index, count);
    more = !lua_isnil(L, -1);
    if (more) count++;
    luaL_argcheck(L, count <= SMS_JOURNAL_ITEMS_MAX, index, "too many items");
  }
  return count;
}

static uint64_t check_ordinal(lua_State *L, int value, int argument) {
  lua_Number number = lua_tonumber(L, value);
  bool is_ordinal = lua_type(L, value) == LUA_TNUMBER && number >= 1 &&
                    number <= (lua_Number)SMS_JOURNAL_ORDINAL_MAX &&
                    number == floor(number);
  luaL_argcheck(L, is_ordinal, argument, "an ordinal was expected: 1, 2, 3, ...");
  return (uint64_t)number;
}

static const char *check_hashes(lua_State *L, int argument, size_t count) {
  size_t length;
  const char *hashes = sms_lua_text(L, argument, &length);
  luaL_argcheck(L, length == count * SMS_JOURNAL_HASH, argument,
                "32 bytes for each ordinal were expected");
  return hashes;
}

static enum sms_journal_state check_outcome(lua_State *L, int value, int argument) {
  static const struct {
    const char *word;
    enum sms_journal_state state;
  } outcomes[] = {
      {"accepted", SMS_JOURNAL_ACCEPTED},
      {"rejected", SMS_JOURNAL_REJECTED},
      {"not_sent", SMS_JOURNAL_NOT_SENT},
      {"ambiguous", SMS_JOURNAL_AMBIGUOUS},
  };
  const char *word = lua_type(L, value) == LUA_TSTRING ? lua_tostring(L, value) : "";
  for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
    if (strcmp(word, outcomes[i].word) == 0) return outcomes[i].state;
  luaL_argerror(L, argument, "an outcome was expected");
  return SMS_JOURNAL_NEW;
}

/* The ordinals of argument 2; NULL: no memory. [-0, +0] */
static struct sms_journal_item *check_items(lua_State *L, sms_journal *journal,
                                            size_t *count) {
  *count = count_items(L, 2);
  luaL_argcheck(L, *count > 0, 2, "an empty list");
  if (lua_istable(L, 3))
    luaL_argcheck(L, lua_istable(L, 2) && count_items(L, 3) == *count, 3,
                  "as many as ordinals were expected");
  struct sms_journal_item *items = sms_journal_room(journal, *count);
  if (!items) return NULL;
  memset(items, 0, *count * sizeof *items);
  for (size_t i = 0; i < *count; i++) {
    push_item(L, 2, i);
    items[i].ordinal = check_ordinal(L, -1, 2);
    lua_pop(L, 1);
  }
  return items;
}

/* journal:look(ordinal, hash) */
static int look(lua_State *L) {
  static const char *const words[] = {
      [SMS_JOURNAL_NEW] = "new",           [SMS_JOURNAL_OPEN] = "open",
      [SMS_JOURNAL_ACCEPTED] = "accepted", [SMS_JOURNAL_REJECTED] = "rejected",
      [SMS_JOURNAL_NOT_SENT] = "new",      [SMS_JOURNAL_AMBIGUOUS] = "ambiguous",
      [SMS_JOURNAL_CHANGED] = "changed",
  };
  enum sms_journal_state state;
  sms_journal *journal = sms_lua_check(L, 1, TYPE);
  uint64_t ordinal = check_ordinal(L, 2, 2);
  const char *hash = check_hashes(L, 3, 1);
  if (sms_journal_look(journal, ordinal, (const void *)hash, &state) != SMS_OK)
    return fail(L, journal);
  lua_pushstring(L, words[state]);
  return 1;
}

/* The position, or nil and why. [-0, +1 or +2] */
static int answer(lua_State *L, const sms_journal *journal, enum sms_status status,
                  int64_t position) {
  if (status != SMS_OK) return fail(L, journal);
  lua_pushnumber(L, (lua_Number)position);
  return 1;
}

/* journal:begin(ordinal, hash) or (ordinals, hashes) */
static int begin(lua_State *L) {
  size_t count;
  int64_t position;
  sms_journal *journal = sms_lua_check(L, 1, TYPE);
  struct sms_journal_item *items = check_items(L, journal, &count);
  if (!items) return fail_for_memory(L);
  const char *hashes = check_hashes(L, 3, count);
  for (size_t i = 0; i < count; i++)
    memcpy(items[i].hash, hashes + i * SMS_JOURNAL_HASH, SMS_JOURNAL_HASH);
  enum sms_status status = sms_journal_begin(journal, items, count, &position);
  return answer(L, journal, status, position);
}

/* journal:finish(ordinal, outcome), (ordinals, outcome) or (ordinals, outcomes) */
static int finish(lua_State *L) {
  size_t count;
  int64_t position;
  sms_journal *journal = sms_lua_check(L, 1, TYPE);
  struct sms_journal_item *items = check_items(L, journal, &count);
  if (!items) return fail_for_memory(L);
  for (size_t i = 0; i < count; i++) {
    push_item(L, 3, i);
    items[i].outcome = check_outcome(L, -1, 3);
    lua_pop(L, 1);
  }
  enum sms_status status = sms_journal_finish(journal, items, count, &position);
  return answer(L, journal, status, position);
}

/* journal:highest() -> the highest ordinal that was begun; 0: none was */
static int highest(lua_State *L) {
  const sms_journal *journal = sms_lua_check(L, 1, TYPE);
  lua_pushinteger(L, (lua_Integer)sms_journal_highest(journal));
  return 1;
}

/* journal:is_durable(position) */
static int is_durable(lua_State *L) {
  bool durable = false;
  sms_journal *journal = sms_lua_check(L, 1, TYPE);
  lua_Number position = luaL_checknumber(L, 2);
  luaL_argcheck(L, position >= 0 && position < 9e15, 2, "no position is like this");
  if (sms_journal_is_durable(journal, (int64_t)position, &durable) != SMS_OK)
    return fail(L, journal);
  lua_pushboolean(L, durable);
  return 1;
}

/* journal:check() */
static int check(lua_State *L) {
  sms_journal *journal = sms_lua_check(L, 1, TYPE);
  if (sms_journal_check(journal) != SMS_OK) return fail(L, journal);
  lua_pushboolean(L, true);
  return 1;
}

/* journal:warning() */
static int warning(lua_State *L) {
  lua_pushstring(L, sms_journal_warning(sms_lua_check(L, 1, TYPE))); /* NULL: nil */
  return 1;
}

static int close_journal(lua_State *L) {
  void **box = luaL_checkudata(L, 1, TYPE);
  sms_journal_close(*box);
  *box = NULL;
  return 0;
}

static const luaL_Reg methods[] = {
    {"begin", begin},   {"check", check},     {"close", close_journal},
    {"finish", finish}, {"highest", highest}, {"is_durable", is_durable},
    {"look", look},     {"warning", warning}, {NULL, NULL},
};

static const luaL_Reg meta[] = {
    {"__close", close_journal},
    {"__gc", close_journal},
    {NULL, NULL},
};

void sms_lua_open_journal(lua_State *L) {
  static const luaL_Reg functions[] = {{"journal", new_journal}, {NULL, NULL}};
  sms_lua_type(L, TYPE, methods, meta);
  sms_lua_set_functions(L, functions);
}
