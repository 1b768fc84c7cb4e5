#include "base/wipe.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

static void the_length_is_overwritten_and_no_more(void **state) {
  (void)state;
  char text[] = "secret and more";
  sms_wipe(text, 6);
  assert_memory_equal(text, "\0\0\0\0\0\0 and more", sizeof text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_length_is_overwritten_and_no_more),
  };
  return cmocka_run_group_tests_name("wipe", tests, NULL, NULL);
}
