/* Inside of journal only: the file, its lock, its header, its records.
 *
 *   struct sms_journal_file file;
 *   if (sms_journal_file_open(&file, sync, salt) != SMS_OK) tell(file.why);
 *   sms_journal_file_read(&file, place, records, most, &count);
 *   sms_journal_file_append(&file, records, count);
 *   sms_journal_file_close(&file);
 *
 * Header and records are 64 bytes each, so that none crosses a sector of the disk:
 * after a loss of power each is there, or zeros are. The check of a record covers its
 * place and the file's own random number: what lay on the disk before never looks like
 * one.
 *
 * Numbers are the machine's own; a file of another byte order has no magic it knows.
 */
#ifndef SMS_JOURNAL_FILE_H
#define SMS_JOURNAL_FILE_H

#include "base/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum sms_journal_kind { /* of a record; 0 is none */
                        SMS_JOURNAL_BEGUN = 1,
                        SMS_JOURNAL_ENDED_ACCEPTED,
                        SMS_JOURNAL_ENDED_REJECTED,
                        SMS_JOURNAL_ENDED_NOT_SENT,
                        SMS_JOURNAL_ENDED_AMBIGUOUS
};

enum {
  SMS_JOURNAL_MORE = 1,   /* flag: the next record belongs to the same write */
  SMS_JOURNAL_SYNCED = 2, /* flag: nothing was sent before this was on the disk */
  SMS_JOURNAL_VOID = 4    /* flag of a header: what was behind it is gone */
};

struct sms_journal_record {
  uint64_t ordinal;
  unsigned char hash[32]; /* of what is begun; of an end: zeros */
  uint8_t kind;
  uint8_t flags;
  uint8_t unused[18];
  uint32_t check; /* CRC-32 of salt, place, and all of the above */
};

#define SMS_JOURNAL_RECORD ((int64_t)sizeof(struct sms_journal_record))
#define SMS_JOURNAL_FIRST  SMS_JOURNAL_RECORD /* the header is as long */

struct sms_journal_file {
  int fd, name; /* of the file, and of the lock of its path; -1: none */
  bool sync;
  bool broken;     /* what is left at its end could not be undone */
  bool unreserved; /* its file system reserves no room */
  bool gone;       /* what was written to it was cut or written over */
  uint8_t flags;   /* of its header */
  uint64_t salt;
  int64_t end;    /* of its last whole write; of the file, once the rest is cut off */
  int64_t before; /* where that began */
  struct sms_journal_record tail[2]; /* what ends there, and at end */
  int64_t room;                      /* reserved up to here */
  int64_t size;                      /* of the file when it was opened */
  dev_t device;                      /* with inode: which file it is */
  ino_t inode;
  const char *path;          /* the caller's, for messages */
  const char *where;         /* the caller's, the same from the root */
  char why[SMS_WHY_MAX];     /* of the last failure */
  char warning[SMS_WHY_MAX]; /* what was cut off its end; "": nothing */
  char lost[SMS_WHY_MAX];    /* how it ceased to be the journal (place.h); "": it is */
};

/* Makes the file where it is absent or empty, locks it, and finds where its last whole
 * write ends. Anything but SMS_OK: why says it, and nothing has to be closed. path and
 * where are set before; salt is random. */
enum sms_status sms_journal_file_open(struct sms_journal_file *file, bool sync,
                                      uint64_t salt);
void sms_journal_file_close(struct sms_journal_file *file);

/* Cuts off what was never completed, and has a warning then. */
enum sms_status sms_journal_file_trim(struct sms_journal_file *file);

/* The records from place on, at most so many; SMS_FAILED where one of them is damaged.
 */
enum sms_status sms_journal_file_read(struct sms_journal_file *file, int64_t place,
                                      struct sms_journal_record *records, size_t most,
                                      size_t *count);

/* Adds records in one write, all or none; fills in flags and check. */
enum sms_status sms_journal_file_append(struct sms_journal_file *file,
                                        struct sms_journal_record *records,
                                        size_t count);

/* Whether what was written last, and what lies before it, is there as it was written.
 * Other than SMS_OK: that cannot be read now. */
enum sms_status sms_journal_file_is_whole(struct sms_journal_file *file, bool *whole);

/* A file that is this journal, of that size, or empty can no more be opened as one. */
void sms_journal_file_void(const struct sms_journal_file *file, int fd, int64_t size);

/* A descriptor of what is at a path, made where nothing is; -1, with errno. */
int sms_journal_file_at(const char *path);

/* Why a file cannot be a journal, or NULL. */
const char *sms_journal_file_flaw(const struct stat *found);

/* The failure in words, behind the path. */
enum sms_status sms_journal_file_refuse(struct sms_journal_file *file,
                                        const char *what);

/* "damaged at byte 4096: what" */
enum sms_status sms_journal_file_damaged(struct sms_journal_file *file, int64_t place,
                                         const char *what);

#endif
