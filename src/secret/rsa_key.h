/* A private RSA key that signs as RS256 does (RFC 7518, 3.3).
 *
 *   sms_rsa_key *key;
 *   const char *why;
 *   if (sms_rsa_key_read(pem, length, &key, &why) != SMS_OK) puts(why);
 *   sms_rsa_key_sign(key, text, text_length, &buffer);
 *   sms_rsa_key_free(key);
 */
#ifndef SMS_SECRET_RSA_KEY_H
#define SMS_SECRET_RSA_KEY_H

#include "base/byte_buffer.h"
#include "base/status.h"

typedef struct evp_pkey_st sms_rsa_key; /* OpenSSL's, which wipes itself */

#define SMS_RSA_BITS_MIN 2048 /* RFC 7518, 3.3 */
#define SMS_RSA_BITS_MAX 8192 /* a signature takes 40 ms */

/* Reads a key in PEM, PKCS#8 or PKCS#1. SMS_INVALID where it is none, has a passphrase
 * (nobody is asked for it) or has too few or too many bits; *why says so in words. */
enum sms_status sms_rsa_key_read(const char *pem, size_t length, sms_rsa_key **key,
                                 const char **why);

/* The same from a file of at most SMS_CEILING_SECRET bytes. */
enum sms_status sms_rsa_key_load(const char *path, sms_rsa_key **key, const char **why);

/* Overwrites and frees; NULL is fine. */
void sms_rsa_key_free(sms_rsa_key *key);

/* Appends the signature of text in base64url. */
enum sms_status sms_rsa_key_sign(sms_rsa_key *key, const char *text, size_t length,
                                 struct sms_buffer *out);

#endif
