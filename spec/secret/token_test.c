#include "memory_probe.h"
#include "secret/credentials.h"
#include "secret/token.h"
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define UNIQUE        "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5"

static const char id[] = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab";

static EVP_PKEY *pair;
static char good[4096]; /* the private key of pair in PEM */

static EVP_PKEY *make_pair(int type, int bits) {
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(type, NULL);
  assert_int_equal(EVP_PKEY_keygen_init(context), 1);
  if (type == EVP_PKEY_EC)
    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1);
  else
    EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits);
  assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
  EVP_PKEY_CTX_free(context);
  return key;
}

enum form { PKCS8, PKCS1, LOCKED, PUBLIC };

static void write_pem(EVP_PKEY *key, enum form form, char pem[4096]) {
  BIO *bio = BIO_new(BIO_s_mem());
  char passphrase[] = "open sesame";
  if (form == PUBLIC)
    PEM_write_bio_PUBKEY(bio, key);
  else if (form == PKCS1)
    PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL);
  else
    PEM_write_bio_PKCS8PrivateKey(bio, key, form == LOCKED ? EVP_aes_128_cbc() : NULL,
                                  form == LOCKED ? passphrase : NULL,
                                  form == LOCKED ? 11 : 0, NULL, NULL);
  int length = BIO_read(bio, pem, 4095);
  assert_true(length > 0);
  pem[length] = '\0';
  BIO_free(bio);
}

static int set_up(void **state) {
  (void)state;
  pair = make_pair(EVP_PKEY_RSA, 2048);
  write_pem(pair, PKCS8, good);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  EVP_PKEY_free(pair);
  return 0;
}

static void start(struct sms_token *token) {
  sms_rsa_key *key;
  const char *why;
  sms_token_init(token);
  assert_int_equal(sms_rsa_key_read(good, strlen(good), &key, &why), SMS_OK);
  assert_int_equal(sms_token_set(token, id, strlen(id), key), SMS_OK);
}

static size_t decode(const char *text, size_t length, unsigned char *out) {
  char padded[2048];
  for (size_t i = 0; i < length; i++)
    padded[i] = text[i];
  for (size_t i = 0; i < length; i++) {
    if (padded[i] == '-') padded[i] = '+';
    if (padded[i] == '_') padded[i] = '/';
  }
  size_t whole = (length + 3) / 4 * 4;
  memset(padded + length, '=', whole - length);
  assert_true(EVP_DecodeBlock(out, (unsigned char *)padded, (int)whole) >= 0);
  return length * 3 / 4;
}

/* A header that holds a token of the pair, its signature whole. */
static bool is_sound(const char *token, size_t length) {
  unsigned char signature[1024];
  const char *dot = memrchr(token, '.', length);
  if (!dot) return false;
  size_t size = decode(dot + 1, (size_t)(token + length - dot - 1), signature);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pair);
  int same = EVP_DigestVerify(context, signature, size, (const unsigned char *)token,
                              (size_t)(dot - token));
  EVP_MD_CTX_free(context);
  return same == 1;
}

static void a_token_has_the_documented_claims_and_a_signature(void **state) {
  (void)state;
  struct sms_token token;
  unsigned char plain[1024];
  static const char head[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
  static const char claims[] =
      "{\"application_id\":\"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab\",\"iat\":1700000000,"
      "\"jti\":\"" UNIQUE "\",\"exp\":1700000900}";
  start(&token);
  assert_int_equal(sms_token_renew(&token, 1700000000, 0, UNIQUE), SMS_OK);
  const char *text = token.text.data;
  const char *first = strchr(text, '.');
  const char *second = strrchr(text, '.');
  assert_int_equal(decode(text, (size_t)(first - text), plain), strlen(head));
  assert_memory_equal(plain, head, strlen(head));
  assert_int_equal(decode(first + 1, (size_t)(second - first - 1), plain),
                   strlen(claims));
  assert_memory_equal(plain, claims, strlen(claims));
  assert_null(strpbrk(text, "+/= \n"));
  assert_true(is_sound(text, token.text.length));
  token.text.data[50] ^= 1;
  assert_false(is_sound(text, token.text.length));
  sms_token_wipe(&token);
}

static void a_token_serves_until_it_is_old_stale_or_from_the_future(void **state) {
  (void)state;
  struct sms_token token;
  static const struct {
    int64_t now;
    uint64_t stale, serial;
  } steps[] = {
      {1000, 0, 1}, {1000, 0, 1}, {1599, 0, 1}, {1600, 0, 2}, /* old */
      {1601, 1, 2},                                           /* another was refused */
      {1602, 2, 3}, {1603, 2, 3},                             /* it was refused */
      {1601, 0, 4},                                           /* from the future */
      {1601, 4, 5}, {1601, 4, 5},
  };
  start(&token);
  for (size_t i = 0; i < LENGTH(steps); i++) {
    assert_int_equal(sms_token_renew(&token, steps[i].now, steps[i].stale, UNIQUE),
                     SMS_OK);
    assert_int_equal(token.serial, steps[i].serial);
    assert_true(is_sound(token.text.data, token.text.length));
  }
  char endless[512]; /* what is unique */
  snprintf(endless, sizeof endless, "%0500d", 0);
  assert_int_equal(sms_token_renew(&token, 99000, 0, endless), SMS_TOO_LARGE);
  sms_token_wipe(&token);
  assert_int_equal(sms_token_renew(&token, 1000, 0, UNIQUE), SMS_INVALID);
}

static void only_a_private_key_of_rsa_without_passphrase_is_taken(void **state) {
  (void)state;
  static char locked[4096], traditional[4096], public[4096], small[4096], curve[4096];
  static char long_text[SMS_CEILING_SECRET + 2];
  EVP_PKEY *small_pair = make_pair(EVP_PKEY_RSA, 1024);
  EVP_PKEY *curve_pair = make_pair(EVP_PKEY_EC, 0);
  write_pem(pair, LOCKED, locked);
  write_pem(pair, PKCS1, traditional);
  write_pem(pair, PUBLIC, public);
  write_pem(small_pair, PKCS8, small);
  write_pem(curve_pair, PKCS8, curve);
  EVP_PKEY_free(small_pair);
  EVP_PKEY_free(curve_pair);
  memset(long_text, 'a', sizeof long_text - 1);
  const struct {
    const char *pem, *why;
  } cases[] = {
      {good, NULL},
      {traditional, NULL},
      {locked, "passphrase"},
      {public, "not a private key"},
      {small, "fewer than 2048 bits"},
      {curve, "not a key of RSA"},
      {"", "not a private key"},
      {"-----BEGIN PRIVATE KEY-----", "not a private key"},
      {"-----BEGIN PRIVATE KEY-----\nMFww\n-----END PRIVATE KEY-----\n",
       "not a private key"},
      {long_text, "too long"},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    sms_rsa_key *key = NULL;
    const char *why = "";
    enum sms_status status =
        sms_rsa_key_read(cases[i].pem, strlen(cases[i].pem), &key, &why);
    assert_int_equal(status, cases[i].why ? SMS_INVALID : SMS_OK);
    if (cases[i].why) assert_non_null(strstr(why, cases[i].why));
    sms_rsa_key_free(key);
  }
}

static void a_key_may_lie_in_a_file(void **state) {
  (void)state;
  char path[] = "/tmp/sms_key.XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  assert_int_equal(write(file, good, strlen(good)), (ssize_t)strlen(good));
  const char *why;
  sms_credentials *c;
  assert_int_equal(sms_credentials_new(&c), SMS_OK);
  assert_int_equal(
      sms_credentials_set_application(c, id, strlen(id), path, strlen(path), &why),
      SMS_OK);
  static char more[SMS_CEILING_SECRET];
  assert_int_equal(write(file, more, sizeof more), (ssize_t)sizeof more);
  static const char *const bad[] = {NULL, "/tmp", "/tmp/sms_key.none", "MIIEvQIBADAN"};
  for (size_t i = 0; i < LENGTH(bad); i++) {
    const char *given = bad[i] ? bad[i] : path;
    assert_int_not_equal(
        sms_credentials_set_application(c, id, strlen(id), given, strlen(given), &why),
        SMS_OK);
    assert_non_null(strstr(why, bad[i] ? "nor a file that can be read" : "too long"));
    assert_null(strstr(why, given));
  }
  sms_credentials_release(c);
  close(file);
  unlink(path);
}

static void an_id_has_only_plain_characters(void **state) {
  (void)state;
  static const char *const bad[] = {"",  "a b", "a\"b", "a\\", "/",        ":",  "@",
                                    "[", "`",   "{",    "a.b", "\xc3\xa9", "a\n"};
  const char *why;
  sms_credentials *c;
  assert_int_equal(sms_credentials_new(&c), SMS_OK);
  for (size_t i = 0; i < LENGTH(bad); i++)
    assert_int_equal(sms_credentials_set_application(c, bad[i], strlen(bad[i]), good,
                                                     strlen(good), &why),
                     SMS_INVALID);
  sms_credentials_release(c);
}

static sms_credentials *make(void) {
  const char *why;
  sms_credentials *c;
  assert_int_equal(sms_credentials_new(&c), SMS_OK);
  assert_int_equal(
      sms_credentials_set_application(c, id, strlen(id), good, strlen(good), &why),
      SMS_OK);
  return c;
}

static void the_header_has_the_token_that_serves(void **state) {
  (void)state;
  struct sms_buffer out;
  uint64_t serial;
  sms_buffer_init(&out, 4096);
  sms_credentials *c = make();
  assert_int_equal(sms_credentials_bearer(c, &out), SMS_INVALID);
  assert_int_equal(out.length, 0);
  assert_int_equal(sms_credentials_renew_token(c, 1000, 0, UNIQUE, &serial), SMS_OK);
  assert_int_equal(serial, 1);
  assert_int_equal(sms_credentials_bearer(c, &out), SMS_OK);
  assert_memory_equal(out.data, "Authorization: Bearer eyJ", 25);
  assert_true(is_sound(out.data + 22, out.length - 22));
  sms_buffer_wipe(&out);
  sms_buffer_init(&out, 30);
  assert_int_equal(sms_credentials_bearer(c, &out), SMS_TOO_LARGE);
  assert_int_equal(out.length, 0);
  sms_credentials_wipe(c);
  assert_int_equal(sms_credentials_bearer(c, &out), SMS_INVALID);
  assert_int_equal(sms_credentials_renew_token(c, 1000, 0, UNIQUE, &serial),
                   SMS_INVALID);
  sms_credentials_release(c);
  sms_buffer_free(&out);
}

static void every_token_in_foreign_text_is_masked(void **state) {
  (void)state;
  char text[8192];
  struct sms_buffer first, second;
  uint64_t serial;
  sms_credentials *c = make();
  sms_buffer_init(&first, 4096);
  sms_buffer_init(&second, 4096);
  assert_int_equal(sms_credentials_renew_token(c, 1000, 0, UNIQUE, &serial), SMS_OK);
  assert_int_equal(sms_credentials_bearer(c, &first), SMS_OK);
  assert_int_equal(sms_credentials_renew_token(c, 9000, 0, UNIQUE, &serial), SMS_OK);
  assert_int_equal(sms_credentials_bearer(c, &second), SMS_OK);
  int length = snprintf(text, sizeof text, "no: %s, %s and %.40s", first.data + 22,
                        second.data + 22, first.data + 22);
  struct sms_mask mask;
  char out[SMS_MASK_OUT];
  sms_mask_begin(&mask, text, (size_t)length);
  sms_credentials_mask(c, &mask);
  out[sms_mask_end(&mask, out)] = '\0';
  assert_string_equal(out, "no: ***, *** and ***");
  sms_credentials_release(c);
  sms_buffer_free(&first);
  sms_buffer_free(&second);
}

static void no_freed_memory_holds_key_or_token(void **state) {
  (void)state;
  char part[41] = {0};
  memcpy(part, good + 200, 40);
  const char *const watched[] = {part, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."};
  char path[] = "/tmp/sms_key.XXXXXX";
  int file = mkstemp(path);
  assert_int_equal(write(file, good, strlen(good)), (ssize_t)strlen(good));
  for (size_t i = 0; i < LENGTH(watched); i++) {
    const char *why;
    uint64_t serial;
    struct sms_buffer out;
    sms_buffer_init(&out, 4096);
    probe_watch(watched[i]);
    sms_credentials *c = make();
    assert_int_equal(
        sms_credentials_set_application(c, id, strlen(id), path, strlen(path), &why),
        SMS_OK);
    for (int64_t now = 0; now < 3000; now += 1000) {
      assert_int_equal(sms_credentials_renew_token(c, now, 0, UNIQUE, &serial), SMS_OK);
      assert_int_equal(sms_credentials_bearer(c, &out), SMS_OK);
      sms_buffer_wipe(&out);
    }
    sms_credentials_release(c);
    assert_int_equal(probe_leaks(), 0);
  }
  probe_watch(NULL);
  close(file);
  unlink(path);
}

static void without_memory_the_token_that_served_is_kept(void **state) {
  (void)state;
  struct sms_token token;
  start(&token);
  assert_int_equal(sms_token_renew(&token, 1000, 0, UNIQUE), SMS_OK);
  int allocations = 0;
  enum sms_status status = SMS_NO_MEMORY;
  for (; status != SMS_OK; allocations++) {
    probe_fail_after(allocations);
    status = sms_token_renew(&token, 2000, 0, UNIQUE);
    probe_fail_after(PROBE_NEVER);
    assert_true(status == SMS_OK || status == SMS_NO_MEMORY);
    assert_int_equal(token.serial, status == SMS_OK ? 2 : 1);
    assert_true(is_sound(token.text.data, token.text.length));
  }
  assert_true(allocations > 2);
  sms_token_wipe(&token);
}

static void *renew_and_use(void *credentials) {
  struct sms_buffer out;
  uint64_t serial = 0;
  intptr_t strange = 0;
  sms_buffer_init(&out, 4096);
  for (int i = 0; i < 40; i++) {
    uint64_t stale = i % 4 == 3 ? serial : 0;
    strange |= sms_credentials_renew_token(credentials, 1000 + i, stale, UNIQUE,
                                           &serial) != SMS_OK;
    strange |= sms_credentials_bearer(credentials, &out) != SMS_OK;
    strange |= !is_sound(out.data + 22, out.length - 22);
    sms_buffer_clear(&out);
  }
  sms_buffer_free(&out);
  sms_credentials_release(credentials);
  return (void *)strange;
}

static void threads_may_use_a_token_while_others_renew_it(void **state) {
  (void)state;
  pthread_t threads[4];
  sms_credentials *c = make();
  for (size_t i = 0; i < LENGTH(threads); i++)
    assert_int_equal(
        pthread_create(&threads[i], NULL, renew_and_use, sms_credentials_retain(c)), 0);
  for (size_t i = 0; i < LENGTH(threads); i++) {
    void *strange;
    assert_int_equal(pthread_join(threads[i], &strange), 0);
    assert_null(strange);
  }
  sms_credentials_release(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_token_has_the_documented_claims_and_a_signature),
      cmocka_unit_test(a_token_serves_until_it_is_old_stale_or_from_the_future),
      cmocka_unit_test(only_a_private_key_of_rsa_without_passphrase_is_taken),
      cmocka_unit_test(a_key_may_lie_in_a_file),
      cmocka_unit_test(an_id_has_only_plain_characters),
      cmocka_unit_test(the_header_has_the_token_that_serves),
      cmocka_unit_test(every_token_in_foreign_text_is_masked),
      cmocka_unit_test(no_freed_memory_holds_key_or_token),
      cmocka_unit_test(without_memory_the_token_that_served_is_kept),
      cmocka_unit_test(threads_may_use_a_token_while_others_renew_it),
  };
  return cmocka_run_group_tests_name("token", tests, set_up, tear_down);
}
