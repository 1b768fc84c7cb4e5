/* A child of a fork leaves alone what it inherited, makes an engine of its own, and the
 * parent's connections and transfers go on as if nothing had been. */
#include "test_engine.h"
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_MARKER 100

/* In the child, where a failed assertion would run the parent's tests: what went wrong
 * is the exit status. */
enum verdict {
  FINE,
  SUBMIT_WAS_NOT_REFUSED,
  STEP_WAS_NOT_REFUSED,
  NO_ENGINE_OF_ITS_OWN,
  NO_ANSWER
};

static enum verdict use_inherited(struct rig *rig, sms_http_transfer *in_flight) {
  char url[RIG_URL];
  sms_http_transfer *t = NULL;
  struct sms_http_request request = rig_request(rig, 1, url);
  if (sms_http_engine_submit(rig->engine, rig->client, &request, &t) != SMS_FORKED)
    return SUBMIT_WAS_NOT_REFUSED;
  if (sms_http_engine_step(rig->engine, 0) != SMS_FORKED) return STEP_WAS_NOT_REFUSED;
  if (sms_http_engine_step(rig->engine, PATIENCE) != SMS_FORKED)
    return STEP_WAS_NOT_REFUSED;
  sms_http_engine_sweep(rig->engine);
  if (in_flight) sms_http_transfer_cancel(in_flight);
  return FINE;
}

static void free_inherited(struct rig *rig, sms_http_transfer *in_flight) {
  sms_http_transfer_release(in_flight);
  sms_http_client_release(rig->client);
  sms_http_engine_release(rig->engine);
}

static enum verdict use_own(struct rig *rig) {
  char url[RIG_URL];
  sms_http_transfer *t;
  sms_http_engine *engine;
  sms_http_client *client;
  struct sms_http_request request = rig_request(rig, CHILD_MARKER, url);
  if (sms_http_engine_new(&engine) != SMS_OK) return NO_ENGINE_OF_ITS_OWN;
  if (sms_http_client_new(&rig->options, &client) != SMS_OK)
    return NO_ENGINE_OF_ITS_OWN;
  if (sms_http_engine_submit(engine, client, &request, &t) != SMS_OK) return NO_ANSWER;
  int64_t until = now() + PATIENCE;
  while (!sms_http_transfer_response(t) && now() < until)
    if (sms_http_engine_step(engine, SECOND) != SMS_OK) return NO_ANSWER;
  const struct sms_http_response *response = sms_http_transfer_response(t);
  if (!response || response->end != SMS_HTTP_ANSWERED) return NO_ANSWER;
  if (!is_answer_to(response, CHILD_MARKER)) return NO_ANSWER;
  sms_http_transfer_release(t);
  sms_http_engine_release(engine);
  sms_http_client_release(client);
  return FINE;
}

static void be_child(struct rig *rig, sms_http_transfer *in_flight) {
  enum verdict verdict = use_inherited(rig, in_flight);
  if (verdict == FINE) verdict = use_own(rig);
  free_inherited(rig, in_flight);
  if (verdict == FINE) verdict = use_own(rig);
  _exit((int)verdict);
}

static void expect_fine(pid_t child) {
  int status = 0;
  WAIT_UNTIL(waitpid(child, &status, WNOHANG) == child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), FINE);
}

static void a_child_disturbs_nothing(void **state) {
  struct test_script script = *(const struct test_script *)*state;
  struct rig rig;
  script.warm = 1;
  script.gate = true;
  rig_start(&rig, &script);
  rig_demand_answer(&rig, 0);
  sms_http_transfer *in_flight = rig_get(&rig, 1); /* on the warm connection */
  STEP_UNTIL(&rig, test_server_arrivals(rig.server, 1) == 1);
  int before = test_server_connections(rig.server);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) be_child(&rig, in_flight);
  expect_fine(child);
  assert_int_equal(test_server_connections(rig.server), before + 2);
  WAIT_UNTIL(test_server_open(rig.server) == before); /* but for the child's own */
  test_server_open_gate(rig.server);
  assert_true(is_answer_to(rig_finish(&rig, in_flight), 1));
  sms_http_transfer_release(in_flight);
  rig_demand_answer(&rig, 2);
  assert_int_equal(test_server_connections(rig.server), before + 2);
  assert_int_equal(test_server_arrivals(rig.server, 1), 1);
  rig_stop(&rig);
}

static void an_unused_engine_is_the_parents_too(void **state) {
  static const struct test_script well_behaved;
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit((int)use_inherited(&rig, NULL));
  expect_fine(child);
  rig_demand_answer(&rig, 0);
  rig_stop(&rig);
}

int main(void) {
  static struct test_script plain, tls = {.tls = true},
                                   http2 = {.tls = true, .http2 = true};
  const struct CMUnitTest tests[] = {
      {"a child disturbs nothing", a_child_disturbs_nothing, NULL, NULL, &plain},
      {"a child disturbs nothing under TLS", a_child_disturbs_nothing, NULL, NULL,
       &tls},
      {"a child disturbs nothing under HTTP/2", a_child_disturbs_nothing, NULL, NULL,
       &http2},
      cmocka_unit_test(an_unused_engine_is_the_parents_too),
  };
  return cmocka_run_group_tests_name("http_engine_fork", tests, test_certificates_begin,
                                     test_certificates_end);
}
