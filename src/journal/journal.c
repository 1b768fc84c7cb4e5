#include "journal/journal.h"
#include "base/byte_buffer.h"
#include "base/process.h"
#include "journal/file.h"
#include "journal/sync.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* Ordinals that share a span of the file; their hashes are read together. */
enum { BLOCK = 1024, AT_ONCE = 64 };
#define NO_BLOCK SIZE_MAX

/* Places of the first begin of the first and the last of a block to be begun. */
struct span {
  int64_t from, to; /* 0, 0: none was begun */
};

struct sms_journal {
  struct sms_journal_file file;
  struct sms_journal_sync sync;
  struct sms_buffer items, records; /* of the last write, kept for the next */
  bool syncs;
  pid_t owner;
  char *path;
  uint64_t highest; /* ordinal begun */
  size_t blocks;    /* what the file held when it was opened, in whole blocks */
  uint8_t *states;  /* two a byte */
  struct span *spans;
  size_t loaded; /* the block whose hashes these are */
  unsigned char hashes[BLOCK][SMS_JOURNAL_HASH];
  bool found[BLOCK];
};

/* ---- What is known of an ordinal ---- */

static bool covers(const sms_journal *journal, uint64_t ordinal) {
  return ordinal <= (uint64_t)journal->blocks * BLOCK;
}

static enum sms_journal_state state_of(const sms_journal *journal, uint64_t ordinal) {
  uint8_t pair = journal->states[(ordinal - 1) / 2];
  return (enum sms_journal_state)((ordinal - 1) % 2 ? pair >> 4 : pair & 15);
}

static void set_state(sms_journal *journal, uint64_t ordinal,
                      enum sms_journal_state state) {
  uint8_t *pair = &journal->states[(ordinal - 1) / 2];
  if ((ordinal - 1) % 2)
    *pair = (uint8_t)((*pair & 15) | state << 4);
  else
    *pair = (uint8_t)((*pair & 240) | state);
}

/* A larger copy in place of the old one, or NULL. What is new in it costs nothing until
 * it is used: an ordinal may lie far ahead of all others. */
static void *larger(void *old, size_t before, size_t after) {
  void *copy = calloc(1, after);
  if (!copy) return NULL;
  if (before > 0) memcpy(copy, old, before);
  free(old);
  return copy;
}

/* An eighth more than needed, so that it is not moved for every block. */
static enum sms_status cover(sms_journal *journal, uint64_t ordinal) {
  size_t before = journal->blocks;
  size_t blocks = (size_t)((ordinal - 1) / BLOCK + 1);
  if (covers(journal, ordinal)) return SMS_OK;
  blocks += blocks / 8;
  uint8_t *states = larger(journal->states, before * BLOCK / 2, blocks * BLOCK / 2);
  if (!states) return SMS_NO_MEMORY;
  journal->states = states;
  struct span *spans =
      larger(journal->spans, before * sizeof *spans, blocks * sizeof *spans);
  if (!spans) return SMS_NO_MEMORY;
  journal->spans = spans;
  journal->blocks = blocks;
  return SMS_OK;
}

static void note_first(sms_journal *journal, const struct sms_journal_record *record,
                       int64_t place) {
  size_t block = (size_t)((record->ordinal - 1) / BLOCK);
  size_t at = (size_t)((record->ordinal - 1) % BLOCK);
  struct span *span = &journal->spans[block];
  if (span->from == 0) span->from = place;
  span->to = place;
  if (block != journal->loaded) return;
  memcpy(journal->hashes[at], record->hash, SMS_JOURNAL_HASH);
  journal->found[at] = true;
}

/* A record that was written or read: what is known of its ordinal is what it says.
 * False: it cannot be, an end of what was never begun. */
static bool note(sms_journal *journal, const struct sms_journal_record *record,
                 int64_t place) {
  static const enum sms_journal_state states[] = {
      [SMS_JOURNAL_BEGUN] = SMS_JOURNAL_OPEN,
      [SMS_JOURNAL_ENDED_ACCEPTED] = SMS_JOURNAL_ACCEPTED,
      [SMS_JOURNAL_ENDED_REJECTED] = SMS_JOURNAL_REJECTED,
      [SMS_JOURNAL_ENDED_NOT_SENT] = SMS_JOURNAL_NOT_SENT,
      [SMS_JOURNAL_ENDED_AMBIGUOUS] = SMS_JOURNAL_AMBIGUOUS,
  };
  if (record->ordinal > journal->highest) journal->highest = record->ordinal;
  if (!covers(journal, record->ordinal)) return true;
  bool is_new = state_of(journal, record->ordinal) == SMS_JOURNAL_NEW;
  if (is_new && record->kind != SMS_JOURNAL_BEGUN) return false;
  if (is_new) note_first(journal, record, place);
  set_state(journal, record->ordinal, states[record->kind]);
  return true;
}

/* ---- Reading ---- */

static enum sms_status take(sms_journal *journal,
                            const struct sms_journal_record *record, int64_t place) {
  if (record->ordinal > SMS_JOURNAL_ORDINAL_MAX)
    return sms_journal_file_damaged(&journal->file, place, "an ordinal too high");
  if (cover(journal, record->ordinal) != SMS_OK) {
    sms_journal_file_refuse(&journal->file, "no memory");
    return SMS_NO_MEMORY;
  }
  if (note(journal, record, place)) return SMS_OK;
  return sms_journal_file_damaged(&journal->file, place,
                                  "an end of what was never begun");
}

static enum sms_status read_states(sms_journal *journal) {
  struct sms_journal_record records[AT_ONCE];
  enum sms_status status = SMS_OK;
  for (int64_t place = SMS_JOURNAL_FIRST;
       place < journal->file.end && status == SMS_OK;) {
    size_t count;
    status = sms_journal_file_read(&journal->file, place, records, AT_ONCE, &count);
    for (size_t i = 0; i < count && status == SMS_OK; i++, place += SMS_JOURNAL_RECORD)
      status = take(journal, &records[i], place);
  }
  return status;
}

/* The first begin counts: a later one was of the same item. */
static void keep_hash(sms_journal *journal, size_t block,
                      const struct sms_journal_record *record) {
  size_t at = (size_t)((record->ordinal - 1) % BLOCK);
  if (record->kind != SMS_JOURNAL_BEGUN || (record->ordinal - 1) / BLOCK != block ||
      journal->found[at])
    return;
  memcpy(journal->hashes[at], record->hash, SMS_JOURNAL_HASH);
  journal->found[at] = true;
}

static enum sms_status load(sms_journal *journal, size_t block) {
  struct sms_journal_record records[AT_ONCE];
  const struct span *span = &journal->spans[block];
  if (journal->loaded == block) return SMS_OK;
  journal->loaded = NO_BLOCK;
  memset(journal->found, 0, sizeof journal->found);
  for (int64_t place = span->from; place <= span->to;) {
    size_t count;
    enum sms_status status =
        sms_journal_file_read(&journal->file, place, records, AT_ONCE, &count);
    if (status != SMS_OK) return status;
    for (size_t i = 0; i < count; i++)
      keep_hash(journal, block, &records[i]);
    place += (int64_t)count * SMS_JOURNAL_RECORD;
  }
  journal->loaded = block;
  return SMS_OK;
}

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
  if (covers(journal, item->ordinal) &&
      state_of(journal, item->ordinal) == SMS_JOURNAL_ACCEPTED)
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
  bool is_new = covers(journal, item->ordinal)
                    ? state_of(journal, item->ordinal) == SMS_JOURNAL_NEW
                    : item->ordinal > journal->highest;
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

static enum sms_status write_down(sms_journal *journal,
                                  const struct sms_journal_item *items, size_t count,
                                  check_item *check, int64_t *position) {
  int64_t place = journal->file.end;
  enum sms_status status = check_owner(journal);
  if (status == SMS_OK) status = check_disk(journal, position);
  if (status != SMS_OK) return status;
  status = draw(journal, items, count, check);
  struct sms_journal_record *records = (void *)journal->records.data;
  if (status == SMS_OK && count > 0)
    status = sms_journal_file_append(&journal->file, records, count);
  for (size_t i = 0; i < count && status == SMS_OK; i++, place += SMS_JOURNAL_RECORD)
    note(journal, &records[i], place);
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
  free(journal->spans);
  free(journal->states);
  free(journal->path);
  free(journal);
  return status;
}

static enum sms_status start_sync(sms_journal *journal) {
  if (!journal->syncs) return SMS_OK;
  enum sms_status status = sms_journal_sync_start(&journal->sync, journal->file.fd,
                                                  journal->path, journal->file.end);
  if (status != SMS_OK) sms_journal_file_refuse(&journal->file, strerror(errno));
  return status;
}

enum sms_status sms_journal_open(const char *path, bool sync, uint64_t salt,
                                 sms_journal **journal, char why[SMS_WHY_MAX]) {
  snprintf(why, SMS_WHY_MAX, "no memory");
  sms_journal *new = calloc(1, sizeof *new);
  if (!new) return SMS_NO_MEMORY;
  new->owner = sms_process();
  new->syncs = sync;
  new->loaded = NO_BLOCK;
  new->file.fd = -1;
  sms_buffer_init(&new->items, SMS_CEILING_JOURNAL);
  sms_buffer_init(&new->records, SMS_CEILING_JOURNAL);
  new->path = strdup(path);
  if (!new->path) {
    free(new);
    return SMS_NO_MEMORY;
  }
  enum sms_status status = sms_journal_file_open(&new->file, new->path, sync, salt);
  if (status == SMS_OK) status = read_states(new);
  if (status == SMS_OK) status = sms_journal_file_trim(&new->file);
  if (status == SMS_OK) status = start_sync(new);
  if (status != SMS_OK) return fail(new, status, why);
  *journal = new;
  return SMS_OK;
}

void sms_journal_close(sms_journal *journal) {
  char why[SMS_WHY_MAX];
  if (!journal) return;
  if (journal->syncs && journal->owner == sms_process())
    sms_journal_sync_stop(&journal->sync);
  else if (journal->syncs)
    sms_journal_sync_abandon(&journal->sync);
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
  return journal->highest;
}

enum sms_status sms_journal_look(sms_journal *journal, uint64_t ordinal,
                                 const unsigned char hash[SMS_JOURNAL_HASH],
                                 enum sms_journal_state *state) {
  enum sms_status status = check_owner(journal);
  if (status == SMS_OK) status = check_ordinal(journal, ordinal);
  if (status != SMS_OK) return status;
  *state = SMS_JOURNAL_NEW;
  if (!covers(journal, ordinal)) {
    if (ordinal > journal->highest) return SMS_OK;
    return refuse_ordinal(journal, ordinal, "comes before one that was begun already");
  }
  *state = state_of(journal, ordinal);
  if (*state == SMS_JOURNAL_NEW) return SMS_OK;
  status = load(journal, (size_t)((ordinal - 1) / BLOCK));
  size_t at = (size_t)((ordinal - 1) % BLOCK);
  if (status == SMS_OK && memcmp(journal->hashes[at], hash, SMS_JOURNAL_HASH) != 0)
    *state = SMS_JOURNAL_CHANGED;
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

enum sms_status sms_journal_is_durable(sms_journal *journal, int64_t position,
                                       bool *is_durable) {
  int64_t reached;
  enum sms_status status = check_owner(journal);
  if (status == SMS_OK) status = check_disk(journal, &reached);
  if (status == SMS_OK) *is_durable = position <= reached;
  return status;
}
