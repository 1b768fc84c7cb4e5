#include "base/fork_gate.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define CHILDREN 300

#ifdef __SANITIZE_ADDRESS__
#define FORKS_AMID_WORK false /* its allocator does not survive that */
#else
#define FORKS_AMID_WORK true
#endif

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
  };
  return cmocka_run_group_tests_name("fork_gate", tests, NULL, NULL);
}
