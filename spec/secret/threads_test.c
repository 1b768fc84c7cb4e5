/* Whether the OpenSSL in the process takes locks, by the number that it has for a
 * thread.
 */
#include "secret/crypto.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* wants some of the above before it */

static pthread_t number;

/* In OpenSSL's place. */
pthread_t CRYPTO_THREAD_get_current_id(void);

pthread_t CRYPTO_THREAD_get_current_id(void) {
  return number;
}

static void one_that_tells_threads_apart_has_threads(void **state) {
  (void)state;
  number = pthread_self();
  assert_true(sms_crypto_has_threads());
}

static void one_with_the_same_number_for_all_has_none(void **state) {
  (void)state;
  for (number = 0; number < 2; number++)
    assert_false(sms_crypto_has_threads());
}

static void without_threads_nothing_is_fetched_ahead(void **state) {
  (void)state;
  number = 0;
  sms_crypto_prepare();
  number = pthread_self();
  sms_crypto_prepare();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_that_tells_threads_apart_has_threads),
      cmocka_unit_test(one_with_the_same_number_for_all_has_none),
      cmocka_unit_test(without_threads_nothing_is_fetched_ahead),
  };
  return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
