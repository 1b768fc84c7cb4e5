#include "base/descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define STANDARD 3

static bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

/* The test's own output waits elsewhere. */
static int enter(void **state) {
  static int kept[STANDARD];
  for (int i = 0; i < STANDARD; i++) {
    kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
    if (kept[i] < 0) return -1;
  }
  *state = kept;
  return 0;
}

static int leave(void **state) {
  const int *kept = *state;
  for (int i = 0; i < STANDARD; i++) {
    if (dup2(kept[i], i) != i) return -1;
    close(kept[i]);
  }
  return 0;
}

static void one_below_3_is_raised(void **state) {
  char byte;
  int ends[2];
  (void)state;
  assert_int_equal(pipe(ends), 0);
  for (int i = 0; i < STANDARD; i++) {
    assert_int_equal(dup2(ends[0], i), i);
    int raised = sms_descriptor_raise(i);
    assert_true(raised >= STANDARD);
    assert_false(is_open(i));
    assert_int_equal(fcntl(raised, F_GETFD), FD_CLOEXEC);
    assert_int_equal(write(ends[1], "!", 1), 1);
    assert_int_equal(read(raised, &byte, 1), 1);
    close(raised);
  }
  assert_int_equal(sms_descriptor_raise(ends[0]), ends[0]);
  assert_int_equal(sms_descriptor_raise(-1), -1);
  close(ends[0]);
  close(ends[1]);
}

static void what_is_free_below_3_is_taken_and_given_back(void **state) {
  (void)state;
  for (int open = 0; open < 1 << STANDARD; open++) {
    struct sms_standard standard;
    for (int i = 0; i < STANDARD; i++) {
      close(i);
      if (open & 1 << i) assert_int_equal(fcntl(100, F_DUPFD, i), i);
    }
    sms_standard_take(&standard);
    int next = fcntl(100, F_DUPFD, 0);
    bool all = is_open(0) && is_open(1) && is_open(2);
    close(next);
    sms_standard_give_back(&standard);
    assert_true(all && next >= STANDARD);
    for (int i = 0; i < STANDARD; i++)
      assert_int_equal(is_open(i), (open & 1 << i) != 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(one_below_3_is_raised, enter, leave),
      cmocka_unit_test_setup_teardown(what_is_free_below_3_is_taken_and_given_back,
                                      enter, leave),
  };
  return cmocka_run_group_tests_name("descriptor", tests, NULL, NULL);
}
