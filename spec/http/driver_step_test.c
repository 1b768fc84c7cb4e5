/* A driver without a thread: its hosts drive it, and whatever was submitted comes back
 * exactly once, as from one with a thread. */
#include "test_host.h"
#include <pthread.h>
#include <sys/timerfd.h>

#define MANY    50
#define THREADS 4

static const struct test_script well_behaved;
static const struct test_script gated = {.gate = true};

/* A host whose driver has no thread. */
static void stepped_start(struct host *host, const struct test_script *script) {
  rig_start(&host->rig, script);
  assert_int_equal(sms_http_driver_new_stepped(&host->driver), SMS_OK);
  assert_int_equal(sms_http_mailbox_new(host->driver, &host->mailbox), SMS_OK);
  host->woken = -1;
}

static struct sms_http_letter *stepped_letter(sms_http_mailbox *mailbox) {
  struct sms_http_letter *letter;
  WAIT_UNTIL((sms_http_mailbox_step(mailbox), letter = sms_http_mailbox_take(mailbox)));
  return letter;
}

static void what_is_submitted_comes_back_once(void **state) {
  uint64_t ids[MANY];
  bool seen[MANY] = {false};
  struct host host;
  (void)state;
  stepped_start(&host, &well_behaved);
  for (int i = 0; i < MANY; i++)
    ids[i] = submit(&host, i);
  for (int i = 0; i < MANY; i++) {
    struct sms_http_letter *letter = stepped_letter(host.mailbox);
    uint64_t marker = letter->id - ids[0];
    assert_true(marker < MANY);
    assert_false(seen[marker]);
    seen[marker] = true;
    expect_answer(letter, ids[marker], (int)marker);
    assert_int_equal(test_server_arrivals(host.rig.server, (int)marker), 1);
  }
  sms_http_mailbox_step(host.mailbox);
  assert_null(sms_http_mailbox_take(host.mailbox));
  host_stop(&host);
}

static void nothing_is_sent_before_a_step(void **state) {
  struct host host;
  (void)state;
  stepped_start(&host, &well_behaved);
  uint64_t id = submit(&host, 7);
  for (int i = 0; i < 20; i++)
    rest();
  assert_int_equal(test_server_requests(host.rig.server), 0);
  expect_answer(stepped_letter(host.mailbox), id, 7);
  host_stop(&host);
}

/* Several Lua states have a mailbox each. */
static void a_step_for_one_mailbox_goes_on_with_all(void **state) {
  sms_http_mailbox *other;
  struct sms_http_letter *letter;
  struct host host;
  (void)state;
  stepped_start(&host, &well_behaved);
  assert_int_equal(sms_http_mailbox_new(host.driver, &other), SMS_OK);
  uint64_t id = submit_to(&host, other, 3);
  WAIT_UNTIL(
      (sms_http_mailbox_step(host.mailbox), letter = sms_http_mailbox_take(other)));
  expect_answer(letter, id, 3);
  assert_null(sms_http_mailbox_take(host.mailbox));
  sms_http_mailbox_release(other);
  host_stop(&host);
}

static void a_timer_is_read_by_each_step(void **state) {
  const struct itimerspec once = {{3600, 0}, {0, 1}};
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct host host;
  (void)state;
  stepped_start(&host, &well_behaved);
  sms_http_mailbox_watch(host.mailbox, timer, true);
  for (int i = 0; i < MANY; i++) {
    assert_int_equal(timerfd_settime(timer, 0, &once, NULL), 0);
    uint64_t id = submit(&host, i);
    assert_true(is_readable(timer, (int)(PATIENCE / 1000)));
    expect_answer(stepped_letter(host.mailbox), id, i);
    assert_false(is_readable(timer, 0)); /* nor did the letter wake anybody */
  }
  host_stop(&host);
}

static void a_sweep_ends_the_calls_of_closed_clients(void **state) {
  struct host host;
  (void)state;
  stepped_start(&host, &gated);
  uint64_t id = submit(&host, 1);
  WAIT_UNTIL((sms_http_mailbox_step(host.mailbox),
              test_server_requests(host.rig.server) == 1));
  sms_http_client_close(host.rig.client);
  sms_http_driver_sweep(host.driver);
  struct sms_http_letter *letter = sms_http_mailbox_take(host.mailbox);
  assert_non_null(letter);
  assert_int_equal(letter->id, id);
  assert_int_equal(letter->response.end, SMS_HTTP_CANCELLED);
  assert_true(letter->response.sent);
  sms_http_letter_free(letter);
  test_server_open_gate(host.rig.server);
  host_stop(&host);
}

/* What is in flight, and what no step has seen. */
static void a_released_driver_gives_every_letter_back(void **state) {
  struct host host;
  (void)state;
  stepped_start(&host, &gated);
  uint64_t first = submit(&host, 0);
  WAIT_UNTIL((sms_http_mailbox_step(host.mailbox),
              test_server_requests(host.rig.server) == 1));
  uint64_t second = submit(&host, 1);
  sms_http_driver_release(host.driver);
  host.driver = NULL;
  struct sms_http_letter *letter = sms_http_mailbox_take(host.mailbox);
  assert_non_null(letter);
  assert_int_equal(letter->id, second);
  assert_int_equal(letter->refused, SMS_CLOSED);
  sms_http_letter_free(letter);
  letter = sms_http_mailbox_take(host.mailbox);
  assert_non_null(letter);
  assert_int_equal(letter->id, first);
  assert_int_equal(letter->response.end, SMS_HTTP_CANCELLED);
  assert_true(letter->response.sent);
  sms_http_letter_free(letter);
  sms_http_mailbox_step(host.mailbox); /* nothing */
  test_server_open_gate(host.rig.server);
  host_stop(&host);
}

/* A host's other work does not wait for all that is new. Those of a closed client end
 * as they are started. */
static void a_step_starts_some_alone(void **state) {
  uint64_t ids[MANY];
  int ended[2] = {0};
  struct host host;
  (void)state;
  stepped_start(&host, &well_behaved);
  sms_http_client_close(host.rig.client);
  for (int i = 0; i < MANY; i++)
    ids[i] = submit(&host, i);
  for (int step = 0, i = 0; step < 2; step++) {
    sms_http_mailbox_step(host.mailbox);
    for (struct sms_http_letter *letter; (letter = sms_http_mailbox_take(host.mailbox));
         ended[step]++) {
      assert_int_equal(letter->id, ids[i++]);
      assert_int_equal(letter->refused, SMS_CLOSED);
      sms_http_letter_free(letter);
    }
  }
  assert_true(ended[0] > 0 && ended[1] > 0);
  assert_int_equal(ended[0] + ended[1], MANY);
  host_stop(&host);
}

static void *drive(void *pointer) {
  struct host *host = pointer;
  WAIT_UNTIL((sms_http_mailbox_step(host->mailbox),
              test_server_requests(host->rig.server) == MANY));
  return NULL;
}

/* Loops of one process, each in a thread of its own: one at a time drives the engine.
 */
static void threads_do_not_drive_it_at_once(void **state) {
  pthread_t threads[THREADS];
  struct host host;
  (void)state;
  stepped_start(&host, &well_behaved);
  for (int i = 0; i < MANY; i++)
    submit(&host, i);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, drive, &host), 0);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  for (int i = 0; i < MANY; i++)
    sms_http_letter_free(stepped_letter(host.mailbox));
  assert_null(sms_http_mailbox_take(host.mailbox));
  host_stop(&host);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_submitted_comes_back_once),
      cmocka_unit_test(nothing_is_sent_before_a_step),
      cmocka_unit_test(a_step_for_one_mailbox_goes_on_with_all),
      cmocka_unit_test(a_timer_is_read_by_each_step),
      cmocka_unit_test(a_sweep_ends_the_calls_of_closed_clients),
      cmocka_unit_test(a_released_driver_gives_every_letter_back),
      cmocka_unit_test(a_step_starts_some_alone),
      cmocka_unit_test(threads_do_not_drive_it_at_once),
  };
  return cmocka_run_group_tests_name("http_driver_step", tests, NULL, NULL);
}
