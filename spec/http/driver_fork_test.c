/* Children of a process that has a driver: what they inherited is left alone, each
 * makes its own, and no connection is shared and no answer comes to the wrong caller.
 */
#include "http/driver.h"
#include "test_engine.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 50
#define CALLS    8
#define IDLE     16 /* connections that the parent has open */

/* AddressSanitizer's allocator does not survive a fork amid the work of other threads,
 * nor ThreadSanitizer threads in a child. */
#ifdef __SANITIZE_ADDRESS__
#define FORKS_AMID_WORK false
#else
#define FORKS_AMID_WORK true
#endif
#ifdef __SANITIZE_THREAD__
#define CHILDREN_HAVE_THREADS false
#else
#define CHILDREN_HAVE_THREADS true
#endif

/* In a child, where a failed assertion would run the parent's tests. */
enum verdict { FINE, NOT_FOREIGN, NOT_REFUSED, NO_DRIVER, NO_ANSWER, WRONG_ANSWER };

struct box {
  sms_http_driver *driver;
  sms_http_mailbox *mailbox;
  int descriptor;
};

static bool box_open(struct box *box) {
  if (sms_http_driver_new(&box->driver) != SMS_OK) return false;
  if (sms_http_mailbox_new(box->driver, &box->mailbox) != SMS_OK) return false;
  box->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  sms_http_mailbox_watch(box->mailbox, box->descriptor, true);
  return box->descriptor >= 0;
}

static void box_close(struct box *box) {
  sms_http_mailbox_release(box->mailbox);
  sms_http_driver_release(box->driver);
}

static enum sms_status submit(struct box *box, const struct rig *rig, int marker,
                              uint64_t *id) {
  char url[RIG_URL];
  struct sms_http_request request = rig_request(rig, marker, url);
  return sms_http_driver_submit(box->mailbox, rig->client, &request, id);
}

static struct sms_http_letter *letter_of(struct box *box) {
  struct sms_http_letter *letter;
  struct pollfd polled = {.fd = box->descriptor, .events = POLLIN};
  while (!(letter = sms_http_mailbox_take(box->mailbox)))
    if (poll(&polled, 1, (int)(PATIENCE / 1000)) != 1) return NULL;
  return letter;
}

/* So many calls at once, each of which must get its own answer. */
static enum verdict call(struct box *box, const struct rig *rig, int first, int count) {
  uint64_t ids[CALLS > IDLE ? CALLS : IDLE];
  for (int i = 0; i < count; i++)
    if (submit(box, rig, first + i, &ids[i]) != SMS_OK) return NO_ANSWER;
  for (int left = count; left > 0; left--) {
    struct sms_http_letter *letter = letter_of(box);
    if (!letter || letter->response.end != SMS_HTTP_ANSWERED) return NO_ANSWER;
    int i = 0;
    while (i < count && ids[i] != letter->id)
      i++;
    if (i == count || !is_answer_to(&letter->response, first + i)) return WRONG_ANSWER;
    sms_http_letter_free(letter);
  }
  return FINE;
}

static enum verdict be_child(struct box *inherited, const struct rig *rig, int first) {
  struct box own;
  uint64_t id;
  if (!sms_http_driver_is_foreign(inherited->driver)) return NOT_FOREIGN;
  if (!sms_http_mailbox_is_foreign(inherited->mailbox)) return NOT_FOREIGN;
  if (submit(inherited, rig, first, &id) != SMS_FORKED) return NOT_REFUSED;
  sms_http_driver_sweep(inherited->driver);
  if (!box_open(&own)) return NO_DRIVER;
  if (sms_http_mailbox_is_foreign(own.mailbox)) return NOT_FOREIGN;
  enum verdict verdict = call(&own, rig, first, CALLS);
  box_close(inherited); /* nothing */
  if (verdict == FINE) verdict = call(&own, rig, first, CALLS);
  box_close(&own);
  return verdict;
}

static void expect_fine(pid_t child) {
  int status = 0;
  WAIT_UNTIL(waitpid(child, &status, WNOHANG) == child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), FINE);
}

static void expect_own_answer(struct box *box, uint64_t id, int marker) {
  struct sms_http_letter *letter = letter_of(box);
  assert_non_null(letter);
  assert_int_equal(letter->id, id);
  assert_true(is_answer_to(&letter->response, marker));
  sms_http_letter_free(letter);
}

/* Forks while a call is in flight; the parent then takes its answer. */
static pid_t fork_child(struct box *box, const struct rig *rig, int index) {
  uint64_t id;
  assert_int_equal(submit(box, rig, index, &id), SMS_OK);
  if (!FORKS_AMID_WORK) expect_own_answer(box, id, index);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit((int)be_child(box, rig, IDLE + CHILDREN + index * CALLS));
  if (FORKS_AMID_WORK) expect_own_answer(box, id, index);
  return child;
}

/* The parent has open connections all the time, and goes on using them. */
static void children_share_no_connection(void **state) {
  static const struct test_script well_behaved;
  pid_t children[CHILDREN];
  struct box box;
  struct rig rig;
  (void)state;
  if (!CHILDREN_HAVE_THREADS) skip();
  rig_start(&rig, &well_behaved);
  assert_true(box_open(&box));
  assert_int_equal(call(&box, &rig, 0, IDLE), FINE);
  int before = test_server_connections(rig.server);
  for (int i = 0; i < CHILDREN; i++)
    children[i] = fork_child(&box, &rig, i);
  for (int i = 0; i < CHILDREN; i++)
    expect_fine(children[i]);
  assert_true(test_server_connections(rig.server) >= before + CHILDREN);
  for (int i = 0; i < CHILDREN * CALLS; i++)
    assert_int_equal(test_server_arrivals(rig.server, IDLE + CHILDREN + i), 2);
  assert_int_equal(call(&box, &rig, 0, IDLE), FINE);
  box_close(&box);
  rig_stop(&rig);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(children_share_no_connection),
  };
  return cmocka_run_group_tests_name("http_driver_fork", tests, NULL, NULL);
}
