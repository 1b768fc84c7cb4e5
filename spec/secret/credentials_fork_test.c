/* Children that are forked while another thread signs, or stands in the gate. */
#include "base/fork_gate.h"
#include "secret/credentials.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define CHILDREN 500
#define PATIENCE 20 /* seconds that a child may take */

#ifdef __SANITIZE_ADDRESS__
#define FORKS_AMID_WORK false /* its allocator does not survive that */
#else
#define FORKS_AMID_WORK true
#endif

struct signer {
  sms_credentials *credentials;
  int done;
};

static enum sms_status sign(const sms_credentials *credentials) {
  struct sms_buffer parameters;
  sms_buffer_init(&parameters, 1024);
  enum sms_status status = sms_credentials_sign(credentials, SMS_SIGNATURE_SHA256,
                                                "&to=447700900000", 16, &parameters);
  sms_buffer_free(&parameters);
  return status;
}

static void *go_on_signing(void *pointer) {
  struct signer *signer = pointer;
  while (!__atomic_load_n(&signer->done, __ATOMIC_RELAXED))
    if (sign(signer->credentials) != SMS_OK) return pointer;
  return NULL;
}

static int is_fine(pid_t child) {
  int status;
  const struct timespec pause = {0, 1000000};
  for (int i = 0; i < PATIENCE * 1000; i++) {
    if (waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    nanosleep(&pause, NULL);
  }
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return 0;
}

static void children_sign_as_well(void **state) {
  struct signer signer = {0};
  pthread_t thread;
  void *failed;
  (void)state;
  if (!FORKS_AMID_WORK) skip();
  assert_int_equal(sms_credentials_new(&signer.credentials), SMS_OK);
  sms_credentials_set(signer.credentials, SMS_SECRET_SIGNATURE, "secret", 6);
  sms_credentials_name(signer.credentials, SMS_SECRET_SIGNATURE, "sig");
  assert_int_equal(pthread_create(&thread, NULL, go_on_signing, &signer), 0);
  int fine = 0;
  for (int i = 0; i < CHILDREN && fine == i; i++) {
    pid_t child = fork();
    if (child == 0) _exit(sign(signer.credentials) == SMS_OK ? 0 : 1);
    fine += is_fine(child);
  }
  __atomic_store_n(&signer.done, 1, __ATOMIC_RELAXED);
  assert_int_equal(pthread_join(thread, &failed), 0);
  assert_null(failed);
  assert_int_equal(fine, CHILDREN);
  sms_credentials_release(signer.credentials);
}

static int inside, done;

static void set(int *flag, int value) {
  __atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

static void *go_in_and_out(void *pointer) {
  while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) {
    sms_fork_gate_enter();
    set(&inside, 1);
    sms_fork_gate_enter();
    for (int i = 0; i < 1000; i++)
      set(&inside, 2);
    sms_fork_gate_leave();
    set(&inside, 0);
    sms_fork_gate_leave();
  }
  return pointer;
}

static void no_child_finds_somebody_inside(void **state) {
  pthread_t thread;
  (void)state;
  if (!FORKS_AMID_WORK) skip();
  assert_int_equal(pthread_create(&thread, NULL, go_in_and_out, NULL), 0);
  for (int i = 0; i < CHILDREN; i++) {
    int status;
    pid_t child = fork();
    if (child == 0) {
      bool empty = inside == 0;
      sms_fork_gate_enter();
      sms_fork_gate_leave();
      _exit(empty ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
  }
  set(&done, 1);
  assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_child_finds_somebody_inside),
      cmocka_unit_test(children_sign_as_well),
  };
  return cmocka_run_group_tests_name("credentials_fork", tests, NULL, NULL);
}
