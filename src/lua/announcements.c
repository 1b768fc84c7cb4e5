/* What clients say of their limits to those in other Lua states of the process. */
#include "lua/announcements.h"
#include "limit/announcements.h"
#include <string.h>

#define TYPE "sms.announcement"
#define SEEN "sms.announcements.seen"

uint32_t *sms_lua_push_seen_version(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, SEEN);
  return lua_touserdata(L, -1);
}

bool sms_lua_has_news(const uint32_t *seen) {
  return *seen != sms_announcements_version();
}

/* has_news() -> whether something has come or gone since see_news() */
static int has_news(lua_State *L) {
  lua_pushboolean(L, sms_lua_has_news(sms_lua_push_seen_version(L)));
  return 1;
}

/* see_news(): what is there from now on is news; the caller looks at what is there */
static int see_news(lua_State *L) {
  *sms_lua_push_seen_version(L) = sms_announcements_version();
  return 0;
}

/* announce(key, text) -> Announcement, until it is withdrawn or collected | nil, why */
static int announce(lua_State *L) {
  const char *key = luaL_checkstring(L, 1), *text = luaL_checkstring(L, 2);
  void **box = sms_lua_box(L, TYPE);
  *box = sms_announce(key, text, sms_lua_push_seen_version(L));
  lua_pop(L, 1);
  return *box ? 1 : sms_lua_fail(L, SMS_NO_MEMORY);
}

/* announcement:withdraw() */
static int withdraw(lua_State *L) {
  void **box = luaL_checkudata(L, 1, TYPE);
  sms_announcement_withdraw(*box, sms_lua_push_seen_version(L));
  *box = NULL;
  return 0;
}

/* The state sees that as news: nobody there has looked. */
static int collect(lua_State *L) {
  void **box = luaL_checkudata(L, 1, TYPE);
  uint32_t nobodys = 0;
  sms_announcement_withdraw(*box, &nobodys);
  *box = NULL;
  return 0;
}

/* announced(key) -> list of the texts that are said of it, each once */
static int announced(lua_State *L) {
  const char *key = luaL_checkstring(L, 1);
  char *texts = NULL;
  size_t size = 0, needed;
  while ((needed = sms_announced(key, texts, size)) > size) {
    size = needed;
    texts = lua_newuserdata(L, size);
  }
  lua_newtable(L);
  int count = 0;
  for (size_t at = 0; at < needed; at += strlen(texts + at) + 1) {
    lua_pushstring(L, texts + at);
    lua_rawseti(L, -2, ++count);
  }
  return 1;
}

static const luaL_Reg methods[] = {{"withdraw", withdraw}, {NULL, NULL}};

static const luaL_Reg meta[] = {{"__gc", collect}, {NULL, NULL}};

void sms_lua_open_announcements(lua_State *L) {
  static const luaL_Reg functions[] = {{"announce", announce},
                                       {"announced", announced},
                                       {"has_news", has_news},
                                       {"see_news", see_news},
                                       {NULL, NULL}};
  uint32_t *seen = lua_newuserdata(L, sizeof *seen);
  *seen = sms_announcements_version();
  lua_setfield(L, LUA_REGISTRYINDEX, SEEN);
  sms_lua_type(L, TYPE, methods, meta);
  sms_lua_set_functions(L, functions);
}
