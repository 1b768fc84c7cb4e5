/* The driver's thread and its mailboxes: every request comes back exactly once, whoever
 * submits it and whatever is released meanwhile. */
#include "test_host.h"
#include <pthread.h>
#include <unistd.h>

#define THREADS 8
#define EACH    100
#define MANY    50

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
    assert_true(letter->id >= 1 && letter->id <= UINT64_C(2) * MANY);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_many_threads_submit_comes_back_once),
      cmocka_unit_test(what_cannot_be_started_comes_back_refused),
      cmocka_unit_test(a_released_driver_gives_every_letter_back),
      cmocka_unit_test(a_released_mailbox_loses_nothing_of_others),
      cmocka_unit_test(letters_that_nobody_takes_are_freed),
  };
  return cmocka_run_group_tests_name("http_driver", tests, NULL, NULL);
}
