/* The clock of all waiting: it never goes back, does not follow the time of day, and
 * goes on while the machine sleeps, as the provider's does. One clock for all: a lease
 * and the deadline of its request must not drift apart. What is handed to the kernel or
 * to libcurl is a length of time; those who wait look here again when it is over. */
#ifndef SMS_BASE_CLOCK_H
#define SMS_BASE_CLOCK_H

#include <stdint.h>

/* CLOCK_BOOTTIME in microseconds. */
int64_t sms_clock_now(void);

/* Microseconds since 1970, as people and programs set them: a witness, where something
 * is compared with another machine's time. The clock above stands still while a virtual
 * machine is paused; this one is set right afterwards. */
int64_t sms_clock_wall(void);

#endif
