#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h> /* wants some of the above before it */

static int64_t kernel_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void it_tells_microseconds_of_the_monotonic_clock(void **state) {
  (void)state;
  int64_t last = 0;
  for (int i = 0; i < 1000; i++) {
    int64_t before = kernel_time(), now = sms_clock_now(), after = kernel_time();
    assert_true(before <= now && now <= after && last <= now);
    last = now;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_tells_microseconds_of_the_monotonic_clock),
  };
  return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
