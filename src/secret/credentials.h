/* The secrets of one client in one opaque, reference-counted object. What leaves it is
 * what goes on the wire: a Basic header, request parameters, a signature. Wiped when
 * the last reference goes. Safe from any thread.
 *
 *   sms_credentials *c;
 *   sms_credentials_new(&c);
 *   sms_credentials_set(c, SMS_SECRET_IDENTITY, "user", 4);
 *   sms_credentials_set(c, SMS_SECRET_PASSWORD, "pass", 4);
 *   sms_credentials_basic(c, &header);   // "Authorization: Basic dXNlcjpwYXNz"
 *   sms_credentials_release(c);
 */
#ifndef SMS_SECRET_CREDENTIALS_H
#define SMS_SECRET_CREDENTIALS_H

#include "base/byte_buffer.h"
#include "base/status.h"
#include "secret/mask.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sms_credentials sms_credentials;

enum sms_secret {
  SMS_SECRET_IDENTITY,  /* user name or API key */
  SMS_SECRET_PASSWORD,  /* password or API secret */
  SMS_SECRET_SIGNATURE, /* signature secret */
  SMS_SECRET_COUNT
};

/* How requests are signed. */
enum sms_signature {
  SMS_SIGNATURE_MD5HASH, /* MD5 of text and secret, one after the other */
  SMS_SIGNATURE_MD5,     /* the others are HMAC */
  SMS_SIGNATURE_SHA1,
  SMS_SIGNATURE_SHA256,
  SMS_SIGNATURE_SHA512
};

enum sms_status sms_credentials_new(sms_credentials **credentials);
sms_credentials *sms_credentials_retain(sms_credentials *credentials);
void sms_credentials_release(sms_credentials *credentials); /* NULL is fine */

/* Copies length bytes; SMS_TOO_LARGE above SMS_CEILING_SECRET. */
enum sms_status sms_credentials_set(sms_credentials *credentials, enum sms_secret which,
                                    const char *value, size_t length);

/* The name that a secret has among the parameters of a request: 1 to 31 letters,
 * digits, - and _, or SMS_INVALID. Once, before the credentials are used. */
enum sms_status sms_credentials_name(sms_credentials *credentials,
                                     enum sms_secret which, const char *name);

/* The application whose tokens are sent, and its private key: PEM, or the path of a
 * file. SMS_INVALID or SMS_FAILED where one of them is no good; *why says in words
 * which. */
enum sms_status sms_credentials_set_application(sms_credentials *credentials,
                                                const char *id, size_t id_length,
                                                const char *private_key,
                                                size_t private_key_length,
                                                const char **why);

/* Overwrites and forgets the secrets at once, whoever still holds a reference. */
void sms_credentials_wipe(sms_credentials *credentials);

/* Appends "Authorization: Basic ..." (RFC 7617). SMS_INVALID where identity or password
 * is missing, or the identity has a colon, which Basic cannot express. */
enum sms_status sms_credentials_basic(const sms_credentials *credentials,
                                      struct sms_buffer *header);

/* Appends identity and password by their names, percent-encoded, with a leading & where
 * the buffer is not empty. SMS_INVALID where one of them is missing, or its name. */
enum sms_status sms_credentials_parameters(const sms_credentials *credentials,
                                           struct sms_buffer *parameters);

/* Sees to it that there is a token which serves at a time, now in seconds since 1970
 * (sms_token_renew); *serial is its. SMS_INVALID without an application. */
enum sms_status sms_credentials_renew_token(sms_credentials *credentials, int64_t now,
                                            uint64_t stale, const char *unique,
                                            uint64_t *serial);

/* Appends "Authorization: Bearer ...". SMS_INVALID where no token was made. */
enum sms_status sms_credentials_bearer(const sms_credentials *credentials,
                                       struct sms_buffer *header);

/* Writes the first 64 bits of the identity's SHA-256 in hex: tells accounts apart where
 * the identity itself must not be shown. */
enum sms_status sms_credentials_fingerprint(const sms_credentials *credentials,
                                            char hex[17]);

/* Hides the password, the signature secret, both as Basic sends them, what was to be
 * hidden besides, and every token, so that foreign text can be shown. */
void sms_credentials_mask(const sms_credentials *credentials, struct sms_mask *mask);

/* Has a secret of somebody else's hidden as well: a proxy's password. SMS_TOO_LARGE:
 * there are 8 already. */
enum sms_status sms_credentials_hide(sms_credentials *credentials, const char *text,
                                     size_t length);

/* Appends & and the signature by its name, in lower-case hex, over the text that the
 * caller has built as the provider wants it. SMS_INVALID without a signature secret or
 * its name. */
enum sms_status sms_credentials_sign(const sms_credentials *credentials,
                                     enum sms_signature method, const char *text,
                                     size_t length, struct sms_buffer *parameters);

/* Whether given is the signature, in hex of either case, of a canonical text. The
 * comparison is in constant time, and the signature itself leaves no trace. SMS_INVALID
 * without a signature secret. */
enum sms_status sms_credentials_verify(const sms_credentials *credentials,
                                       enum sms_signature method, const char *text,
                                       size_t length, const char *given,
                                       size_t given_length, bool *is_same);

/* The same for a token (RFC 7515, compact): whether what follows its last dot is the
 * HMAC-SHA256 of what stands before. Nothing else in it is looked at. */
enum sms_status sms_credentials_verify_token(const sms_credentials *credentials,
                                             const char *token, size_t length,
                                             bool *is_same);

#endif
