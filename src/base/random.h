/* Randomness from the kernel, different in every process and after every fork. */
#ifndef SMS_BASE_RANDOM_H
#define SMS_BASE_RANDOM_H

#include <stddef.h>

/* Fills memory, at most 256 bytes: so many always come in one piece. */
void sms_random_fill(void *bytes, size_t length);

#define SMS_UUID_LENGTH 36

/* A UUID that nobody else has (RFC 9562, version 4), NUL-terminated. */
void sms_random_uuid(char text[SMS_UUID_LENGTH + 1]);

#endif
