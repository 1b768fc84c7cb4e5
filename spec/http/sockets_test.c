/* When a look at all kept connections may stand for one at each, and how they are
 * closed.
 */
#include "http/sockets.h"
#include "test_engine.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WITHIN 10   /* microseconds: one look serves all */
#define LATER  2000 /* another is needed */

/* A connection that libcurl has opened, seen from both sides. */
struct pair {
  CURL *easy;
  int peer;
  struct sms_http_way way;
  struct sms_http_seat seat; /* of its last request */
};

struct room {
  struct sms_http_sockets sockets;
  struct pair pairs[2];
  int64_t now;
};

/* From a port that others may have, too. */
static int bind_to(void *port, curl_socket_t fd, curlsocktype purpose) {
  const int on = 1;
  struct sockaddr_in own = {.sin_family = AF_INET,
                            .sin_port = htons(*(uint16_t *)port)};
  (void)purpose;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
  return CURL_SOCKOPT_OK;
}

/* Local port 0: any. */
static struct pair connect_one(struct sms_http_sockets *sockets, int local) {
  struct pair pair = {.easy = curl_easy_init(), .way.ip = "127.0.0.1"};
  uint16_t own_port = (uint16_t)local;
  char url[64];
  long local_port;
  int listener = bound_socket(&pair.way.port);
  assert_int_equal(listen(listener, 1), 0);
  snprintf(url, sizeof url, "http://127.0.0.1:%d", pair.way.port);
  assert_int_equal(sms_http_sockets_watch(sockets, pair.easy), CURLE_OK);
  curl_easy_setopt(pair.easy, CURLOPT_URL, url);
  curl_easy_setopt(pair.easy, CURLOPT_PROXY, "");
  curl_easy_setopt(pair.easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(pair.easy, CURLOPT_SOCKOPTFUNCTION, bind_to);
  curl_easy_setopt(pair.easy, CURLOPT_SOCKOPTDATA, &own_port);
  assert_int_equal(curl_easy_perform(pair.easy), CURLE_OK);
  curl_easy_getinfo(pair.easy, CURLINFO_LOCAL_PORT, &local_port);
  pair.way.local_port = (int)local_port;
  pair.peer = accept(listener, NULL, NULL);
  assert_true(pair.peer >= 0);
  close(listener);
  return pair;
}

static void end_one(struct room *room, int i) {
  sms_http_sockets_end(&room->sockets, room->pairs[i].seat, false, 0);
}

static bool begin_one(struct room *room, int i, int64_t after) {
  bool used;
  struct pair *pair = &room->pairs[i];
  room->now += after;
  pair->seat = sms_http_sockets_find(&room->sockets, &pair->way, &used);
  if (used && !sms_http_sockets_is_silent(&room->sockets, pair->seat, room->now))
    return false;
  sms_http_sockets_begin(&room->sockets, pair->seat);
  return true;
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

static void two_with_one_port_are_told_apart(void **state) {
  struct room room = {.now = SECOND};
  (void)state;
  room.pairs[0] = connect_one(&room.sockets, 0);
  assert_true(begin_one(&room, 0, 0));
  room.pairs[1] = connect_one(&room.sockets, room.pairs[0].way.local_port);
  assert_int_equal(room.pairs[1].way.local_port, room.pairs[0].way.local_port);
  assert_true(begin_one(&room, 1, LATER));
  assert_true(room.pairs[0].seat.number != room.pairs[1].seat.number);
  for (int i = 0; i < 2; i++)
    end_one(&room, i);
  say(&room, 1);
  assert_true(begin_one(&room, 0, LATER));
  assert_false(begin_one(&room, 1, LATER));
  leave(&room);
}

/* Errno of what comes next from libcurl's side; 0: its end. */
static int end_seen_by(int peer) {
  char byte;
  ssize_t got;
  do
    got = recv(peer, &byte, 1, 0);
  while (got > 0);
  return got == 0 ? 0 : errno;
}

static const struct farewell {
  const char *name;
  bool begun, heard, ended;
  int seen;
} farewells[] = {
    {"a connection without a request is closed", false, false, false, 0},
    {"one with a request under way is reset", true, false, false, ECONNRESET},
    {"one whose answer has come is closed", true, true, false, 0},
    {"so is one whose request has ended", true, false, true, 0},
};
#define FAREWELLS (sizeof farewells / sizeof farewells[0])

/* Of two requests on it, as HTTP/2 has them, the other one has had its answer. */
static void a_farewell_is_as_it_should(void **state) {
  const struct farewell *farewell = *state;
  struct room room = {.now = SECOND};
  struct pair *pair = &room.pairs[0];
  *pair = connect_one(&room.sockets, 0);
  if (farewell->begun) {
    assert_true(begin_one(&room, 0, 0));
    sms_http_sockets_begin(&room.sockets, pair->seat);
    sms_http_sockets_hear(&room.sockets, pair->seat);
    if (farewell->heard) sms_http_sockets_hear(&room.sockets, pair->seat);
    if (farewell->ended) end_one(&room, 0);
  }
  pid_t child = fork(); /* which has it, too */
  assert_true(child >= 0);
  if (child == 0)
    for (;;)
      pause();
  curl_easy_cleanup(pair->easy);
  /* An orderly end comes when the last one lets go of it. */
  if (farewell->seen) assert_int_equal(end_seen_by(pair->peer), farewell->seen);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  if (!farewell->seen) assert_int_equal(end_seen_by(pair->peer), 0);
  close(pair->peer);
  sms_http_sockets_free(&room.sockets);
}

static void a_socket_is_close_on_exec_and_not_below_3(void **state) {
  struct room room = {.now = SECOND};
  int output = dup(STDOUT_FILENO);
  (void)state;
  close(STDOUT_FILENO);
  room.pairs[0] = connect_one(&room.sockets, 0);
  assert_int_equal(dup2(output, STDOUT_FILENO), STDOUT_FILENO);
  close(output);
  int fd = room.sockets.polled[0].fd;
  assert_true(fd > STDERR_FILENO);
  assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
  curl_easy_cleanup(room.pairs[0].easy);
  close(room.pairs[0].peer);
  sms_http_sockets_free(&room.sockets);
}

int main(void) {
  enum { OTHERS = 2 };
  struct CMUnitTest tests[OTHERS + SCENES + FAREWELLS] = {
      cmocka_unit_test(two_with_one_port_are_told_apart),
      cmocka_unit_test(a_socket_is_close_on_exec_and_not_below_3),
  };
  for (size_t i = 0; i < SCENES; i++)
    tests[OTHERS + i] = (struct CMUnitTest){scenes[i].name, a_look_counts_as_it_should,
                                            NULL, NULL, (void *)(uintptr_t)&scenes[i]};
  for (size_t i = 0; i < FAREWELLS; i++)
    tests[OTHERS + SCENES + i] =
        (struct CMUnitTest){farewells[i].name, a_farewell_is_as_it_should, NULL, NULL,
                            (void *)(uintptr_t)&farewells[i]};
  return cmocka_run_group_tests_name("http_sockets", tests, NULL, NULL);
}
