#include "secret/crypto.h"
#include "base/wipe.h"
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Not every library that takes OpenSSL's place has it. */
#pragma weak CRYPTO_THREAD_get_current_id

/* Without threads it has one number for all of them. */
bool sms_crypto_has_threads(void) {
  return !CRYPTO_THREAD_get_current_id ||
         CRYPTO_THREAD_get_current_id() == pthread_self();
}

/* What OpenSSL says, or nothing, where a context could not be made for want of memory.
 */
static bool is_of_memory(unsigned long code) {
  int reason = ERR_GET_REASON(code);
  return reason == ERR_R_MALLOC_FAILURE || reason == EVP_R_INITIALIZATION_ERROR ||
         reason == EVP_R_NOT_ABLE_TO_COPY_CTX;
}

enum sms_status sms_crypto_status(void) {
  bool ran_out = false, refuses = false;
  for (unsigned long code; (code = ERR_get_error());) {
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) ran_out = true;
    if (!is_of_memory(code)) refuses = true;
  }
  ERR_clear_error(); /* its words are memory, too */
  return refuses && !ran_out ? SMS_FAILED : SMS_NO_MEMORY;
}

enum sms_status sms_base64_append(struct sms_buffer *buffer, const void *data,
                                  size_t length) {
  if (length > INT_MAX / 2)
    return SMS_TOO_LARGE; /* OpenSSL counts the text in an int */
  size_t size = (length + 2) / 3 * 4;
  unsigned char *text = malloc(size + 1);
  if (!text) return SMS_NO_MEMORY;
  EVP_EncodeBlock(text, data, (int)length);
  enum sms_status status = sms_buffer_append(buffer, text, size);
  sms_wipe(text, size);
  free(text);
  return status;
}

enum sms_status sms_base64url_append(struct sms_buffer *buffer, const void *data,
                                     size_t length) {
  size_t before = buffer->length;
  enum sms_status status = sms_base64_append(buffer, data, length);
  if (status != SMS_OK) return status;
  size_t padding = (3 - length % 3) % 3;
  buffer->length -= padding;
  for (size_t i = before; i < buffer->length; i++) {
    if (buffer->data[i] == '+') buffer->data[i] = '-';
    if (buffer->data[i] == '/') buffer->data[i] = '_';
  }
  if (padding > 0) buffer->data[buffer->length] = '\0';
  return SMS_OK;
}

static const EVP_MD *(*const algorithms[])(void) = {
    [SMS_DIGEST_MD5] = EVP_md5,
    [SMS_DIGEST_SHA1] = EVP_sha1,
    [SMS_DIGEST_SHA256] = EVP_sha256,
    [SMS_DIGEST_SHA512] = EVP_sha512,
};

void sms_crypto_prepare(void) {
  unsigned char bytes[SMS_DIGEST_MAX];
  size_t size = 0;
  if (!sms_crypto_has_threads()) return; /* another one may be in there */
  for (int digest = SMS_DIGEST_MD5; digest <= SMS_DIGEST_SHA512; digest++) {
    if (sms_digest((enum sms_digest)digest, "", 0, bytes, &size) != SMS_OK) continue;
    (void)sms_hmac((enum sms_digest)digest, "", 0, "", 0, bytes, &size);
  }
}

static void write_hex(const unsigned char *bytes, size_t length, char *hex) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < length; i++) {
    *hex++ = digits[bytes[i] >> 4];
    *hex++ = digits[bytes[i] & 15];
  }
  *hex = '\0';
}

enum sms_status sms_digest(enum sms_digest digest, const void *data, size_t length,
                           unsigned char bytes[SMS_DIGEST_MAX], size_t *size) {
  unsigned int written = 0;
  if (!EVP_Digest(data, length, bytes, &written, algorithms[digest](), NULL))
    return sms_crypto_status();
  *size = written;
  return SMS_OK;
}

enum sms_status sms_digest_hex(enum sms_digest digest, const void *data, size_t length,
                               char hex[SMS_DIGEST_HEX_MAX + 1]) {
  unsigned char bytes[SMS_DIGEST_MAX];
  size_t size = 0;
  enum sms_status status = sms_digest(digest, data, length, bytes, &size);
  if (status == SMS_OK) write_hex(bytes, size, hex);
  return status;
}

enum sms_status sms_hmac(enum sms_digest digest, const void *key, size_t key_length,
                         const void *data, size_t length,
                         unsigned char bytes[SMS_DIGEST_MAX], size_t *size) {
  unsigned int written = 0;
  if (key_length > INT_MAX) return SMS_TOO_LARGE;
  if (!HMAC(algorithms[digest](), key, (int)key_length, data, length, bytes, &written))
    return sms_crypto_status();
  *size = written;
  return SMS_OK;
}

enum sms_status sms_hmac_hex(enum sms_digest digest, const void *key, size_t key_length,
                             const void *data, size_t length,
                             char hex[SMS_DIGEST_HEX_MAX + 1]) {
  unsigned char bytes[SMS_DIGEST_MAX];
  size_t size = 0;
  enum sms_status status =
      sms_hmac(digest, key, key_length, data, length, bytes, &size);
  if (status == SMS_OK) write_hex(bytes, size, hex);
  return status;
}

enum sms_status sms_digest_verify(enum sms_digest digest, const void *data,
                                  size_t length, const char *given, size_t given_length,
                                  bool *is_same) {
  char hex[SMS_DIGEST_HEX_MAX + 1];
  enum sms_status status = sms_digest_hex(digest, data, length, hex);
  if (status != SMS_OK) return status;
  *is_same = given_length == strlen(hex) && sms_equal(hex, given, given_length);
  return SMS_OK;
}

bool sms_equal(const void *a, const void *b, size_t length) {
  return CRYPTO_memcmp(a, b, length) == 0;
}

bool sms_equal_hex(const char *hex, const char *given, size_t given_length) {
  char lower[SMS_DIGEST_HEX_MAX];
  if (given_length != strlen(hex) || given_length > sizeof lower) return false;
  for (size_t i = 0; i < given_length; i++) /* not tolower: it follows the locale */
    lower[i] = (char)(given[i] >= 'A' && given[i] <= 'F' ? given[i] + 32 : given[i]);
  return sms_equal(hex, lower, given_length);
}
