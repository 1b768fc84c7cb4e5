#include "secret/tls.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

/* "OpenSSL/3.0.19" for libcurl is "OpenSSL 3.0.19 27 Jan 2026" to itself. */
bool sms_tls_is_ours(const char *library) {
  static const size_t name = sizeof "OpenSSL/" - 1;
  const char *own = OpenSSL_version(OPENSSL_VERSION);
  if (!library || strncmp(library, "OpenSSL/", name) != 0) return false;
  size_t length = strlen(library);
  return strlen(own) > length && own[length] == ' ' &&
         strncmp(own + name, library + name, length - name) == 0;
}

bool sms_tls_is_newest_asked(void) {
  SSL_CTX *context = SSL_CTX_new(TLS_client_method()); /* as it configures each */
  bool is_asked = context && SSL_CTX_get_min_proto_version(context) > TLS1_2_VERSION;
  SSL_CTX_free(context);
  ERR_clear_error(); /* libcurl would take what is left for an error of its own */
  return is_asked;
}

bool sms_tls_has_unread(const void *connection) {
  return SSL_has_pending(connection) != 0;
}

bool sms_tls_is_http2(const void *connection) {
  const unsigned char *name;
  unsigned length;
  SSL_get0_alpn_selected(connection, &name, &length);
  return length == 2 && memcmp(name, "h2", 2) == 0;
}
