/* Where the slots that a machine shares lie when nobody says where: a folder for each
 * user, a file for each key, calls and period.
 *
 *   char path[SMS_SLOT_PATH_MAX], why[SMS_WHY_MAX];
 *   sms_slot_path(SMS_SLOT_ROOT, "nexmo:abcd1234", 100, 60000000, path);
 *   sms_slot_folder(path, why);
 */
#ifndef SMS_LIMIT_SLOT_PATH_H
#define SMS_LIMIT_SLOT_PATH_H

#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>

#define SMS_SLOT_ROOT     "/dev/shm"
#define SMS_SLOT_PATH_MAX 1024 /* bytes of a path with its NUL */

/* Where a file of slots is, and how it is made. All zeros: as nobody says otherwise. */
struct sms_slot_place {
  const char *path; /* absolute, for one limit; NULL: in a folder of our own */
  unsigned mode;    /* 0: 0600, only we or root may own it, only the owner may write */
  bool hold;        /* a new container's slots come free together, a period later */
  const char *proc; /* NULL: /proc */
};

/* <root>/sms-<user id>/<SHA-256 of "key:calls:period">. */
enum sms_status sms_slot_path(const char *root, const char *key, uint32_t calls,
                              int64_t period, char path[SMS_SLOT_PATH_MAX]);

/* Makes the folder of path, for us alone (0700), where it is absent. SMS_FAILED with
 * why where it is no folder of ours, is a symbolic link, or others may write to it. */
enum sms_status sms_slot_folder(const char *path, char why[SMS_WHY_MAX]);

#endif
