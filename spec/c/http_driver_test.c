/* The driver's thread and its mailboxes: every request comes back exactly once, whoever
 * submits it and whatever is released meanwhile, and a host is woken by one byte. */
#include "http_driver.h"
#include "support/test_engine.h"
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS 8
#define EACH    100
#define MANY    50
#define SWEEPS  300

/* A host: a driver, a mailbox, and the socket on which it is woken. */
struct host {
  struct rig rig; /* its server and client */
  sms_http_driver *driver;
  sms_http_mailbox *mailbox;
  int woken;
};

/* Gives the mailbox one end of a new pair of sockets; the other. */
static int watch(sms_http_mailbox *mailbox) {
  int pair[2];
  int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  assert_int_equal(socketpair(AF_UNIX, type, 0, pair), 0);
  sms_http_mailbox_watch(mailbox, pair[0], false);
  return pair[1];
}

static void host_start(struct host *host, const struct test_script *script) {
  rig_start(&host->rig, script);
  assert_int_equal(sms_http_driver_new(&host->driver), SMS_OK);
  assert_int_equal(sms_http_mailbox_new(host->driver, &host->mailbox), SMS_OK);
  host->woken = watch(host->mailbox);
}

static void host_stop(struct host *host) {
  sms_http_mailbox_release(host->mailbox);
  sms_http_driver_release(host->driver);
  close(host->woken);
  rig_stop(&host->rig);
}

static uint64_t submit_to(struct host *host, sms_http_mailbox *mailbox, int marker) {
  char url[RIG_URL];
  uint64_t id = 0;
  struct sms_http_request request = rig_request(&host->rig, marker, url);
  assert_int_equal(sms_http_driver_submit(mailbox, host->rig.client, &request, &id),
                   SMS_OK);
  memset(url, 'x', sizeof url); /* it was copied */
  return id;
}

static uint64_t submit(struct host *host, int marker) {
  return submit_to(host, host->mailbox, marker);
}

static bool is_readable(int descriptor, int milliseconds) {
  struct pollfd polled = {.fd = descriptor, .events = POLLIN};
  return poll(&polled, 1, milliseconds) == 1;
}

static int bytes_in(int descriptor) {
  int count = -1;
  assert_int_equal(ioctl(descriptor, FIONREAD, &count), 0);
  return count;
}

/* Waits for the next byte. */
static char byte_from(int descriptor) {
  char byte;
  assert_true(is_readable(descriptor, (int)(PATIENCE / 1000)));
  assert_int_equal(read(descriptor, &byte, 1), 1);
  return byte;
}

/* Waits for a letter, as a host does; the next byte is read only when there is none. */
static struct sms_http_letter *letter_of(sms_http_mailbox *mailbox, int woken) {
  struct sms_http_letter *letter;
  while (!(letter = sms_http_mailbox_take(mailbox)))
    assert_int_equal(byte_from(woken), '!');
  return letter;
}

static void expect_answer(struct sms_http_letter *letter, uint64_t id, int marker) {
  assert_int_equal(letter->refused, SMS_OK);
  assert_int_equal(letter->id, id);
  assert_int_equal(letter->response.end, SMS_HTTP_ANSWERED);
  assert_int_equal(letter->response.status, 200);
  assert_true(is_answer_to(&letter->response, marker));
  sms_http_letter_free(letter);
}

/* One call from its submission to its own answer. */
static void demand(struct host *host, int marker) {
  uint64_t id = submit(host, marker);
  expect_answer(letter_of(host->mailbox, host->woken), id, marker);
}

static const struct test_script well_behaved;
static const struct test_script gated = {.gate = true};

struct submitter {
  pthread_t thread;
  struct host *host;
  sms_http_mailbox *mailbox;
  int first;
  uint64_t ids[EACH];
};

static void *submit_each(void *pointer) {
  struct submitter *self = pointer;
  for (int i = 0; i < EACH; i++)
    self->ids[i] = submit_to(self->host, self->mailbox, self->first + i);
  return NULL;
}

static int index_of(const uint64_t *ids, uint64_t id) {
  for (int i = 0; i < EACH; i++)
    if (ids[i] == id) return i;
  return -1;
}

/* Half of the threads share one mailbox, half another. */
static void what_many_threads_submit_comes_back_once(void **state) {
  static struct submitter submitters[THREADS];
  struct sms_http_letter *letters[THREADS * EACH];
  sms_http_mailbox *boxes[2];
  bool seen[THREADS * EACH] = {false};
  int woken[2], count = 0;
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  boxes[0] = host.mailbox;
  woken[0] = host.woken;
  assert_int_equal(sms_http_mailbox_new(host.driver, &boxes[1]), SMS_OK);
  woken[1] = watch(boxes[1]);
  for (int i = 0; i < THREADS; i++) {
    submitters[i] =
        (struct submitter){.host = &host, .mailbox = boxes[i % 2], .first = i * EACH};
    assert_int_equal(
        pthread_create(&submitters[i].thread, NULL, submit_each, &submitters[i]), 0);
  }
  for (int box = 0; box < 2; box++)
    for (int i = 0; i < THREADS * EACH / 2; i++)
      letters[count++] = letter_of(boxes[box], woken[box]);
  for (int i = 0; i < THREADS; i++)
    pthread_join(submitters[i].thread, NULL);
  for (int i = 0; i < THREADS * EACH; i++) {
    int box = i < THREADS * EACH / 2 ? 0 : 1, at = -1, owner = box;
    for (; owner < THREADS; owner += 2)
      if ((at = index_of(submitters[owner].ids, letters[i]->id)) >= 0) break;
    assert_true(at >= 0);
    int marker = owner * EACH + at;
    assert_false(seen[marker]);
    seen[marker] = true;
    expect_answer(letters[i], letters[i]->id, marker);
    assert_int_equal(test_server_arrivals(host.rig.server, marker), 1);
  }
  for (int box = 0; box < 2; box++)
    assert_null(sms_http_mailbox_take(boxes[box]));
  sms_http_mailbox_release(boxes[1]);
  close(woken[1]);
  host_stop(&host);
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
  assert_in_range(after, SECOND * 9 / 10, 2 * SECOND);
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

static void an_eventfd_tells_of_letters_alone(void **state) {
  int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  sms_http_mailbox_watch(host.mailbox, descriptor, true);
  assert_int_equal(bytes_in(host.woken), 0); /* the earlier one was closed */
  for (int round = 0; round < 20; round++) {
    uint64_t id = submit(&host, round);
    assert_true(is_readable(descriptor, (int)(PATIENCE / 1000)));
    expect_answer(sms_http_mailbox_take(host.mailbox), id, round);
    assert_null(sms_http_mailbox_take(host.mailbox));
    assert_false(is_readable(descriptor, 0));
  }
  assert_false(is_readable(descriptor, 1200)); /* not of idleness */
  host_stop(&host);
}

static void what_cannot_be_started_comes_back_refused(void **state) {
  struct host host;
  char url[RIG_URL];
  uint64_t id;
  (void)state;
  host_start(&host, &well_behaved);
  struct sms_http_request request = rig_request(&host.rig, 1, url);
  request.auth = SMS_HTTP_BASIC; /* without credentials */
  assert_int_equal(sms_http_driver_submit(host.mailbox, host.rig.client, &request, &id),
                   SMS_OK);
  struct sms_http_letter *letter = letter_of(host.mailbox, host.woken);
  assert_int_equal(letter->id, id);
  assert_int_equal(letter->refused, SMS_INVALID);
  sms_http_letter_free(letter);
  host_stop(&host);
}

/* What is in flight, and what the thread has not even seen, comes back as cancelled. */
static void a_released_driver_gives_every_letter_back(void **state) {
  bool seen[2 * MANY + 1] = {false};
  struct host host;
  (void)state;
  host_start(&host, &gated);
  for (int i = 0; i < MANY; i++)
    submit(&host, i);
  WAIT_UNTIL(test_server_requests(host.rig.server) == MANY);
  for (int i = 0; i < MANY; i++)
    submit(&host, MANY + i);
  sms_http_driver_release(host.driver);
  host.driver = NULL;
  for (int i = 0; i < 2 * MANY; i++) {
    struct sms_http_letter *letter = sms_http_mailbox_take(host.mailbox);
    assert_non_null(letter);
    assert_in_range(letter->id, 1, 2 * MANY);
    assert_false(seen[letter->id]);
    seen[letter->id] = true;
    assert_int_equal(letter->response.end, SMS_HTTP_CANCELLED);
    if (letter->id <= MANY) assert_true(letter->response.sent);
    sms_http_letter_free(letter);
  }
  assert_null(sms_http_mailbox_take(host.mailbox));
  assert_true(sms_http_mailbox_is_foreign(host.mailbox));
  test_server_open_gate(host.rig.server);
  host_stop(&host);
}

static void a_released_mailbox_loses_nothing_of_others(void **state) {
  sms_http_mailbox *other;
  struct host host;
  (void)state;
  host_start(&host, &gated);
  assert_int_equal(sms_http_mailbox_new(host.driver, &other), SMS_OK);
  for (int i = 0; i < MANY; i++)
    submit_to(&host, other, i);
  uint64_t id = submit(&host, MANY);
  WAIT_UNTIL(test_server_requests(host.rig.server) == MANY + 1);
  sms_http_mailbox_release(other);
  test_server_open_gate(host.rig.server);
  expect_answer(letter_of(host.mailbox, host.woken), id, MANY);
  for (int i = 0; i < MANY; i++)
    WAIT_UNTIL(test_server_answers(host.rig.server, i) == 1);
  host_stop(&host);
}

/* Letters that nobody took are freed with their mailbox; AddressSanitizer looks. */
static void letters_that_nobody_takes_are_freed(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  for (int i = 0; i < MANY; i++)
    submit(&host, i);
  assert_int_equal(byte_from(host.woken), '!');
  host_stop(&host);
}

/* With an eventfd the driver has nothing to do of its own: what it overlooks waits
 * long. */
static void what_is_submitted_during_a_sweep_is_started(void **state) {
  int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  sms_http_mailbox_watch(host.mailbox, descriptor, true);
  for (int round = 0; round < SWEEPS; round++) {
    uint64_t id = submit(&host, round);
    assert_true(is_readable(descriptor, (int)(PATIENCE / 1000)));
    expect_answer(sms_http_mailbox_take(host.mailbox), id, round);
    assert_null(sms_http_mailbox_take(host.mailbox));
    sms_http_client_release(host.rig.client);
    sms_http_driver_sweep(host.driver);
    assert_int_equal(sms_http_client_new(&host.rig.options, &host.rig.client), SMS_OK);
  }
  host_stop(&host);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_many_threads_submit_comes_back_once),
      cmocka_unit_test(one_call_after_the_other_wakes_every_time),
      cmocka_unit_test(a_host_is_woken_by_one_byte),
      cmocka_unit_test(a_second_of_nothing_is_told_once),
      cmocka_unit_test(a_busy_host_is_told_of_idleness_later),
      cmocka_unit_test(a_new_socket_is_told_of_what_waits),
      cmocka_unit_test(an_eventfd_tells_of_letters_alone),
      cmocka_unit_test(what_cannot_be_started_comes_back_refused),
      cmocka_unit_test(a_released_driver_gives_every_letter_back),
      cmocka_unit_test(a_released_mailbox_loses_nothing_of_others),
      cmocka_unit_test(letters_that_nobody_takes_are_freed),
      cmocka_unit_test(what_is_submitted_during_a_sweep_is_started),
  };
  return cmocka_run_group_tests_name("http_driver", tests, NULL, NULL);
}
