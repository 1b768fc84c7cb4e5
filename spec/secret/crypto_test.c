#include "failing_calls.h"
#include "secret/crypto.h"
#include "secret/openssl_context.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void base64_follows_rfc_4648(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"user:pass", "dXNlcjpwYXNz"},
      {"\xfb\xff\xbf\xfe", "+/+//g=="},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct sms_buffer buffer;
    sms_buffer_init(&buffer, 100);
    assert_int_equal(sms_buffer_append(&buffer, ">", 1), SMS_OK);
    assert_int_equal(sms_base64_append(&buffer, cases[i][0], strlen(cases[i][0])),
                     SMS_OK);
    assert_string_equal(buffer.data + 1, cases[i][1]);
    assert_int_equal(buffer.length, 1 + strlen(cases[i][1]));
    sms_buffer_free(&buffer);
  }
}

static void long_base64_has_no_line_breaks(void **state) {
  (void)state;
  struct sms_buffer buffer;
  char zeros[3000] = "";
  sms_buffer_init(&buffer, 4000);
  assert_int_equal(sms_base64_append(&buffer, zeros, sizeof zeros), SMS_OK);
  assert_int_equal(buffer.length, 4000);
  assert_int_equal(strspn(buffer.data, "A"), 4000);
  sms_buffer_free(&buffer);
}

static void base64url_has_its_own_letters_and_no_padding(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", ""},        {"f", "Zg"},         {"fo", "Zm8"},
      {"foo", "Zm9v"}, {"\xfb\xff", "-_8"}, {"\xfb\xff\xbf\xfe", "-_-__g"},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct sms_buffer buffer;
    sms_buffer_init(&buffer, 20);
    assert_int_equal(sms_buffer_append(&buffer, "+/", 2), SMS_OK);
    assert_int_equal(sms_base64url_append(&buffer, cases[i][0], strlen(cases[i][0])),
                     SMS_OK);
    assert_int_equal(buffer.length, 2 + strlen(cases[i][1]));
    assert_memory_equal(buffer.data, "+/", 2);
    assert_string_equal(buffer.data + 2, cases[i][1]);
    assert_int_equal(sms_base64url_append(&buffer, "a text too long", 15),
                     SMS_TOO_LARGE);
    assert_string_equal(buffer.data + 2, cases[i][1]);
    sms_buffer_free(&buffer);
  }
}

static void base64_above_the_ceiling_leaves_the_buffer_as_it_was(void **state) {
  (void)state;
  struct sms_buffer buffer;
  char zeros[100] = "";
  sms_buffer_init(&buffer, 10);
  assert_int_equal(sms_buffer_append(&buffer, "abc", 3), SMS_OK);
  assert_int_equal(sms_base64_append(&buffer, zeros, 6), SMS_TOO_LARGE);
  assert_int_equal(sms_base64_append(&buffer, zeros, 100), SMS_TOO_LARGE);
  assert_int_equal(sms_base64_append(&buffer, zeros, SIZE_MAX), SMS_TOO_LARGE);
  assert_string_equal(buffer.data, "abc");
  assert_int_equal(sms_base64_append(&buffer, zeros, 3), SMS_OK);
  assert_string_equal(buffer.data, "abcAAAA");
  sms_buffer_free(&buffer);
}

static const struct {
  const char *text;
  enum sms_digest digest;
  const char *hex;
} digests[] = {
    {"", SMS_DIGEST_MD5, "d41d8cd98f00b204e9800998ecf8427e"},
    {"abc", SMS_DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72"},
    {"message digest", SMS_DIGEST_MD5, "f96b697d7cb7938d525a2f31aaf161d0"},
    {"", SMS_DIGEST_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"abc", SMS_DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"abc", SMS_DIGEST_SHA256,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abc", SMS_DIGEST_SHA512,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void digests_follow_rfc_1321_and_fips_180(void **state) {
  (void)state;
  char hex[SMS_DIGEST_HEX_MAX + 1];
  for (size_t i = 0; i < LENGTH(digests); i++) {
    const char *text = digests[i].text;
    assert_int_equal(sms_digest_hex(digests[i].digest, text, strlen(text), hex),
                     SMS_OK);
    assert_string_equal(hex, digests[i].hex);
  }
  assert_int_equal(sms_digest_hex(SMS_DIGEST_MD5, NULL, 0, hex), SMS_OK);
  assert_string_equal(hex, digests[0].hex);
}

/* A text, or count times the same byte. */
struct bytes {
  const char *text;
  int byte;
  size_t count;
};

static const char larger[] = "Test Using Larger Than Block-Size Key - Hash Key First";

static const struct {
  struct bytes key, data;
  enum sms_digest digest;
  const char *hex;
} hmacs[] = {
    /* RFC 2202 */
    {{NULL, 0x0b, 16},
     {"Hi There", 0, 0},
     SMS_DIGEST_MD5,
     "9294727a3638bb1c13f48ef8158bfc9d"},
    {{"Jefe", 0, 0},
     {"what do ya want for nothing?", 0, 0},
     SMS_DIGEST_MD5,
     "750c783e6ab0b503eaa86e310a5db738"},
    {{NULL, 0xaa, 16},
     {NULL, 0xdd, 50},
     SMS_DIGEST_MD5,
     "56be34521d144c88dbb8c733f0e8b3f6"},
    {{NULL, 0xaa, 80},
     {larger, 0, 0},
     SMS_DIGEST_MD5,
     "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
    {{NULL, 0x0b, 20},
     {"Hi There", 0, 0},
     SMS_DIGEST_SHA1,
     "b617318655057264e28bc0b6fb378c8ef146be00"},
    {{"Jefe", 0, 0},
     {"what do ya want for nothing?", 0, 0},
     SMS_DIGEST_SHA1,
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {{NULL, 0xaa, 80},
     {larger, 0, 0},
     SMS_DIGEST_SHA1,
     "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
    /* RFC 4231 */
    {{NULL, 0x0b, 20},
     {"Hi There", 0, 0},
     SMS_DIGEST_SHA256,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {{"Jefe", 0, 0},
     {"what do ya want for nothing?", 0, 0},
     SMS_DIGEST_SHA256,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {{NULL, 0xaa, 131},
     {larger, 0, 0},
     SMS_DIGEST_SHA256,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {{"Jefe", 0, 0},
     {"what do ya want for nothing?", 0, 0},
     SMS_DIGEST_SHA512,
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a"
     "6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {{NULL, 0xaa, 131},
     {larger, 0, 0},
     SMS_DIGEST_SHA512,
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598"
     "bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

static size_t spell(const struct bytes *bytes, char out[200]) {
  size_t length = bytes->text ? strlen(bytes->text) : bytes->count;
  if (bytes->text)
    memcpy(out, bytes->text, length);
  else
    memset(out, bytes->byte, length);
  return length;
}

static void hmacs_follow_rfc_2202_and_4231(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(hmacs); i++) {
    char key[200];
    char data[200];
    char hex[SMS_DIGEST_HEX_MAX + 1];
    size_t key_length = spell(&hmacs[i].key, key);
    size_t length = spell(&hmacs[i].data, data);
    assert_int_equal(sms_hmac_hex(hmacs[i].digest, key, key_length, data, length, hex),
                     SMS_OK);
    assert_string_equal(hex, hmacs[i].hex);
  }
}

static void an_endless_key_is_refused(void **state) {
  (void)state;
  char hex[SMS_DIGEST_HEX_MAX + 1];
  assert_int_equal(sms_hmac_hex(SMS_DIGEST_MD5, "", SIZE_MAX, "", 0, hex),
                   SMS_TOO_LARGE);
}

static void equality_looks_at_every_byte_of_the_length(void **state) {
  (void)state;
  char a[64] = "";
  char b[64] = "";
  assert_true(sms_equal(a, b, sizeof a));
  for (size_t i = 0; i < sizeof a; i++) {
    b[i] = 1;
    assert_false(sms_equal(a, b, sizeof a));
    assert_true(sms_equal(a, b, i));
    b[i] = 0;
  }
}

static void hex_is_equal_in_either_case_and_in_no_other_letter(void **state) {
  (void)state;
  static const char hex[] = "0123456789abcdef";
  assert_true(sms_equal_hex(hex, hex, 16));
  assert_true(sms_equal_hex(hex, "0123456789ABCDEF", 16));
  assert_true(sms_equal_hex(hex, "0123456789aBcDeF", 16));
  assert_false(sms_equal_hex(hex, hex, 15));
  assert_false(sms_equal_hex("0123456789abcde", hex, 16));
  assert_false(sms_equal_hex(hex, "", 0));
  assert_true(sms_equal_hex("", "", 0));
  for (size_t i = 0; i < 16; i++) {
    for (int byte = 0; byte < 256; byte++) {
      char given[16];
      memcpy(given, hex, 16);
      given[i] = (char)byte;
      bool same = byte == hex[i] || (i > 9 && byte == hex[i] - 32);
      assert_true(sms_equal_hex(hex, given, 16) == same);
    }
  }
  char zeros[2 * SMS_DIGEST_HEX_MAX];
  memset(zeros, '0', sizeof zeros);
  zeros[sizeof zeros - 1] = '\0';
  assert_false(
      sms_equal_hex(zeros, zeros, sizeof zeros - 1)); /* no digest is so long */
}

static void a_digest_is_verified_in_lower_case(void **state) {
  (void)state;
  bool is_same = false;
  for (size_t i = 0; i < LENGTH(digests); i++) {
    const char *text = digests[i].text;
    const char *hex = digests[i].hex;
    size_t length = strlen(hex);
    char other[SMS_DIGEST_HEX_MAX];
    assert_int_equal(
        sms_digest_verify(digests[i].digest, text, strlen(text), hex, length, &is_same),
        SMS_OK);
    assert_true(is_same);
    for (size_t bit = 0; bit < 8 * length; bit++) {
      memcpy(other, hex, length);
      other[bit / 8] = (char)(other[bit / 8] ^ 1 << bit % 8);
      assert_int_equal(sms_digest_verify(digests[i].digest, text, strlen(text), other,
                                         length, &is_same),
                       SMS_OK);
      assert_false(is_same);
    }
    assert_int_equal(sms_digest_verify(digests[i].digest, text, strlen(text), hex,
                                       length - 1, &is_same),
                     SMS_OK);
    assert_false(is_same);
  }
}

/* ---- What OpenSSL lacks ---- */

static enum sms_status after(int reason, int more) {
  ERR_raise(ERR_LIB_EVP, reason);
  if (more) ERR_raise(ERR_LIB_EVP, more);
  return sms_crypto_status();
}

static void a_want_of_memory_is_told_as_one(void **state) {
  (void)state;
  assert_int_equal(sms_crypto_status(), SMS_NO_MEMORY); /* it says nothing */
  assert_int_equal(after(ERR_R_MALLOC_FAILURE, 0), SMS_NO_MEMORY);
  assert_int_equal(after(EVP_R_INITIALIZATION_ERROR, 0), SMS_NO_MEMORY);
  assert_int_equal(after(EVP_R_NOT_ABLE_TO_COPY_CTX, 0), SMS_NO_MEMORY);
  assert_int_equal(after(EVP_R_UNSUPPORTED_ALGORITHM, 0), SMS_FAILED);
  assert_int_equal(after(EVP_R_UNSUPPORTED_ALGORITHM, ERR_R_MALLOC_FAILURE),
                   SMS_NO_MEMORY);
}

static enum sms_status hash(void) {
  char hex[SMS_DIGEST_HEX_MAX + 1];
  return sms_digest_hex(SMS_DIGEST_MD5, "", 0, hex);
}

static enum sms_status sign(void) {
  char hex[SMS_DIGEST_HEX_MAX + 1];
  return sms_hmac_hex(SMS_DIGEST_SHA256, "key", 3, "", 0, hex);
}

static enum sms_status verify(void) {
  bool is_same;
  return sms_digest_verify(SMS_DIGEST_SHA1, "", 0, "", 0, &is_same);
}

static enum sms_status prepare(void) {
  sms_crypto_prepare(); /* all that is there */
  return SMS_OK;
}

static void nothing_is_signed_nor_verified_where_openssl_fails(void **state) {
  (void)state;
  static enum sms_status (*const uses[])(void) = {hash, sign, verify, prepare};
  for (size_t i = 0; i < LENGTH(uses); i++)
    for (int at = 1, calls = at; calls + 1 >= at; at++) {
      calls_fail(at, ENOMEM, false);
      enum sms_status status = uses[i]();
      calls = calls_end();
      assert_int_equal(status,
                       calls < at || uses[i] == prepare ? SMS_OK : SMS_NO_MEMORY);
    }
}

/* Where it could not be made: spec/support/starved/first.lua. */
static void a_context_that_works_is_left_as_it_is(void **state) {
  (void)state;
  assert_int_equal(sms_openssl_begin(), SMS_OK);
  OSSL_LIB_CTX *own = OSSL_LIB_CTX_set0_default(NULL);
  assert_int_equal(sms_openssl_begin(), SMS_OK);
  assert_ptr_equal(OSSL_LIB_CTX_set0_default(NULL), own);
  unsigned char bytes[EVP_MAX_MD_SIZE];
  assert_int_equal(EVP_Digest("", 0, bytes, NULL, EVP_sha256(), NULL), 1);
}

static void a_context_of_the_callers_own_is_left_as_it_is(void **state) {
  (void)state;
  OSSL_LIB_CTX *callers = OSSL_LIB_CTX_new();
  OSSL_LIB_CTX *own = OSSL_LIB_CTX_set0_default(callers);
  assert_int_equal(sms_openssl_begin(), SMS_OK);
  assert_ptr_equal(OSSL_LIB_CTX_set0_default(own), callers);
  OSSL_LIB_CTX_free(callers);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(base64_follows_rfc_4648),
      cmocka_unit_test(long_base64_has_no_line_breaks),
      cmocka_unit_test(base64url_has_its_own_letters_and_no_padding),
      cmocka_unit_test(base64_above_the_ceiling_leaves_the_buffer_as_it_was),
      cmocka_unit_test(digests_follow_rfc_1321_and_fips_180),
      cmocka_unit_test(hmacs_follow_rfc_2202_and_4231),
      cmocka_unit_test(an_endless_key_is_refused),
      cmocka_unit_test(equality_looks_at_every_byte_of_the_length),
      cmocka_unit_test(hex_is_equal_in_either_case_and_in_no_other_letter),
      cmocka_unit_test(a_digest_is_verified_in_lower_case),
      cmocka_unit_test(a_want_of_memory_is_told_as_one),
      cmocka_unit_test(nothing_is_signed_nor_verified_where_openssl_fails),
      cmocka_unit_test(a_context_that_works_is_left_as_it_is),
      cmocka_unit_test(a_context_of_the_callers_own_is_left_as_it_is),
  };
  return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
