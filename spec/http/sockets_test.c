/* When a look at all kept connections may stand for one at each. */
#include "http/sockets.h"
#include "test_engine.h"
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define WITHIN 10   /* microseconds: one look serves all */
#define LATER  2000 /* another is needed */

/* A connection that libcurl has opened, seen from both sides. */
struct pair {
  CURL *easy;
  int peer, port;
};

struct room {
  struct sms_http_sockets sockets;
  struct pair pairs[2];
  int64_t now;
};

/* One that leaves its port to others, too. */
static curl_socket_t open_at(void *port, curlsocktype purpose,
                             struct curl_sockaddr *to) {
  const int on = 1;
  struct sockaddr_in own = {.sin_family = AF_INET,
                            .sin_port = htons(*(uint16_t *)port)};
  (void)purpose;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(to->family, to->socktype, to->protocol);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
  return fd;
}

/* Local port 0: any. */
static struct pair connect_one(struct sms_http_sockets *sockets, int local) {
  struct pair pair = {.easy = curl_easy_init()};
  uint16_t own_port = (uint16_t)local;
  char url[64];
  int port;
  long local_port;
  int listener = bound_socket(&port);
  assert_int_equal(listen(listener, 1), 0);
  snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
  assert_int_equal(sms_http_sockets_watch(sockets, pair.easy), CURLE_OK);
  curl_easy_setopt(pair.easy, CURLOPT_URL, url);
  curl_easy_setopt(pair.easy, CURLOPT_PROXY, "");
  curl_easy_setopt(pair.easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(pair.easy, CURLOPT_OPENSOCKETFUNCTION, open_at);
  curl_easy_setopt(pair.easy, CURLOPT_OPENSOCKETDATA, &own_port);
  assert_int_equal(curl_easy_perform(pair.easy), CURLE_OK);
  curl_easy_getinfo(pair.easy, CURLINFO_LOCAL_PORT, &local_port);
  pair.port = (int)local_port;
  pair.peer = accept(listener, NULL, NULL);
  assert_true(pair.peer >= 0);
  close(listener);
  return pair;
}

static void end_one(struct room *room, int i) {
  sms_http_sockets_rest(&room->sockets, room->pairs[i].port);
}

static bool begin_one(struct room *room, int i, int64_t after) {
  room->now += after;
  return sms_http_sockets_use(&room->sockets, room->pairs[i].port, room->now);
}

/* Both connections carry a request; that of the first has just begun, so that the next
 * one makes a look at all. */
static void enter(struct room *room) {
  *room = (struct room){.now = SECOND};
  for (int i = 0; i < 2; i++) {
    room->pairs[i] = connect_one(&room->sockets, 0);
    assert_true(begin_one(room, i, 0));
  }
  end_one(room, 0);
  assert_true(begin_one(room, 0, WITHIN));
}

static void leave(struct room *room) {
  for (int i = 0; i < 2; i++) {
    curl_easy_cleanup(room->pairs[i].easy);
    close(room->pairs[i].peer);
  }
  assert_int_equal(room->sockets.count, 0);
  sms_http_sockets_free(&room->sockets);
}

static void say(struct room *room, int i) {
  assert_int_equal(send(room->pairs[i].peer, "!", 1, 0), 1);
}

/* A request begins on the first connection, which looks at all; then one of them says
 * something, and the next request begins there. */
static const struct scene {
  const char *name;
  bool both_idle; /* when all were looked at; otherwise the first alone */
  int speaker;
  int64_t after;
  bool used;
} scenes[] = {
    /* As if on its way when the request was, too. */
    {"one look serves all that are idle", true, 1, WITHIN, true},
    {"a look does not count for long", true, 1, LATER, false},
    {"a look counts for one use", true, 0, WITHIN, false},
    /* Its answer was still to come: what comes behind that is nobody's. */
    {"a look does not count for one that was busy", false, 1, WITHIN, false},
};
#define SCENES (sizeof scenes / sizeof scenes[0])

static void a_look_counts_as_it_should(void **state) {
  const struct scene *scene = *state;
  struct room room;
  enter(&room);
  end_one(&room, 0);
  if (scene->both_idle) end_one(&room, 1);
  assert_true(begin_one(&room, 0, WITHIN));
  end_one(&room, scene->speaker);
  say(&room, scene->speaker);
  assert_int_equal(begin_one(&room, scene->speaker, scene->after), scene->used);
  leave(&room);
}

static void two_with_one_port_are_both_looked_at(void **state) {
  struct room room = {.now = SECOND};
  (void)state;
  room.pairs[0] = connect_one(&room.sockets, 0);
  assert_true(begin_one(&room, 0, 0));
  room.pairs[1] = connect_one(&room.sockets, room.pairs[0].port);
  assert_int_equal(room.pairs[1].port, room.pairs[0].port);
  assert_true(begin_one(&room, 1, LATER));
  end_one(&room, 1);
  say(&room, 1);
  assert_false(begin_one(&room, 0, LATER));
  leave(&room);
}

int main(void) {
  struct CMUnitTest tests[SCENES + 1] = {
      cmocka_unit_test(two_with_one_port_are_both_looked_at)};
  for (size_t i = 0; i < SCENES; i++)
    tests[1 + i] = (struct CMUnitTest){scenes[i].name, a_look_counts_as_it_should, NULL,
                                       NULL, (void *)(uintptr_t)&scenes[i]};
  return cmocka_run_group_tests_name("http_sockets", tests, NULL, NULL);
}
