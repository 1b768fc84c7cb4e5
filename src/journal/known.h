/* Inside of journal only: what is known of each ordinal that the file held when it was
 * opened, half a byte for each; hashes are read again from the file, a block at a time.
 *
 *   struct sms_journal_known known;
 *   sms_journal_known_init(&known);
 *   if (sms_journal_known_read(&known, &file) != SMS_OK) tell(file.why);
 *   if (sms_journal_known_covers(&known, 7)) use(sms_journal_known_state(&known, 7));
 *   sms_journal_known_free(&known);
 */
#ifndef SMS_JOURNAL_KNOWN_H
#define SMS_JOURNAL_KNOWN_H

#include "base/status.h"
#include "journal/file.h"
#include "journal/journal.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SMS_JOURNAL_BLOCK = 1024 }; /* ordinals that share a span of the file */

/* Places of the first begin of the first and the last of a block to be begun. */
struct sms_journal_span {
  int64_t from, to; /* 0, 0: none was begun */
};

struct sms_journal_known {
  uint64_t highest; /* ordinal begun */
  uint64_t open;    /* ordinals begun whose end is to come */
  size_t blocks;    /* what the file held when it was opened, in whole blocks */
  uint8_t *states;  /* two a byte */
  struct sms_journal_span *spans;
  size_t loaded; /* the block whose hashes these are */
  unsigned char hashes[SMS_JOURNAL_BLOCK][SMS_JOURNAL_HASH];
  bool found[SMS_JOURNAL_BLOCK];
};

void sms_journal_known_init(struct sms_journal_known *known);
void sms_journal_known_free(struct sms_journal_known *known);

/* Reads the whole file. Anything but SMS_OK: file->why says it. */
enum sms_status sms_journal_known_read(struct sms_journal_known *known,
                                       struct sms_journal_file *file);

/* Whether there is a state of an ordinal; those that come new have none. */
bool sms_journal_known_covers(const struct sms_journal_known *known, uint64_t ordinal);

enum sms_journal_state sms_journal_known_state(const struct sms_journal_known *known,
                                               uint64_t ordinal);

/* A record that was written or read: what is known of its ordinal is what it says.
 * False: it cannot be, an end of what was never begun. */
bool sms_journal_known_note(struct sms_journal_known *known,
                            const struct sms_journal_record *record, int64_t place);

/* Whether an ordinal that was begun had this hash. */
enum sms_status sms_journal_known_same(struct sms_journal_known *known,
                                       struct sms_journal_file *file, uint64_t ordinal,
                                       const unsigned char hash[SMS_JOURNAL_HASH],
                                       bool *same);

#endif
