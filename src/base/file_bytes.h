/* Bytes at a place in a file, its length and its lock, whatever comes between: on a
 * network's folder the system may be interrupted, and reads and writes a part. */
#ifndef SMS_BASE_FILE_BYTES_H
#define SMS_BASE_FILE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* 0, or an errno: then some of it may have been written. */
int sms_write_all(int fd, const void *data, size_t size, int64_t place);

/* 0, or an errno. *got: less than size where the file ends before. */
int sms_read_all(int fd, void *data, size_t size, int64_t place, size_t *got);

/* Makes a file as long as that. 0, or an errno. */
int sms_file_resize(int fd, int64_t length);

/* What was written of it is on the disk. 0, or an errno. */
int sms_file_sync(int fd);

/* Takes its lock, for nobody else, without waiting. 0, or an errno: EWOULDBLOCK where
 * another has it. */
int sms_file_lock(int fd);

/* Whether a file may become as long as that. Who makes one longer than RLIMIT_FSIZE
 * (ulimit -f) is sent a signal, which ends a process that does not expect it. */
bool sms_may_become(int64_t length);

/* Whether it is the file of that number on that device. */
bool sms_is_file(const struct stat *found, dev_t device, ino_t inode);

/* What an errno of a file means, and which limit it is where it is one of a process. */
const char *sms_file_error(int error);

#endif
