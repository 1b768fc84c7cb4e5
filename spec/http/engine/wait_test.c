/* How the engine waits: until it is woken, awake where answers come at once, and asleep
 * where they do not. */
#include "test_engine.h"
#include <pthread.h>
#include <time.h>

static void *wake(void *pointer) {
  sms_http_engine_wake(pointer);
  return NULL;
}

static void a_wait_can_be_ended(void **state) {
  static const struct test_script silent = {.gate = true};
  struct rig rig;
  pthread_t thread;
  (void)state;
  rig_start(&rig, &silent);
  sms_http_transfer *t = rig_get(&rig, 1);
  STEP_UNTIL(&rig, test_server_requests(rig.server) == 1);
  rig_step_often(&rig, 5);
  int64_t begun = now();
  assert_int_equal(pthread_create(&thread, NULL, wake, rig.engine), 0);
  assert_int_equal(sms_http_engine_step(rig.engine, PATIENCE), SMS_OK);
  assert_int_equal(sms_http_engine_step(rig.engine, 0), SMS_OK);
  assert_true(now() - begun < PATIENCE / 2);
  assert_null(sms_http_transfer_response(t));
  pthread_join(thread, NULL);
  sms_http_transfer_release(t);
  rig_stop(&rig);
}

/* One that answers at once is waited for awake, so that it takes half the time: not
 * when it stops doing so. */
static void who_waits_long_sleeps(void **state) {
  static const struct test_script silent_in_the_end = {.warm = 50, .gate = true};
  struct timespec before, after;
  struct rig rig;
  (void)state;
  rig_start(&rig, &silent_in_the_end);
  for (int i = 0; i < 50; i++)
    rig_demand_answer(&rig, i);
  sms_http_transfer *t = rig_get(&rig, 50);
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
  int64_t begun = now();
  while (now() < begun + SECOND / 2)
    assert_int_equal(sms_http_engine_step(rig.engine, SECOND / 2), SMS_OK);
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
  assert_null(sms_http_transfer_response(t));
  int64_t used =
      (after.tv_sec - before.tv_sec) * SECOND + (after.tv_nsec - before.tv_nsec) / 1000;
  assert_true(used < SECOND / 5);
  test_server_open_gate(rig.server);
  assert_true(is_answer_to(rig_finish(&rig, t), 50));
  sms_http_transfer_release(t);
  rig_stop(&rig);
}

/* Nobody took the last answer, which came at once: there is nothing to look for. */
static void what_has_ended_is_not_looked_for(void **state) {
  static const struct test_script well_behaved;
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (int i = 0; i < 50; i++)
    rig_demand_answer(&rig, i);
  sms_http_transfer *t = rig_get(&rig, 50);
  STEP_UNTIL(&rig, sms_http_transfer_response(t));
  int64_t begun = now();
  assert_int_equal(sms_http_engine_step(rig.engine, SECOND / 5), SMS_OK);
  assert_true(now() - begun > SECOND / 10);
  sms_http_transfer_release(t);
  rig_stop(&rig);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_wait_can_be_ended),
      cmocka_unit_test(who_waits_long_sleeps),
      cmocka_unit_test(what_has_ended_is_not_looked_for),
  };
  return cmocka_run_group_tests_name("http_engine_wait", tests, NULL, NULL);
}
