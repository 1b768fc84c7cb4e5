#define OPENSSL_SUPPRESS_DEPRECATED /* of OpenSSL 3, see read_rsa */
#include "secret/rsa_key.h"
#include "base/wipe.h"
#include "secret/crypto.h"
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Called for a key with a passphrase; OpenSSL's own would ask at the terminal. */
static int on_passphrase(char *out, int size, int writing, void *asked) {
  (void)out;
  (void)size;
  (void)writing;
  *(bool *)asked = true;
  return -1;
}

static const char NO_RSA[] = "is not a key of RSA";

static RSA *read_pkcs8(const unsigned char *der, long length, const char **why) {
  PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, length);
  const ASN1_OBJECT *kind;
  const unsigned char *inner;
  int size;
  RSA *rsa = NULL;
  if (info && PKCS8_pkey_get0(&kind, &inner, &size, NULL, info) == 1) {
    if (OBJ_obj2nid(kind) == NID_rsaEncryption)
      rsa = d2i_RSAPrivateKey(NULL, &inner, size);
    else
      *why = NO_RSA;
  }
  PKCS8_PRIV_KEY_INFO_free(info);
  return rsa;
}

/* OpenSSL 3 has one function for all keys. It frees its copies of one that it has read
 * as they are; these functions overwrite theirs. */
static RSA *read_rsa(BIO *bio, bool *asked, const char **why) {
  unsigned char *der = NULL;
  long length = 0;
  char *name = NULL;
  RSA *rsa = NULL;
  if (!PEM_bytes_read_bio_secmem(&der, &length, &name, PEM_STRING_EVP_PKEY, bio,
                                 on_passphrase, asked))
    return NULL;
  const unsigned char *at = der;
  if (strcmp(name, PEM_STRING_PKCS8) == 0)
    *asked = true;
  else if (strcmp(name, PEM_STRING_PKCS8INF) == 0)
    rsa = read_pkcs8(der, length, why);
  else if (strcmp(name, PEM_STRING_RSA) == 0)
    rsa = d2i_RSAPrivateKey(NULL, &at, length);
  else
    *why = NO_RSA;
  OPENSSL_free(name);
  OPENSSL_secure_clear_free(der, (size_t)length);
  return rsa;
}

static const char *problem_of(const RSA *rsa) {
  if (RSA_bits(rsa) < SMS_RSA_BITS_MIN) return "has fewer than 2048 bits";
  if (RSA_bits(rsa) > SMS_RSA_BITS_MAX) return "has more than 8192 bits";
  return NULL;
}

enum sms_status sms_rsa_key_read(const char *pem, size_t length, sms_rsa_key **key,
                                 const char **why) {
  bool asked = false;
  *why = "is too long for a key";
  if (length > SMS_CEILING_SECRET) return SMS_INVALID;
  BIO *bio = BIO_new_mem_buf(pem, (int)length);
  if (!bio) return SMS_NO_MEMORY;
  *why = "is not a private key in PEM form";
  RSA *rsa = read_rsa(bio, &asked, why);
  BIO_free(bio);
  if (asked) *why = "has a passphrase; store it without one";
  if (rsa) *why = problem_of(rsa);
  EVP_PKEY *made = rsa && !*why ? EVP_PKEY_new() : NULL;
  bool ok = made && EVP_PKEY_set1_RSA(made, rsa) == 1;
  ERR_clear_error(); /* libcurl would take what is left for an error of its own */
  RSA_free(rsa);
  if (ok) {
    *key = made;
    return SMS_OK;
  }
  EVP_PKEY_free(made);
  return *why ? SMS_INVALID : SMS_NO_MEMORY;
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
