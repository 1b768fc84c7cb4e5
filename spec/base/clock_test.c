#include "base/clock.h"
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

enum { FINE, WRONG, CANNOT };

static int64_t kernel_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void it_tells_microseconds_since_the_boot(void **state) {
  (void)state;
  int64_t last = 0;
  for (int i = 0; i < 1000; i++) {
    int64_t before = kernel_time(), now = sms_clock_now(), after = kernel_time();
    assert_true(before <= now && now <= after && last <= now);
    last = now;
  }
}

/* While a machine sleeps, one of the two clocks goes on. A time namespace in which they
 * differ shows the same. */
static int differ(void) {
  int64_t before = sms_clock_now();
  if (unshare(CLONE_NEWTIME) != 0) return CANNOT;
  int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "boottime 3600 0\n", 16) != 16) return CANNOT;
  pid_t pid = fork();
  if (pid == 0) _exit(sms_clock_now() - before > 3599000000 ? FINE : WRONG);
  int status = 0;
  return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : WRONG;
}

static void it_goes_on_while_the_machine_sleeps(void **state) {
  (void)state;
  int status = 0;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) _exit(differ());
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == CANNOT) skip();
  assert_int_equal(WEXITSTATUS(status), FINE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_tells_microseconds_since_the_boot),
      cmocka_unit_test(it_goes_on_while_the_machine_sleeps),
  };
  return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
