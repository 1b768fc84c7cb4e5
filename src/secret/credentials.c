#include "secret/credentials.h"
#include "base/fork_gate.h"
#include "base/wipe.h"
#include "secret/crypto.h"
#include "secret/token.h"
#include "text/form.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 31, HIDDEN_MAX = 8 };

struct sms_credentials {
  unsigned references;
  pthread_mutex_t mutex; /* one thread may wipe while another builds a request */
  struct sms_buffer secrets[SMS_SECRET_COUNT];
  char names[SMS_SECRET_COUNT][NAME_MAX_BYTES + 1]; /* as parameters; "": none */
  struct sms_buffer hidden[HIDDEN_MAX];             /* secrets of others: a proxy's */
  struct sms_token token;
};

enum sms_status sms_credentials_new(sms_credentials **credentials) {
  sms_credentials *made = calloc(1, sizeof *made);
  if (!made) return SMS_NO_MEMORY;
  if (pthread_mutex_init(&made->mutex, NULL) != 0) {
    free(made);
    return SMS_FAILED;
  }
  made->references = 1;
  for (size_t i = 0; i < SMS_SECRET_COUNT; i++)
    sms_buffer_init(&made->secrets[i], SMS_CEILING_SECRET);
  for (size_t i = 0; i < HIDDEN_MAX; i++)
    sms_buffer_init(&made->hidden[i], SMS_CEILING_SECRET);
  sms_token_init(&made->token);
  *credentials = made;
  return SMS_OK;
}

sms_credentials *sms_credentials_retain(sms_credentials *credentials) {
  __atomic_add_fetch(&credentials->references, 1, __ATOMIC_RELAXED);
  return credentials;
}

void sms_credentials_release(sms_credentials *credentials) {
  if (!credentials) return;
  if (__atomic_sub_fetch(&credentials->references, 1, __ATOMIC_ACQ_REL) > 0) return;
  sms_credentials_wipe(credentials);
  pthread_mutex_destroy(&credentials->mutex);
  free(credentials);
}

/* The mutex is not part of what const promises. */
static void lock(const sms_credentials *credentials) {
  sms_fork_gate_enter();
  pthread_mutex_lock(&((sms_credentials *)credentials)->mutex);
}

static void unlock(const sms_credentials *credentials) {
  pthread_mutex_unlock(&((sms_credentials *)credentials)->mutex);
  sms_fork_gate_leave();
}

enum sms_status sms_credentials_set(sms_credentials *credentials, enum sms_secret which,
                                    const char *value, size_t length) {
  struct sms_buffer *secret = &credentials->secrets[which];
  struct sms_buffer copy;
  sms_buffer_init(&copy, SMS_CEILING_SECRET);
  enum sms_status status = sms_buffer_append(&copy, value, length);
  if (status != SMS_OK) return status;
  lock(credentials);
  sms_buffer_wipe(secret);
  *secret = copy;
  unlock(credentials);
  return SMS_OK;
}

enum sms_status sms_credentials_name(sms_credentials *credentials,
                                     enum sms_secret which, const char *name) {
  size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789-_");
  if (length == 0 || length > NAME_MAX_BYTES || name[length]) return SMS_INVALID;
  memcpy(credentials->names[which], name, length + 1);
  return SMS_OK;
}

enum sms_status sms_credentials_set_application(sms_credentials *credentials,
                                                const char *id, size_t id_length,
                                                const char *private_key,
                                                size_t private_key_length,
                                                const char **why) {
  sms_rsa_key *key;
  bool is_text = memmem(private_key, private_key_length, "-----BEGIN", 10) != NULL;
  enum sms_status status =
      is_text ? sms_rsa_key_read(private_key, private_key_length, &key, why)
              : sms_rsa_key_load(private_key, &key, why);
  if (status != SMS_OK) return status;
  lock(credentials);
  status = sms_token_set(&credentials->token, id, id_length, key);
  unlock(credentials);
  *why = "does not belong to an id of letters, digits, - and _";
  return status;
}

void sms_credentials_wipe(sms_credentials *credentials) {
  lock(credentials);
  for (size_t i = 0; i < SMS_SECRET_COUNT; i++)
    sms_buffer_wipe(&credentials->secrets[i]);
  for (size_t i = 0; i < HIDDEN_MAX; i++)
    sms_buffer_wipe(&credentials->hidden[i]);
  sms_token_wipe(&credentials->token);
  unlock(credentials);
}

static enum sms_status put(struct sms_buffer *out, const char *text) {
  return sms_buffer_append(out, text, strlen(text));
}

static enum sms_status put_secret(struct sms_buffer *out,
                                  const struct sms_buffer *secret) {
  return sms_buffer_append(out, secret->data, secret->length);
}

static enum sms_status put_escaped(struct sms_buffer *out,
                                   const struct sms_buffer *secret) {
  return sms_escape_append(out, secret->data, secret->length);
}

/* Takes back what was appended before a failure. */
static enum sms_status settle(struct sms_buffer *out, size_t before,
                              enum sms_status status) {
  if (status == SMS_OK || out->length == before) return status;
  sms_wipe(out->data + before, out->length - before);
  out->length = before;
  return status;
}

static bool incomplete(const struct sms_buffer *secrets) {
  return secrets[SMS_SECRET_IDENTITY].length == 0 ||
         secrets[SMS_SECRET_PASSWORD].length == 0;
}

static enum sms_status basic(const struct sms_buffer *secrets, struct sms_buffer *out) {
  const struct sms_buffer *identity = &secrets[SMS_SECRET_IDENTITY];
  if (incomplete(secrets)) return SMS_INVALID;
  if (memchr(identity->data, ':', identity->length)) return SMS_INVALID;
  struct sms_buffer pair;
  sms_buffer_init(&pair, 2 * SMS_CEILING_SECRET + 1);
  enum sms_status status = put_secret(&pair, identity);
  if (status == SMS_OK) status = put(&pair, ":");
  if (status == SMS_OK) status = put_secret(&pair, &secrets[SMS_SECRET_PASSWORD]);
  if (status == SMS_OK) status = put(out, "Authorization: Basic ");
  if (status == SMS_OK) status = sms_base64_append(out, pair.data, pair.length);
  sms_buffer_wipe(&pair);
  return status;
}

enum sms_status sms_credentials_basic(const sms_credentials *credentials,
                                      struct sms_buffer *header) {
  size_t before = header->length;
  lock(credentials);
  enum sms_status status = basic(credentials->secrets, header);
  unlock(credentials);
  return settle(header, before, status);
}

/* "name=", after & where something stands before. */
static enum sms_status put_name(const sms_credentials *credentials,
                                enum sms_secret which, struct sms_buffer *out) {
  const char *name = credentials->names[which];
  if (!*name) return SMS_INVALID;
  enum sms_status status = out->length > 0 ? put(out, "&") : SMS_OK;
  if (status == SMS_OK) status = put(out, name);
  if (status == SMS_OK) status = put(out, "=");
  return status;
}

static enum sms_status pair_of_parameters(const sms_credentials *credentials,
                                          struct sms_buffer *out) {
  const struct sms_buffer *secrets = credentials->secrets;
  if (incomplete(secrets)) return SMS_INVALID;
  enum sms_status status = put_name(credentials, SMS_SECRET_IDENTITY, out);
  if (status == SMS_OK) status = put_escaped(out, &secrets[SMS_SECRET_IDENTITY]);
  if (status == SMS_OK) status = put_name(credentials, SMS_SECRET_PASSWORD, out);
  if (status == SMS_OK) status = put_escaped(out, &secrets[SMS_SECRET_PASSWORD]);
  return status;
}

enum sms_status sms_credentials_parameters(const sms_credentials *credentials,
                                           struct sms_buffer *parameters) {
  size_t before = parameters->length;
  lock(credentials);
  enum sms_status status = pair_of_parameters(credentials, parameters);
  unlock(credentials);
  return settle(parameters, before, status);
}

enum sms_status sms_credentials_renew_token(sms_credentials *credentials, int64_t now,
                                            uint64_t stale, const char *unique,
                                            uint64_t *serial) {
  lock(credentials);
  enum sms_status status = sms_token_renew(&credentials->token, now, stale, unique);
  *serial = credentials->token.serial;
  unlock(credentials);
  return status;
}

enum sms_status sms_credentials_bearer(const sms_credentials *credentials,
                                       struct sms_buffer *header) {
  size_t before = header->length;
  const struct sms_buffer *token = &credentials->token.text;
  lock(credentials);
  enum sms_status status = token->length > 0 ? SMS_OK : SMS_INVALID;
  if (status == SMS_OK) status = put(header, "Authorization: Bearer ");
  if (status == SMS_OK) status = put_secret(header, token);
  unlock(credentials);
  return settle(header, before, status);
}

static enum sms_status md5hash(const struct sms_buffer *secret, const char *text,
                               size_t length, char *hex) {
  struct sms_buffer joined;
  sms_buffer_init(&joined, SMS_CEILING_REQUEST + SMS_CEILING_SECRET);
  enum sms_status status = sms_buffer_append(&joined, text, length);
  if (status == SMS_OK) status = put_secret(&joined, secret);
  if (status == SMS_OK)
    status = sms_digest_hex(SMS_DIGEST_MD5, joined.data, joined.length, hex);
  sms_buffer_wipe(&joined);
  return status;
}

static enum sms_status hmac(const struct sms_buffer *secret, enum sms_digest digest,
                            const char *text, size_t length, char *hex) {
  return sms_hmac_hex(digest, secret->data, secret->length, text, length, hex);
}

static enum sms_status sign(const struct sms_buffer *secret, enum sms_signature method,
                            const char *text, size_t length, char *hex) {
  if (secret->length == 0) return SMS_INVALID;
  switch (method) {
  case SMS_SIGNATURE_MD5HASH:
    return md5hash(secret, text, length, hex);
  case SMS_SIGNATURE_MD5:
    return hmac(secret, SMS_DIGEST_MD5, text, length, hex);
  case SMS_SIGNATURE_SHA1:
    return hmac(secret, SMS_DIGEST_SHA1, text, length, hex);
  case SMS_SIGNATURE_SHA256:
    return hmac(secret, SMS_DIGEST_SHA256, text, length, hex);
  case SMS_SIGNATURE_SHA512:
    return hmac(secret, SMS_DIGEST_SHA512, text, length, hex);
  }
  return SMS_INVALID;
}

enum sms_status sms_credentials_fingerprint(const sms_credentials *credentials,
                                            char hex[17]) {
  char whole[SMS_DIGEST_HEX_MAX + 1];
  const struct sms_buffer *identity = &credentials->secrets[SMS_SECRET_IDENTITY];
  lock(credentials);
  enum sms_status status =
      sms_digest_hex(SMS_DIGEST_SHA256, identity->length > 0 ? identity->data : "",
                     identity->length, whole);
  unlock(credentials);
  if (status != SMS_OK) return status;
  memcpy(hex, whole, 16);
  hex[16] = '\0';
  return SMS_OK;
}

enum sms_status sms_credentials_hide(sms_credentials *credentials, const char *text,
                                     size_t length) {
  struct sms_buffer copy;
  sms_buffer_init(&copy, SMS_CEILING_SECRET);
  enum sms_status status = sms_buffer_append(&copy, text, length);
  if (status != SMS_OK) return status;
  lock(credentials);
  size_t place = 0;
  while (place < HIDDEN_MAX && credentials->hidden[place].length > 0)
    place++;
  if (place < HIDDEN_MAX) credentials->hidden[place] = copy;
  unlock(credentials);
  if (place < HIDDEN_MAX) return SMS_OK;
  sms_buffer_wipe(&copy);
  return SMS_TOO_LARGE;
}

/* The pair as Basic sends it. */
static void mask_basic(const struct sms_buffer *secrets, struct sms_mask *mask) {
  const size_t prefix = strlen("Authorization: Basic ");
  struct sms_buffer header;
  sms_buffer_init(&header, SMS_CEILING_HEAD);
  if (basic(secrets, &header) == SMS_OK)
    sms_mask_secret(mask, header.data + prefix, header.length - prefix);
  sms_buffer_wipe(&header);
}

void sms_credentials_mask(const sms_credentials *credentials, struct sms_mask *mask) {
  static const enum sms_secret masked[] = {SMS_SECRET_PASSWORD, SMS_SECRET_SIGNATURE};
  lock(credentials);
  for (size_t i = 0; i < sizeof masked / sizeof masked[0]; i++) {
    const struct sms_buffer *secret = &credentials->secrets[masked[i]];
    sms_mask_secret(mask, secret->data, secret->length);
  }
  for (size_t i = 0; i < HIDDEN_MAX; i++) {
    const struct sms_buffer *secret = &credentials->hidden[i];
    sms_mask_secret(mask, secret->data, secret->length);
  }
  mask_basic(credentials->secrets, mask);
  unlock(credentials);
  sms_token_mask(mask);
}

enum sms_status sms_credentials_sign(const sms_credentials *credentials,
                                     enum sms_signature method, const char *text,
                                     size_t length, struct sms_buffer *parameters) {
  char hex[SMS_DIGEST_HEX_MAX + 1];
  size_t before = parameters->length;
  lock(credentials);
  enum sms_status status =
      sign(&credentials->secrets[SMS_SECRET_SIGNATURE], method, text, length, hex);
  unlock(credentials);
  if (status == SMS_OK)
    status = put_name(credentials, SMS_SECRET_SIGNATURE, parameters);
  if (status == SMS_OK) status = put(parameters, hex);
  return settle(parameters, before, status);
}

enum sms_status sms_credentials_verify(const sms_credentials *credentials,
                                       enum sms_signature method, const char *text,
                                       size_t length, const char *given,
                                       size_t given_length, bool *is_same) {
  char hex[SMS_DIGEST_HEX_MAX + 1];
  lock(credentials);
  enum sms_status status =
      sign(&credentials->secrets[SMS_SECRET_SIGNATURE], method, text, length, hex);
  unlock(credentials);
  if (status != SMS_OK) return status;
  *is_same = sms_equal_hex(hex, given, given_length);
  sms_wipe(hex, sizeof hex);
  return SMS_OK;
}

/* Appends the signature of a token whose signed part is text. */
static enum sms_status sign_token(const struct sms_buffer *secret, const char *text,
                                  size_t length, struct sms_buffer *out) {
  unsigned char bytes[SMS_DIGEST_MAX];
  size_t size;
  if (secret->length == 0) return SMS_INVALID;
  enum sms_status status = sms_hmac(SMS_DIGEST_SHA256, secret->data, secret->length,
                                    text, length, bytes, &size);
  if (status == SMS_OK) status = sms_base64url_append(out, bytes, size);
  sms_wipe(bytes, sizeof bytes);
  return status;
}

enum sms_status sms_credentials_verify_token(const sms_credentials *credentials,
                                             const char *token, size_t length,
                                             bool *is_same) {
  struct sms_buffer expected;
  const char *dot = memrchr(token, '.', length);
  size_t signed_length = dot ? (size_t)(dot - token) : length;
  const char *given = dot ? dot + 1 : token + length;
  size_t given_length = (size_t)(token + length - given);
  sms_buffer_init(&expected, SMS_DIGEST_HEX_MAX);
  lock(credentials);
  enum sms_status status = sign_token(&credentials->secrets[SMS_SECRET_SIGNATURE],
                                      token, signed_length, &expected);
  unlock(credentials);
  if (status == SMS_OK)
    *is_same = given_length == expected.length &&
               sms_equal(expected.data, given, given_length);
  sms_buffer_wipe(&expected);
  return status;
}
