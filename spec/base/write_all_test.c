#include "base/write_all.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

static int open_unnamed(void) {
  char path[] = "/tmp/sms-write-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  unlink(path);
  return fd;
}

static void bytes_come_to_their_place(void **state) {
  (void)state;
  char read[8] = "";
  int fd = open_unnamed();
  assert_int_equal(sms_write_all(fd, "abcdef", 6, 0), 0);
  assert_int_equal(sms_write_all(fd, "XY", 2, 2), 0);
  assert_int_equal(sms_write_all(fd, NULL, 0, 5), 0);
  assert_int_equal(pread(fd, read, sizeof read, 0), 6);
  assert_memory_equal(read, "abXYef", 6);
  close(fd);
}

/* The kernel writes what there is room for, and refuses the rest. */
static void what_finds_no_room_is_told(void **state) {
  (void)state;
  struct rlimit all, few = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY};
  int fd = open_unnamed();
  getrlimit(RLIMIT_FSIZE, &all);
  few.rlim_max = all.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &few);
  int error = sms_write_all(fd, "0123456789abcdef", 16, 0);
  setrlimit(RLIMIT_FSIZE, &all);
  assert_int_equal(error, EFBIG);
  assert_int_equal(lseek(fd, 0, SEEK_END), 10);
  assert_int_equal(close(fd), 0);
  assert_int_equal(sms_write_all(fd, "a", 1, 0), EBADF);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_come_to_their_place),
      cmocka_unit_test(what_finds_no_room_is_told),
  };
  return cmocka_run_group_tests_name("write_all", tests, NULL, NULL);
}
