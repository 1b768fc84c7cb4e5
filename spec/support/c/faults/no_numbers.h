/* Before a source of the core: OpenSSL as if it had no numbers for threads. */
#ifndef NO_NUMBERS_H
#define NO_NUMBERS_H

#include <openssl/crypto.h>

CRYPTO_THREAD_ID not_there(void) __attribute__((weak)); /* nor anywhere else */
#define CRYPTO_THREAD_get_current_id not_there

#endif
