#include "secret/rsa_key.h"
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

/* The published example of RS256: RFC 7515, A.2. */
static const char published_key[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIEowIBAAKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0\n"
    "l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL+yRT+SFd2lZS+pC\n"
    "gNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSX\n"
    "ndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD\n"
    "Zlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8\n"
    "q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQABAoIBABKucaRpzQorw35S\n"
    "bEUAVx8dYXUdZOlJcHtiWQ+dC6V8ljxAHj/PLyzTveyI5QO/xkObCyjIL303l2cf\n"
    "UhPu2MFaJdjVzqACXuOrLot/eSFvxjvqVidTtAZExqFRJ9mylUVAoLvhowVWmC1O\n"
    "n95fZCXxTUtxNEG1Xcc7m0rtzJKs45J+N/V9DP1edYH6USyPSWGp6wuA+KgHRnKK\n"
    "Vf9GRx80JQY7nVNkL17eHoTWEwga+lwi0FEoW9Y7lDtWXYmKBWhUE+U8PGxlJf8f\n"
    "40493HDw1WRQ/aSLoS4QTp3rn7gYgeHEvfJdkkf0UMhlknlo53M09EFPdadQ4TlU\n"
    "bjqKc50CgYEA4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH/5IB3jw3bcxGn6QLvnE\n"
    "tfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw/Py5PJdTJNPY8cQn7ouZ2KKDcmnPG\n"
    "BY5t7yLc1QlQ5xHdwW1VhvKn+nXqhJTBgIPgtldC+KDV5z+y2XDwGUcCgYEAuQPE\n"
    "fgmVtjL0Uyyx88GZFF1fOunH3+7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYs\n"
    "p1ZSe7zFYHj7C6ul7TjeLQeZD/YwD66t62wDmpe/HlB+TnBA+njbglfIsRLtXlnD\n"
    "zQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdcCgYAHAp9XcCSrn8wVkMVkKdb7\n"
    "DOX4IKjzdahm+ctDAJN4O/y7OW5FKebvUjdAIt2GuoTZ71iTG+7F0F+lP88jtjP4\n"
    "U4qe7VHoewl4MKOfXZKTe+YCS1XbNvfgwJ3Ltyl1OH9hWvu2yza7q+d5PCsDzqtm\n"
    "27kxuvULVeya+TEdAB1ijQKBgQCH/3r6YrVH/uCWGy6bzV1nGNOdjKc9tmkfOJmN\n"
    "54dxdixdpozCQ6U4OxZrsj3FcOhHBsqAHvX2uuYjagqvo3cOj1TRqNocX40omfCC\n"
    "Mx3bD1yPPf/6TI2XECva/ggqEY2mYzmIiA5LVVmc5nrybr+lssFKneeyxN2Wq93S\n"
    "0iJMdQKBgCGHewxzoa1r8ZMD0LETNrToK423K377UCYqXfg5XMclbrjPbEC3YI1Z\n"
    "NqMtuhdBJqUnBi6tjKMF+34Xf0CUN8ncuXGO2CAYvO8PdyCixHX52ybaDjy1FtCE\n"
    "6yUXjoKNXKvUm7MWGsAYH6f4IegOetN5NvmUMFStCSkh7ixZLkN1\n"
    "-----END RSA PRIVATE KEY-----\n";

static const char published_text[] =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA"
    "6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

static const char published_signature[] =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Q"
    "c_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTy"
    "WzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwu"
    "sC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A"
    "XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/* A part of that key's last number, as it is and in the order of the machine. */
static const char end_of_key[] = "6yUXjoKNXKvUm7MWGsAYH6f4IegOetN5";
static unsigned char number[24], reversed[24];
static size_t blocks; /* that OpenSSL has freed with it */

static void look_into(void *block) {
  if (!block) return;
  size_t size = malloc_usable_size(block);
  blocks += memmem(block, size, number, sizeof number) ||
            memmem(block, size, reversed, sizeof reversed);
}

static void *take(size_t size, const char *file, int line) {
  (void)file;
  (void)line;
  return malloc(size);
}

static void give(void *block, const char *file, int line) {
  (void)file;
  (void)line;
  look_into(block);
  free(block);
}

static void *resize(void *block, size_t size, const char *file, int line) {
  size_t had = block ? malloc_usable_size(block) : 0;
  void *other = take(size, file, line);
  if (!other) return NULL;
  if (block) memcpy(other, block, had < size ? had : size);
  give(block, file, line);
  return other;
}

static sms_rsa_key *published(void) {
  sms_rsa_key *key;
  const char *why;
  assert_int_equal(sms_rsa_key_read(published_key, strlen(published_key), &key, &why),
                   SMS_OK);
  return key;
}

static void a_signature_is_that_of_the_published_example(void **state) {
  (void)state;
  struct sms_buffer out;
  sms_buffer_init(&out, 1000);
  sms_rsa_key *key = published();
  size_t length = strlen(published_text);
  assert_int_equal(sms_buffer_append(&out, "a.", 2), SMS_OK);
  assert_int_equal(sms_rsa_key_sign(key, published_text, length, &out), SMS_OK);
  assert_string_equal(out.data + 2, published_signature);
  sms_buffer_clear(&out);
  assert_int_equal(sms_rsa_key_sign(key, published_text, length - 1, &out), SMS_OK);
  assert_string_not_equal(out.data, published_signature);
  sms_rsa_key_free(key);
  sms_rsa_key_free(NULL);
  sms_buffer_free(&out);
}

static void a_full_buffer_stays_as_it_was(void **state) {
  (void)state;
  struct sms_buffer out;
  sms_buffer_init(&out, strlen(published_signature) + 1);
  sms_rsa_key *key = published();
  assert_int_equal(sms_buffer_append(&out, "a.", 2), SMS_OK);
  assert_int_equal(sms_rsa_key_sign(key, "", 0, &out), SMS_TOO_LARGE);
  assert_string_equal(out.data, "a.");
  sms_rsa_key_free(key);
  sms_buffer_free(&out);
}

/* A byte of the PEM changed, all over it: another key or none, but no harm. */
static void a_damaged_key_is_refused_or_signs_otherwise(void **state) {
  (void)state;
  char damaged[sizeof published_key];
  struct sms_buffer out;
  sms_buffer_init(&out, 2000);
  for (size_t i = 0; i < strlen(published_key); i += 7) {
    sms_rsa_key *key;
    const char *why;
    memcpy(damaged, published_key, sizeof damaged);
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    enum sms_status status = sms_rsa_key_read(damaged, sizeof damaged - 1, &key, &why);
    if (status != SMS_OK) {
      assert_int_equal(status, SMS_INVALID);
      assert_non_null(why);
      continue;
    }
    (void)sms_rsa_key_sign(key, published_text, strlen(published_text), &out);
    sms_buffer_clear(&out);
    sms_rsa_key_free(key);
  }
  sms_buffer_free(&out);
}

static void no_freed_memory_holds_the_key(void **state) {
  (void)state;
  char pem[4096] = {0};
  BIO *bio = BIO_new(BIO_s_mem());
  sms_rsa_key *key = published();
  assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL),
                   1);
  assert_true(BIO_read(bio, pem, sizeof pem - 1) > 0);
  BIO_free(bio);
  sms_rsa_key_free(key);
  const char *const forms[] = {published_key, pem};
  for (size_t i = 0; i < 2; i++) {
    const char *why;
    struct sms_buffer out;
    sms_buffer_init(&out, 1024);
    blocks = 0;
    assert_int_equal(sms_rsa_key_read(forms[i], strlen(forms[i]), &key, &why), SMS_OK);
    assert_int_equal(sms_rsa_key_sign(key, "text", 4, &out), SMS_OK);
    sms_rsa_key_free(key);
    sms_buffer_free(&out);
    assert_int_equal(blocks, 0);
  }
}

int main(void) {
  CRYPTO_set_mem_functions(take, resize, give);
  EVP_DecodeBlock(number, (const unsigned char *)end_of_key, sizeof end_of_key - 1);
  for (size_t i = 0; i < sizeof number; i++)
    reversed[i] = number[sizeof number - 1 - i];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_freed_memory_holds_the_key),
      cmocka_unit_test(a_signature_is_that_of_the_published_example),
      cmocka_unit_test(a_full_buffer_stays_as_it_was),
      cmocka_unit_test(a_damaged_key_is_refused_or_signs_otherwise),
  };
  return cmocka_run_group_tests_name("rsa_key", tests, NULL, NULL);
}
