#include "journal/file.h"
#include "base/descriptor.h"
#include "base/file_bytes.h"
#include "journal/holder.h"
#include "journal/name_lock.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC UINT64_C(0x316c6e726a736d73) /* "smsjrnl1", read on a little end */
enum { VERSION = 1 };

struct header {
  uint64_t magic;
  uint32_t version;
  uint32_t record; /* bytes of one */
  uint64_t salt;
  uint8_t flags;
  uint8_t unused[35];
  uint32_t check;
};

typedef char header_is_as_long_as_a_record
    [sizeof(struct header) == 64 && sizeof(struct sms_journal_record) == 64 ? 1 : -1];

enum sms_status sms_journal_file_refuse(struct sms_journal_file *file,
                                        const char *what) {
  snprintf(file->why, sizeof file->why, "%s: %s", file->path, what);
  return SMS_FAILED;
}

enum sms_status sms_journal_file_damaged(struct sms_journal_file *file, int64_t place,
                                         const char *what) {
  char text[128];
  snprintf(text, sizeof text, "damaged at byte %" PRId64 ": %s", place, what);
  return sms_journal_file_refuse(file, text);
}

/* ---- Checks ---- */

/* CRC-32 as in zip and PNG, four bits at a time. */
static uint32_t crc(uint32_t sum, const void *data, size_t length) {
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                     0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                     0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  sum = ~sum;
  for (const unsigned char *byte = data; length > 0; byte++, length--) {
    sum = sum >> 4 ^ table[(sum ^ *byte) & 15];
    sum = sum >> 4 ^ table[(sum ^ *byte >> 4) & 15];
  }
  return ~sum;
}

static uint32_t check_of(const struct sms_journal_file *file, int64_t place,
                         const struct sms_journal_record *record) {
  uint32_t sum = crc(0, &file->salt, sizeof file->salt);
  sum = crc(sum, &place, sizeof place);
  return crc(sum, record, offsetof(struct sms_journal_record, check));
}

static bool is_whole(const struct sms_journal_file *file, int64_t place,
                     const struct sms_journal_record *record) {
  return record->check == check_of(file, place, record) &&
         record->kind >= SMS_JOURNAL_BEGUN &&
         record->kind <= SMS_JOURNAL_ENDED_AMBIGUOUS && record->ordinal > 0;
}

/* ---- Bytes ---- */

static enum sms_status read_all(struct sms_journal_file *file, int64_t place,
                                void *data, size_t size) {
  size_t got;
  int error = sms_read_all(file->fd, data, size, place, &got);
  if (error) return sms_journal_file_refuse(file, sms_file_error(error));
  if (got == size) return SMS_OK;
  return sms_journal_file_damaged(file, place + (int64_t)got, "the file was cut");
}

/* One write; the system may leave a part of it to do, or refuse that part: then nothing
 * of it may stay. */
static enum sms_status put(struct sms_journal_file *file, int64_t place,
                           const void *data, size_t size) {
  int error = sms_write_all(file->fd, data, size, place);
  if (!error) return SMS_OK;
  file->broken = sms_file_resize(file->fd, place) != 0;
  file->room = 0; /* that went with it */
  return sms_journal_file_refuse(file, sms_file_error(error));
}

enum sms_status sms_journal_file_read(struct sms_journal_file *file, int64_t place,
                                      struct sms_journal_record *records, size_t most,
                                      size_t *count) {
  size_t left = (size_t)((file->end - place) / SMS_JOURNAL_RECORD);
  *count = left < most ? left : most;
  enum sms_status status = read_all(file, place, records, *count * sizeof *records);
  for (size_t i = 0; i < *count && status == SMS_OK; i++, place += SMS_JOURNAL_RECORD)
    if (!is_whole(file, place, &records[i]))
      status = sms_journal_file_damaged(file, place, "no record as it was written");
  return status;
}

enum sms_status sms_journal_file_append(struct sms_journal_file *file,
                                        struct sms_journal_record *records,
                                        size_t count) {
  if (file->broken)
    return sms_journal_file_refuse(file, "an incomplete write could not be undone");
  int64_t place = file->end;
  for (size_t i = 0; i < count; i++, place += SMS_JOURNAL_RECORD) {
    bool more = i + 1 < count && records[i].kind == SMS_JOURNAL_BEGUN;
    records[i].flags = (uint8_t)((more ? SMS_JOURNAL_MORE : 0) |
                                 (file->sync ? SMS_JOURNAL_SYNCED : 0));
    records[i].check = check_of(file, place, &records[i]);
  }
  enum sms_status status = put(file, file->end, records, count * sizeof *records);
  if (status != SMS_OK) return status;
  file->before = file->end;
  file->end = place;
  file->tail[0] = file->tail[1];
  file->tail[1] = records[count - 1];
  return SMS_OK;
}

/* ---- The end of the file ---- */

static bool is_zero(const struct sms_journal_record *record) {
  static const struct sms_journal_record zero;
  return memcmp(record, &zero, sizeof zero) == 0;
}

/* Zeros at the end are what a loss of power leaves of writes that were under way. Where
 * callers did not wait for the disk, what was there may have been sent. */
static enum sms_status skip_zeros(struct sms_journal_file *file, bool synced) {
  struct sms_journal_record record;
  int64_t size = file->end;
  enum sms_status status = SMS_OK;
  for (; file->end > SMS_JOURNAL_FIRST; file->end -= SMS_JOURNAL_RECORD) {
    status = read_all(file, file->end - SMS_JOURNAL_RECORD, &record, sizeof record);
    if (status != SMS_OK || !is_zero(&record)) break;
  }
  if (status != SMS_OK || file->end == size) return status;
  if (file->end > SMS_JOURNAL_FIRST) synced = record.flags & SMS_JOURNAL_SYNCED;
  return synced ? SMS_OK
                : sms_journal_file_damaged(file, file->end, "zeros up to its end");
}

/* The records of one write that begins something count together or not at all. */
static enum sms_status skip_part_of_write(struct sms_journal_file *file) {
  struct sms_journal_record record;
  while (file->end > SMS_JOURNAL_FIRST) {
    size_t count;
    enum sms_status status =
        sms_journal_file_read(file, file->end - SMS_JOURNAL_RECORD, &record, 1, &count);
    if (status != SMS_OK || !(record.flags & SMS_JOURNAL_MORE)) return status;
    file->end -= SMS_JOURNAL_RECORD;
  }
  return SMS_OK;
}

static enum sms_status find_end(struct sms_journal_file *file) {
  file->end = file->size - file->size % SMS_JOURNAL_RECORD;
  enum sms_status status = skip_zeros(file, file->flags & SMS_JOURNAL_SYNCED);
  return status == SMS_OK ? skip_part_of_write(file) : status;
}

enum sms_status sms_journal_file_trim(struct sms_journal_file *file) {
  int64_t torn = file->size - file->end;
  if (torn <= 0) return SMS_OK;
  int error = sms_file_resize(file->fd, file->end);
  if (error) return sms_journal_file_refuse(file, sms_file_error(error));
  snprintf(file->warning, sizeof file->warning,
           "%s: its last write was never completed; %" PRId64 " bytes are cut off",
           file->path, torn);
  return SMS_OK;
}

/* ---- The header ---- */

static struct header header_of(const struct sms_journal_file *file, uint8_t more) {
  struct header header;
  memset(&header, 0, sizeof header);
  header.magic = MAGIC;
  header.version = VERSION;
  header.record = sizeof(struct sms_journal_record);
  header.salt = file->salt;
  header.flags = file->flags | more;
  header.check = crc(0, &header, offsetof(struct header, check));
  return header;
}

static enum sms_status write_header(struct sms_journal_file *file) {
  file->flags = file->sync ? SMS_JOURNAL_SYNCED : 0;
  struct header header = header_of(file, 0);
  file->end = SMS_JOURNAL_FIRST;
  if (fchmod(file->fd, S_IRUSR | S_IWUSR) != 0) /* whatever the umask is */
    return sms_journal_file_refuse(file, sms_file_error(errno));
  return put(file, 0, &header, sizeof header);
}

static enum sms_status read_header(struct sms_journal_file *file) {
  struct header header;
  if (file->size < (int64_t)sizeof header)
    return sms_journal_file_refuse(file, "is no journal, or one cut short");
  enum sms_status status = read_all(file, 0, &header, sizeof header);
  if (status != SMS_OK) return status;
  if (header.magic != MAGIC) return sms_journal_file_refuse(file, "is no journal");
  if (header.version != VERSION || header.record != sizeof(struct sms_journal_record))
    return sms_journal_file_refuse(file, "is a journal of another version");
  if (header.check != crc(0, &header, offsetof(struct header, check)))
    return sms_journal_file_damaged(file, 0, "no header as it was written");
  if (header.flags & SMS_JOURNAL_VOID)
    return sms_journal_file_refuse(
        file, "was cut while it was in use, and what it knew is gone: put a copy of it "
              "back, or remove it to send everything again");
  file->salt = header.salt;
  file->flags = header.flags;
  return SMS_OK;
}

/* What cannot be read may be ours: that nothing is sent twice comes first. */
static bool may_have_our_header(const struct sms_journal_file *file, int fd) {
  struct header header = header_of(file, 0), found;
  size_t got;
  if (sms_read_all(fd, &found, sizeof found, 0, &got) != 0) return true;
  return got == sizeof found && memcmp(&found, &header, sizeof found) == 0;
}

/* 0, or an errno; *same is false where the file has other records up to there. */
static int compare(const struct sms_journal_file *file, int64_t end,
                   const struct sms_journal_record *records, size_t count, bool *same) {
  struct sms_journal_record found[2];
  size_t got, size = count * sizeof *found;
  int error = sms_read_all(file->fd, found, size, end - (int64_t)size, &got);
  *same = *same && !error && got == size && memcmp(found, records, size) == 0;
  return error;
}

enum sms_status sms_journal_file_is_whole(struct sms_journal_file *file, bool *whole) {
  *whole = true;
  bool in_one = file->end - file->before == SMS_JOURNAL_RECORD;
  int error = in_one ? compare(file, file->end, file->tail, 2, whole)
                     : compare(file, file->end, &file->tail[1], 1, whole);
  if (!error && !in_one && file->before != file->end)
    error = compare(file, file->before, &file->tail[0], 1, whole);
  return error ? sms_journal_file_refuse(file, sms_file_error(error)) : SMS_OK;
}

void sms_journal_file_void(const struct sms_journal_file *file, int fd, int64_t size) {
  struct header header = header_of(file, SMS_JOURNAL_VOID);
  if (size > 0 && !may_have_our_header(file, fd))
    return; /* nobody takes it for a journal */
  if (sms_write_all(fd, &header, sizeof header, 0) != 0 && size == 0 &&
      sms_may_become(SMS_JOURNAL_FIRST))
    (void)sms_file_resize(fd, SMS_JOURNAL_FIRST); /* zeros are no journal either */
}

/* ---- Open and close ---- */

const char *sms_journal_file_flaw(const struct stat *found) {
  if (!S_ISREG(found->st_mode)) return "is not a regular file";
  if (found->st_uid != geteuid()) return "belongs to another user";
  if (found->st_nlink == 0) return "was removed just now";
  if (found->st_nlink > 1) return "has more than one name";
  if (found->st_mode & (S_IWGRP | S_IWOTH)) return "may be written to by others";
  return NULL;
}

static enum sms_status lock(struct sms_journal_file *file) {
  char words[96];
  int error = sms_file_lock(file->fd);
  if (!error) return SMS_OK;
  if (error != EWOULDBLOCK) return sms_journal_file_refuse(file, sms_file_error(error));
  sms_journal_holder_words(file->fd, words, sizeof words);
  return sms_journal_file_refuse(file, words);
}

/* First of all: who is refused makes no file, and locks none. */
static enum sms_status lock_name(struct sms_journal_file *file) {
  char words[96];
  if (sms_journal_name_lock(file->where, &file->name, words, sizeof words) == SMS_OK)
    return SMS_OK;
  return sms_journal_file_refuse(file, words);
}

static enum sms_status use(struct sms_journal_file *file) {
  struct stat found;
  enum sms_status status = lock(file);
  if (status != SMS_OK) return status;
  if (fstat(file->fd, &found) != 0)
    return sms_journal_file_refuse(file, sms_file_error(errno));
  const char *what = sms_journal_file_flaw(&found);
  if (what) return sms_journal_file_refuse(file, what);
  file->device = found.st_dev;
  file->inode = found.st_ino;
  file->size = found.st_size;
  if (file->size == 0) return write_header(file);
  status = read_header(file);
  return status == SMS_OK ? find_end(file) : status;
}

int sms_journal_file_at(const char *path) {
  int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  return sms_descriptor_open(path, flags, S_IRUSR | S_IWUSR);
}

enum sms_status sms_journal_file_open(struct sms_journal_file *file, bool sync,
                                      uint64_t salt) {
  file->sync = sync;
  file->salt = salt;
  enum sms_status status = lock_name(file);
  if (status != SMS_OK) return status;
  file->fd = sms_journal_file_at(file->path);
  if (file->fd < 0)
    status = sms_journal_file_refuse(file, errno == ELOOP ? "is a symbolic link"
                                                          : sms_file_error(errno));
  if (status == SMS_OK) status = use(file);
  file->before = file->end;
  if (status == SMS_OK)
    status = read_all(file, file->end - SMS_JOURNAL_RECORD, &file->tail[1],
                      sizeof file->tail[1]);
  if (status != SMS_OK) sms_journal_file_close(file);
  return status;
}

void sms_journal_file_close(struct sms_journal_file *file) {
  if (file->fd >= 0) close(file->fd);
  if (file->name >= 0) close(file->name);
  file->fd = file->name = -1;
}
