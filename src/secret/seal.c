#include "secret/seal.h"
#include "base/byte_buffer.h"
#include "base/random.h"
#include "base/wipe.h"
#include "secret/crypto.h"
#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum {
  ID = 8,
  NONCE = 12,
  TAG = 16,
  KEY = 32, /* of AES-256, and what SHA-256 gives */
  ROUNDS = 200000
};

struct key {
  unsigned char id[ID];
  unsigned char bytes[KEY];
};

struct sms_seal {
  struct sms_buffer name;
  struct key keys[SMS_SEAL_SECRETS];
  size_t count;
};

enum sms_status sms_seal_new(const char *name, size_t length, sms_seal **seal) {
  sms_seal *made = calloc(1, sizeof *made);
  if (!made) return SMS_NO_MEMORY;
  sms_buffer_init(&made->name, SMS_CEILING_SECRET);
  enum sms_status status = sms_buffer_append(&made->name, name, length);
  if (status == SMS_OK)
    *seal = made;
  else
    sms_seal_free(made);
  return status;
}

void sms_seal_free(sms_seal *seal) {
  if (!seal) return;
  sms_buffer_free(&seal->name);
  sms_wipe(seal, sizeof *seal);
  free(seal);
}

/* One of several values of one secret (HKDF-Expand, one block). */
static enum sms_status expand(const unsigned char root[KEY], const char *purpose,
                              unsigned char *out, size_t size) {
  unsigned char bytes[SMS_DIGEST_MAX];
  size_t written;
  enum sms_status status =
      sms_hmac(SMS_DIGEST_SHA256, root, KEY, purpose, strlen(purpose), bytes, &written);
  if (status == SMS_OK) memcpy(out, bytes, size);
  sms_wipe(bytes, sizeof bytes);
  return status;
}

/* HKDF-Extract, or PBKDF2 where the secret is short. */
static enum sms_status extract(const char *secret, size_t length,
                               unsigned char root[KEY]) {
  static const char salt[] = "lua-sms seal";
  unsigned char bytes[SMS_DIGEST_MAX];
  size_t written;
  if (length > SMS_CEILING_SECRET) return SMS_TOO_LARGE;
  if (length < KEY)
    return PKCS5_PBKDF2_HMAC(secret, (int)length, (const unsigned char *)salt,
                             sizeof salt - 1, ROUNDS, EVP_sha256(), KEY, root)
               ? SMS_OK
               : sms_crypto_status();
  enum sms_status status = sms_hmac(SMS_DIGEST_SHA256, salt, sizeof salt - 1, secret,
                                    length, bytes, &written);
  if (status == SMS_OK) memcpy(root, bytes, KEY);
  sms_wipe(bytes, sizeof bytes);
  return status;
}

enum sms_status sms_seal_add(sms_seal *seal, const char *secret, size_t length) {
  unsigned char root[KEY];
  if (length == 0 || seal->count == SMS_SEAL_SECRETS) return SMS_INVALID;
  struct key *key = &seal->keys[seal->count];
  enum sms_status status = extract(secret, length, root);
  if (status == SMS_OK) status = expand(root, "id\x01", key->id, ID);
  if (status == SMS_OK) status = expand(root, "key\x01", key->bytes, KEY);
  if (status == SMS_OK) seal->count++;
  sms_wipe(root, sizeof root);
  return status;
}

/* One pass over the bytes in a context that knows key and nonce: the tag is written or
 * looked at. */
static bool pass(EVP_CIPHER_CTX *context, const struct sms_buffer *name,
                 const unsigned char *in, int length, unsigned char *out,
                 unsigned char *tag, bool applies) {
  int size;
  unsigned char none;
  if (name->length > 0 &&
      EVP_CipherUpdate(context, NULL, &size, (const unsigned char *)name->data,
                       (int)name->length) != 1)
    return false;
  if (length > 0 && EVP_CipherUpdate(context, out, &size, in, length) != 1)
    return false;
  if (!applies && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG, tag) != 1)
    return false;
  if (EVP_CipherFinal_ex(context, &none, &size) != 1) return false;
  return !applies || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, tag) == 1;
}

static bool run(const sms_seal *seal, const struct key *key, const unsigned char *nonce,
                const unsigned char *in, size_t length, unsigned char *out,
                unsigned char *tag, bool applies) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  bool fine = context &&
              EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key->bytes, nonce,
                                applies) == 1 &&
              pass(context, &seal->name, in, (int)length, out, tag, applies);
  EVP_CIPHER_CTX_free(context); /* wipes */
  return fine;
}

enum sms_status sms_seal_apply(const sms_seal *seal, const void *data, size_t length,
                               void *sealed) {
  unsigned char *id = sealed, *nonce = id + ID, *out = nonce + NONCE;
  if (seal->count == 0) return SMS_INVALID;
  if (length > INT_MAX) return SMS_TOO_LARGE;
  memcpy(id, seal->keys[0].id, ID);
  if (sms_random_fill(nonce, NONCE) != 0) return SMS_FAILED;
  return run(seal, &seal->keys[0], nonce, data, length, out, out + length, true)
             ? SMS_OK
             : sms_crypto_status();
}

static const struct key *key_of(const sms_seal *seal, const unsigned char *id) {
  for (size_t i = 0; i < seal->count; i++)
    if (memcmp(seal->keys[i].id, id, ID) == 0) return &seal->keys[i];
  return NULL;
}

bool sms_seal_knows(const sms_seal *seal, const void *sealed, size_t length) {
  return length >= SMS_SEAL_EXTRA && key_of(seal, sealed);
}

enum sms_status sms_seal_open(const sms_seal *seal, const void *sealed, size_t length,
                              void *data, const char **why) {
  unsigned char tag[TAG];
  const unsigned char *id = sealed, *nonce = id + ID, *in = nonce + NONCE;
  *why = "it is not what was sealed";
  if (length < SMS_SEAL_EXTRA || length > INT_MAX) return SMS_INVALID;
  const struct key *key = key_of(seal, id);
  *why = "it is sealed with a secret that is not among those given here (seal)";
  if (!key) return SMS_INVALID;
  *why = "its seal is broken: it was changed, or sealed for something else";
  size_t size = length - SMS_SEAL_EXTRA;
  memcpy(tag, in + size, TAG);
  if (run(seal, key, nonce, in, size, data, tag, false)) return SMS_OK;
  sms_wipe(data, size);
  return SMS_INVALID;
}
