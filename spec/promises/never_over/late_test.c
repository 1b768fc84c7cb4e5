/* A request that has ended does not arrive later: the kernel has nothing of it to send,
 * when the line is there again. In a network of the test's own, whose line can be cut.
 */
#include "test_engine.h"
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTAGE (SECOND / 5)
/* After an outage of that length the kernel tries again within this. */
#define RETRIES (3 * SECOND / 2)

static bool is_apart; /* in a network of our own */

static void set_line(bool up) {
  struct ifreq request = {.ifr_name = "lo"};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool done = is_apart && ioctl(fd, SIOCGIFFLAGS, &request) == 0;
  if (up)
    request.ifr_flags |= IFF_UP;
  else
    request.ifr_flags &= (short)~IFF_UP;
  done = done && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  close(fd);
  if (!done) abort();
}

/* As root, or where users may have networks of their own. */
static int begin(void **state) {
  is_apart = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
  if (is_apart)
    set_line(true);
  else
    print_message("no network of its own: %s\n", strerror(errno));
  return test_certificates_begin(state);
}

/* Whether there is something to send to this port. */
static bool kernel_holds(int port) {
  char line[256];
  bool found = false;
  FILE *file = fopen("/proc/thread-self/net/tcp", "re");
  while (file && fgets(line, sizeof line, file)) {
    unsigned remote, queued;
    int read = sscanf(line, "%*d: %*x:%*x %*x:%x %*x %x:", &remote, &queued);
    if (read == 2 && (int)remote == port && queued > 0) found = true;
  }
  if (file) fclose(file);
  return found;
}

static sms_http_transfer *post(struct rig *rig, int marker, int64_t timeout) {
  char url[RIG_URL];
  struct sms_http_request request = rig_request(rig, marker, url);
  request.method = SMS_HTTP_POST;
  request.body = "{}";
  request.body_length = 2;
  request.timeout = timeout;
  return rig_submit(rig, &request);
}

static pid_t fork_child(void) {
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    for (;;)
      pause();
  return child;
}

enum end { BY_TIME, BY_CANCEL, BY_RELEASE };

static void end_by(enum end end, struct rig *rig, sms_http_transfer *t) {
  if (end == BY_TIME)
    assert_int_equal(rig_finish(rig, t)->end, SMS_HTTP_TIMED_OUT);
  else if (end == BY_CANCEL)
    sms_http_transfer_cancel(t);
  else
    sms_http_engine_release(rig->engine);
  const struct sms_http_response *response = sms_http_transfer_response(t);
  assert_true(response->sent);
  assert_false(response->lingers);
  sms_http_transfer_release(t);
}

static const struct scene {
  const char *name;
  struct test_script script;
  enum end end;
  bool child; /* has the connection's descriptor, too */
} scenes[] = {
    {"a request whose time is over does not arrive later",
     {.tls = false},
     BY_TIME,
     false},
    {"nor where a child has its connection", {.tls = false}, BY_TIME, true},
    {"nor does one that is cancelled", {.tls = false}, BY_CANCEL, true},
    {"nor one that ends with its engine", {.tls = false}, BY_RELEASE, true},
    {"nor does one over TLS", {.tls = true}, BY_TIME, true},
    {"nor does one over HTTP/2", {.tls = true, .http2 = true}, BY_TIME, true},
    {"nor one that is cancelled there", {.tls = true, .http2 = true}, BY_CANCEL, true},
    {"nor one that ends with its engine there",
     {.tls = true, .http2 = true},
     BY_RELEASE,
     true},
};
#define SCENES (sizeof scenes / sizeof scenes[0])

static void expect_no_arrival(struct rig *rig, int marker) {
  int64_t until = now() + RETRIES;
  set_line(true);
  if (!rig->engine) assert_int_equal(sms_http_engine_new(&rig->engine), SMS_OK);
  rig_demand_answer(rig, marker + 1);
  while (now() < until)
    rest();
  assert_int_equal(test_server_arrivals(rig->server, marker), 0);
}

static void nothing_arrives_after_its_end(void **state) {
  const struct scene *scene = *state;
  struct rig rig;
  if (!is_apart) skip();
  rig_start(&rig, &scene->script);
  rig_demand_answer(&rig, 1); /* on the connection that is kept */
  set_line(false);
  sms_http_transfer *t =
      post(&rig, 2, scene->end == BY_TIME ? OUTAGE : PATIENCE + SECOND);
  rig_step_often(&rig, 5);
  STEP_UNTIL(&rig, kernel_holds(test_server_port(rig.server)));
  pid_t child = scene->child ? fork_child() : 0;
  end_by(scene->end, &rig, t);
  if (scene->end == BY_RELEASE) rig.engine = NULL;
  bool held = kernel_holds(test_server_port(rig.server));
  expect_no_arrival(&rig, 2);
  assert_false(held);
  if (child) kill(child, SIGKILL);
  if (child) waitpid(child, NULL, 0);
  rig_stop(&rig);
}

/* In a child, where a failed assertion would run the parent's tests. */
static void send_and_die(struct rig *rig) {
  char url[RIG_URL];
  sms_http_transfer *t;
  struct sms_http_request request = rig_request(rig, 1, url);
  if (sms_http_engine_new(&rig->engine) != SMS_OK ||
      sms_http_engine_submit(rig->engine, rig->client, &request, &t) != SMS_OK)
    _exit(1);
  while (!sms_http_transfer_response(t))
    if (sms_http_engine_step(rig->engine, SECOND) != SMS_OK) _exit(1);
  sms_http_transfer_release(t);
  set_line(false);
  request = rig_request(rig, 2, url);
  if (sms_http_engine_submit(rig->engine, rig->client, &request, &t) != SMS_OK)
    _exit(1);
  while (!kernel_holds(test_server_port(rig->server)))
    if (sms_http_engine_step(rig->engine, SECOND / 200) != SMS_OK) _exit(1);
  raise(SIGKILL);
}

static void nor_does_that_of_a_process_that_is_killed(void **state) {
  static const struct test_script well_behaved;
  struct rig rig;
  int status;
  (void)state;
  if (!is_apart) skip();
  rig_start(&rig, &well_behaved);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) send_and_die(&rig);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  bool held = kernel_holds(test_server_port(rig.server));
  expect_no_arrival(&rig, 2);
  assert_false(held);
  rig_stop(&rig);
}

/* The stream that is reset leaves the others of its connection alone, and says that it
 * may still arrive; with the last one the connection ends. */
static void over_http2_others_go_on(void **state) {
  static const struct test_script silent = {
      .tls = true, .http2 = true, .warm = 1, .write = WRITE_NOTHING};
  (void)state;
  for (int cancel = 0; cancel <= 1; cancel++) {
    struct rig rig;
    rig_start(&rig, &silent);
    rig_demand_answer(&rig, 1);
    sms_http_transfer *first = post(&rig, 2, PATIENCE);
    sms_http_transfer *second = post(&rig, 3, cancel ? PATIENCE : OUTAGE);
    STEP_UNTIL(&rig, test_server_requests(rig.server) == 3);
    if (cancel) sms_http_transfer_cancel(second);
    const struct sms_http_response *response = rig_finish(&rig, second);
    assert_int_equal(response->end, cancel ? SMS_HTTP_CANCELLED : SMS_HTTP_TIMED_OUT);
    assert_true(response->sent && response->lingers);
    rig_step_often(&rig, 20);
    assert_null(sms_http_transfer_response(first));
    assert_int_equal(test_server_open(rig.server), 1);
    sms_http_transfer_cancel(first);
    response = sms_http_transfer_response(first);
    assert_true(response->sent && !response->lingers);
    WAIT_UNTIL(test_server_open(rig.server) == 0);
    assert_int_equal(test_server_connections(rig.server), 1);
    sms_http_transfer_release(first);
    sms_http_transfer_release(second);
    rig_stop(&rig);
  }
}

int main(void) {
  static const struct CMUnitTest others[] = {
      cmocka_unit_test(nor_does_that_of_a_process_that_is_killed),
      cmocka_unit_test(over_http2_others_go_on),
  };
  enum { OTHERS = sizeof others / sizeof others[0] };
  static struct CMUnitTest tests[OTHERS + SCENES];
  memcpy(tests, others, sizeof others);
  for (size_t i = 0; i < SCENES; i++)
    tests[OTHERS + i] =
        (struct CMUnitTest){scenes[i].name, nothing_arrives_after_its_end, NULL, NULL,
                            (void *)(uintptr_t)&scenes[i]};
  return _cmocka_run_group_tests("never_over_late", tests, OTHERS + SCENES, begin,
                                 test_certificates_end);
}
