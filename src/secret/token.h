/* The token of an application: a JWT signed with RS256, which is made when it is
 * needed, kept, and made anew before it ends. Not thread-safe: its holder,
 * sms_credentials, has a lock.
 *
 *   struct sms_token token;
 *   sms_token_init(&token);
 *   sms_token_set(&token, id, id_length, key);            // the key is the token's now
 *   sms_token_renew(&token, now, 0, "c5ba8f24-...");
 *   send(token.text.data, token.text.length);
 *   sms_token_wipe(&token);
 */
#ifndef SMS_SECRET_TOKEN_H
#define SMS_SECRET_TOKEN_H

#include "base/byte_buffer.h"
#include "base/status.h"
#include "secret/mask.h"
#include "secret/rsa_key.h"
#include <stddef.h>
#include <stdint.h>

/* Seconds. What is left of a token when it is renewed outlasts the time of a call. */
enum { SMS_TOKEN_LIFE = 900, SMS_TOKEN_RENEWED_AFTER = 600 };

struct sms_token {
  struct sms_buffer application; /* its id */
  sms_rsa_key *key;
  struct sms_buffer text; /* empty: none was made yet */
  int64_t made_at;        /* seconds since 1970 */
  uint64_t serial;        /* of text, from 1 */
};

void sms_token_init(struct sms_token *token);

/* Takes the id (letters, digits, - and _, or SMS_INVALID) and the key, which is freed
 * where this fails. */
enum sms_status sms_token_set(struct sms_token *token, const char *id, size_t length,
                              sms_rsa_key *key);

/* Makes a token unless there is one that serves: not stale (the serial of the last one
 * that was refused; 0: none), not old, and not from the future, where the clock was set
 * back. unique is an id that no token had. SMS_INVALID without a key. */
enum sms_status sms_token_renew(struct sms_token *token, int64_t now, uint64_t stale,
                                const char *unique);

/* Hides every token that was ever made here in a text. */
void sms_token_mask(struct sms_mask *mask);

void sms_token_wipe(struct sms_token *token);

#endif
