#include "base/random.h"
#include "slow_files.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

static void the_length_is_filled_and_no_more(void **state) {
  (void)state;
  unsigned char seen[256] = {0};
  for (int round = 0; round < 100; round++) { /* a byte is 0 each time: 256 ** -100 */
    unsigned char bytes[257] = {0};
    assert_int_equal(sms_random_fill(bytes, 256), 0);
    assert_int_equal(bytes[256], 0);
    for (size_t i = 0; i < sizeof seen; i++)
      seen[i] |= bytes[i];
  }
  assert_null(memchr(seen, 0, sizeof seen));
}

static void a_child_draws_otherwise_than_its_parent(void **state) {
  (void)state;
  unsigned char ours[16], theirs[16];
  int ends[2], status;
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    _exit(sms_random_fill(ours, sizeof ours) != 0 ||
          write(ends[1], ours, sizeof ours) != (ssize_t)sizeof ours);
  }
  assert_int_equal(sms_random_fill(ours, sizeof ours), 0);
  assert_int_equal(read(ends[0], theirs, sizeof theirs), sizeof theirs);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_memory_not_equal(ours, theirs, sizeof ours);
  close(ends[0]);
  close(ends[1]);
}

static void a_uuid_is_of_version_4_and_another_each_time(void **state) {
  (void)state;
  char last[SMS_UUID_LENGTH + 1] = "", text[SMS_UUID_LENGTH + 1];
  for (int round = 0; round < 100; round++) {
    assert_int_equal(sms_random_uuid(text), 0);
    assert_int_equal(strlen(text), SMS_UUID_LENGTH);
    assert_int_equal(strspn(text, "0123456789abcdef-"), SMS_UUID_LENGTH);
    for (size_t i = 0; i < SMS_UUID_LENGTH; i++)
      assert_int_equal(text[i] == '-', i == 8 || i == 13 || i == 18 || i == 23);
    assert_int_equal(text[14], '4');
    assert_non_null(strchr("89ab", text[19]));
    assert_string_not_equal(text, last);
    memcpy(last, text, sizeof last);
  }
}

static void it_goes_on_after_interrupts_and_pieces(void **state) {
  (void)state;
  unsigned char bytes[16] = {0};
  static const unsigned char zeros[16];
  slow_files = (struct slow_files){.interrupts = 3, .crumbs = true};
  assert_int_equal(sms_random_fill(bytes, sizeof bytes), 0);
  assert_true(slow_files.met > 16);
  assert_memory_not_equal(bytes + 8, zeros, 8);
  slow_files = (struct slow_files){.fail_random = ENOSYS};
  memset(bytes, 0, sizeof bytes);
  assert_int_equal(sms_random_fill(bytes, sizeof bytes), 0); /* of /dev/urandom */
  assert_memory_not_equal(bytes + 8, zeros, 8);
  slow_files = (struct slow_files){.met = 0};
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_length_is_filled_and_no_more),
      cmocka_unit_test(a_child_draws_otherwise_than_its_parent),
      cmocka_unit_test(it_goes_on_after_interrupts_and_pieces),
      cmocka_unit_test(a_uuid_is_of_version_4_and_another_each_time),
  };
  return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
