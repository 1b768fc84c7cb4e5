/* SIGPIPE is the host program's. It has its default here, so one that came through
 * would end this process; OpenSSL's writes to peers that have gone raise it. */
#include "test_engine.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY  8
#define LARGE ((size_t)8 << 20)

static char *large_body;

static void expect_default(void) {
  struct sigaction action;
  sigset_t mask;
  assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
  assert_true(action.sa_handler == SIG_DFL);
  assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
  assert_false(sigismember(&mask, SIGPIPE));
}

enum last_word { BY_RELEASE, BY_CANCEL, BY_STEPS, BY_SWEEP, LAST_WORDS };

static void have_last_word(struct rig *rig, enum last_word word,
                           sms_http_transfer *transfers[MANY]) {
  if (word == BY_STEPS)
    for (int i = 0; i < MANY; i++)
      rig_finish(rig, transfers[i]);
  if (word == BY_RELEASE) {
    sms_http_engine_release(rig->engine);
    rig->engine = NULL;
  }
  for (int i = 0; i < MANY; i++) {
    if (word == BY_CANCEL) sms_http_transfer_cancel(transfers[i]);
    sms_http_transfer_release(transfers[i]);
  }
  if (word == BY_SWEEP) {
    rig_renew_client(rig);
    sms_http_engine_sweep(rig->engine);
  }
}

/* Large bodies are under way when the peer goes. */
static void leave_while_sending(struct rig *rig, enum last_word word) {
  sms_http_transfer *transfers[MANY];
  char url[RIG_URL];
  for (int i = 0; i < MANY; i++) {
    struct sms_http_request request = rig_request(rig, i, url);
    request.method = SMS_HTTP_POST;
    request.body = large_body;
    request.body_length = LARGE;
    transfers[i] = rig_submit(rig, &request);
  }
  int heads = rig->options.http2 ? 1 : MANY; /* one connection, or one for each */
  STEP_UNTIL(rig, test_server_requests(rig->server) == heads);
  test_server_open_gate(rig->server);
  WAIT_UNTIL(test_server_open(rig->server) == 0);
  have_last_word(rig, word, transfers);
}

static void a_peer_that_leaves_raises_nothing(void **state) {
  static const enum test_then thens[] = {THEN_CLOSE, THEN_RESET};
  (void)state;
  for (size_t i = 0; i < sizeof thens / sizeof thens[0] * 2 * LAST_WORDS; i++) {
    struct rig rig;
    struct test_script script = {.tls = true,
                                 .read = READ_HEAD,
                                 .gate = true,
                                 .write = WRITE_NOTHING,
                                 .then = thens[i % 2]};
    script.http2 = i / 2 % 2;
    rig_start(&rig, &script);
    leave_while_sending(&rig, (enum last_word)(i / 4));
    expect_default();
    rig_stop(&rig);
  }
}

static void an_idle_connection_that_was_left_raises_nothing(void **state) {
  (void)state;
  for (int i = 0; i < 8; i++) {
    struct rig rig;
    struct test_script script = {.tls = true,
                                 .warm = 1,
                                 .read = READ_NOTHING,
                                 .gate = true,
                                 .write = WRITE_NOTHING};
    script.then = i % 2 ? THEN_RESET : THEN_CLOSE;
    script.no_notify = i / 2 % 2;
    script.together = MANY;
    rig_start(&rig, &script);
    sms_http_transfer *transfers[MANY];
    for (int j = 0; j < MANY; j++)
      transfers[j] = rig_get(&rig, j);
    for (int j = 0; j < MANY; j++)
      rig_finish(&rig, transfers[j]);
    test_server_open_gate(rig.server);
    WAIT_UNTIL(test_server_open(rig.server) == 0);
    have_last_word(&rig, i / 4 ? BY_RELEASE : BY_STEPS, transfers);
    expect_default();
    rig_stop(&rig);
  }
}

static void a_pending_signal_of_the_host_stays(void **state) {
  static const struct test_script over_tls = {.tls = true};
  sigset_t set, pending;
  struct rig rig;
  (void)state;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  rig_start(&rig, &over_tls);
  assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
  assert_int_equal(raise(SIGPIPE), 0);
  rig_demand_answer(&rig, 1);
  rig_stop(&rig);
  sigpending(&pending);
  bool stayed = sigismember(&pending, SIGPIPE) == 1;
  struct timespec none = {0, 0};
  sigtimedwait(&set, NULL, &none);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  assert_true(stayed);
}

static int begin(void **state) {
  (void)state;
  test_certificates_make();
  large_body = calloc(1, LARGE);
  return large_body ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  test_certificates_remove();
  free(large_body);
  return 0;
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_peer_that_leaves_raises_nothing),
      cmocka_unit_test(an_idle_connection_that_was_left_raises_nothing),
      cmocka_unit_test(a_pending_signal_of_the_host_stays),
  };
  signal(SIGPIPE, SIG_DFL); /* whatever started us may ignore it */
  return cmocka_run_group_tests_name("http_engine_signal", tests, begin, end);
}
