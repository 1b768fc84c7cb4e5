/* Writing to a place in a file, whatever comes between. */
#ifndef SMS_BASE_WRITE_ALL_H
#define SMS_BASE_WRITE_ALL_H

#include <stddef.h>
#include <stdint.h>

/* 0, or an errno: then some of it may have been written. */
int sms_write_all(int fd, const void *data, size_t size, int64_t place);

#endif
