#include "memory_probe.h"
#include "secret/credentials.h"
#include "secret/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const char secret[] = "SIGSECRETforTests0123456789abcdef";

static sms_credentials *make(const char *signature) {
  sms_credentials *c = NULL;
  assert_int_equal(sms_credentials_new(&c), SMS_OK);
  assert_int_equal(
      sms_credentials_set(c, SMS_SECRET_SIGNATURE, signature, strlen(signature)),
      SMS_OK);
  return c;
}

static const char published[] = "&a=alphabet&b=bananas&timestamp=2100";
static const char webhook[] =
    "&keyword=TEST&message-timestamp=2017-04-04 22:57:47&messageId=0B00000042AC53BD"
    "&msisdn=14843472194&nonce=929d6744-bd28-42c8-b6cf-31d5b4f43732"
    "&text=Test with _ and _&timestamp=1491346667&to=12192259404&type=text";
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
    {"abcde", published, SMS_SIGNATURE_MD5HASH, "7d43241108912b32cc315b48ce681acf"},
    {"my_secret_key_for_testing", webhook, SMS_SIGNATURE_MD5HASH,
     "e06d9763e3fd0b9c31beb5fc2fcb011c"},
    {secret, utf8, SMS_SIGNATURE_MD5HASH, "9a7a8a2d8477a08b176d9ae6e1e16894"},
    {secret, utf8, SMS_SIGNATURE_MD5, "dd94ab06600054c442470b9894393ce7"},
    {secret, utf8, SMS_SIGNATURE_SHA1, "8ccc33679280bb83349959f2e335af794ee0d261"},
    {secret, utf8, SMS_SIGNATURE_SHA256,
     "7ee1efb44267a3db6a6bcbcf29ea1d53c7983a665de40104bcd1988d0e59dfc0"},
    {secret, utf8, SMS_SIGNATURE_SHA512,
     "76959a078f4dc86710bd8bd81bc55c32cd3d6845940b61215e3d1e0339b92b34"
     "8d4eb3a1790f38c4c61a46f5718f70a64707de8e1971cad0761cbb4d69ba0426"},
};

static bool verify(const sms_credentials *c, enum sms_signature method,
                   const char *text, const char *sig, size_t length) {
  bool is_same = false;
  assert_int_equal(
      sms_credentials_verify(c, method, text, strlen(text), sig, length, &is_same),
      SMS_OK);
  return is_same;
}

static void signatures_are_verified_and_no_flipped_bit_of_them(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(signatures); i++) {
    const char *text = signatures[i].text;
    const char *sig = signatures[i].sig;
    enum sms_signature method = signatures[i].method;
    size_t length = strlen(sig);
    char other[SMS_DIGEST_HEX_MAX];
    sms_credentials *c = make(signatures[i].secret);
    assert_true(verify(c, method, text, sig, length));
    assert_false(verify(c, method, text, sig, length - 1));
    assert_false(verify(c, method, text, "", 0));
    assert_false(verify(c, method, text + 1, sig, length));
    for (size_t bit = 0; bit < 8 * length; bit++) {
      memcpy(other, sig, length);
      other[bit / 8] = (char)(other[bit / 8] ^ 1 << bit % 8);
      bool same = bit % 8 == 5 && sig[bit / 8] >= 'a'; /* the case of a letter */
      assert_true(verify(c, method, text, other, length) == same);
    }
    for (int m = 0; m <= SMS_SIGNATURE_SHA512; m++) {
      enum sms_signature each = (enum sms_signature)m;
      assert_true(verify(c, each, text, sig, length) == (each == method));
    }
    sms_credentials_release(c);
  }
}

#define TOKEN_SIGNED                                                                   \
  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."                                              \
  "eyJpYXQiOjE3MDAwMDAwMDAsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNmYmU4Y2U1MTFi"   \
  "NSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6ImQ1ZWNiYzdhYjc3YjM3NmIyY2Y2MzVhNjg2"   \
  "OWQ0ZGJiMTUzMjIxNzVmOTViNWMxOTI2MGEyN2Y2MjE3ZTRlZmYiLCJhcGlfa2V5IjoiYWJjZDEyMzQi"   \
  "fQ"
static const char token[] = TOKEN_SIGNED ".9-Nbg-bRiUd6QUtR78O9s5gUsqC5LMJbP2tHps-7GYw";

static bool verify_token(const sms_credentials *c, const char *text, size_t length) {
  bool is_same = false;
  assert_int_equal(sms_credentials_verify_token(c, text, length, &is_same), SMS_OK);
  return is_same;
}

static void tokens_are_verified_and_no_flipped_bit_of_them(void **state) {
  (void)state;
  char other[sizeof token];
  size_t length = strlen(token);
  sms_credentials *c = make(secret);
  assert_true(verify_token(c, token, length));
  for (size_t bit = 0; bit < 8 * length; bit++) {
    memcpy(other, token, sizeof token);
    other[bit / 8] = (char)(other[bit / 8] ^ 1 << bit % 8);
    assert_false(verify_token(c, other, length));
  }
  for (size_t part = 0; part < length; part++)
    assert_false(verify_token(c, token, part));
  assert_false(verify_token(c, TOKEN_SIGNED, strlen(TOKEN_SIGNED)));
  assert_false(verify_token(c, "", 0));
  assert_false(verify_token(c, ".", 1));
  sms_credentials_release(c);
  c = make("another secret");
  assert_false(verify_token(c, token, length));
  sms_credentials_release(c);
}

static void without_a_signature_secret_nothing_is_verified(void **state) {
  (void)state;
  bool is_same = false;
  sms_credentials *c = make("");
  /* Of an empty secret: printf %s '&a=1' | md5sum */
  assert_int_equal(sms_credentials_verify(c, SMS_SIGNATURE_MD5HASH, "&a=1", 4,
                                          "f77d16d989f11ddd3877a03f19b99d7c", 32,
                                          &is_same),
                   SMS_INVALID);
  assert_int_equal(sms_credentials_verify_token(c, token, strlen(token), &is_same),
                   SMS_INVALID);
  assert_false(is_same);
  sms_credentials_release(c);
}

static void without_memory_nothing_is_verified(void **state) {
  (void)state;
  sms_credentials *c = make(secret);
  for (int what = 0; what < 2; what++) {
    enum sms_status status = SMS_NO_MEMORY;
    int allocations = 0;
    for (; status != SMS_OK; allocations++) {
      bool is_same = false;
      probe_fail_after(allocations);
      status = what == 0
                   ? sms_credentials_verify_token(c, token, strlen(token), &is_same)
                   : sms_credentials_verify(
                         c, SMS_SIGNATURE_MD5HASH, utf8, strlen(utf8),
                         "9a7a8a2d8477a08b176d9ae6e1e16894", 32, &is_same);
      probe_fail_after(PROBE_NEVER);
      assert_true(status == SMS_OK || status == SMS_NO_MEMORY);
      assert_true((status == SMS_OK) == is_same);
    }
    assert_true(allocations > 1);
  }
  sms_credentials_release(c);
}

/* What was expected is in no block that was freed. */
static void verifying_leaves_no_signature_behind(void **state) {
  (void)state;
  static const char *const watched[] = {"9-Nbg-bRiUd6QUtR78O9s5gU",
                                        "9+Nbg+bRiUd6QUtR78O9s5gU",
                                        "SIGSECRETforTests0123456789abcdef"};
  bool is_same;
  for (size_t i = 0; i < LENGTH(watched); i++) {
    probe_watch(watched[i]);
    sms_credentials *c = make(secret);
    assert_int_equal(sms_credentials_verify_token(c, TOKEN_SIGNED ".x",
                                                  strlen(TOKEN_SIGNED) + 2, &is_same),
                     SMS_OK);
    assert_false(is_same);
    assert_int_equal(sms_credentials_verify(c, SMS_SIGNATURE_MD5HASH, utf8,
                                            strlen(utf8), "x", 1, &is_same),
                     SMS_OK);
    assert_false(is_same);
    sms_credentials_release(c);
    assert_int_equal(probe_leaks(), 0);
  }
  probe_watch(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signatures_are_verified_and_no_flipped_bit_of_them),
      cmocka_unit_test(tokens_are_verified_and_no_flipped_bit_of_them),
      cmocka_unit_test(without_a_signature_secret_nothing_is_verified),
      cmocka_unit_test(without_memory_nothing_is_verified),
      cmocka_unit_test(verifying_leaves_no_signature_behind),
  };
  return cmocka_run_group_tests_name("credentials_verify", tests, NULL, NULL);
}
