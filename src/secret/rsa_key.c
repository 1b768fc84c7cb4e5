#include "secret/rsa_key.h"
#include "base/wipe.h"
#include "secret/crypto.h"
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>

/* Called for a key with a passphrase; OpenSSL's own would ask at the terminal. */
static int on_passphrase(char *out, int size, int writing, void *asked) {
  (void)out;
  (void)size;
  (void)writing;
  *(bool *)asked = true;
  return -1;
}

static const char *problem_of(const EVP_PKEY *key) {
  if (EVP_PKEY_base_id(key) != EVP_PKEY_RSA) return "is not a key of RSA";
  if (EVP_PKEY_bits(key) < SMS_RSA_BITS_MIN) return "has fewer than 2048 bits";
  if (EVP_PKEY_bits(key) > SMS_RSA_BITS_MAX) return "has more than 8192 bits";
  return NULL;
}

enum sms_status sms_rsa_key_read(const char *pem, size_t length, sms_rsa_key **key,
                                 const char **why) {
  bool asked = false;
  *why = "is too long for a key";
  if (length > SMS_CEILING_SECRET) return SMS_INVALID;
  BIO *bio = BIO_new_mem_buf(pem, (int)length);
  if (!bio) return SMS_NO_MEMORY;
  EVP_PKEY *made = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, &asked);
  BIO_free(bio);
  ERR_clear_error(); /* libcurl would take what is left for an error of its own */
  *why = asked ? "has a passphrase; store it without one"
               : "is not a private key in PEM form";
  if (!made) return SMS_INVALID;
  *why = problem_of(made);
  if (*why) {
    EVP_PKEY_free(made);
    return SMS_INVALID;
  }
  *key = made;
  return SMS_OK;
}

/* Unbuffered, so that no copy of the key stays behind. */
static enum sms_status read_file(const char *path, struct sms_buffer *out) {
  char piece[1024];
  size_t got;
  FILE *file = fopen(path, "rbe");
  if (!file) return SMS_FAILED;
  setvbuf(file, NULL, _IONBF, 0);
  enum sms_status status = SMS_OK;
  do {
    got = fread(piece, 1, sizeof piece, file);
    status = sms_buffer_append(out, piece, got);
  } while (status == SMS_OK && got == sizeof piece);
  if (ferror(file)) status = SMS_FAILED;
  fclose(file);
  sms_wipe(piece, sizeof piece);
  return status;
}

enum sms_status sms_rsa_key_load(const char *path, sms_rsa_key **key,
                                 const char **why) {
  struct sms_buffer pem;
  sms_buffer_init(&pem, SMS_CEILING_SECRET);
  enum sms_status status = read_file(path, &pem);
  *why = status == SMS_FAILED
             ? "is neither a key in PEM form nor a file that can be read"
             : "is a file too long for a key";
  if (status == SMS_OK)
    status = sms_rsa_key_read(pem.data ? pem.data : "", pem.length, key, why);
  sms_buffer_wipe(&pem);
  return status;
}

void sms_rsa_key_free(sms_rsa_key *key) {
  EVP_PKEY_free(key);
}

enum sms_status sms_rsa_key_sign(sms_rsa_key *key, const char *text, size_t length,
                                 struct sms_buffer *out) {
  unsigned char signature[SMS_RSA_BITS_MAX / CHAR_BIT];
  size_t size = sizeof signature;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (!context) return SMS_NO_MEMORY;
  bool ok = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
            EVP_DigestSign(context, signature, &size, (const unsigned char *)text,
                           length) == 1;
  EVP_MD_CTX_free(context);
  if (!ok) return sms_crypto_status();
  ERR_clear_error();
  return sms_base64url_append(out, signature, size);
}
