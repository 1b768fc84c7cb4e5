#include "secret/openssl_context.h"
#include <openssl/crypto.h>
#include <stdlib.h>

/* More than OpenSSL needs: 3.5 waits for itself where memory runs out in there. Less
 * than what glibc would learn from to keep more (mallopt(3), M_MMAP_THRESHOLD). */
enum { ROOM = 120 * 1024 };

#if OPENSSL_VERSION_MAJOR >= 3

/* Not every library that takes OpenSSL's place has them. */
#pragma weak OSSL_LIB_CTX_new
#pragma weak OSSL_LIB_CTX_free
#pragma weak OSSL_LIB_CTX_set0_default

/* All that tells of a context which could not be made is that no other one is taken in
 * its place. */
static enum sms_status look_at_context(void) {
  if (!OSSL_LIB_CTX_new || !OSSL_LIB_CTX_free || !OSSL_LIB_CTX_set0_default)
    return SMS_OK;
  OSSL_LIB_CTX *other = OSSL_LIB_CTX_new();
  if (!other) return SMS_NO_MEMORY;
  OSSL_LIB_CTX *own = OSSL_LIB_CTX_set0_default(other);
  enum sms_status status =
      OSSL_LIB_CTX_set0_default(own) == other ? SMS_OK : SMS_FAILED;
  OSSL_LIB_CTX_free(other);
  return status;
}

#else

static enum sms_status look_at_context(void) {
  return SMS_OK;
}

#endif

enum sms_status sms_openssl_begin(void) {
  void *volatile room = malloc(ROOM); /* a compiler may leave both calls out */
  if (!room) return SMS_NO_MEMORY;
  free(room);
  return look_at_context();
}
