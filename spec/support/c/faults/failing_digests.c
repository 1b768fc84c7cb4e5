#include "failing_calls.h"
#include <stddef.h>

STAND_BEFORE(int, EVP_Digest, 0,
             (const void *data, size_t size, unsigned char *bytes, unsigned *length,
              const void *digest, void *engine),
             (data, size, bytes, length, digest, engine))
STAND_BEFORE(unsigned char *, HMAC, NULL,
             (const void *digest, const void *key, int size, const unsigned char *data,
              size_t length, unsigned char *bytes, unsigned *written),
             (digest, key, size, data, length, bytes, written))
