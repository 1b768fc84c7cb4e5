/* The few cryptographic primitives the providers ask for, on OpenSSL's libcrypto.
 *
 *   char hex[SMS_DIGEST_HEX_MAX + 1];
 *   sms_digest_hex(SMS_DIGEST_MD5, text, length, hex);
 *   sms_hmac_hex(SMS_DIGEST_SHA256, secret, secret_length, text, length, hex);
 *   if (sms_equal(hex, expected, expected_length)) ...
 *
 *   bool is_same;
 *   sms_digest_verify(SMS_DIGEST_SHA256, text, length, given, given_length, &is_same);
 */
#ifndef SMS_SECRET_CRYPTO_H
#define SMS_SECRET_CRYPTO_H

#include "base/byte_buffer.h"
#include "base/status.h"
#include <stdbool.h>
#include <stddef.h>

enum sms_digest {
  SMS_DIGEST_MD5,
  SMS_DIGEST_SHA1,
  SMS_DIGEST_SHA256,
  SMS_DIGEST_SHA512
};

#define SMS_DIGEST_MAX     64  /* SHA-512 */
#define SMS_DIGEST_HEX_MAX 128 /* in hex */

/* Appends the base64 of data (RFC 4648, section 4, padded, no line breaks). */
enum sms_status sms_base64_append(struct sms_buffer *buffer, const void *data,
                                  size_t length);

/* Appends the base64url of data (RFC 4648, section 5) without padding. */
enum sms_status sms_base64url_append(struct sms_buffer *buffer, const void *data,
                                     size_t length);

/* After a failure of OpenSSL's: SMS_NO_MEMORY where it says that, else SMS_FAILED. */
enum sms_status sms_crypto_status(void);

/* Has OpenSSL make what it needs for all below, which it does at their first use: where
 * memory runs out in there, it may crash, or refuse them until the process ends. */
void sms_crypto_prepare(void);

/* SMS_FAILED where the host's OpenSSL refuses the digest (MD5 under FIPS). */
enum sms_status sms_digest(enum sms_digest digest, const void *data, size_t length,
                           unsigned char bytes[SMS_DIGEST_MAX], size_t *size);

/* Writes the digest in lower-case hex, NUL-terminated. */
enum sms_status sms_digest_hex(enum sms_digest digest, const void *data, size_t length,
                               char hex[SMS_DIGEST_HEX_MAX + 1]);

enum sms_status sms_hmac(enum sms_digest digest, const void *key, size_t key_length,
                         const void *data, size_t length,
                         unsigned char bytes[SMS_DIGEST_MAX], size_t *size);

enum sms_status sms_hmac_hex(enum sms_digest digest, const void *key, size_t key_length,
                             const void *data, size_t length,
                             char hex[SMS_DIGEST_HEX_MAX + 1]);

/* Whether given is the digest of data in lower-case hex; the comparison takes a time
 * that depends on given_length alone. */
enum sms_status sms_digest_verify(enum sms_digest digest, const void *data,
                                  size_t length, const char *given, size_t given_length,
                                  bool *is_same);

/* Whether several threads may call the OpenSSL that is called here. Built without
 * threads it takes no locks: then one thread alone may, for all of its uses. */
bool sms_crypto_has_threads(void);

/* Compares in a time that depends on length alone. */
bool sms_equal(const void *a, const void *b, size_t length);

/* The same for a NUL-terminated text in lower-case hex and one given in either case. */
bool sms_equal_hex(const char *hex, const char *given, size_t given_length);

#endif
