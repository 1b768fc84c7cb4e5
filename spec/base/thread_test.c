#include "base/thread.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* wants some of the above before it */

struct seen {
  sigset_t mask;
  size_t stack;
};

static void *look(void *pointer) {
  struct seen *seen = pointer;
  pthread_attr_t attributes;
  pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstacksize(&attributes, &seen->stack);
    pthread_attr_destroy(&attributes);
  }
  return NULL;
}

static void the_host_keeps_its_signals(void **state) {
  (void)state;
  pthread_t thread;
  struct seen seen;
  sigset_t before, after;
  sigemptyset(&before);
  sigaddset(&before, SIGUSR2);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  assert_int_equal(sms_thread_start(&thread, 256 << 10, look, &seen), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  pthread_sigmask(SIG_SETMASK, NULL, &after);
  static const int signals[] = {SIGINT, SIGTERM, SIGALRM, SIGCHLD, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
    assert_true(sigismember(&seen.mask, signals[i]));
    assert_int_equal(sigismember(&after, signals[i]), signals[i] == SIGUSR2);
  }
}

static void the_stack_is_as_large_as_asked_for(void **state) {
  (void)state;
  pthread_t thread;
  struct seen seen = {.stack = 0};
  assert_int_equal(sms_thread_start(&thread, 256 << 10, look, &seen), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
#ifdef __SANITIZE_THREAD__ /* which needs some of it, and has it made larger */
  assert_true(seen.stack >= 256 << 10);
#else
  assert_int_equal(seen.stack, 256 << 10);
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_host_keeps_its_signals),
      cmocka_unit_test(the_stack_is_as_large_as_asked_for),
  };
  return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
