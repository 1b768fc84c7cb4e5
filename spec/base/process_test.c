/* A process knows itself: after a fork, a fork of a fork, and where the module that
 * asked has been unloaded before it. */
#include "base/process.h"
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

typedef pid_t (*ask)(void);

/* Whether a child, and so many generations behind it, know themselves. */
static bool all_know(ask process, int generations) {
  int status;
  if (generations == 0) return true;
  pid_t child = fork();
  if (child == 0)
    _exit(process() == getpid() && all_know(process, generations - 1) ? 0 : 1);
  return waitpid(child, &status, 0) == child && status == 0;
}

static void every_generation_knows_itself(void **state) {
  (void)state;
  assert_int_equal(sms_process(), getpid());
  assert_true(all_know(sms_process, 3));
  assert_int_equal(sms_process(), getpid());
}

static void a_module_that_was_unloaded_is_not_asked(void **state) {
  ask process;
  (void)state;
  void *module = dlopen(PROCESS_MODULE, RTLD_NOW | RTLD_LOCAL);
  assert_non_null(module);
  *(void **)&process = dlsym(module, "sms_process");
  assert_int_equal(process(), getpid());
  assert_int_equal(dlclose(module), 0);
  assert_null(dlopen(PROCESS_MODULE, RTLD_NOW | RTLD_NOLOAD));
  assert_true(all_know(sms_process, 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_generation_knows_itself),
      cmocka_unit_test(a_module_that_was_unloaded_is_not_asked),
  };
  return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
