#include "journal/known.h"
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 64 }; /* records are read */
#define NO_BLOCK SIZE_MAX

bool sms_journal_known_covers(const struct sms_journal_known *known, uint64_t ordinal) {
  return ordinal <= (uint64_t)known->blocks * SMS_JOURNAL_BLOCK;
}

enum sms_journal_state sms_journal_known_state(const struct sms_journal_known *known,
                                               uint64_t ordinal) {
  uint8_t pair = known->states[(ordinal - 1) / 2];
  return (enum sms_journal_state)((ordinal - 1) % 2 ? pair >> 4 : pair & 15);
}

static void set_state(struct sms_journal_known *known, uint64_t ordinal,
                      enum sms_journal_state state) {
  uint8_t *pair = &known->states[(ordinal - 1) / 2];
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
static enum sms_status cover(struct sms_journal_known *known, uint64_t ordinal) {
  size_t before = known->blocks;
  size_t blocks = (size_t)((ordinal - 1) / SMS_JOURNAL_BLOCK + 1);
  if (sms_journal_known_covers(known, ordinal)) return SMS_OK;
  blocks += blocks / 8;
  uint8_t *states = larger(known->states, before * SMS_JOURNAL_BLOCK / 2,
                           blocks * SMS_JOURNAL_BLOCK / 2);
  if (!states) return SMS_NO_MEMORY;
  known->states = states;
  struct sms_journal_span *spans =
      larger(known->spans, before * sizeof *spans, blocks * sizeof *spans);
  if (!spans) return SMS_NO_MEMORY;
  known->spans = spans;
  known->blocks = blocks;
  return SMS_OK;
}

static void note_first(struct sms_journal_known *known,
                       const struct sms_journal_record *record, int64_t place) {
  size_t block = (size_t)((record->ordinal - 1) / SMS_JOURNAL_BLOCK);
  size_t at = (size_t)((record->ordinal - 1) % SMS_JOURNAL_BLOCK);
  struct sms_journal_span *span = &known->spans[block];
  if (span->from == 0) span->from = place;
  span->to = place;
  if (block != known->loaded) return;
  memcpy(known->hashes[at], record->hash, SMS_JOURNAL_HASH);
  known->found[at] = true;
}

bool sms_journal_known_note(struct sms_journal_known *known,
                            const struct sms_journal_record *record, int64_t place) {
  static const enum sms_journal_state states[] = {
      [SMS_JOURNAL_BEGUN] = SMS_JOURNAL_OPEN,
      [SMS_JOURNAL_ENDED_ACCEPTED] = SMS_JOURNAL_ACCEPTED,
      [SMS_JOURNAL_ENDED_REJECTED] = SMS_JOURNAL_REJECTED,
      [SMS_JOURNAL_ENDED_NOT_SENT] = SMS_JOURNAL_NOT_SENT,
      [SMS_JOURNAL_ENDED_AMBIGUOUS] = SMS_JOURNAL_AMBIGUOUS,
  };
  bool begins = record->kind == SMS_JOURNAL_BEGUN, was_open = !begins;
  if (record->ordinal > known->highest) known->highest = record->ordinal;
  if (sms_journal_known_covers(known, record->ordinal)) {
    enum sms_journal_state before = sms_journal_known_state(known, record->ordinal);
    if (before == SMS_JOURNAL_NEW && !begins) return false;
    if (before == SMS_JOURNAL_NEW) note_first(known, record, place);
    set_state(known, record->ordinal, states[record->kind]);
    was_open = before == SMS_JOURNAL_OPEN;
  }
  if (begins && !was_open) known->open++;
  if (!begins && was_open && known->open > 0) known->open--;
  return true;
}

/* ---- Reading ---- */

static enum sms_status take(struct sms_journal_known *known,
                            struct sms_journal_file *file,
                            const struct sms_journal_record *record, int64_t place) {
  if (record->ordinal > SMS_JOURNAL_ORDINAL_MAX)
    return sms_journal_file_damaged(file, place, "an ordinal too high");
  if (cover(known, record->ordinal) != SMS_OK) {
    sms_journal_file_refuse(file, "no memory");
    return SMS_NO_MEMORY;
  }
  if (sms_journal_known_note(known, record, place)) return SMS_OK;
  return sms_journal_file_damaged(file, place, "an end of what was never begun");
}

enum sms_status sms_journal_known_read(struct sms_journal_known *known,
                                       struct sms_journal_file *file) {
  struct sms_journal_record records[AT_ONCE];
  enum sms_status status = SMS_OK;
  for (int64_t place = SMS_JOURNAL_FIRST; place < file->end && status == SMS_OK;) {
    size_t count;
    status = sms_journal_file_read(file, place, records, AT_ONCE, &count);
    for (size_t i = 0; i < count && status == SMS_OK; i++, place += SMS_JOURNAL_RECORD)
      status = take(known, file, &records[i], place);
  }
  return status;
}

/* The first begin counts: a later one was of the same item. */
static void keep_hash(struct sms_journal_known *known, size_t block,
                      const struct sms_journal_record *record) {
  size_t at = (size_t)((record->ordinal - 1) % SMS_JOURNAL_BLOCK);
  if (record->kind != SMS_JOURNAL_BEGUN ||
      (record->ordinal - 1) / SMS_JOURNAL_BLOCK != block || known->found[at])
    return;
  memcpy(known->hashes[at], record->hash, SMS_JOURNAL_HASH);
  known->found[at] = true;
}

static enum sms_status load(struct sms_journal_known *known,
                            struct sms_journal_file *file, size_t block) {
  struct sms_journal_record records[AT_ONCE];
  const struct sms_journal_span *span = &known->spans[block];
  if (known->loaded == block) return SMS_OK;
  known->loaded = NO_BLOCK;
  memset(known->found, 0, sizeof known->found);
  for (int64_t place = span->from; place <= span->to;) {
    size_t count;
    enum sms_status status =
        sms_journal_file_read(file, place, records, AT_ONCE, &count);
    if (status != SMS_OK) return status;
    for (size_t i = 0; i < count; i++)
      keep_hash(known, block, &records[i]);
    place += (int64_t)count * SMS_JOURNAL_RECORD;
  }
  known->loaded = block;
  return SMS_OK;
}

enum sms_status sms_journal_known_same(struct sms_journal_known *known,
                                       struct sms_journal_file *file, uint64_t ordinal,
                                       const unsigned char hash[SMS_JOURNAL_HASH],
                                       bool *same) {
  enum sms_status status =
      load(known, file, (size_t)((ordinal - 1) / SMS_JOURNAL_BLOCK));
  size_t at = (size_t)((ordinal - 1) % SMS_JOURNAL_BLOCK);
  if (status == SMS_OK) *same = memcmp(known->hashes[at], hash, SMS_JOURNAL_HASH) == 0;
  return status;
}

void sms_journal_known_init(struct sms_journal_known *known) {
  memset(known, 0, sizeof *known);
  known->loaded = NO_BLOCK;
}

void sms_journal_known_free(struct sms_journal_known *known) {
  free(known->spans);
  free(known->states);
}
