/* A library in OpenSSL's place that has no numbers for threads is one with threads. */
#include "secret/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* wants some of the above before it */

static void one_without_numbers_has_threads(void **state) {
  (void)state;
  assert_true(sms_crypto_has_threads());
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_without_numbers_has_threads)};
  return cmocka_run_group_tests_name("no_numbers", tests, NULL, NULL);
}
