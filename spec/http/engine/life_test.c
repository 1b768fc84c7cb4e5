/* Transfers, connections and the engine over their lives: cancelled, released and taken
 * away at any time, kept and reused, and no longer than agreed. */
#include "test_engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY  64
#define LARGE ((size_t)8 << 20)

/* Servers that leave a transfer in each of its phases. */
static const struct situation {
  const char *name;
  struct test_script script;
  size_t body_length;
  bool tls_to_plain;
} situations[] = {
    {"the handshake", {.read = READ_NOTHING, .gate = true}, 0, true},
    {"sending", {.read = READ_HEAD, .gate = true}, LARGE, false},
    {"waiting", {.gate = true}, 0, false},
    {"waiting under TLS", {.gate = true, .tls = true}, 0, false},
    {"waiting under HTTP/2", {.gate = true, .tls = true, .http2 = true}, 0, false},
    {"the body",
     {.write = WRITE_REPLY,
      .then = THEN_HOLD,
      .reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"},
     0,
     false},
    {"answering", {.tls = false}, 0, false},
};
#define SITUATIONS (sizeof situations / sizeof situations[0])

static struct test_server *healthy;
static char *large_body;

static sms_http_transfer *submit(struct rig *rig, const struct situation *s,
                                 int marker) {
  char url[RIG_URL];
  struct sms_http_request request = rig_request(rig, marker, url);
  if (s->tls_to_plain) server_url(rig->server, true, marker, url);
  if (s->body_length) request.method = SMS_HTTP_POST;
  request.body = large_body;
  request.body_length = s->body_length;
  return rig_submit(rig, &request);
}

static void demand_health(struct rig *rig) {
  char url[RIG_URL];
  server_url(healthy, false, 1, url);
  demand_answer(rig->engine, rig->client, url, 1);
}

static void a_cancelled_transfer_has_ended(void **state) {
  const struct situation *s = *state;
  struct ending endings[20];
  struct rig rig;
  rig_start(&rig, &s->script);
  for (int steps = 0; steps < 20; steps++) {
    sms_http_transfer *t = submit(&rig, s, steps);
    rig_step_often(&rig, steps);
    bool had_ended = sms_http_transfer_response(t) != NULL;
    sms_http_transfer_cancel(t);
    const struct sms_http_response *response = sms_http_transfer_response(t);
    assert_non_null(response);
    if (!had_ended) assert_int_equal(response->end, SMS_HTTP_CANCELLED);
    if (had_ended) assert_int_equal(response->end, SMS_HTTP_ANSWERED);
    endings[steps] = ending_of(response, steps);
    sms_http_transfer_cancel(t); /* again: nothing */
    sms_http_transfer_release(t);
  }
  demand_health(&rig);
  test_server_open_gate(rig.server);
  sms_http_client_release(rig.client);
  sms_http_engine_release(rig.engine);
  rig.client = NULL;
  rig.engine = NULL;
  if (s->script.then != THEN_HOLD) WAIT_UNTIL(test_server_open(rig.server) == 0);
  for (int i = 0; i < 20; i++)
    judge(rig.server, &endings[i]);
  rig_stop(&rig);
}

static void release_does_not_wait(void **state) {
  const struct situation *s = *state;
  struct rig rig;
  rig_start(&rig, &s->script);
  for (int steps = 0; steps < 20; steps += 3) {
    sms_http_transfer *first = submit(&rig, s, 0), *second = submit(&rig, s, 1);
    rig_step_often(&rig, steps);
    int64_t begun = own_time();
    sms_http_transfer_release(second);
    sms_http_transfer_release(first);
    assert_true(own_time() - begun < DEADLINE_GRACE);
  }
  demand_health(&rig);
  rig_stop(&rig);
}

static void an_engine_may_go_with_transfers_in_flight(void **state) {
  const struct situation *s = *state;
  for (int steps = 0; steps < 20; steps += 3) {
    sms_http_transfer *transfers[MANY / 8];
    struct rig rig;
    rig_start(&rig, &s->script);
    for (int i = 0; i < MANY / 8; i++)
      transfers[i] = submit(&rig, s, i);
    sms_http_client_release(rig.client);
    rig.client = NULL;
    rig_step_often(&rig, steps);
    sms_http_engine_release(rig.engine);
    rig.engine = NULL;
    for (int i = 0; i < MANY / 8; i++) {
      const struct sms_http_response *response =
          sms_http_transfer_response(transfers[i]);
      assert_non_null(response);
      assert_true(response->end == SMS_HTTP_CANCELLED ||
                  response->end == SMS_HTTP_ANSWERED);
      sms_http_transfer_cancel(transfers[i]);
      sms_http_transfer_release(transfers[i]);
    }
    rig_stop(&rig);
  }
}

static void each_end_is_told_once(void **state) {
  static const struct test_script well_behaved;
  sms_http_transfer *transfers[MANY], *ended;
  int told[MANY] = {0}, count = 0;
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (int i = 0; i < MANY; i++) {
    transfers[i] = rig_get(&rig, i);
    assert_null(sms_http_transfer_context(transfers[i]));
    sms_http_transfer_set_context(transfers[i], &told[i]);
    for (int j = 0; j < i; j++)
      assert_true(sms_http_transfer_id(transfers[i]) !=
                  sms_http_transfer_id(transfers[j]));
  }
  sms_http_transfer_release(transfers[5]); /* is not told of */
  int64_t until = now() + PATIENCE;
  while (count < MANY - 1) {
    assert_true(now() < until);
    assert_int_equal(sms_http_engine_step(rig.engine, SECOND), SMS_OK);
    for (; (ended = sms_http_engine_finished(rig.engine)); count++)
      ++*(int *)sms_http_transfer_context(ended);
  }
  assert_null(sms_http_engine_finished(rig.engine));
  for (int i = 0; i < MANY; i++) {
    assert_int_equal(told[i], i != 5);
    if (i != 5) assert_true(is_answer_to(sms_http_transfer_response(transfers[i]), i));
    if (i != 5) sms_http_transfer_release(transfers[i]);
  }
  rig_stop(&rig);
}

static void cancelling_all_tells_of_all(void **state) {
  static const struct test_script silent = {.gate = true};
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  int count = 0;
  (void)state;
  rig_start(&rig, &silent);
  for (int i = 0; i < MANY; i++)
    transfers[i] = rig_get(&rig, i);
  STEP_UNTIL(&rig, test_server_requests(rig.server) == MANY);
  sms_http_engine_cancel_all(rig.engine);
  while (sms_http_engine_finished(rig.engine))
    count++;
  assert_int_equal(count, MANY);
  for (int i = 0; i < MANY; i++) {
    const struct sms_http_response *response = sms_http_transfer_response(transfers[i]);
    assert_int_equal(response->end, SMS_HTTP_CANCELLED);
    assert_true(response->sent);
    sms_http_transfer_release(transfers[i]);
  }
  rig_stop(&rig);
}

static void a_body_can_be_taken_away(void **state) {
  static const struct test_script well_behaved;
  struct sms_buffer body;
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (int i = 0; i < 3; i++) {
    sms_http_transfer *t = rig_get(&rig, 7);
    rig_finish(&rig, t);
    sms_http_transfer_take_body(t, &body);
    sms_http_transfer_release(t);
    assert_string_equal(body.data, "{\"marker\":7}");
    sms_buffer_free(&body);
  }
  rig_stop(&rig);
}

/* Libcurl keeps the memory that it reads into where a request is taken away before it
 * had a connection, and refuses another size of it. */
static void a_handle_without_a_connection_serves_again(void **state) {
  char url[RIG_URL];
  struct rig rig;
  (void)state;
  sms_http_transfer *first = rig_start_occupied(&rig);
  struct sms_http_request request = rig_request(&rig, 2, url);
  request.method = SMS_HTTP_POST;
  sms_http_transfer *waiting = rig_submit(&rig, &request);
  rig_step_often(&rig, 5);
  sms_http_transfer_release(waiting);
  sms_http_transfer *next = rig_get(&rig, 3); /* on the same handle */
  test_server_open_gate(rig.server);
  assert_true(is_answer_to(rig_finish(&rig, first), 1));
  assert_true(is_answer_to(rig_finish(&rig, next), 3));
  sms_http_transfer_release(first);
  sms_http_transfer_release(next);
  rig_stop(&rig);
}

/* Every connection is used by turns; never are there more. */
static void no_more_connections_than_allowed(void **state) {
  static const struct test_script well_behaved;
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  rig.options.max_connections = 4;
  rig_renew_client(&rig);
  for (int i = 0; i < MANY; i++)
    transfers[i] = rig_get(&rig, i);
  for (int i = 0; i < MANY; i++) {
    assert_true(is_answer_to(rig_finish(&rig, transfers[i]), i));
    sms_http_transfer_release(transfers[i]);
  }
  assert_true(test_server_connections(rig.server) <= 4);
  rig_stop(&rig);
}

static void an_idle_connection_grows_too_old(void **state) {
  static const struct test_script well_behaved;
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  rig.options.keep_alive = 1;
  rig_renew_client(&rig);
  rig_demand_answer(&rig, 1);
  rig_demand_answer(&rig, 2);
  assert_int_equal(test_server_connections(rig.server), 1);
  int64_t begun = now();
  STEP_UNTIL(&rig, now() > begun + 2 * SECOND + SECOND / 20);
  rig_demand_answer(&rig, 3);
  assert_int_equal(test_server_connections(rig.server), 2);
  rig_stop(&rig);
}

static void clients_share_no_credentials(void **state) {
  static const char *const headers[] = {"Basic YTphcGFzcw==", "Basic YjpicGFzcw=="};
  static const char *const secrets[][2] = {{"a", "apass"}, {"b", "bpass"}};
  static const struct test_script well_behaved;
  sms_http_client *clients[2];
  char url[RIG_URL];
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (int i = 0; i < 2; i++) {
    sms_credentials *c;
    assert_int_equal(sms_credentials_new(&c), SMS_OK);
    sms_credentials_set(c, SMS_SECRET_IDENTITY, secrets[i][0], 1);
    sms_credentials_set(c, SMS_SECRET_PASSWORD, secrets[i][1], 5);
    rig.options.credentials = c;
    assert_int_equal(sms_http_client_new(&rig.options, &clients[i]), SMS_OK);
    sms_credentials_release(c);
  }
  for (int i = 0; i < 12; i++) {
    sms_http_transfer *t;
    struct sms_http_request request = rig_request(&rig, i, url);
    request.auth = i % 3 ? SMS_HTTP_BASIC : SMS_HTTP_ANONYMOUS;
    assert_int_equal(sms_http_engine_submit(rig.engine, clients[i % 2], &request, &t),
                     SMS_OK);
    assert_int_equal(rig_finish(&rig, t)->end, SMS_HTTP_ANSWERED);
    sms_http_transfer_release(t);
    char *head = test_server_head(rig.server);
    assert_true((strstr(head, headers[i % 2]) != NULL) == (i % 3 != 0));
    assert_null(strstr(head, headers[1 - i % 2]));
    free(head);
  }
  sms_http_client_release(clients[0]);
  sms_http_client_release(clients[1]);
  rig_stop(&rig);
}

/* What others have under way goes on, and nothing more is begun. */
static void a_closed_client_ends_what_it_has_under_way(void **state) {
  static const struct test_script late = {.gate = true};
  char url[RIG_URL];
  struct rig rig;
  sms_http_client *closed;
  sms_http_transfer *t, *other;
  (void)state;
  rig_start(&rig, &late);
  assert_int_equal(sms_http_client_new(&rig.options, &closed), SMS_OK);
  struct sms_http_request request = rig_request(&rig, 1, url);
  assert_int_equal(sms_http_engine_submit(rig.engine, closed, &request, &t), SMS_OK);
  other = rig_get(&rig, 2);
  STEP_UNTIL(&rig, test_server_saw(rig.server, 1) && test_server_saw(rig.server, 2));
  sms_http_client_close(closed);
  sms_http_engine_sweep(rig.engine);
  assert_ptr_equal(sms_http_engine_finished(rig.engine), t);
  assert_null(sms_http_engine_finished(rig.engine));
  const struct sms_http_response *response = sms_http_transfer_response(t);
  assert_int_equal(response->end, SMS_HTTP_CANCELLED);
  assert_true(response->sent);
  assert_null(sms_http_transfer_response(other));
  sms_http_transfer_release(t);
  assert_int_equal(sms_http_engine_submit(rig.engine, closed, &request, &t),
                   SMS_CLOSED);
  sms_http_client_release(closed);
  sms_http_engine_sweep(rig.engine);
  test_server_open_gate(rig.server);
  assert_int_equal(rig_finish(&rig, other)->end, SMS_HTTP_ANSWERED);
  sms_http_transfer_release(other);
  rig_stop(&rig);
}

static void a_swept_client_leaves_the_engine_usable(void **state) {
  static const struct test_script well_behaved;
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (int i = 0; i < 5; i++) {
    rig_demand_answer(&rig, i);
    rig_renew_client(&rig);
    sms_http_engine_sweep(rig.engine);
    sms_http_engine_sweep(rig.engine);
  }
  rig_demand_answer(&rig, 9);
  rig_stop(&rig);
}

static int begin(void **state) {
  static const struct test_script well_behaved;
  (void)state;
  test_certificates_make();
  healthy = test_server_start(&well_behaved);
  large_body = calloc(1, LARGE);
  return large_body ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  test_server_stop(healthy);
  test_certificates_remove();
  free(large_body);
  return 0;
}

int main(void) {
  static const CMUnitTestFunction functions[] = {
      a_cancelled_transfer_has_ended, release_does_not_wait,
      an_engine_may_go_with_transfers_in_flight};
  static const char *const words[] = {"cancelled", "released", "left by its engine"};
  static const struct CMUnitTest others[] = {
      cmocka_unit_test(each_end_is_told_once),
      cmocka_unit_test(cancelling_all_tells_of_all),
      cmocka_unit_test(a_body_can_be_taken_away),
      cmocka_unit_test(a_handle_without_a_connection_serves_again),
      cmocka_unit_test(no_more_connections_than_allowed),
      cmocka_unit_test(an_idle_connection_grows_too_old),
      cmocka_unit_test(clients_share_no_credentials),
      cmocka_unit_test(a_closed_client_ends_what_it_has_under_way),
      cmocka_unit_test(a_swept_client_leaves_the_engine_usable),
  };
  enum { OTHERS = sizeof others / sizeof others[0] };
  static struct CMUnitTest tests[3 * SITUATIONS + OTHERS];
  static char names[3 * SITUATIONS][80];
  memcpy(tests, others, sizeof others);
  for (size_t i = 0; i < 3 * SITUATIONS; i++) {
    const struct situation *s = &situations[i / 3];
    snprintf(names[i], sizeof names[i], "a transfer may be %s in %s", words[i % 3],
             s->name);
    tests[OTHERS + i] = (struct CMUnitTest){names[i], functions[i % 3], NULL, NULL,
                                            (void *)(uintptr_t)s};
  }
  return _cmocka_run_group_tests("http_engine_life", tests, 3 * SITUATIONS + OTHERS,
                                 begin, end);
}
