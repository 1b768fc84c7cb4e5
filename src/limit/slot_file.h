/* Slots in a file that all processes of a machine map.
 *
 *   struct sms_slot_file file;
 *   status = sms_slot_file_open(&file, &place, "nexmo:abcd1234", calls, period);
 *   if (sms_slot_file_check(&file, now, &wait)) { sms_slots_acquire(file.slots, ...); }
 *   sms_slot_file_close(&file);
 *
 * What is guaranteed, whoever is stopped or killed at whatever instant:
 *
 * 1. A file comes into being whole and under one name (rename that never replaces): all
 *    agree on it. Its slots are free from W after the boot on, so that what was sent
 *    before a quick reboot still counts; in a container, whose files go when it is
 *    started again, they come free one by one (slot_header.c).
 * 2. A file that cannot be trusted is never used. One with not_before = 0 takes its
 *    place in one step (rename that replaces): there is no instant without a file,
 *    which would look like a new start. 0 means "nobody knows since when", and is what
 *    a hole in a file reads as, too. The first who comes with a time read after it
 *    mapped that file turns it into that time + SMS_SLOTS_LEASE_MAX + W + LOOK. Whoever
 *    maps the old one looks after the path every LOOK: its last claim there is no later
 *    than a LOOK after the replacement and arrives within its lease, a W before
 *    anything on the new.
 * 3. It does not matter who replaces what how often: each new file starts like that.
 * 4. Cells of 0 are never given out, and all of a file is looked through every LOOK. A
 *    file cut short reads as zeros (map_guard.h).
 *
 * 5. Times mean something for one boot, one clock and one time namespace alone, which
 *    the file names; anywhere else it is one that cannot be trusted. Where the boot is
 *    hidden, a file system in memory is as good: none of its files is of another boot.
 *
 * What is not: a file removed by hand looks like none to a process that comes new, and
 * lets it make as many calls once more (those who map it start anew as in 2). Nobody
 * can tell a lie that looks like the truth, such as a cell set back to a time in the
 * past.
 */
#ifndef SMS_LIMIT_SLOT_FILE_H
#define SMS_LIMIT_SLOT_FILE_H

#include "limit/slot_header.h"
#include "limit/slot_path.h"
#include "limit/slots.h"
#include <sys/types.h>

struct sms_slot_file {
  struct sms_slot_place place;
  const char *key;
  pid_t owner; /* who has mapped it: a child of fork() maps anew */
  char path[SMS_SLOT_PATH_MAX];
  struct sms_slot_nature nature;
  struct sms_slot_rules rules;
  struct sms_slots_head head; /* of the file that is mapped */
  struct sms_slots *slots;    /* NULL where it is lost: check tries again */
  size_t size;
  dev_t device;
  ino_t inode;
  bool in_memory; /* its file system does not outlive the kernel */
  int64_t looked;
  int64_t doubted;
  char why[SMS_WHY_MAX]; /* why it is lost, or what was wrong with the last one */
  bool warned;           /* why is a warning nobody has read yet */
};

/* On SMS_OK file->warned may be set; else file->why says what is wrong, and nothing has
 * to be closed. The key and the place's strings are kept until the close, not copied.
 * Calls and period are within the limits of rate_limit.h. */
enum sms_status sms_slot_file_open(struct sms_slot_file *file,
                                   const struct sms_slot_place *place, const char *key,
                                   uint32_t calls, int64_t period);
void sms_slot_file_close(struct sms_slot_file *file);

/* Whether slots may be claimed at now, a time read after the last call of this
 * function. False: *wait is the time until they may, or 0 where the file is lost. */
bool sms_slot_file_check(struct sms_slot_file *file, int64_t now, int64_t *wait);

/* Whether what is mapped, which something is, still looks like the file of these slots.
 * Costs a few loads. */
bool sms_slot_file_fits(const struct sms_slot_file *file);

#endif
