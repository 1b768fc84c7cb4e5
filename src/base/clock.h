/* The clock of all waiting: it never goes back and does not follow the time of day. */
#ifndef SMS_BASE_CLOCK_H
#define SMS_BASE_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in microseconds. */
int64_t sms_clock_now(void);

#endif
