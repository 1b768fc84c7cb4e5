#include "memory_probe.h"
#include "text/form.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

static void every_byte_but_the_unreserved_is_escaped(void **state) {
  (void)state;
  static const char unreserved[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  struct sms_buffer all;
  char expected[3 * 256 + 1] = "";
  sms_buffer_init(&all, sizeof expected);
  for (unsigned byte = 0; byte < 256; byte++) {
    unsigned char raw = (unsigned char)byte;
    bool plain = byte != 0 && strchr(unreserved, (int)byte);
    char *end = expected + strlen(expected);
    snprintf(end, 4, plain ? "%c" : "%%%02X", byte);
    assert_int_equal(sms_escape_append(&all, &raw, 1), SMS_OK);
    assert_string_equal(all.data, expected);
    assert_int_equal(all.length, strlen(expected));
  }
  sms_buffer_free(&all);
}

static void what_does_not_fit_leaves_the_buffer_as_it_was(void **state) {
  (void)state;
  struct sms_buffer buffer;
  sms_buffer_init(&buffer, 8);
  probe_fail_after(0);
  assert_int_equal(sms_escape_append(&buffer, NULL, 0), SMS_OK);
  assert_int_equal(sms_escape_append(&buffer, "abc", 3), SMS_NO_MEMORY);
  probe_fail_after(PROBE_NEVER);
  assert_null(buffer.data);
  assert_int_equal(sms_escape_append(&buffer, "abc", 3), SMS_OK);
  assert_int_equal(sms_escape_append(&buffer, "  ", 2), SMS_TOO_LARGE);
  assert_string_equal(buffer.data, "abc");
  assert_int_equal(sms_escape_append(&buffer, " de", 3), SMS_OK);
  assert_string_equal(buffer.data, "abc%20de");
  assert_int_equal(sms_escape_append(&buffer, "y", 1), SMS_TOO_LARGE);
  assert_int_equal(buffer.length, 8);
  sms_buffer_free(&buffer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_byte_but_the_unreserved_is_escaped),
      cmocka_unit_test(what_does_not_fit_leaves_the_buffer_as_it_was),
  };
  return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
