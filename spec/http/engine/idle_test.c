/* What a server says unasked on a kept connection is nobody's answer: the next request
 * takes another connection. */
#include "test_engine.h"
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define DESCRIPTORS 256

static const char stray[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"marker\":99}";

static const struct scene {
  const char *name;
  struct test_script script; /* after one answer, and once the gate is open */
  int kept;                  /* connections that went idle */
  int together;              /* requests after that, at once */
} scenes[] = {
    {"an answer that nobody asked for is nobody's",
     {.write = WRITE_REPLY, .reply = stray, .then = THEN_HOLD},
     1,
     1},
    {"nor are 16 of them",
     {.write = WRITE_REPLY, .reply = stray, .then = THEN_HOLD},
     16,
     1},
    {"nor are 16 of them for as many requests",
     {.write = WRITE_REPLY, .reply = stray, .then = THEN_HOLD},
     16,
     16},
    {"nor is one with the end of the connection",
     {.write = WRITE_REPLY, .reply = stray, .then = THEN_CLOSE},
     1,
     1},
    {"nor is one under TLS",
     {.write = WRITE_REPLY, .reply = stray, .then = THEN_HOLD, .tls = true},
     1,
     1},
    {"nor is one with the end of TLS",
     {.write = WRITE_REPLY, .reply = stray, .then = THEN_CLOSE, .tls = true},
     1,
     1},
    {"an idle connection that has ended is not used",
     {.write = WRITE_NOTHING, .then = THEN_CLOSE},
     1,
     1},
    {"nor is one whose TLS has ended",
     {.write = WRITE_NOTHING, .then = THEN_CLOSE, .tls = true},
     1,
     1},
    {"nor is one whose TLS was cut",
     {.write = WRITE_NOTHING, .then = THEN_CLOSE, .tls = true, .no_notify = true},
     1,
     1},
};

/* How many sockets of this process, which the servers share, have something to read
 * from this port. */
static int waiting_from(int port) {
  int count = 0;
  for (int fd = 0; fd < DESCRIPTORS; fd++) {
    char byte;
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0) continue;
    if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0) count++;
  }
  return count;
}

/* So many at once, each on a connection of its own, which then is idle. */
static void go_idle(struct rig *rig, int count) {
  sms_http_transfer *transfers[DESCRIPTORS];
  for (int i = 0; i < count; i++)
    transfers[i] = rig_get(rig, 1 + i);
  for (int i = 0; i < count; i++) {
    assert_true(is_answer_to(rig_finish(rig, transfers[i]), 1 + i));
    sms_http_transfer_release(transfers[i]);
  }
  assert_int_equal(test_server_connections(rig->server), count);
}

static void send_and_expect_own_answers(struct rig *rig, int marker, int count) {
  sms_http_transfer *transfers[DESCRIPTORS];
  for (int i = 0; i < count; i++) {
    char url[RIG_URL];
    struct sms_http_request request = rig_request(rig, marker + i, url);
    request.method = SMS_HTTP_POST;
    request.body = "{}";
    request.body_length = 2;
    transfers[i] = rig_submit(rig, &request);
  }
  for (int i = 0; i < count; i++) {
    const struct sms_http_response *response = rig_finish(rig, transfers[i]);
    assert_int_equal(response->end, SMS_HTTP_ANSWERED);
    assert_true(is_answer_to(response, marker + i));
    sms_http_transfer_release(transfers[i]);
    assert_int_equal(test_server_arrivals(rig->server, marker + i), 1);
  }
}

static void nothing_said_unasked_is_an_answer(void **state) {
  const struct scene *scene = *state;
  struct test_script script = scene->script;
  struct rig rig;
  script.warm = 1;
  script.together = scene->kept;
  script.read = READ_NOTHING;
  script.gate = true;
  rig_start(&rig, &script);
  go_idle(&rig, scene->kept);
  test_server_open_gate(rig.server);
  WAIT_UNTIL(waiting_from(test_server_port(rig.server)) == scene->kept);
  send_and_expect_own_answers(&rig, 40, scene->together);
  assert_int_equal(test_server_connections(rig.server), scene->kept + scene->together);
  rig_stop(&rig);
}

/* What arrives while it is fresh, as TLS sends its tickets, ends nothing. */
static void kept_connections_are_used_again(void **state) {
  (void)state;
  for (int tls = 0; tls <= 1; tls++) {
    struct rig rig;
    struct test_script script = {.tls = tls};
    rig_start(&rig, &script);
    for (int i = 1; i <= 20; i++)
      send_and_expect_own_answers(&rig, i, 1);
    assert_int_equal(test_server_connections(rig.server), 1);
    rig_stop(&rig);
  }
}

int main(void) {
  enum { SCENES = sizeof scenes / sizeof scenes[0] };
  static struct CMUnitTest tests[SCENES + 1];
  for (int i = 0; i < SCENES; i++)
    tests[i] = (struct CMUnitTest){scenes[i].name, nothing_said_unasked_is_an_answer,
                                   NULL, NULL, (void *)&scenes[i]};
  tests[SCENES] = (struct CMUnitTest)cmocka_unit_test(kept_connections_are_used_again);
  return _cmocka_run_group_tests("http_engine_idle", tests, SCENES + 1,
                                 test_certificates_begin, test_certificates_end);
}
