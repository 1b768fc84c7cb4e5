/* What a server says unasked on a kept connection is nobody's answer: the next request
 * takes another connection. */
#include "test_engine.h"
#include <curl/curl.h>
#include <dlfcn.h>
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

/* Whether HTTP/2 is asked for or not: the server does not speak it. */
static void start(struct rig *rig, const struct test_script *script, bool http2) {
  rig_start(rig, script);
  rig->options.http2 = http2;
  rig_renew_client(rig);
}

static void say_unasked(const struct scene *scene, bool http2) {
  struct test_script script = scene->script;
  struct rig rig;
  script.warm = 1;
  script.together = scene->kept;
  script.read = READ_NOTHING;
  script.gate = true;
  start(&rig, &script, http2);
  go_idle(&rig, scene->kept);
  test_server_open_gate(rig.server);
  WAIT_UNTIL(waiting_from(test_server_port(rig.server)) == scene->kept);
  send_and_expect_own_answers(&rig, 40, scene->together);
  assert_int_equal(test_server_connections(rig.server), scene->kept + scene->together);
  rig_stop(&rig);
}

/* Who asks for HTTP/2 waits with the second connection for what the first one speaks.
 */
static void nothing_said_unasked_is_an_answer(void **state) {
  const struct scene *scene = *state;
  say_unasked(scene, false);
  if (scene->kept == 1) say_unasked(scene, true);
}

/* Two answers to one request: what libcurl reads ends with the first, or beyond it; TLS
 * has read the second by then. */
static const struct pair {
  const char *name;
  size_t first_length; /* of the first answer, with a header that fills it up */
  bool head_first;     /* is written by itself */
} pairs[] = {
    {"two answers at once are one", 0, false},
    {"so are two of which libcurl reads one", 1024, false},
    {"so are two of which libcurl reads one to the limit of a record", 16300, false},
    {"so are two where the head has come before", 0, true},
};
#define PAIRS (sizeof pairs / sizeof pairs[0])

static void say_twice(const struct pair *pair, bool tls, bool http2) {
  static char reply[32768];
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-Fill: ";
  struct test_script script = {.tls = tls, .write = WRITE_REPLY, .reply = reply};
  struct rig rig;
  int rest = sizeof "\r\n\r\n{\"marker\":1}" - 1;
  int fill = (int)pair->first_length - (int)sizeof head + 1 - rest;
  if (fill < 1) fill = 1;
  int length = snprintf(reply, sizeof reply, "%s%0*d\r\n\r\n", head, fill, 0);
  if (pair->head_first) script.reply_first = (size_t)length;
  snprintf(reply + length, sizeof reply - (size_t)length, "{\"marker\":1}%s", stray);
  start(&rig, &script, http2);
  for (int i = 1; i <= 3; i++) {
    char url[RIG_URL];
    struct sms_http_request request = rig_request(&rig, i, url);
    request.method = SMS_HTTP_POST;
    sms_http_transfer *t = rig_submit(&rig, &request);
    const struct sms_http_response *response = rig_finish(&rig, t);
    assert_int_equal(response->end, SMS_HTTP_ANSWERED);
    assert_true(is_answer_to(response, 1));
    sms_http_transfer_release(t);
    assert_int_equal(test_server_connections(rig.server), i);
  }
  rig_stop(&rig);
}

static void two_answers_are_one(void **state) {
  for (int i = 0; i < 4; i++)
    say_twice(*state, i & 1, i & 2);
}

/* What arrives while it is fresh, as TLS sends its tickets, ends nothing. */
static void kept_connections_are_used_again(void **state) {
  (void)state;
  for (int i = 0; i < 4; i++) {
    struct rig rig;
    struct test_script script = {.tls = i & 1};
    start(&rig, &script, i & 2);
    for (int j = 1; j <= 20; j++)
      send_and_expect_own_answers(&rig, j, 1);
    assert_int_equal(test_server_connections(rig.server), 1);
    rig_stop(&rig);
  }
}

/* In place of libcurl's own, for the test below. */
static const char *tls_library;
curl_version_info_data *curl_version_info(CURLversion age) {
  static curl_version_info_data told;
  static curl_version_info_data *(*its)(CURLversion);
  if (!its) *(void **)&its = dlsym(RTLD_NEXT, "curl_version_info");
  told = *its(age);
  if (tls_library) told.ssl_version = tls_library;
  return &told;
}

/* What TLS has read would not be seen. */
static void no_connection_is_used_twice_with_another_tls_library(void **state) {
  static const char *const libraries[] = {"GnuTLS/3.7.9", "OpenSSL/1.1.1w",
                                          "(GnuTLS/3.7.9) OpenSSL/3.0.19"};
  (void)state;
  for (int i = 0; i < 4 * 3; i++) {
    struct rig rig;
    struct test_script script = {.tls = i & 1};
    struct sms_http_library library;
    tls_library = libraries[i / 4];
    sms_http_library(&library);
    assert_false(library.keeps_connections);
    start(&rig, &script, i & 2);
    for (int j = 1; j <= 3; j++)
      send_and_expect_own_answers(&rig, j, 1);
    assert_int_equal(test_server_connections(rig.server), 3);
    rig_stop(&rig);
  }
  tls_library = NULL;
}

int main(void) {
  enum { SCENES = sizeof scenes / sizeof scenes[0] };
  static struct CMUnitTest tests[SCENES + PAIRS + 2];
  for (size_t i = 0; i < SCENES; i++)
    tests[i] = (struct CMUnitTest){scenes[i].name, nothing_said_unasked_is_an_answer,
                                   NULL, NULL, (void *)&scenes[i]};
  for (size_t i = 0; i < PAIRS; i++)
    tests[SCENES + i] = (struct CMUnitTest){pairs[i].name, two_answers_are_one, NULL,
                                            NULL, (void *)(uintptr_t)&pairs[i]};
  tests[SCENES + PAIRS] =
      (struct CMUnitTest)cmocka_unit_test(kept_connections_are_used_again);
  tests[SCENES + PAIRS + 1] = (struct CMUnitTest)cmocka_unit_test(
      no_connection_is_used_twice_with_another_tls_library);
  return _cmocka_run_group_tests("http_engine_idle", tests, SCENES + PAIRS + 2,
                                 test_certificates_begin, test_certificates_end);
}
