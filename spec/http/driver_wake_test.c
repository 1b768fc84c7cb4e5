/* How a driver's host and its thread wake each other: by one byte, of idleness once, by
 * an eventfd, and whatever the thread has been busy with. */
#include "test_host.h"
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MANY   50
#define SWEEPS 300

static const struct test_script well_behaved;

static int bytes_in(int descriptor) {
  int count = -1;
  assert_int_equal(ioctl(descriptor, FIONREAD, &count), 0);
  return count;
}

static void one_call_after_the_other_wakes_every_time(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  for (int i = 0; i < 500; i++)
    demand(&host, i);
  host_stop(&host);
}

/* Waits until all that the server has answered has been delivered: what comes behind it
 * in another mailbox is there. */
static void settle(struct host *host, int marker) {
  sms_http_mailbox *other;
  for (int i = 0; i < marker; i++)
    WAIT_UNTIL(test_server_answers(host->rig.server, i) == 1);
  assert_int_equal(sms_http_mailbox_new(host->driver, &other), SMS_OK);
  int woken = watch(other);
  uint64_t id = submit_to(host, other, marker);
  expect_answer(letter_of(other, woken), id, marker);
  sms_http_mailbox_release(other);
  close(woken);
}

static void a_host_is_woken_by_one_byte(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  for (int i = 0; i < MANY; i++)
    submit(&host, i);
  settle(&host, MANY);
  assert_int_equal(bytes_in(host.woken), 1);
  assert_int_equal(byte_from(host.woken), '!');
  for (int i = 0; i < MANY; i++) {
    struct sms_http_letter *letter = sms_http_mailbox_take(host.mailbox);
    assert_non_null(letter);
    sms_http_letter_free(letter);
  }
  submit(&host, MANY + 1); /* it was not found empty: this wakes nobody */
  WAIT_UNTIL(test_server_answers(host.rig.server, MANY + 1) == 1);
  settle(&host, MANY);
  assert_int_equal(bytes_in(host.woken), 0);
  sms_http_letter_free(sms_http_mailbox_take(host.mailbox));
  assert_null(sms_http_mailbox_take(host.mailbox));
  demand(&host, MANY + 2);
  host_stop(&host);
}

static void expect_idle_byte(struct host *host, int64_t since) {
  assert_int_equal(byte_from(host->woken), '.');
  int64_t after = now() - since;
  assert_true(after >= SECOND * 9 / 10 && after <= 10 * SECOND);
  assert_null(sms_http_mailbox_take(host->mailbox));
}

static void a_second_of_nothing_is_told_once(void **state) {
  struct host host;
  (void)state;
  int64_t began = now();
  host_start(&host, &well_behaved);
  expect_idle_byte(&host, began); /* also with no request at all */
  assert_false(is_readable(host.woken, 1200));
  close(host.woken); /* nor is a thread that sleeps long too late for a new socket */
  began = now();
  host.woken = watch(host.mailbox);
  expect_idle_byte(&host, began);
  uint64_t id = submit(&host, 1);
  struct sms_http_letter *letter = letter_of(host.mailbox, host.woken);
  began = now();
  expect_answer(letter, id, 1);
  assert_null(sms_http_mailbox_take(host.mailbox));
  expect_idle_byte(&host, began);
  host_stop(&host);
}

static void a_host_that_waits_is_told_each_second_that_all_goes_on(void **state) {
  static const struct test_script gated = {.gate = true};
  struct host host;
  (void)state;
  host_start(&host, &gated);
  int64_t began = now();
  uint64_t id = submit(&host, 1);
  for (int i = 1; i <= 3; i++) {
    assert_int_equal(byte_from(host.woken), ',');
    assert_null(sms_http_mailbox_take(host.mailbox));
    assert_true(now() - began >= i * SECOND * 9 / 10);
  }
  test_server_open_gate(host.rig.server);
  expect_answer(letter_of(host.mailbox, host.woken), id, 1);
  assert_null(sms_http_mailbox_take(host.mailbox));
  assert_int_equal(byte_from(host.woken), '.');
  host_stop(&host);
}

static void a_busy_host_is_told_of_idleness_later(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  uint64_t id = submit(&host, 1);
  assert_int_equal(byte_from(host.woken), '!');
  assert_false(is_readable(host.woken, 1500)); /* it has not emptied its mailbox */
  expect_answer(sms_http_mailbox_take(host.mailbox), id, 1);
  assert_null(sms_http_mailbox_take(host.mailbox));
  assert_int_equal(byte_from(host.woken), '.');
  host_stop(&host);
}

static void a_new_socket_is_told_of_what_waits(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  close(host.woken); /* sending there fails, and is no signal */
  uint64_t ids[2] = {submit(&host, 0), submit(&host, 1)};
  settle(&host, 2);
  host.woken = watch(host.mailbox);
  for (int i = 0; i < 2; i++) {
    struct sms_http_letter *letter = letter_of(host.mailbox, host.woken);
    int marker = letter->id == ids[1];
    expect_answer(letter, ids[marker], marker);
  }
  host_stop(&host);
}

/* A call whose answer is told by an eventfd. */
static void demand_by_eventfd(struct host *host, int descriptor, int marker) {
  uint64_t id = submit(host, marker);
  assert_true(is_readable(descriptor, (int)(PATIENCE / 1000)));
  expect_answer(sms_http_mailbox_take(host->mailbox), id, marker);
  assert_null(sms_http_mailbox_take(host->mailbox));
}

static void an_eventfd_tells_of_letters_alone(void **state) {
  int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  sms_http_mailbox_watch(host.mailbox, descriptor, true);
  assert_int_equal(bytes_in(host.woken), 0); /* the earlier one was closed */
  for (int round = 0; round < 20; round++) {
    demand_by_eventfd(&host, descriptor, round);
    assert_false(is_readable(descriptor, 0));
  }
  assert_false(is_readable(descriptor, 1200)); /* not of idleness */
  host_stop(&host);
}

/* With an eventfd the driver has nothing to do of its own: what it overlooks waits
 * for a second. */
static void what_is_submitted_during_a_sweep_is_started(void **state) {
  int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), overlooked = 0;
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  sms_http_mailbox_watch(host.mailbox, descriptor, true);
  for (int round = 0; round < SWEEPS; round++) {
    int64_t began = now();
    demand_by_eventfd(&host, descriptor, round);
    overlooked += now() - began > SECOND * 9 / 10;
    sms_http_client_release(host.rig.client);
    sms_http_driver_sweep(host.driver);
    assert_int_equal(sms_http_client_new(&host.rig.options, &host.rig.client), SMS_OK);
  }
  assert_true(overlooked <= 2); /* a busy machine may be as slow */
  host_stop(&host);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_call_after_the_other_wakes_every_time),
      cmocka_unit_test(a_host_is_woken_by_one_byte),
      cmocka_unit_test(a_second_of_nothing_is_told_once),
      cmocka_unit_test(a_host_that_waits_is_told_each_second_that_all_goes_on),
      cmocka_unit_test(a_busy_host_is_told_of_idleness_later),
      cmocka_unit_test(a_new_socket_is_told_of_what_waits),
      cmocka_unit_test(an_eventfd_tells_of_letters_alone),
      cmocka_unit_test(what_is_submitted_during_a_sweep_is_started),
  };
  return cmocka_run_group_tests_name("http_driver_wake", tests, NULL, NULL);
}
