#include "base/file_bytes.h"
#include "slow_files.h"
#include <errno.h>
#include <setjmp.h>
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

/* What there is room for is written, the rest refused, and no signal ends the process.
 */
static void what_finds_no_room_is_told(void **state) {
  (void)state;
  struct rlimit all, few = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY};
  int fd = open_unnamed();
  getrlimit(RLIMIT_FSIZE, &all);
  few.rlim_max = all.rlim_max;
  setrlimit(RLIMIT_FSIZE, &few);
  int error = sms_write_all(fd, "0123456789abcdef", 16, 0);
  int more = sms_write_all(fd, "0", 1, 10);
  bool ten = sms_may_become(10), eleven = sms_may_become(11);
  setrlimit(RLIMIT_FSIZE, &all);
  assert_int_equal(error, EFBIG);
  assert_int_equal(more, EFBIG);
  assert_true(ten && !eleven && sms_may_become(INT64_MAX));
  assert_string_equal(sms_file_error(EFBIG), "no file may be that long (ulimit -f)");
  assert_string_equal(sms_file_error(EIO), strerror(EIO));
  assert_int_equal(lseek(fd, 0, SEEK_END), 10);
  assert_int_equal(close(fd), 0);
  assert_int_equal(sms_write_all(fd, "a", 1, 0), EBADF);
}

static void what_is_read_in_pieces_is_whole(void **state) {
  (void)state;
  char read[8] = "";
  size_t got = 0;
  int fd = open_unnamed();
  assert_int_equal(sms_write_all(fd, "abcdef", 6, 0), 0);
  slow_files = (struct slow_files){.interrupts = 3, .crumbs = true};
  assert_int_equal(sms_read_all(fd, read, 4, 1, &got), 0);
  assert_int_equal(got, 4);
  assert_string_equal(read, "bcde");
  assert_int_equal(sms_read_all(fd, read, sizeof read, 2, &got), 0);
  assert_int_equal(got, 4); /* there it ends */
  assert_true(slow_files.met > 3);
  slow_files = (struct slow_files){.fail = EIO};
  assert_int_equal(sms_read_all(fd, read, 4, 0, &got), EIO);
  slow_files = (struct slow_files){.met = 0};
  close(fd);
}

static void what_is_interrupted_is_done_all_the_same(void **state) {
  (void)state;
  int fd = open_unnamed();
  slow_files = (struct slow_files){.interrupts = 3};
  assert_int_equal(sms_file_resize(fd, 5), 0);
  slow_files.interrupts = 3;
  assert_int_equal(sms_file_sync(fd), 0);
  slow_files.interrupts = 3;
  assert_int_equal(sms_file_lock(fd), 0);
  assert_int_equal(slow_files.met, 9);
  assert_int_equal(lseek(fd, 0, SEEK_END), 5);
  assert_int_equal(close(fd), 0);
  assert_int_equal(sms_file_resize(fd, 5), EBADF);
  assert_int_equal(sms_file_sync(fd), EBADF);
  assert_int_equal(sms_file_lock(fd), EBADF);
}

static void a_file_is_known_by_its_device_and_its_number(void **state) {
  struct stat found;
  (void)state;
  int fd = open_unnamed();
  assert_int_equal(fstat(fd, &found), 0);
  assert_true(sms_is_file(&found, found.st_dev, found.st_ino));
  assert_false(sms_is_file(&found, found.st_dev + 1, found.st_ino));
  assert_false(sms_is_file(&found, found.st_dev, found.st_ino + 1));
  close(fd);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_come_to_their_place),
      cmocka_unit_test(what_is_read_in_pieces_is_whole),
      cmocka_unit_test(what_is_interrupted_is_done_all_the_same),
      cmocka_unit_test(what_finds_no_room_is_told),
      cmocka_unit_test(a_file_is_known_by_its_device_and_its_number),
  };
  return cmocka_run_group_tests_name("file_bytes", tests, NULL, NULL);
}
