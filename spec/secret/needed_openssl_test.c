/* libssl stands for a library that needs an OpenSSL, of which this program has its own.
 */
#include "secret/needed_openssl.h"
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h> /* wants some of the above before it */

static unsigned long version;

unsigned long OpenSSL_version_num(void) {
  return version;
}

static void an_older_one_is_named_with_what_is_needed(void **state) {
  char needed[SMS_OPENSSL_MAX] = "";
  unsigned major, minor, patch;
  (void)state;
  assert_int_equal(OPENSSL_init_ssl(0, NULL), 1); /* libssl is there */
  version = 0x20900010UL;
  const char *own = sms_openssl_too_old("libssl.so", needed);
  assert_string_equal(own, OpenSSL_version(OPENSSL_VERSION));
  assert_int_equal(sscanf(needed, "%u.%u.%u", &major, &minor, &patch), 3);
  assert_true(major >= 3);
  const unsigned long least = (unsigned long)major << 28 | minor << 20 | patch << 4;
  version = least;
  assert_null(sms_openssl_too_old("libssl.so", needed));
  version = least - 0x10;
  assert_non_null(sms_openssl_too_old("libssl.so", needed));
}

static void nothing_is_said_of_what_is_not_there(void **state) {
  char needed[SMS_OPENSSL_MAX] = "";
  (void)state;
  version = 0x20900010UL;
  assert_null(sms_openssl_too_old("libnowhere.so", needed));
  assert_null(sms_openssl_too_old("libcmocka.so", needed));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_older_one_is_named_with_what_is_needed),
      cmocka_unit_test(nothing_is_said_of_what_is_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
