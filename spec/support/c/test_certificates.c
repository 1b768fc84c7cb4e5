#include "test_certificates.h"
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct test_certificates test_certificates;

static X509 *certificates[TEST_CERTIFICATE_COUNT];
static EVP_PKEY *keys[TEST_CERTIFICATE_COUNT];

static const struct {
  const char *name, *alternatives, *constraints;
  enum test_certificate issuer;
} recipes[TEST_CERTIFICATE_COUNT] = {
    [TEST_CERTIFICATE_AUTHORITY] = {"Test authority", NULL, "critical,CA:TRUE",
                                    TEST_CERTIFICATE_AUTHORITY},
    [TEST_CERTIFICATE_STRANGER] = {"Other authority", NULL, "critical,CA:TRUE",
                                   TEST_CERTIFICATE_STRANGER},
    [TEST_CERTIFICATE_GOOD] = {"localhost", "DNS:localhost,IP:127.0.0.1,IP:::1",
                               "critical,CA:FALSE", TEST_CERTIFICATE_AUTHORITY},
    [TEST_CERTIFICATE_ELSEWHERE] = {"elsewhere.invalid", "DNS:elsewhere.invalid",
                                    "critical,CA:FALSE", TEST_CERTIFICATE_AUTHORITY},
    [TEST_CERTIFICATE_CLIENT] = {"client", "DNS:client.invalid", "critical,CA:FALSE",
                                 TEST_CERTIFICATE_AUTHORITY},
};

static void need(int fine) {
  if (fine > 0) return;
  fprintf(stderr, "the test certificates cannot be made\n");
  abort();
}

static EVP_PKEY *make_key(void) {
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
  need(context && EVP_PKEY_keygen_init(context) > 0);
  need(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1));
  need(EVP_PKEY_keygen(context, &key));
  EVP_PKEY_CTX_free(context);
  return key;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  need(extension && X509_add_ext(certificate, extension, -1));
  X509_EXTENSION_free(extension);
}

static void make_certificate(enum test_certificate which) {
  X509 *certificate = X509_new();
  EVP_PKEY *key = make_key();
  need(certificate != NULL);
  certificates[which] = certificate;
  keys[which] = key;
  X509 *issuer = certificates[recipes[which].issuer];
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), (long)which + 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             (const unsigned char *)recipes[which].name, -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  add_extension(certificate, issuer, NID_basic_constraints, recipes[which].constraints);
  if (recipes[which].alternatives)
    add_extension(certificate, issuer, NID_subject_alt_name,
                  recipes[which].alternatives);
  need(X509_sign(certificate, keys[recipes[which].issuer], EVP_sha256()));
}

static void write_certificate(enum test_certificate which, const char *path) {
  FILE *file = fopen(path, "w");
  need(file && PEM_write_X509(file, certificates[which]));
  fclose(file);
}

static void write_key(enum test_certificate which, const char *path) {
  FILE *file = fopen(path, "w");
  need(file && PEM_write_PrivateKey(file, keys[which], NULL, NULL, 0, NULL, NULL));
  fclose(file);
}

static void write_pin(void) {
  unsigned char *der = NULL, digest[SHA256_DIGEST_LENGTH], text[64];
  int length = i2d_PUBKEY(keys[TEST_CERTIFICATE_GOOD], &der);
  need(length);
  SHA256(der, (size_t)length, digest);
  EVP_EncodeBlock(text, digest, sizeof digest);
  snprintf(test_certificates.pin, sizeof test_certificates.pin, "sha256//%s",
           (const char *)text);
  OPENSSL_free(der);
}

static void name_file(char path[TEST_PATH], const char *name) {
  int length = snprintf(path, TEST_PATH, "%s/%s", test_certificates.folder, name);
  need(length > 0 && length < TEST_PATH);
}

static void make_folder(void) {
  const char *parent = getenv("TMPDIR");
  int length = snprintf(test_certificates.folder, TEST_PATH, "%s/lua-sms-test-XXXXXX",
                        parent ? parent : "/tmp");
  need(length > 0 && length < TEST_PATH && mkdtemp(test_certificates.folder));
}

void test_certificates_make(void) {
  struct test_certificates *t = &test_certificates;
  make_folder();
  make_certificate(TEST_CERTIFICATE_AUTHORITY); /* the others are signed by it */
  make_certificate(TEST_CERTIFICATE_STRANGER);
  make_certificate(TEST_CERTIFICATE_GOOD);
  make_certificate(TEST_CERTIFICATE_ELSEWHERE);
  make_certificate(TEST_CERTIFICATE_CLIENT);
  name_file(t->ca_file, "ca.pem");
  name_file(t->other_ca_file, "other.pem");
  name_file(t->client_cert, "client.pem");
  name_file(t->client_key, "client.key");
  write_certificate(TEST_CERTIFICATE_AUTHORITY, t->ca_file);
  write_certificate(TEST_CERTIFICATE_STRANGER, t->other_ca_file);
  write_certificate(TEST_CERTIFICATE_CLIENT, t->client_cert);
  write_key(TEST_CERTIFICATE_CLIENT, t->client_key);
  write_pin();
}

void test_certificates_remove(void) {
  unlink(test_certificates.ca_file);
  unlink(test_certificates.other_ca_file);
  unlink(test_certificates.client_cert);
  unlink(test_certificates.client_key);
  rmdir(test_certificates.folder);
  for (int i = 0; i < TEST_CERTIFICATE_COUNT; i++) {
    X509_free(certificates[i]);
    EVP_PKEY_free(keys[i]);
  }
}

SSL_CTX *test_certificates_context(enum test_certificate which) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  need(context != NULL);
  need(SSL_CTX_use_certificate(context, certificates[which]));
  need(SSL_CTX_use_PrivateKey(context, keys[which]));
  static const unsigned char session_id[] = "test";
  SSL_CTX_set_session_id_context(context, session_id, sizeof session_id - 1);
  return context;
}

void test_certificates_demand(SSL_CTX *context) {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context),
                      certificates[TEST_CERTIFICATE_AUTHORITY]);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

int test_certificates_begin(void **state) {
  (void)state;
  test_certificates_make();
  return 0;
}

int test_certificates_end(void **state) {
  (void)state;
  test_certificates_remove();
  return 0;
}
