/* What is kept where others may read it, sealed with secrets that few know:
 * AES-256-GCM. The first secret seals, each of them opens, so that secrets can be
 * changed. Whoever opens must say the same name: what was sealed for one thing is
 * nothing for another.
 *
 *   sms_seal *seal;
 *   sms_seal_new("codes", 5, &seal);
 *   sms_seal_add(seal, secret, secret_length);          // the new one
 *   sms_seal_add(seal, old_secret, old_secret_length);
 *   sms_seal_apply(seal, text, length, sealed);         // length + SMS_SEAL_EXTRA
 *   sms_seal_open(seal, sealed, sealed_length, text, &why);
 *   sms_seal_free(seal);                                // wipes
 *
 * Sealed bytes are the id of the key (8), the nonce (12, random: a secret serves for
 * 2^32 of them), the bytes, and the tag (16). Not for several threads at a time.
 */
#ifndef SMS_SECRET_SEAL_H
#define SMS_SECRET_SEAL_H

#include "base/status.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct sms_seal sms_seal;

#define SMS_SEAL_EXTRA   36 /* bytes by which what is sealed is longer */
#define SMS_SEAL_SECRETS 8  /* at most */

/* SMS_TOO_LARGE: the name is longer than SMS_CEILING_SECRET. */
enum sms_status sms_seal_new(const char *name, size_t length, sms_seal **seal);

void sms_seal_free(sms_seal *seal); /* NULL is fine */

/* Derives a key. A secret of at least 32 bytes is taken to be random (HKDF, RFC 5869);
 * a shorter one, which might be guessed, is stretched (PBKDF2), which takes about a
 * tenth of a second. SMS_INVALID: it is empty, or there are too many. */
enum sms_status sms_seal_add(sms_seal *seal, const char *secret, size_t length);

/* Writes length + SMS_SEAL_EXTRA bytes. SMS_INVALID without a secret. */
enum sms_status sms_seal_apply(const sms_seal *seal, const void *data, size_t length,
                               void *sealed);

/* Whether one of the secrets is that with which bytes were sealed, whatever they are.
 */
bool sms_seal_knows(const sms_seal *seal, const void *sealed, size_t length);

/* Writes length - SMS_SEAL_EXTRA bytes, or zeros. SMS_INVALID: these are not bytes that
 * were sealed for the name with one of the secrets; *why says in words what is wrong.
 */
enum sms_status sms_seal_open(const sms_seal *seal, const void *sealed, size_t length,
                              void *data, const char **why);

#endif
