/* What the times in a file of slots are measured against: a boot of the kernel, and in
 * it a time namespace, whose CLOCK_BOOTTIME is ahead of the kernel's or behind it. And
 * since when there is nobody who could have sent before.
 *
 *   struct sms_epoch epoch;
 *   sms_epoch_read("/proc", &epoch);
 *   if (epoch.is_container) restarted_at(epoch.began);
 */
#ifndef SMS_LIMIT_EPOCH_H
#define SMS_LIMIT_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

struct sms_epoch {
  uint64_t boot[2]; /* the boot id; 0, 0: hidden */
  uint64_t here;    /* the time namespace by its number; 0: hidden, or there is none */
  uint64_t space;   /* the same where its offset is hidden, else 0 */
  int64_t offset;   /* nanoseconds by which CLOCK_BOOTTIME is ahead of the kernel's */
  int64_t began; /* microseconds of CLOCK_BOOTTIME: where the kernel started, or, in a
                    container, process 1 */
  bool is_container; /* process 1 started more than 60 s after the kernel */
};

/* proc is the folder that /proc is mounted at. What is not there, or not for this user,
 * is as in the first time namespace of a machine. An errno where that is not known. */
int sms_epoch_read(const char *proc, struct sms_epoch *epoch);

/* Whether it is not hidden. */
bool sms_boot_is_known(const uint64_t boot[2]);

/* The time namespace by its number, as above. */
uint64_t sms_epoch_here(const char *proc);

#endif
