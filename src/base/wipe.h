/* Overwriting what was secret. */
#ifndef SMS_BASE_WIPE_H
#define SMS_BASE_WIPE_H

#include <stddef.h>

/* With zeros, in a way the compiler may not leave out. */
void sms_wipe(void *data, size_t length);

#endif
