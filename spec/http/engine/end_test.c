/* How requests end that get no answer: which ending, in which phase, in time, and above
 * all whether a byte may have left. */
#include "base/clock.h"
#include "test_engine.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGE ((size_t)8 << 20)
#define SHORT (SECOND * 3 / 10)

static void a_refused_connection_sends_nothing(void **state) {
  static const struct test_script well_behaved;
  char url[64];
  struct rig rig;
  int port, fd = bound_socket(&port);
  (void)state;
  rig_start(&rig, &well_behaved);
  snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
  expect_unreached(&rig, url, SMS_HTTP_PHASE_CONNECT);
  snprintf(url, sizeof url, "https://127.0.0.1:%d/", port);
  expect_unreached(&rig, url, SMS_HTTP_PHASE_CONNECT);
  rig_demand_answer(&rig, 1);
  close(fd);
  rig_stop(&rig);
}

static void what_is_too_late_is_not_sent(void **state) {
  static const struct test_script well_behaved;
  char url[RIG_URL];
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (int i = 0; i < 4;
       i++) { /* on a new connection, then on warm ones, by both clocks */
    struct sms_http_request request = rig_request(&rig, 1, url);
    request.method = i % 2 ? SMS_HTTP_POST : SMS_HTTP_GET;
    request.start_before = now() + (i < 2 ? -1 : PATIENCE);
    request.start_before_wall = sms_clock_wall() + (i < 2 ? PATIENCE : -1);
    sms_http_transfer *t = rig_submit(&rig, &request);
    const struct sms_http_response *response = rig_finish(&rig, t);
    assert_int_equal(response->end, SMS_HTTP_TOO_LATE);
    assert_false(response->sent);
    sms_http_transfer_release(t);
    rig_demand_answer(&rig, 2 + i);
  }
  struct sms_http_request request = rig_request(&rig, 9, url);
  request.start_before = now() + PATIENCE;
  request.start_before_wall = sms_clock_wall() + PATIENCE;
  sms_http_transfer *t = rig_submit(&rig, &request);
  assert_int_equal(rig_finish(&rig, t)->end, SMS_HTTP_ANSWERED);
  sms_http_transfer_release(t);
  rig_settle(&rig);
  assert_false(test_server_saw(rig.server, 1));
  rig_stop(&rig);
}

enum place { AT_SERVER, AT_SERVER_BY_TLS, AT_FULL_LISTENER };

static const struct stall {
  const char *name;
  struct test_script script;
  enum place place;
  size_t body_length;
  int64_t timeout, connect_timeout;
  enum sms_http_phase phase;
  bool sent;
  int status;
} stalls[] = {
    {"connecting, by connect_timeout",
     {.tls = false},
     AT_FULL_LISTENER,
     0,
     PATIENCE,
     SHORT,
     SMS_HTTP_PHASE_CONNECT,
     false,
     0},
    {"connecting, by timeout",
     {.tls = false},
     AT_FULL_LISTENER,
     0,
     SHORT,
     PATIENCE,
     SMS_HTTP_PHASE_CONNECT,
     false,
     0},
    {"in the TLS handshake, by connect_timeout",
     {.read = READ_NOTHING, .gate = true},
     AT_SERVER_BY_TLS,
     0,
     PATIENCE,
     SHORT,
     SMS_HTTP_PHASE_TLS,
     false,
     0},
    {"in the TLS handshake, by timeout",
     {.read = READ_NOTHING, .gate = true},
     AT_SERVER_BY_TLS,
     0,
     SHORT,
     PATIENCE,
     SMS_HTTP_PHASE_TLS,
     false,
     0},
    {"sending",
     {.read = READ_HEAD, .gate = true},
     AT_SERVER,
     LARGE,
     SHORT,
     PATIENCE,
     SMS_HTTP_PHASE_SEND,
     true,
     0},
    {"waiting for an answer",
     {.gate = true},
     AT_SERVER,
     0,
     SHORT,
     PATIENCE,
     SMS_HTTP_PHASE_ANSWER,
     true,
     0},
    {"waiting for an answer after a body",
     {.gate = true},
     AT_SERVER,
     1000,
     SHORT,
     PATIENCE,
     SMS_HTTP_PHASE_ANSWER,
     true,
     0},
    {"in the head",
     {.write = WRITE_REPLY, .then = THEN_HOLD, .reply = "HTTP/1.1 200 OK\r\nX: y\r\n"},
     AT_SERVER,
     0,
     SHORT,
     PATIENCE,
     SMS_HTTP_PHASE_BODY,
     true,
     200},
    {"in the body",
     {.write = WRITE_REPLY,
      .then = THEN_HOLD,
      .reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"},
     AT_SERVER,
     0,
     SHORT,
     PATIENCE,
     SMS_HTTP_PHASE_BODY,
     true,
     200},
    {"in a body that drips",
     {.write = WRITE_DRIP,
      .then = THEN_HOLD,
      .reply = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
               "..................................................................."
               "..................................................................."
               "..................................................................."},
     AT_SERVER,
     0,
     SHORT,
     PATIENCE,
     SMS_HTTP_PHASE_BODY,
     true,
     200},
};
#define STALLS (sizeof stalls / sizeof stalls[0])

static void time_out(struct rig *rig, const struct stall *stall, int port, char *body) {
  char url[RIG_URL];
  struct sms_http_request request = rig_request(rig, 1, url);
  if (stall->place != AT_SERVER)
    snprintf(url, sizeof url, "http%s://127.0.0.1:%d/~~~~~~~~/1",
             stall->place == AT_SERVER_BY_TLS ? "s" : "", port);
  if (stall->body_length) request.method = SMS_HTTP_POST;
  request.body = body;
  request.body_length = stall->body_length;
  request.timeout = stall->timeout;
  request.connect_timeout = stall->connect_timeout;
  int64_t begun = now(), had_begun = own_time();
  sms_http_transfer *t = rig_submit(rig, &request);
  const struct sms_http_response *response = rig_finish(rig, t);
  assert_int_equal(response->end, SMS_HTTP_TIMED_OUT);
  assert_true(now() - begun >= SHORT - SECOND / 100);
  assert_true(own_time() - had_begun <= SHORT + DEADLINE_GRACE);
  assert_int_equal(response->phase, stall->phase);
  assert_true(response->sent == stall->sent);
  assert_int_equal(response->status, stall->status);
  sms_http_transfer_release(t);
}

static void a_stall_ends_in_its_phase(void **state) {
  const struct stall *stall = *state;
  static const struct test_script well_behaved;
  struct test_server *healthy = test_server_start(&well_behaved);
  char url[RIG_URL], *body = calloc(1, LARGE);
  int fillers[QUEUED], port;
  struct rig rig;
  int listener = bound_socket(&port);
  rig_start(&rig, &stall->script);
  if (stall->place == AT_FULL_LISTENER)
    fill_queue(listener, fillers);
  else
    port = test_server_port(rig.server);
  time_out(&rig, stall, port, body);
  server_url(healthy, false, 1, url);
  demand_answer(rig.engine, rig.client, url, 1);
  for (int i = 0; stall->place == AT_FULL_LISTENER && i < QUEUED; i++)
    close(fillers[i]);
  close(listener);
  free(body);
  rig_stop(&rig);
  test_server_stop(healthy);
}

static void waiting_for_a_free_connection_is_a_phase(void **state) {
  char url[RIG_URL];
  struct rig rig;
  (void)state;
  sms_http_transfer *first = rig_start_occupied(&rig);
  struct sms_http_request request = rig_request(&rig, 2, url);
  request.timeout = SHORT;
  int64_t begun = own_time();
  sms_http_transfer *second = rig_submit(&rig, &request);
  const struct sms_http_response *response = rig_finish(&rig, second);
  assert_true(own_time() - begun <= SHORT + DEADLINE_GRACE);
  assert_int_equal(response->end, SMS_HTTP_TIMED_OUT);
  assert_int_equal(response->phase, SMS_HTTP_PHASE_QUEUE);
  assert_false(response->sent);
  sms_http_transfer_release(second);
  test_server_open_gate(rig.server);
  assert_int_equal(rig_finish(&rig, first)->end, SMS_HTTP_ANSWERED);
  sms_http_transfer_release(first);
  rig_demand_answer(&rig, 3);
  assert_int_equal(test_server_connections(rig.server), 1);
  assert_false(test_server_saw(rig.server, 2));
  rig_stop(&rig);
}

static void waiting_for_a_free_connection_is_not_connecting(void **state) {
  char url[RIG_URL];
  struct rig rig;
  (void)state;
  sms_http_transfer *first = rig_start_occupied(&rig);
  struct sms_http_request request = rig_request(&rig, 2, url);
  request.connect_timeout = SHORT;
  sms_http_transfer *second = rig_submit(&rig, &request);
  int64_t begun = now();
  STEP_UNTIL(&rig, now() > begun + 3 * SHORT);
  assert_null(sms_http_transfer_response(second));
  test_server_open_gate(rig.server);
  assert_int_equal(rig_finish(&rig, first)->end, SMS_HTTP_ANSWERED);
  assert_int_equal(rig_finish(&rig, second)->end, SMS_HTTP_ANSWERED);
  sms_http_transfer_release(first);
  sms_http_transfer_release(second);
  rig_stop(&rig);
}

static void connecting_alone_is_under_connect_timeout(void **state) {
  static const struct test_script silent = {.gate = true};
  char url[RIG_URL];
  struct rig rig;
  (void)state;
  rig_start(&rig, &silent);
  struct sms_http_request request = rig_request(&rig, 1, url);
  request.connect_timeout = SHORT;
  sms_http_transfer *t = rig_submit(&rig, &request);
  int64_t begun = now();
  STEP_UNTIL(&rig, now() > begun + 2 * SHORT);
  assert_null(sms_http_transfer_response(t));
  test_server_open_gate(rig.server);
  assert_int_equal(rig_finish(&rig, t)->end, SMS_HTTP_ANSWERED);
  sms_http_transfer_release(t);
  rig_stop(&rig);
}

int main(void) {
  static char names[STALLS][80];
  static const struct CMUnitTest others[] = {
      cmocka_unit_test(a_refused_connection_sends_nothing),
      cmocka_unit_test(what_is_too_late_is_not_sent),
      cmocka_unit_test(waiting_for_a_free_connection_is_a_phase),
      cmocka_unit_test(waiting_for_a_free_connection_is_not_connecting),
      cmocka_unit_test(connecting_alone_is_under_connect_timeout),
  };
  enum { OTHERS = sizeof others / sizeof others[0] };
  static struct CMUnitTest tests[OTHERS + STALLS];
  memcpy(tests, others, sizeof others);
  for (size_t i = 0; i < STALLS; i++) {
    snprintf(names[i], sizeof names[i], "a stall ends in time %s", stalls[i].name);
    tests[OTHERS + i] = (struct CMUnitTest){names[i], a_stall_ends_in_its_phase, NULL,
                                            NULL, (void *)(uintptr_t)&stalls[i]};
  }
  return _cmocka_run_group_tests("http_engine_end", tests, OTHERS + STALLS,
                                 test_certificates_begin, test_certificates_end);
}
