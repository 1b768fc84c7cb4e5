#include "secret/tls.h"
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

/* As libcurl names it. */
static void our_own_is_known_by_its_name(void **state) {
  char name[64];
  (void)state;
  const char *own = OpenSSL_version(OPENSSL_VERSION);
  size_t length = strcspn(own + 8, " ");
  snprintf(name, sizeof name, "OpenSSL/%.*s", (int)length, own + 8);
  assert_true(sms_tls_is_ours(name));
  name[strlen(name) - 1] = '\0';
  assert_false(sms_tls_is_ours(name));
  snprintf(name, sizeof name, "OpenSSL/%.*s1", (int)length, own + 8);
  assert_false(sms_tls_is_ours(name));
  snprintf(name, sizeof name, "OpenSSL/%.*s GnuTLS/3.7.9", (int)length, own + 8);
  assert_false(sms_tls_is_ours(name));
}

static void others_are_not_ours(void **state) {
  static const char *const others[] = {NULL,
                                       "",
                                       "OpenSSL",
                                       "OpenSSL/",
                                       "GnuTLS/3.7.9",
                                       "OpenSSL/0.9.8",
                                       "(OpenSSL/3.0.19)"};
  (void)state;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    assert_false(sms_tls_is_ours(others[i]));
}

/* Which has read nothing, and agreed on nothing. */
static void a_fresh_connection_is_empty(void **state) {
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL *connection = SSL_new(context);
  (void)state;
  assert_false(sms_tls_has_unread(connection));
  assert_false(sms_tls_is_http2(connection));
  SSL_free(connection);
  SSL_CTX_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(our_own_is_known_by_its_name),
      cmocka_unit_test(others_are_not_ours),
      cmocka_unit_test(a_fresh_connection_is_empty),
  };
  return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
