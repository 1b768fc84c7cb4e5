/* The few cryptographic primitives the providers ask for, on OpenSSL's libcrypto.
 *
 *   char hex[SMS_DIGEST_HEX_MAX + 1];
 *   sms_digest_hex(SMS_DIGEST_MD5, text, length, hex);
 *   sms_hmac_hex(SMS_DIGEST_SHA256, secret, secret_length, text, length, hex);
 *   if (sms_equal(hex, expected, expected_length)) ...
 */
#ifndef SMS_CRYPTO_H
#define SMS_CRYPTO_H

#include "byte_buffer.h"
#include "status.h"
#include <stdbool.h>
#include <stddef.h>

enum sms_digest {
  SMS_DIGEST_MD5,
  SMS_DIGEST_SHA1,
  SMS_DIGEST_SHA256,
  SMS_DIGEST_SHA512
};

#define SMS_DIGEST_HEX_MAX 128 /* SHA-512 */

/* Appends the base64 of data (RFC 4648, section 4, padded, no line breaks). */
enum sms_status sms_base64_append(struct sms_buffer *buffer, const void *data,
                                  size_t length);

/* Writes the digest in lower-case hex, NUL-terminated. SMS_FAILED where the host's
 * OpenSSL refuses the digest (MD5 under FIPS). */
enum sms_status sms_digest_hex(enum sms_digest digest, const void *data, size_t length,
                               char hex[SMS_DIGEST_HEX_MAX + 1]);

enum sms_status sms_hmac_hex(enum sms_digest digest, const void *key, size_t key_length,
                             const void *data, size_t length,
                             char hex[SMS_DIGEST_HEX_MAX + 1]);

/* Compares in a time that depends on length alone. */
bool sms_equal(const void *a, const void *b, size_t length);

/* Overwrites memory in a way the compiler may not leave out. */
void sms_wipe(void *data, size_t length);

#endif
