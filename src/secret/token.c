#include "secret/token.h"
#include "secret/crypto.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* {"alg":"RS256","typ":"JWT"} in base64url: every token begins with it. */
static const char head[] = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.";

/* The base64url of an id of 100 characters and of the other claims, and the signature
 * of the longest key. */
enum { CLAIMS_MAX = 384, TOKEN_MAX = 4096 };

void sms_token_init(struct sms_token *token) {
  memset(token, 0, sizeof *token);
  sms_buffer_init(&token->application, 100);
  sms_buffer_init(&token->text, TOKEN_MAX);
}

static bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         c == '-' || c == '_';
}

enum sms_status sms_token_set(struct sms_token *token, const char *id, size_t length,
                              sms_rsa_key *key) {
  bool plain = length > 0;
  for (size_t i = 0; i < length; i++)
    plain = plain && is_plain(id[i]);
  sms_token_wipe(token);
  enum sms_status status =
      plain ? sms_buffer_append(&token->application, id, length) : SMS_INVALID;
  if (status == SMS_OK)
    token->key = key;
  else
    sms_rsa_key_free(key);
  return status;
}

static bool serves(const struct sms_token *token, int64_t now, uint64_t stale) {
  return token->text.length > 0 && token->serial > stale && now >= token->made_at &&
         now - token->made_at < SMS_TOKEN_RENEWED_AFTER;
}

static enum sms_status make(const struct sms_token *token, int64_t now,
                            const char *unique, struct sms_buffer *text) {
  char claims[CLAIMS_MAX];
  int length = snprintf(claims, sizeof claims,
                        "{\"application_id\":\"%s\",\"iat\":%" PRId64
                        ",\"jti\":\"%s\",\"exp\":%" PRId64 "}",
                        token->application.data, now, unique, now + SMS_TOKEN_LIFE);
  if ((size_t)length >= sizeof claims) return SMS_TOO_LARGE;
  enum sms_status status = sms_buffer_append(text, head, sizeof head - 1);
  if (status == SMS_OK) status = sms_base64url_append(text, claims, (size_t)length);
  size_t signed_length = text->length;
  if (status == SMS_OK) status = sms_buffer_append(text, ".", 1);
  if (status != SMS_OK) return status;
  /* The buffer moves while it grows: what is signed is a copy. */
  struct sms_buffer copy;
  sms_buffer_init(&copy, TOKEN_MAX);
  status = sms_buffer_append(&copy, text->data, signed_length);
  if (status == SMS_OK)
    status = sms_rsa_key_sign(token->key, copy.data, copy.length, text);
  sms_buffer_wipe(&copy);
  return status;
}

enum sms_status sms_token_renew(struct sms_token *token, int64_t now, uint64_t stale,
                                const char *unique) {
  if (!token->key) return SMS_INVALID;
  if (serves(token, now, stale)) return SMS_OK;
  struct sms_buffer text;
  sms_buffer_init(&text, TOKEN_MAX);
  enum sms_status status = make(token, now, unique, &text);
  if (status != SMS_OK) {
    sms_buffer_wipe(&text);
    return status;
  }
  sms_buffer_wipe(&token->text);
  token->text = text;
  token->made_at = now;
  token->serial++;
  return SMS_OK;
}

void sms_token_mask(struct sms_mask *mask) {
  const char *end = mask->text + mask->length;
  const char *at = mask->text;
  while ((at = memmem(at, (size_t)(end - at), head, sizeof head - 1)) &&
         at < mask->text + mask->shown) {
    const char *rest = at;
    while (rest < end && (is_plain(*rest) || *rest == '.'))
      rest++;
    sms_mask_part(mask, at, rest);
    at = rest;
  }
}

void sms_token_wipe(struct sms_token *token) {
  sms_buffer_wipe(&token->application);
  sms_buffer_wipe(&token->text);
  sms_rsa_key_free(token->key);
  token->key = NULL;
}
