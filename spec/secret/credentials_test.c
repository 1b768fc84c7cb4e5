#include "memory_probe.h"
#include "secret/credentials.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static sms_credentials *make(const char *identity, const char *password,
                             const char *signature) {
  const char *values[SMS_SECRET_COUNT] = {identity, password, signature};
  static const char *const names[SMS_SECRET_COUNT] = {"api_key", "api_secret", "sig"};
  sms_credentials *credentials = NULL;
  assert_int_equal(sms_credentials_new(&credentials), SMS_OK);
  for (int i = 0; i < SMS_SECRET_COUNT; i++) {
    sms_credentials_name(credentials, (enum sms_secret)i, names[i]);
    if (!values[i]) continue;
    assert_int_equal(sms_credentials_set(credentials, (enum sms_secret)i, values[i],
                                         strlen(values[i])),
                     SMS_OK);
  }
  return credentials;
}

static void basic_and_parameters_carry_identity_and_password(void **state) {
  (void)state;
  static const struct {
    const char *identity, *password, *header, *parameters;
  } cases[] = {
      {"user", "pass", "Authorization: Basic dXNlcjpwYXNz",
       "api_key=user&api_secret=pass"},
      {"Aladdin", "open sesame", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
       "api_key=Aladdin&api_secret=open%20sesame"},
      {"test", "123\xc2\xa3",
       "Authorization: Basic dGVzdDoxMjPCow==", "api_key=test&api_secret=123%C2%A3"},
      {"a&b=c", "1:2", "Authorization: Basic YSZiPWM6MToy",
       "api_key=a%26b%3Dc&api_secret=1%3A2"},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct sms_buffer out;
    sms_buffer_init(&out, 1000);
    sms_credentials *credentials = make(cases[i].identity, cases[i].password, NULL);
    assert_int_equal(sms_credentials_basic(credentials, &out), SMS_OK);
    assert_string_equal(out.data, cases[i].header);
    sms_buffer_clear(&out);
    assert_int_equal(sms_credentials_parameters(credentials, &out), SMS_OK);
    assert_string_equal(out.data, cases[i].parameters);
    sms_credentials_release(credentials);
    sms_buffer_free(&out);
  }
}

static void parameters_have_the_names_that_they_are_given(void **state) {
  (void)state;
  static const char *const bad[] = {"", "a=", "12345678901234567890123456789012"};
  struct sms_buffer out;
  sms_buffer_init(&out, 1000);
  sms_credentials *c = make("user", "pass", "abcde");
  for (size_t i = 0; i < LENGTH(bad); i++)
    assert_int_equal(sms_credentials_name(c, SMS_SECRET_PASSWORD, bad[i]), SMS_INVALID);
  sms_credentials_name(c, SMS_SECRET_IDENTITY, "my-id_1");
  sms_credentials_parameters(c, &out);
  assert_string_equal(out.data, "my-id_1=user&api_secret=pass");
  sms_credentials_release(c);
  sms_buffer_free(&out);
}

static void all_that_is_made_is_appended(void **state) {
  (void)state;
  struct sms_buffer out;
  sms_buffer_init(&out, 1000);
  sms_credentials *credentials = make("user", "pass", "abcde");
  assert_int_equal(sms_buffer_append(&out, "a=1", 3), SMS_OK);
  assert_int_equal(sms_credentials_parameters(credentials, &out), SMS_OK);
  assert_int_equal(
      sms_credentials_sign(credentials, SMS_SIGNATURE_MD5HASH, "", 0, &out), SMS_OK);
  assert_string_equal(out.data, "a=1&api_key=user&api_secret=pass"
                                "&sig=ab56b4d92b40713acc5af89985d4b786");
  assert_int_equal(sms_credentials_basic(credentials, &out), SMS_OK);
  assert_string_equal(out.data + 69, "Authorization: Basic dXNlcjpwYXNz");
  sms_credentials_release(credentials);
  sms_buffer_free(&out);
}

static const char published[] = "&a=alphabet&b=bananas&timestamp=2100";
static const char webhook[] =
    "&keyword=TEST&message-timestamp=2017-04-04 22:57:47&messageId=0B00000042AC53BD"
    "&msisdn=14843472194&nonce=929d6744-bd28-42c8-b6cf-31d5b4f43732"
    "&text=Test with _ and _&timestamp=1491346667&to=12192259404&type=text";
static const char outgoing[] =
    "&api_key=not_a_key&from=12192259404&text=Test_test_something"
    "&timestamp=1490638615&to=14843472194";
static const char utf8[] =
    "&api_key=abcd1234&client-ref=r-1&from=Acme&status-report-req=1"
    "&text=F\xc3\xbc\xc3\x9f"
    "e _ Gr\xc3\xb6\xc3\x9f"
    "e _ 5\xe2\x82\xac&timestamp=1700000000&to=447700900000";

static const struct {
  const char *secret, *text;
  enum sms_signature method;
  const char *sig;
} signatures[] = {
    {"abcde", published, SMS_SIGNATURE_MD5HASH,
     "&sig=7d43241108912b32cc315b48ce681acf"},
    {"abcde", published, SMS_SIGNATURE_MD5, "&sig=e0afe267aefd6dd18a848c1681517a19"},
    {"abcde", published, SMS_SIGNATURE_SHA1,
     "&sig=b7f749de27b4adcf736cc95c9a7e059a16c85127"},
    {"abcde", published, SMS_SIGNATURE_SHA256,
     "&sig=8d1b0428276b6a070578225914c3502cc0687a454dfbbbb370c76a14234cb546"},
    {"abcde", published, SMS_SIGNATURE_SHA512,
     "&sig=1c834a1f6a377d4473971387b065cb38e2ad6c4869ba77b7b53e207a344e87ba"
     "04b456dfc697b371a2d1ce476d01dafd4394aa97525eff23badad39d2389a710"},
    {"my_secret_key_for_testing", webhook, SMS_SIGNATURE_MD5HASH,
     "&sig=e06d9763e3fd0b9c31beb5fc2fcb011c"},
    {"my_secret_key_for_testing", outgoing, SMS_SIGNATURE_MD5HASH,
     "&sig=17f5e3b22f778ec73464c01d180e9d0f"},
    {"SIGSECRETforTests0123456789abcdef", utf8, SMS_SIGNATURE_MD5HASH,
     "&sig=9a7a8a2d8477a08b176d9ae6e1e16894"},
    {"SIGSECRETforTests0123456789abcdef", utf8, SMS_SIGNATURE_MD5,
     "&sig=dd94ab06600054c442470b9894393ce7"},
    {"SIGSECRETforTests0123456789abcdef", utf8, SMS_SIGNATURE_SHA1,
     "&sig=8ccc33679280bb83349959f2e335af794ee0d261"},
    {"SIGSECRETforTests0123456789abcdef", utf8, SMS_SIGNATURE_SHA256,
     "&sig=7ee1efb44267a3db6a6bcbcf29ea1d53c7983a665de40104bcd1988d0e59dfc0"},
    {"SIGSECRETforTests0123456789abcdef", utf8, SMS_SIGNATURE_SHA512,
     "&sig=76959a078f4dc86710bd8bd81bc55c32cd3d6845940b61215e3d1e0339b92b34"
     "8d4eb3a1790f38c4c61a46f5718f70a64707de8e1971cad0761cbb4d69ba0426"},
};

static void signatures_follow_the_published_vectors(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(signatures); i++) {
    struct sms_buffer out;
    sms_buffer_init(&out, 1000);
    sms_credentials *credentials = make(NULL, NULL, signatures[i].secret);
    const char *text = signatures[i].text;
    assert_int_equal(sms_credentials_sign(credentials, signatures[i].method, text,
                                          strlen(text), &out),
                     SMS_OK);
    assert_string_equal(out.data, signatures[i].sig + strlen("&"));
    sms_credentials_release(credentials);
    sms_buffer_free(&out);
  }
}

static void what_lacks_its_secrets_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *identity, *password, *signature;
    enum sms_status basic, parameters, sign;
  } cases[] = {
      {NULL, NULL, NULL, SMS_INVALID, SMS_INVALID, SMS_INVALID},
      {"user", NULL, NULL, SMS_INVALID, SMS_INVALID, SMS_INVALID},
      {NULL, "pass", NULL, SMS_INVALID, SMS_INVALID, SMS_INVALID},
      {"user", "", NULL, SMS_INVALID, SMS_INVALID, SMS_INVALID},
      {"user", "pass", "", SMS_OK, SMS_OK, SMS_INVALID},
      {"us:er", "pass", NULL, SMS_INVALID, SMS_OK, SMS_INVALID},
      {":", "pass", NULL, SMS_INVALID, SMS_OK, SMS_INVALID},
      {NULL, NULL, "abcde", SMS_INVALID, SMS_INVALID, SMS_OK},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    sms_credentials *c = make(cases[i].identity, cases[i].password, cases[i].signature);
    for (int method = SMS_SIGNATURE_MD5HASH; method <= SMS_SIGNATURE_SHA512; method++) {
      struct sms_buffer out;
      sms_buffer_init(&out, 1000);
      assert_int_equal(sms_credentials_basic(c, &out), cases[i].basic);
      assert_true((cases[i].basic == SMS_OK) == (out.length > 0));
      sms_buffer_clear(&out);
      assert_int_equal(sms_credentials_parameters(c, &out), cases[i].parameters);
      assert_true((cases[i].parameters == SMS_OK) == (out.length > 0));
      sms_buffer_clear(&out);
      assert_int_equal(
          sms_credentials_sign(c, (enum sms_signature)method, "text", 4, &out),
          cases[i].sign);
      assert_true((cases[i].sign == SMS_OK) == (out.length > 0));
      sms_buffer_free(&out);
    }
    sms_credentials_release(c);
  }
}

static void a_secret_is_bytes_up_to_the_ceiling(void **state) {
  (void)state;
  static char large[SMS_CEILING_SECRET + 1];
  struct sms_buffer out;
  sms_buffer_init(&out, SMS_CEILING_REQUEST);
  sms_credentials *c = make("u", "old", NULL);
  assert_int_equal(sms_credentials_set(c, SMS_SECRET_PASSWORD, large, sizeof large),
                   SMS_TOO_LARGE);
  assert_int_equal(sms_credentials_parameters(c, &out), SMS_OK);
  assert_string_equal(out.data, "api_key=u&api_secret=old");
  assert_int_equal(sms_credentials_set(c, SMS_SECRET_PASSWORD, large, sizeof large - 1),
                   SMS_OK);
  assert_int_equal(sms_credentials_set(c, SMS_SECRET_IDENTITY, large, sizeof large - 1),
                   SMS_OK);
  sms_buffer_clear(&out);
  assert_int_equal(sms_credentials_basic(c, &out), SMS_OK);
  sms_buffer_clear(&out);
  assert_int_equal(sms_credentials_parameters(c, &out), SMS_OK);
  assert_int_equal(out.length, strlen("api_key=&api_secret=") + 6 * sizeof large - 6);
  sms_credentials_release(c);
  sms_buffer_free(&out);
}

enum made { BASIC, PARAMETERS, SIGNED_MD5HASH, SIGNED_SHA512, MADE_COUNT };

static enum sms_status append(sms_credentials *c, enum made what,
                              struct sms_buffer *out) {
  if (what == BASIC) return sms_credentials_basic(c, out);
  if (what == PARAMETERS) return sms_credentials_parameters(c, out);
  return sms_credentials_sign(
      c, what == SIGNED_SHA512 ? SMS_SIGNATURE_SHA512 : SMS_SIGNATURE_MD5HASH, "text",
      4, out);
}

static void a_failure_half_way_leaves_the_buffer_as_it_was(void **state) {
  (void)state;
  sms_credentials *c = make("identity", "password", "signature");
  for (enum made what = BASIC; what < MADE_COUNT; what++) {
    enum sms_status status = SMS_TOO_LARGE;
    for (size_t ceiling = 3; status != SMS_OK; ceiling++) {
      struct sms_buffer out;
      sms_buffer_init(&out, ceiling);
      assert_int_equal(sms_buffer_append(&out, "a=1", 3), SMS_OK);
      status = append(c, what, &out);
      if (status != SMS_OK) {
        assert_int_equal(status, SMS_TOO_LARGE);
        assert_int_equal(out.length, 3);
        assert_string_equal(out.data, "a=1");
      }
      sms_buffer_free(&out);
    }
  }
  sms_credentials_release(c);
}

static void without_memory_nothing_is_made_or_lost(void **state) {
  (void)state;
  sms_credentials *c = NULL;
  probe_fail_after(0);
  assert_int_equal(sms_credentials_new(&c), SMS_NO_MEMORY);
  probe_fail_after(PROBE_NEVER);
  assert_null(c);
  c = make("identity", "password", "signature");
  probe_fail_after(0);
  assert_int_equal(sms_credentials_set(c, SMS_SECRET_IDENTITY, "new", 3),
                   SMS_NO_MEMORY);
  for (enum made what = BASIC; what < MADE_COUNT; what++) {
    struct sms_buffer out;
    sms_buffer_init(&out, 1000);
    int allocations = 0;
    enum sms_status status = SMS_NO_MEMORY;
    for (; status != SMS_OK; allocations++) {
      probe_fail_after(allocations);
      status = append(c, what, &out);
      assert_true(status == SMS_OK || status == SMS_NO_MEMORY);
      assert_true((status == SMS_OK) == (out.length > 0));
    }
    assert_true(allocations > 1);
    sms_buffer_free(&out);
  }
  probe_fail_after(PROBE_NEVER);
  sms_credentials_release(c);
}

/* Whatever is made of the secrets, only the caller's buffer holds it in the end. */
static void no_freed_memory_holds_a_secret(void **state) {
  (void)state;
  static const char *const watched[] = {
      "Identity+0123456789",     "Password+0123456789",        "Signature+0123456789",
      "Identity%2B0123456789",   "Password%2B0123456789",      "Former+0123456789",
      "SWRlbnRpdHkrMDEyMzQ1Njc", "UGFzc3dvcmQrMDEyMzQ1Njc4OQ",
  };
  for (size_t i = 0; i < LENGTH(watched); i++) {
    probe_watch(watched[i]);
    sms_credentials *c =
        make("Identity+0123456789", "Former+0123456789", "Signature+0123456789");
    assert_int_equal(
        sms_credentials_set(c, SMS_SECRET_PASSWORD, "Password+0123456789", 19), SMS_OK);
    for (enum made what = BASIC; what < MADE_COUNT; what++) {
      for (size_t ceiling = 1000; ceiling > 0; ceiling--) {
        struct sms_buffer out;
        sms_buffer_init(&out, ceiling);
        (void)append(c, what, &out);
        sms_buffer_wipe(&out);
      }
    }
    sms_credentials_release(c);
    assert_int_equal(probe_leaks(), 0);
  }
  probe_watch(NULL);
}

static void the_last_release_wipes_and_wiping_does_not_wait_for_it(void **state) {
  (void)state;
  struct sms_buffer out;
  sms_buffer_init(&out, 1000);
  sms_credentials_release(NULL);
  sms_credentials *c = make("user", "pass", "abcde");
  assert_ptr_equal(sms_credentials_retain(c), c);
  sms_credentials_release(c);
  assert_int_equal(sms_credentials_basic(c, &out), SMS_OK);
  sms_buffer_clear(&out);
  sms_credentials_wipe(c);
  sms_credentials_wipe(c);
  for (enum made what = BASIC; what < MADE_COUNT; what++)
    assert_int_equal(append(c, what, &out), SMS_INVALID);
  assert_int_equal(out.length, 0);
  sms_credentials_release(c);
  sms_buffer_free(&out);
}

static void *use_and_release(void *credentials) {
  static const char header[] = "Authorization: Basic dXNlcjpwYXNz";
  struct sms_buffer out;
  sms_buffer_init(&out, 1000);
  intptr_t strange = 0;
  for (int i = 0; i < 2000; i++) {
    enum sms_status status = sms_credentials_basic(credentials, &out);
    strange |= status == SMS_OK ? strcmp(out.data, header) != 0 : status != SMS_INVALID;
    sms_buffer_clear(&out);
    sms_credentials_release(sms_credentials_retain(credentials));
  }
  sms_credentials_release(credentials);
  sms_buffer_free(&out);
  return (void *)strange;
}

static void threads_may_use_what_another_wipes(void **state) {
  (void)state;
  pthread_t threads[4];
  sms_credentials *c = make("user", "pass", NULL);
  for (size_t i = 0; i < LENGTH(threads); i++)
    assert_int_equal(
        pthread_create(&threads[i], NULL, use_and_release, sms_credentials_retain(c)),
        0);
  sms_credentials_wipe(c);
  sms_credentials_release(c);
  for (size_t i = 0; i < LENGTH(threads); i++) {
    void *strange;
    assert_int_equal(pthread_join(threads[i], &strange), 0);
    assert_null(strange);
  }
}

static void a_fingerprint_tells_identities_apart_without_showing_them(void **state) {
  (void)state;
  char hex[17];
  sms_credentials *c = make("user", "pass", NULL);
  assert_int_equal(sms_credentials_fingerprint(c, hex), SMS_OK);
  assert_string_equal(hex, "04f8996da763b7a9"); /* of sha256sum */
  sms_credentials_release(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(basic_and_parameters_carry_identity_and_password),
      cmocka_unit_test(parameters_have_the_names_that_they_are_given),
      cmocka_unit_test(all_that_is_made_is_appended),
      cmocka_unit_test(signatures_follow_the_published_vectors),
      cmocka_unit_test(what_lacks_its_secrets_is_refused),
      cmocka_unit_test(a_secret_is_bytes_up_to_the_ceiling),
      cmocka_unit_test(a_failure_half_way_leaves_the_buffer_as_it_was),
      cmocka_unit_test(without_memory_nothing_is_made_or_lost),
      cmocka_unit_test(no_freed_memory_holds_a_secret),
      cmocka_unit_test(the_last_release_wipes_and_wiping_does_not_wait_for_it),
      cmocka_unit_test(a_fingerprint_tells_identities_apart_without_showing_them),
      cmocka_unit_test(threads_may_use_what_another_wipes),
  };
  return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
