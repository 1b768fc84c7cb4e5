#include "base/byte_buffer.h"
#include "memory_probe.h"
#include "secret/seal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const char text[] = "\0014477 Hello, and any \0 bytes \xff";
enum { TEXT = sizeof text - 1, SEALED = TEXT + SMS_SEAL_EXTRA };

static const char new_secret[] = "0123456789abcdef0123456789abcdef";
static const char old_secret[] = "correct horse";

static sms_seal *make(const char *name, const char *first, const char *second) {
  sms_seal *seal = NULL;
  assert_int_equal(sms_seal_new(name, strlen(name), &seal), SMS_OK);
  assert_int_equal(sms_seal_add(seal, first, strlen(first)), SMS_OK);
  if (second) assert_int_equal(sms_seal_add(seal, second, strlen(second)), SMS_OK);
  return seal;
}

static void apply(const sms_seal *seal, unsigned char sealed[SEALED]) {
  assert_int_equal(sms_seal_apply(seal, text, TEXT, sealed), SMS_OK);
}

/* Opens, or says why not. */
static const char *open_with(const sms_seal *seal, const unsigned char *sealed,
                             size_t length) {
  char opened[TEXT];
  const char *why = NULL;
  memset(opened, 'x', sizeof opened);
  if (sms_seal_open(seal, sealed, length, opened, &why) == SMS_OK) {
    assert_int_equal(length, SEALED);
    assert_memory_equal(opened, text, TEXT);
    return NULL;
  }
  for (size_t i = 0; i < TEXT; i++)
    assert_true(opened[i] == 'x' || opened[i] == 0);
  return why;
}

static void what_is_sealed_opens_and_shows_nothing(void **state) {
  (void)state;
  unsigned char sealed[SEALED], again[SEALED];
  sms_seal *seal = make("codes", new_secret, NULL);
  apply(seal, sealed);
  assert_null(open_with(seal, sealed, SEALED));
  assert_null(memmem(sealed, SEALED, "Hello", 5));
  assert_null(memmem(sealed, SEALED, "4477", 4));
  apply(seal, again);
  assert_memory_not_equal(sealed + 8, again + 8, SEALED - 8);
  sms_seal_free(seal);
}

static void nothing_is_sealed_as_well(void **state) {
  (void)state;
  unsigned char sealed[SMS_SEAL_EXTRA], none;
  const char *why;
  sms_seal *seal = make("", old_secret, NULL);
  assert_int_equal(sms_seal_apply(seal, NULL, 0, sealed), SMS_OK);
  assert_int_equal(sms_seal_open(seal, sealed, sizeof sealed, &none, &why), SMS_OK);
  sms_seal_free(seal);
}

static void each_secret_opens_and_the_first_seals(void **state) {
  (void)state;
  unsigned char sealed[SEALED];
  sms_seal *old = make("codes", old_secret, NULL);
  sms_seal *both = make("codes", new_secret, old_secret);
  sms_seal *new = make("codes", new_secret, NULL);
  apply(old, sealed);
  assert_true(sms_seal_knows(old, sealed, SEALED));
  assert_false(sms_seal_knows(new, sealed, SEALED));
  assert_false(sms_seal_knows(old, sealed, SMS_SEAL_EXTRA - 1));
  assert_null(open_with(both, sealed, SEALED));
  assert_non_null(strstr(open_with(new, sealed, SEALED), "not among those given"));
  apply(both, sealed);
  assert_null(open_with(new, sealed, SEALED));
  assert_non_null(strstr(open_with(old, sealed, SEALED), "not among those given"));
  sms_seal_free(old);
  sms_seal_free(both);
  sms_seal_free(new);
}

static void another_name_opens_nothing(void **state) {
  (void)state;
  unsigned char sealed[SEALED];
  sms_seal *codes = make("codes", new_secret, NULL);
  sms_seal *news = make("news", new_secret, NULL);
  apply(codes, sealed);
  assert_non_null(strstr(open_with(news, sealed, SEALED), "seal is broken"));
  sms_seal_free(codes);
  sms_seal_free(news);
}

static void no_flipped_bit_and_no_cut_opens(void **state) {
  (void)state;
  unsigned char sealed[SEALED];
  sms_seal *seal = make("codes", new_secret, NULL);
  apply(seal, sealed);
  for (size_t bit = 0; bit < (size_t)8 * SEALED; bit++) {
    sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
    assert_non_null(open_with(seal, sealed, SEALED));
    sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
  for (size_t length = 0; length < SEALED; length++) {
    unsigned char *cut = malloc(length + 1); /* for the sanitizer */
    memcpy(cut, sealed, length);
    assert_non_null(open_with(seal, cut, length));
    free(cut);
  }
  assert_null(open_with(seal, sealed, SEALED));
  sms_seal_free(seal);
}

/* Made with Python's hmac, hashlib and cryptography: those who keep sealed bytes must
 * be able to open them with every later version. */
static void what_was_sealed_by_this_format_opens(void **state) {
  (void)state;
  static const struct {
    const char *secret;
    unsigned char sealed[SMS_SEAL_EXTRA + 5];
  } kept[] = {
      {new_secret, {0x10, 0xa5, 0x4d, 0x42, 0xa8, 0x43, 0x04, 0x8e, 0x00, 0x01, 0x02,
                    0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x98, 0xad,
                    0xd9, 0xe3, 0x4a, 0x0c, 0xcc, 0x92, 0xdf, 0x32, 0x88, 0x0f, 0x97,
                    0xc0, 0xff, 0x10, 0xf0, 0xdb, 0x0d, 0xb0, 0x50}},
      {old_secret, {0x2c, 0x1a, 0x39, 0x7e, 0x93, 0xcf, 0xa6, 0x4d, 0x00, 0x01, 0x02,
                    0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x42, 0xb2,
                    0xc7, 0x77, 0xc4, 0xc6, 0x1d, 0xb8, 0xbf, 0x51, 0xa2, 0x8e, 0x5d,
                    0xa2, 0x10, 0x6e, 0x17, 0x16, 0x2e, 0x96, 0x0e}}};
  for (size_t i = 0; i < LENGTH(kept); i++) {
    char opened[5];
    const char *why;
    sms_seal *seal = make("codes", kept[i].secret, NULL);
    assert_int_equal(
        sms_seal_open(seal, kept[i].sealed, sizeof kept[i].sealed, opened, &why),
        SMS_OK);
    assert_memory_equal(opened, "hello", 5);
    sms_seal_free(seal);
  }
}

static void bad_secrets_are_refused(void **state) {
  (void)state;
  char sealed[SMS_SEAL_EXTRA];
  sms_seal *seal = NULL;
  assert_int_equal(sms_seal_new("codes", 5, &seal), SMS_OK);
  assert_int_equal(sms_seal_apply(seal, NULL, 0, sealed), SMS_INVALID);
  assert_int_equal(sms_seal_add(seal, "", 0), SMS_INVALID);
  char *long_secret = calloc(1, SMS_CEILING_SECRET + 1);
  assert_int_equal(sms_seal_add(seal, long_secret, SMS_CEILING_SECRET + 1),
                   SMS_TOO_LARGE);
  free(long_secret);
  for (int i = 0; i < SMS_SEAL_SECRETS; i++)
    assert_int_equal(sms_seal_add(seal, new_secret, strlen(new_secret)), SMS_OK);
  assert_int_equal(sms_seal_add(seal, new_secret, strlen(new_secret)), SMS_INVALID);
  sms_seal_free(seal);
  sms_seal_free(NULL);
}

/* The key is that of the kept bytes above. */
static void keys_are_wiped(void **state) {
  (void)state;
  sms_seal *seal = make("codes", old_secret, new_secret);
  probe_watch("X\xdb"
              "q(\x8c\xfe\x1f"
              "1\x10\x9e\xd6");
  sms_seal_free(seal);
  assert_int_equal(probe_leaks(), 0);
  probe_watch("codes"); /* no secret: the probe sees it */
  seal = make("codes", new_secret, NULL);
  sms_seal_free(seal);
  assert_int_equal(probe_leaks(), 1);
  probe_watch(NULL);
}

static void no_memory_is_said(void **state) {
  (void)state;
  unsigned char sealed[SEALED];
  sms_seal *seal = NULL;
  probe_fail_after(0);
  assert_int_equal(sms_seal_new("codes", 5, &seal), SMS_NO_MEMORY);
  probe_fail_after(1);
  assert_int_equal(sms_seal_new("codes", 5, &seal), SMS_NO_MEMORY);
  probe_fail_after(PROBE_NEVER);
  seal = make("codes", new_secret, NULL);
  apply(seal, sealed);
  assert_null(open_with(seal, sealed, SEALED));
  sms_seal_free(seal);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_sealed_opens_and_shows_nothing),
      cmocka_unit_test(nothing_is_sealed_as_well),
      cmocka_unit_test(each_secret_opens_and_the_first_seals),
      cmocka_unit_test(another_name_opens_nothing),
      cmocka_unit_test(no_flipped_bit_and_no_cut_opens),
      cmocka_unit_test(what_was_sealed_by_this_format_opens),
      cmocka_unit_test(bad_secrets_are_refused),
      cmocka_unit_test(keys_are_wiped),
      cmocka_unit_test(no_memory_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
