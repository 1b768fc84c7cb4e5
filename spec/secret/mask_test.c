#include "secret/credentials.h"
#include "secret/token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

static void set(sms_credentials *credentials, enum sms_secret which,
                const char *value) {
  assert_int_equal(sms_credentials_set(credentials, which, value, strlen(value)),
                   SMS_OK);
}

static sms_credentials *make(const char *password, const char *signature) {
  sms_credentials *credentials = NULL;
  assert_int_equal(sms_credentials_new(&credentials), SMS_OK);
  set(credentials, SMS_SECRET_IDENTITY, "user");
  set(credentials, SMS_SECRET_PASSWORD, password);
  if (signature) set(credentials, SMS_SECRET_SIGNATURE, signature);
  return credentials;
}

static void secrets_in_foreign_text_are_masked(void **state) {
  (void)state;
  static const struct {
    const char *password, *text, *masked;
  } cases[] = {
      {"hunter22", "bad hunter22", "bad ***"},
      {"hunter22", "hunter22hunter22 SIGNED", "*** ***"},
      {"hunter22", "hunter2 is near", "hunter2 is near"},
      {"hunter22", "the end is hunter2", "the end is ***"},
      {"hunter22", "the end is hun", "the end is hun"},
      {"abc", "abc is too short to hide", "abc is too short to hide"},
      {"hunter22", "", ""},
      {"p@ss w%rd", "p%40ss%20w%25rd p%40ss+w%25rd p@ss w%rd", "*** *** ***"},
      {"a/b\"c&d", "a%2fb%22c%26d a\\/b\\\"c&d a/b&quot;c&amp;d", "*** *** ***"},
      {"a/b\"c&d", "a\\u002fb\\u0022c\\u0026d a/b%22c", "*** ***"},
      {"hunter22", "Basic dXNlcjpodW50ZXIyMg== and dXNlcjpodW50ZXIyMg%3D%3D",
       "Basic *** and ***"},
      {"hunter22", "by way of proxy-word", "by way of ***"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct sms_mask mask;
    char out[SMS_MASK_OUT];
    sms_credentials *c = make(cases[i].password, "SIGNED");
    assert_int_equal(sms_credentials_hide(c, "proxy-word", 10), SMS_OK);
    sms_mask_begin(&mask, cases[i].text, strlen(cases[i].text));
    sms_credentials_mask(c, &mask);
    size_t length = sms_mask_end(&mask, out);
    out[length] = '\0';
    assert_string_equal(out, cases[i].masked);
    sms_credentials_release(c);
  }
}

/* Wherever the text is cut, and however much was masked before. */
static void no_half_of_a_secret_remains_at_the_cut(void **state) {
  (void)state;
  static char text[2 * SMS_MASK_SHOWN];
  sms_credentials *c = make("hunter22", NULL);
  for (size_t at = SMS_MASK_SHOWN - 12; at < SMS_MASK_SHOWN + 4; at++) {
    struct sms_mask mask;
    char out[SMS_MASK_OUT];
    memset(text, '.', sizeof text);
    for (size_t i = 0; i < 2000; i += 8)
      memcpy(text + i, "hunter22", 8);
    memcpy(text + at, "hunter22", 8);
    sms_mask_begin(&mask, text, sizeof text);
    sms_credentials_mask(c, &mask);
    size_t length = sms_mask_end(&mask, out);
    assert_true(length <= SMS_MASK_SHOWN);
    assert_null(memmem(out, length, "h", 1));
  }
  sms_credentials_release(c);
}

static void tokens_are_masked_as_far_as_the_text_is_shown(void **state) {
  (void)state;
  static const char token[] = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln";
  static char text[2 * SMS_MASK_SHOWN];
  for (size_t at = SMS_MASK_SHOWN - 60; at < SMS_MASK_SHOWN + 4; at++) {
    struct sms_mask mask;
    char out[SMS_MASK_OUT];
    memset(text, ' ', sizeof text);
    memcpy(text, token, sizeof token - 1);
    memcpy(text + at, token, sizeof token - 1);
    memcpy(text + sizeof text - 100, token, sizeof token - 1);
    sms_mask_begin(&mask, text, sizeof text);
    sms_token_mask(&mask);
    size_t length = sms_mask_end(&mask, out);
    assert_memory_equal(out, "*** ", 4);
    assert_null(memmem(out, length, "e", 1));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(secrets_in_foreign_text_are_masked),
      cmocka_unit_test(no_half_of_a_secret_remains_at_the_cut),
      cmocka_unit_test(tokens_are_masked_as_far_as_the_text_is_shown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
