#include "base/byte_buffer.h"
#include "memory_probe.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

static void assert_holds(const struct sms_buffer *buffer, const char *text) {
  assert_int_equal(buffer->length, strlen(text));
  assert_string_equal(buffer->data, text);
}

static void a_new_buffer_is_empty_and_owns_nothing(void **state) {
  (void)state;
  struct sms_buffer buffer;
  probe_fail_after(0);
  sms_buffer_init(&buffer, 10);
  assert_int_equal(sms_buffer_append(&buffer, NULL, 0), SMS_OK);
  probe_fail_after(PROBE_NEVER);
  assert_null(buffer.data);
  assert_int_equal(buffer.length, 0);
  sms_buffer_clear(&buffer);
  sms_buffer_wipe(&buffer);
  sms_buffer_free(&buffer);
}

static void bytes_are_kept_in_order_with_a_nul_behind(void **state) {
  (void)state;
  char expected[5000];
  struct sms_buffer buffer;
  sms_buffer_init(&buffer, sizeof expected);
  size_t length = 0;
  for (size_t step = 0; length + step <= sizeof expected; step++) {
    for (size_t i = 0; i < step; i++)
      expected[length + i] = (char)(length * 7 + i);
    assert_int_equal(sms_buffer_append(&buffer, expected + length, step), SMS_OK);
    length += step;
    if (length == 0) continue;
    assert_int_equal(buffer.length, length);
    assert_memory_equal(buffer.data, expected, length);
    assert_int_equal(buffer.data[length], '\0');
    assert_true(buffer.capacity > length);
  }
  sms_buffer_free(&buffer);
}

static void the_ceiling_can_be_reached_but_not_passed(void **state) {
  (void)state;
  for (size_t ceiling = 1; ceiling < 300; ceiling++) {
    struct sms_buffer buffer;
    sms_buffer_init(&buffer, ceiling);
    for (size_t i = 0; i < ceiling; i++)
      assert_int_equal(sms_buffer_append(&buffer, "x", 1), SMS_OK);
    assert_int_equal(sms_buffer_append(&buffer, "y", 1), SMS_TOO_LARGE);
    assert_int_equal(sms_buffer_append(&buffer, "", 0), SMS_OK);
    assert_int_equal(buffer.length, ceiling);
    assert_true(buffer.capacity <= ceiling + 1);
    assert_int_equal(strspn(buffer.data, "x"), ceiling);
    assert_int_equal(buffer.data[ceiling], '\0');
    sms_buffer_free(&buffer);
  }
}

static void reserved_room_is_not_moved_from(void **state) {
  struct sms_buffer buffer;
  (void)state;
  sms_buffer_init(&buffer, 1000);
  assert_int_equal(sms_buffer_reserve(&buffer, 1001), SMS_TOO_LARGE);
  assert_null(buffer.data);
  assert_int_equal(sms_buffer_reserve(&buffer, 300), SMS_OK);
  const char *data = buffer.data;
  for (int i = 0; i < 300; i++)
    assert_int_equal(sms_buffer_append(&buffer, "x", 1), SMS_OK);
  assert_ptr_equal(buffer.data, data);
  assert_int_equal(buffer.length, 300);
  sms_buffer_free(&buffer);
}

static void what_does_not_fit_leaves_the_buffer_as_it_was(void **state) {
  (void)state;
  struct sms_buffer buffer;
  sms_buffer_init(&buffer, 8);
  assert_int_equal(sms_buffer_append(&buffer, "abcdefghi", 9), SMS_TOO_LARGE);
  assert_int_equal(sms_buffer_append(&buffer, "", SIZE_MAX), SMS_TOO_LARGE);
  assert_null(buffer.data);
  assert_int_equal(sms_buffer_append(&buffer, "abc", 3), SMS_OK);
  assert_int_equal(sms_buffer_append(&buffer, "", SIZE_MAX - 2), SMS_TOO_LARGE);
  assert_int_equal(sms_buffer_append(&buffer, "defghi", 6), SMS_TOO_LARGE);
  assert_holds(&buffer, "abc");
  assert_int_equal(sms_buffer_append(&buffer, "defgh", 5), SMS_OK);
  assert_holds(&buffer, "abcdefgh");
  sms_buffer_free(&buffer);
}

static void without_memory_the_buffer_stays_as_it_was(void **state) {
  (void)state;
  char more[100] = "";
  struct sms_buffer buffer;
  sms_buffer_init(&buffer, 1000);
  probe_fail_after(0);
  assert_int_equal(sms_buffer_append(&buffer, "abc", 3), SMS_NO_MEMORY);
  assert_null(buffer.data);
  probe_fail_after(1);
  assert_int_equal(sms_buffer_append(&buffer, "abc", 3), SMS_OK);
  assert_int_equal(sms_buffer_append(&buffer, more, sizeof more), SMS_NO_MEMORY);
  probe_fail_after(PROBE_NEVER);
  assert_holds(&buffer, "abc");
  sms_buffer_free(&buffer);
}

static void clearing_keeps_the_memory_for_the_next_use(void **state) {
  (void)state;
  struct sms_buffer buffer;
  sms_buffer_init(&buffer, 100);
  assert_int_equal(sms_buffer_append(&buffer, "first", 5), SMS_OK);
  const char *memory = buffer.data;
  sms_buffer_clear(&buffer);
  assert_holds(&buffer, "");
  assert_int_equal(sms_buffer_append(&buffer, "next", 4), SMS_OK);
  assert_ptr_equal(buffer.data, memory);
  assert_holds(&buffer, "next");
  sms_buffer_free(&buffer);
}

static void a_freed_or_wiped_buffer_may_be_used_again(void **state) {
  (void)state;
  struct sms_buffer buffer;
  sms_buffer_init(&buffer, 3);
  for (int round = 0; round < 2; round++) {
    assert_int_equal(sms_buffer_append(&buffer, "abcd", 4), SMS_TOO_LARGE);
    assert_int_equal(sms_buffer_append(&buffer, "abc", 3), SMS_OK);
    if (round == 0) sms_buffer_free(&buffer);
    if (round == 1) sms_buffer_wipe(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.length, 0);
    assert_int_equal(buffer.capacity, 0);
  }
  assert_int_equal(sms_buffer_append(&buffer, "xyz", 3), SMS_OK);
  assert_holds(&buffer, "xyz");
  sms_buffer_free(&buffer);
}

static void growing_and_wiping_leave_no_copy_behind(void **state) {
  (void)state;
  static const char secret[] = "the horse battery staple";
  struct sms_buffer buffer;
  probe_watch(secret);
  sms_buffer_init(&buffer, 10000);
  assert_int_equal(sms_buffer_append(&buffer, "before ", 7), SMS_OK);
  assert_int_equal(sms_buffer_append(&buffer, secret, strlen(secret)), SMS_OK);
  for (int i = 0; i < 1000; i++)
    assert_int_equal(sms_buffer_append(&buffer, "x", 1), SMS_OK);
  assert_int_equal(probe_leaks(), 0);
  sms_buffer_clear(&buffer);
  assert_int_equal(sms_buffer_append(&buffer, "y", 1), SMS_OK);
  sms_buffer_wipe(&buffer);
  assert_int_equal(probe_leaks(), 0);
  assert_int_equal(sms_buffer_append(&buffer, secret, strlen(secret)), SMS_OK);
  sms_buffer_free(&buffer);
  assert_int_equal(probe_leaks(), 1); /* the probe does see what is not wiped */
  probe_watch(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_buffer_is_empty_and_owns_nothing),
      cmocka_unit_test(bytes_are_kept_in_order_with_a_nul_behind),
      cmocka_unit_test(the_ceiling_can_be_reached_but_not_passed),
      cmocka_unit_test(reserved_room_is_not_moved_from),
      cmocka_unit_test(what_does_not_fit_leaves_the_buffer_as_it_was),
      cmocka_unit_test(without_memory_the_buffer_stays_as_it_was),
      cmocka_unit_test(clearing_keeps_the_memory_for_the_next_use),
      cmocka_unit_test(a_freed_or_wiped_buffer_may_be_used_again),
      cmocka_unit_test(growing_and_wiping_leave_no_copy_behind),
  };
  return cmocka_run_group_tests_name("byte_buffer", tests, NULL, NULL);
}
