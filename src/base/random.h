/* Randomness from the kernel, different in every process and after every fork. */
#ifndef SMS_BASE_RANDOM_H
#define SMS_BASE_RANDOM_H

#include <stddef.h>

/* Fills memory. Where the kernel gives none (a sandbox that knows neither getrandom nor
 * /dev/urandom): an errno. Else 0. */
int sms_random_fill(void *bytes, size_t length);

#define SMS_UUID_LENGTH 36

/* A UUID that nobody else has (RFC 9562, version 4), NUL-terminated. 0, or an errno. */
int sms_random_uuid(char text[SMS_UUID_LENGTH + 1]);

#endif
