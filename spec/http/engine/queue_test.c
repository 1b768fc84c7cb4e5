/* Who waits for a connection: first come first served, for each host, and for no longer
 * than agreed. */
#include "test_engine.h"
#include <string.h>

#define SHORT (SECOND * 3 / 10)
#define MANY  20

static sms_http_transfer *get_from(struct rig *rig, sms_http_client *client,
                                   struct test_server *server, int marker) {
  char url[RIG_URL];
  struct sms_http_request request = rig_request(rig, marker, url);
  sms_http_transfer *t = NULL;
  server_url(server, rig->options.ca_file != NULL, marker, url);
  assert_int_equal(sms_http_engine_submit(rig->engine, client, &request, &t), SMS_OK);
  return t;
}

/* Submits requests with the markers from first on. */
static void submit(struct rig *rig, int first, int count,
                   sms_http_transfer *transfers[]) {
  for (int i = 0; i < count; i++) {
    transfers[i] = rig_get(rig, first + i);
    sms_http_transfer_set_context(transfers[i], &transfers[i]);
  }
}

static void demand_all(struct rig *rig, int first, int count,
                       sms_http_transfer *transfers[]) {
  for (int i = 0; i < count; i++) {
    const struct sms_http_response *r = rig_finish(rig, transfers[i]);
    if (!is_answer_to(r, first + i)) fail_msg("%d is %s", first + i, end_name(r->end));
    sms_http_transfer_release(transfers[i]);
  }
}

/* They end in the order in which they came. The last ones come as others end. */
static void demand_order(struct rig *rig, int first, int count, int later,
                         sms_http_transfer *transfers[]) {
  int64_t until = now() + PATIENCE;
  for (int i = 0; i < count + later;) {
    sms_http_transfer *ended = sms_http_engine_finished(rig->engine);
    if (ended && sms_http_transfer_context(ended)) {
      assert_ptr_equal(sms_http_transfer_context(ended), &transfers[i]);
      if (i < later) submit(rig, first + count + i, 1, transfers + count + i);
      i++;
    } else if (!ended) {
      assert_true(now() < until);
      assert_int_equal(sms_http_engine_step(rig->engine, SECOND), SMS_OK);
    }
  }
}

static void first_come_is_first_served(void **state) {
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  sms_http_transfer *first = rig_start_occupied(&rig);
  submit(&rig, 2, MANY, transfers);
  test_server_open_gate(rig.server);
  demand_order(&rig, 2, MANY, 0, transfers);
  demand_all(&rig, 2, MANY, transfers);
  sms_http_transfer_release(first);
  assert_int_equal(test_server_connections(rig.server), 1);
  rig_stop(&rig);
}

static void who_comes_as_another_ends_is_not_first(void **state) {
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  sms_http_transfer *first = rig_start_occupied(&rig);
  submit(&rig, 2, 4, transfers);
  test_server_open_gate(rig.server);
  demand_order(&rig, 2, 4, MANY - 4, transfers);
  demand_all(&rig, 2, MANY, transfers);
  sms_http_transfer_release(first);
  rig_stop(&rig);
}

/* A kept connection that has died is not used; who was to use it is the next still. */
static void a_stale_connection_costs_nobody_his_turn(void **state) {
  static const struct test_script parting = {.warm = 1, .then = THEN_CLOSE};
  sms_http_transfer *transfers[2];
  struct rig rig;
  (void)state;
  for (int i = 0; i < 5; i++) {
    rig_start(&rig, &parting);
    rig.options.max_connections = 1;
    rig_renew_client(&rig);
    rig_demand_answer(&rig, 1);
    sms_http_transfer *last = rig_get(&rig, 2); /* is answered, then closed */
    rig_finish(&rig, last);
    sms_http_transfer_release(last);
    WAIT_UNTIL(test_server_open(rig.server) == 0);
    while (sms_http_engine_finished(rig.engine))
      ;
    submit(&rig, 3, 2, transfers);
    demand_order(&rig, 3, 2, 0, transfers);
    demand_all(&rig, 3, 2, transfers);
    rig_stop(&rig);
  }
}

static void who_goes_away_makes_room(void **state) {
  sms_http_transfer *transfers[6];
  struct rig rig;
  (void)state;
  sms_http_transfer *first = rig_start_occupied(&rig);
  submit(&rig, 2, 6, transfers);
  sms_http_transfer_cancel(transfers[0]);
  assert_int_equal(sms_http_transfer_response(transfers[0])->end, SMS_HTTP_CANCELLED);
  assert_int_equal(sms_http_transfer_response(transfers[0])->phase,
                   SMS_HTTP_PHASE_QUEUE);
  assert_false(sms_http_transfer_response(transfers[0])->sent);
  sms_http_transfer_release(transfers[3]);
  sms_http_transfer_release(transfers[5]);
  sms_http_transfer_release(first); /* its connection is closed: the next opens one */
  STEP_UNTIL(&rig, test_server_arrivals(rig.server, 3) == 1);
  assert_int_equal(test_server_requests(rig.server), 2);
  test_server_open_gate(rig.server);
  demand_all(&rig, 3, 2, transfers + 1);
  demand_all(&rig, 6, 1, transfers + 4);
  sms_http_transfer_release(transfers[0]);
  rig_settle(&rig);
  assert_false(test_server_saw(rig.server, 2));
  assert_false(test_server_saw(rig.server, 5));
  assert_false(test_server_saw(rig.server, 7));
  rig_stop(&rig);
}

static void an_engine_may_go_while_many_wait(void **state) {
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  for (int all = 0; all <= 1; all++) {
    sms_http_transfer *first = rig_start_occupied(&rig);
    submit(&rig, 2, MANY, transfers);
    if (all) sms_http_engine_cancel_all(rig.engine);
    sms_http_engine_release(rig.engine);
    rig.engine = NULL;
    for (int i = 0; i < MANY; i++) {
      const struct sms_http_response *response =
          sms_http_transfer_response(transfers[i]);
      assert_int_equal(response->end, SMS_HTTP_CANCELLED);
      assert_false(response->sent);
      sms_http_transfer_release(transfers[i]);
      assert_false(test_server_saw(rig.server, 2 + i));
    }
    sms_http_transfer_release(first);
    rig_stop(&rig);
  }
}

static void a_busy_host_holds_up_no_other(void **state) {
  static const struct test_script well_behaved;
  struct test_server *other = test_server_start(&well_behaved);
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  sms_http_transfer *first = rig_start_occupied(&rig);
  submit(&rig, 2, MANY, transfers);
  for (int i = 0; i < 3; i++) {
    sms_http_transfer *t = get_from(&rig, rig.client, other, 30 + i);
    assert_true(is_answer_to(rig_finish(&rig, t), 30 + i));
    sms_http_transfer_release(t);
  }
  assert_int_equal(test_server_requests(rig.server), 1);
  test_server_open_gate(rig.server);
  demand_all(&rig, 2, MANY, transfers);
  sms_http_transfer_release(first);
  rig_stop(&rig);
  test_server_stop(other);
}

/* Many hosts, one after the other and side by side. */
static void hosts_come_and_go(void **state) {
  enum { HOSTS = 12 };
  static const struct test_script well_behaved;
  struct test_server *servers[HOSTS];
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (int i = 0; i < HOSTS; i++)
    servers[i] = test_server_start(&well_behaved);
  for (int round = 0; round < 3; round++) {
    sms_http_transfer *transfers[HOSTS];
    for (int i = 0; i < HOSTS; i++) {
      transfers[i] = get_from(&rig, rig.client, servers[i], i);
      if (round < 2) rig_finish(&rig, transfers[i]);
      if (round == 0) sms_http_transfer_release(transfers[i]);
    }
    for (int i = 0; i < HOSTS && round > 0; i++) {
      assert_true(is_answer_to(rig_finish(&rig, transfers[i]), i));
      sms_http_transfer_release(transfers[i]);
    }
  }
  rig_stop(&rig);
  for (int i = 0; i < HOSTS; i++)
    test_server_stop(servers[i]);
}

/* The largest of their max_connections counts. */
static void clients_share_a_host_s_connections(void **state) {
  static const struct test_script silent = {.gate = true};
  sms_http_transfer *transfers[2][3];
  sms_http_client *other;
  struct rig rig;
  (void)state;
  rig_start(&rig, &silent);
  rig.options.max_connections = 2;
  rig_renew_client(&rig);
  rig.options.max_connections = 1;
  assert_int_equal(sms_http_client_new(&rig.options, &other), SMS_OK);
  for (int i = 0; i < 3; i++) {
    transfers[0][i] = get_from(&rig, rig.client, rig.server, 1 + 2 * i);
    transfers[1][i] = get_from(&rig, other, rig.server, 2 + 2 * i);
  }
  STEP_UNTIL(&rig, test_server_requests(rig.server) == 2);
  rig_step_often(&rig, 20);
  assert_int_equal(test_server_requests(rig.server), 2);
  assert_int_equal(test_server_arrivals(rig.server, 2), 1); /* by the other */
  test_server_open_gate(rig.server);
  for (int i = 0; i < 6; i++) {
    sms_http_transfer *t = transfers[i % 2][i / 2];
    assert_true(is_answer_to(rig_finish(&rig, t), 1 + i));
    sms_http_transfer_release(t);
  }
  assert_true(test_server_connections(rig.server) <= 2);
  sms_http_client_release(other);
  rig_stop(&rig);
}

/* Libcurl finds out late how much a server allows: what it has been given too much
 * comes back, and waits in its turn. */
static void wait_long(const struct test_script *script, bool http2) {
  enum { COUNT = 7 };
  sms_http_transfer *transfers[COUNT];
  char url[RIG_URL];
  struct rig rig;
  rig_start(&rig, script);
  rig.options.http2 = http2;
  rig.options.max_connections = 1;
  rig_renew_client(&rig);
  for (int i = 0; i < COUNT; i++) {
    struct sms_http_request request = rig_request(&rig, i, url);
    request.connect_timeout = SHORT;
    transfers[i] = rig_submit(&rig, &request);
  }
  int64_t begun = now();
  STEP_UNTIL(&rig, now() > begun + 4 * SHORT);
  for (int i = 0; i < COUNT; i++)
    assert_null(sms_http_transfer_response(transfers[i]));
  test_server_open_gate(rig.server);
  demand_all(&rig, 0, COUNT, transfers);
  assert_int_equal(test_server_connections(rig.server), 1);
  rig_stop(&rig);
}

static void waiting_for_a_stream_is_not_connecting(void **state) {
  static const struct test_script few = {
      .tls = true, .http2 = true, .max_streams = 2, .gate = true};
  (void)state;
  wait_long(&few, true);
}

static void a_server_without_http2_is_waited_for_as_well(void **state) {
  static const struct test_script old = {.tls = true, .gate = true};
  (void)state;
  wait_long(&old, true);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_come_is_first_served),
      cmocka_unit_test(who_comes_as_another_ends_is_not_first),
      cmocka_unit_test(a_stale_connection_costs_nobody_his_turn),
      cmocka_unit_test(who_goes_away_makes_room),
      cmocka_unit_test(an_engine_may_go_while_many_wait),
      cmocka_unit_test(a_busy_host_holds_up_no_other),
      cmocka_unit_test(hosts_come_and_go),
      cmocka_unit_test(clients_share_a_host_s_connections),
      cmocka_unit_test(waiting_for_a_stream_is_not_connecting),
      cmocka_unit_test(a_server_without_http2_is_waited_for_as_well),
  };
  return cmocka_run_group_tests_name("http_engine_queue", tests,
                                     test_certificates_begin, test_certificates_end);
}
