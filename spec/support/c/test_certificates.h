/* A certificate authority that lives as long as the test process, so that TLS is tested
 * on loopback with real verification and without files in the tree.
 *
 *   test_certificates_make();
 *   SSL_CTX *tls = test_certificates_context(TEST_CERTIFICATE_GOOD);
 *   options.ca_file = test_certificates.ca_file;
 *   ...
 *   test_certificates_remove();
 */
#ifndef TEST_CERTIFICATES_H
#define TEST_CERTIFICATES_H

#include <openssl/ssl.h>

#define TEST_PATH 1024

enum test_certificate {
  TEST_CERTIFICATE_GOOD,      /* localhost, 127.0.0.1, ::1 */
  TEST_CERTIFICATE_ELSEWHERE, /* elsewhere.invalid, by the same authority */
  TEST_CERTIFICATE_CLIENT,
  TEST_CERTIFICATE_AUTHORITY,
  TEST_CERTIFICATE_STRANGER, /* another authority */
  TEST_CERTIFICATE_COUNT
};

/* PEM files in a folder of their own, and the good server's public key. */
struct test_certificates {
  char folder[TEST_PATH];
  char ca_file[TEST_PATH];
  char other_ca_file[TEST_PATH];
  char client_cert[TEST_PATH];
  char client_key[TEST_PATH];
  char pin[80]; /* as CURLOPT_PINNEDPUBLICKEY */
};

extern struct test_certificates test_certificates;

/* Ends the process where OpenSSL refuses: no test could go on. */
void test_certificates_make(void);
void test_certificates_remove(void);

/* The same as what a group of tests does at its beginning and its end. */
int test_certificates_begin(void **state);
int test_certificates_end(void **state);

/* A server's context that shows this certificate; the caller's. */
SSL_CTX *test_certificates_context(enum test_certificate which);

/* Makes a server's context ask for a certificate of this authority. */
void test_certificates_demand(SSL_CTX *context);

#endif
