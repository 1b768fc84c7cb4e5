/* Children of a process that has a driver: what they inherited is left alone, each
 * makes its own, and no connection is shared and no answer comes to the wrong caller.
 */
#include "http_driver.h"
#include "support/test_engine.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 50
#define CALLS    8
#define IDLE     16 /* connections that the parent has open */

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

/* The parent has idle connections and calls in flight while it forks, and goes on. */
static void children_share_no_connection(void **state) {
  static const struct test_script script = {.together = 1};
  pid_t children[CHILDREN];
  struct box box;
  struct rig rig;
  (void)state;
  rig_start(&rig, &script);
  assert_true(box_open(&box));
  assert_int_equal(call(&box, &rig, 0, IDLE), FINE);
  int before = test_server_connections(rig.server);
  for (int i = 0; i < CHILDREN; i++) {
    uint64_t id;
    assert_int_equal(submit(&box, &rig, i, &id), SMS_OK);
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0) _exit((int)be_child(&box, &rig, IDLE + CHILDREN + i * CALLS));
    struct sms_http_letter *letter = letter_of(&box);
    assert_non_null(letter);
    assert_int_equal(letter->id, id);
    assert_true(is_answer_to(&letter->response, i));
    sms_http_letter_free(letter);
  }
  for (int i = 0; i < CHILDREN; i++)
    expect_fine(children[i]);
  assert_true(test_server_connections(rig.server) >= before + CHILDREN);
  for (int i = 0; i < CHILDREN * CALLS; i++)
    assert_int_equal(test_server_arrivals(rig.server, IDLE + CHILDREN + i), 2);
  assert_int_equal(call(&box, &rig, 0, IDLE), FINE); /* on the connections it has */
  box_close(&box);
  rig_stop(&rig);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(children_share_no_connection),
  };
  return cmocka_run_group_tests_name("http_driver_fork", tests, NULL, NULL);
}
