#include "journal/journal.h"
#include "base/byte_buffer.h"
#include "base/process.h"
#include "base/thread.h"
#include "journal/file.h"
#include "journal/known.h"
#include "journal/place.h"
#include "journal/room.h"
#include "journal/sync.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

struct sms_journal {
  struct sms_journal_file file;
  struct sms_journal_sync sync;
  struct sms_buffer items, records; /* of the last write, kept for the next */
  bool syncs;
  pid_t owner;
  char *path, *where; /* the same from the root */
  struct sms_journal_known known;
};

/* ---- Writing ---- */

static enum sms_status refuse_ordinal(sms_journal *journal, uint64_t ordinal,
                                      const char *what) {
  char text[96];
  snprintf(text, sizeof text, "item %" PRIu64 " %s", ordinal, what);
  sms_journal_file_refuse(&journal->file, text);
  return SMS_INVALID;
}

static enum sms_status check_ordinal(sms_journal *journal, uint64_t ordinal) {
  if (ordinal >= 1 && ordinal <= SMS_JOURNAL_ORDINAL_MAX) return SMS_OK;
  return refuse_ordinal(journal, ordinal, "has an ordinal that none can have");
}

static enum sms_status check_owner(sms_journal *journal) {
  if (journal->owner == sms_process()) return SMS_OK;
  sms_journal_file_refuse(&journal->file,
                          "was opened by another process, before a fork");
  return SMS_FORKED;
}

static enum sms_status check_disk(sms_journal *journal, int64_t *reached) {
  char text[128];
  int error = 0;
  *reached = INT64_MAX;
  if (journal->syncs) *reached = sms_journal_sync_reached(&journal->sync, &error);
  if (error == 0) return SMS_OK;
  snprintf(text, sizeof text, "could not be brought to the disk: %s", strerror(error));
  return sms_journal_file_refuse(&journal->file, text);
}

static enum sms_status check_begin(sms_journal *journal,
                                   const struct sms_journal_item *item,
                                   struct sms_journal_record *record) {
  if (sms_journal_known_covers(&journal->known, item->ordinal) &&
      sms_journal_known_state(&journal->known, item->ordinal) == SMS_JOURNAL_ACCEPTED)
    return refuse_ordinal(journal, item->ordinal, "was accepted already");
  record->kind = SMS_JOURNAL_BEGUN;
  memcpy(record->hash, item->hash, SMS_JOURNAL_HASH);
  return SMS_OK;
}

static enum sms_status check_finish(sms_journal *journal,
                                    const struct sms_journal_item *item,
                                    struct sms_journal_record *record) {
  static const uint8_t kinds[] = {
      [SMS_JOURNAL_ACCEPTED] = SMS_JOURNAL_ENDED_ACCEPTED,
      [SMS_JOURNAL_REJECTED] = SMS_JOURNAL_ENDED_REJECTED,
      [SMS_JOURNAL_NOT_SENT] = SMS_JOURNAL_ENDED_NOT_SENT,
      [SMS_JOURNAL_AMBIGUOUS] = SMS_JOURNAL_ENDED_AMBIGUOUS,
      [SMS_JOURNAL_CHANGED] = 0,
  };
  bool is_new =
      sms_journal_known_covers(&journal->known, item->ordinal)
          ? sms_journal_known_state(&journal->known, item->ordinal) == SMS_JOURNAL_NEW
          : item->ordinal > journal->known.highest;
  if (is_new) return refuse_ordinal(journal, item->ordinal, "was never begun");
  record->kind = kinds[item->outcome];
  return record->kind ? SMS_OK
                      : refuse_ordinal(journal, item->ordinal, "cannot end like that");
}

typedef enum sms_status check_item(sms_journal *journal,
                                   const struct sms_journal_item *item,
                                   struct sms_journal_record *record);

static enum sms_status draw(sms_journal *journal, const struct sms_journal_item *items,
                            size_t count, check_item *check) {
  size_t size = count * sizeof(struct sms_journal_record);
  enum sms_status status = sms_buffer_reserve(&journal->records, size);
  if (status != SMS_OK) {
    sms_journal_file_refuse(&journal->file, status == SMS_NO_MEMORY
                                                ? "no memory"
                                                : "too many items for one write");
    return status;
  }
  struct sms_journal_record *records = (void *)journal->records.data;
  memset(records, 0, size);
  for (size_t i = 0; i < count && status == SMS_OK; i++) {
    records[i].ordinal = items[i].ordinal;
    status = check_ordinal(journal, items[i].ordinal);
    if (status == SMS_OK) status = check(journal, &items[i], &records[i]);
  }
  return status;
}

enum { SPARE = 16 }; /* ends of what had ended: a few are told to be new after all */

/* Room for what is written, and for the end of all that is open then. */
static enum sms_status reserve(sms_journal *journal, size_t begun) {
  uint64_t records = begun + journal->known.open + (begun > 0 ? begun + SPARE : 0);
  return sms_journal_room_reserve(
      &journal->file, journal->file.end + (int64_t)records * SMS_JOURNAL_RECORD);
}

static enum sms_status write_down(sms_journal *journal,
                                  const struct sms_journal_item *items, size_t count,
                                  check_item *check, int64_t *position) {
  int64_t place = journal->file.end;
  bool begins = check == check_begin;
  enum sms_status status = check_owner(journal);
  if (status == SMS_OK && begins) status = check_disk(journal, position);
  if (status == SMS_OK)
    status = begins ? sms_journal_place_check(&journal->file)
                    : sms_journal_place_check_bytes(&journal->file);
  if (status != SMS_OK) return status;
  status = draw(journal, items, count, check);
  if (status == SMS_OK && begins) status = reserve(journal, count);
  struct sms_journal_record *records = (void *)journal->records.data;
  if (status == SMS_OK && count > 0)
    status = sms_journal_file_append(&journal->file, records, count);
  for (size_t i = 0; i < count && status == SMS_OK; i++, place += SMS_JOURNAL_RECORD)
    sms_journal_known_note(&journal->known, &records[i], place);
  if (status != SMS_OK) return status;
  if (journal->syncs) sms_journal_sync_wrote(&journal->sync, journal->file.end);
  *position = journal->file.end;
  return SMS_OK;
}

/* ---- The journal ---- */

static enum sms_status fail(sms_journal *journal, enum sms_status status,
                            char why[SMS_WHY_MAX]) {
  memcpy(why, journal->file.why, SMS_WHY_MAX);
  sms_journal_file_close(&journal->file);
  sms_buffer_free(&journal->items);
  sms_buffer_free(&journal->records);
  sms_journal_known_free(&journal->known);
  free(journal->where);
  free(journal->path);
  free(journal);
  return status;
}

static enum sms_status start_sync(sms_journal *journal) {
  if (!journal->syncs) return SMS_OK;
  enum sms_status status = sms_journal_sync_start(&journal->sync, journal->file.fd,
                                                  journal->path, journal->file.end);
  if (status != SMS_OK) sms_journal_file_refuse(&journal->file, sms_thread_why(errno));
  return status;
}

/* The same path from the root, whatever folder the process is in later; NULL, with
 * errno. */
static char *from_root(const char *path) {
  char folder[4096];
  if (path[0] == '/') return strdup(path);
  if (!getcwd(folder, sizeof folder)) return NULL;
  size_t size = strlen(folder) + 1 + strlen(path) + 1;
  char *whole = malloc(size);
  if (whole) snprintf(whole, size, "%s/%s", folder, path);
  return whole;
}

static enum sms_status open_file(sms_journal *journal, uint64_t salt) {
  struct sms_journal_file *file = &journal->file;
  file->path = journal->path;
  file->where = journal->where = from_root(journal->path);
  if (!file->where) return sms_journal_file_refuse(file, strerror(errno));
  enum sms_status status = sms_journal_file_open(file, journal->syncs, salt);
  if (status == SMS_OK) status = sms_journal_known_read(&journal->known, file);
  if (status == SMS_OK) status = sms_journal_file_trim(file);
  if (status == SMS_OK) status = reserve(journal, 0);
  if (status == SMS_OK) status = start_sync(journal); /* the last that fails */
  if (status == SMS_OK) sms_journal_room_try(file);
  return status;
}

enum sms_status sms_journal_open(const char *path, bool sync, uint64_t salt,
                                 sms_journal **journal, char why[SMS_WHY_MAX]) {
  snprintf(why, SMS_WHY_MAX, "no memory");
  sms_journal *new = calloc(1, sizeof *new);
  if (!new) return SMS_NO_MEMORY;
  new->owner = sms_process();
  new->syncs = sync;
  sms_journal_known_init(&new->known);
  new->file.fd = new->file.name = -1;
  sms_buffer_init(&new->items, SMS_CEILING_JOURNAL);
  sms_buffer_init(&new->records, SMS_CEILING_JOURNAL);
  new->path = strdup(path);
  if (!new->path) {
    free(new);
    return SMS_NO_MEMORY;
  }
  enum sms_status status = open_file(new, salt);
  if (status != SMS_OK) return fail(new, status, why);
  *journal = new;
  return SMS_OK;
}

void sms_journal_close(sms_journal *journal) {
  char why[SMS_WHY_MAX];
  if (!journal) return;
  bool is_ours = journal->owner == sms_process();
  if (journal->syncs && is_ours)
    sms_journal_sync_stop(&journal->sync);
  else if (journal->syncs)
    sms_journal_sync_abandon(&journal->sync);
  if (is_ours) {
    (void)sms_journal_place_check(&journal->file);
    sms_journal_room_give_back(&journal->file);
  }
  fail(journal, SMS_OK, why);
}

const char *sms_journal_why(const sms_journal *journal) {
  return journal->file.why;
}

const char *sms_journal_warning(sms_journal *journal) {
  char *warning = journal->file.warning, *why = journal->file.why;
  if (warning[0] == '\0') return NULL;
  memcpy(why, warning, SMS_WHY_MAX);
  warning[0] = '\0';
  return why;
}

uint64_t sms_journal_highest(const sms_journal *journal) {
  return journal->known.highest;
}

enum sms_status sms_journal_look(sms_journal *journal, uint64_t ordinal,
                                 const unsigned char hash[SMS_JOURNAL_HASH],
                                 enum sms_journal_state *state) {
  enum sms_status status = check_owner(journal);
  if (status == SMS_OK) status = check_ordinal(journal, ordinal);
  if (status != SMS_OK) return status;
  *state = SMS_JOURNAL_NEW;
  if (!sms_journal_known_covers(&journal->known, ordinal)) {
    if (ordinal > journal->known.highest) return SMS_OK;
    return refuse_ordinal(journal, ordinal, "comes before one that was begun already");
  }
  *state = sms_journal_known_state(&journal->known, ordinal);
  if (*state == SMS_JOURNAL_NEW) return SMS_OK;
  bool same = true;
  status =
      sms_journal_known_same(&journal->known, &journal->file, ordinal, hash, &same);
  if (!same) *state = SMS_JOURNAL_CHANGED;
  return status;
}

struct sms_journal_item *sms_journal_room(sms_journal *journal, size_t count) {
  size_t size = count * sizeof(struct sms_journal_item);
  if (sms_buffer_reserve(&journal->items, size) != SMS_OK) return NULL;
  return (void *)journal->items.data;
}

enum sms_status sms_journal_begin(sms_journal *journal,
                                  const struct sms_journal_item *items, size_t count,
                                  int64_t *position) {
  return write_down(journal, items, count, check_begin, position);
}

enum sms_status sms_journal_finish(sms_journal *journal,
                                   const struct sms_journal_item *items, size_t count,
                                   int64_t *position) {
  return write_down(journal, items, count, check_finish, position);
}

enum sms_status sms_journal_check(sms_journal *journal) {
  enum sms_status status = check_owner(journal);
  return status == SMS_OK ? sms_journal_place_check(&journal->file) : status;
}

enum sms_status sms_journal_is_durable(sms_journal *journal, int64_t position,
                                       bool *is_durable) {
  int64_t reached;
  enum sms_status status = check_owner(journal);
  if (status == SMS_OK) status = check_disk(journal, &reached);
  if (status == SMS_OK) *is_durable = position <= reached;
  return status;
}
