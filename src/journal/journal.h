/* What was begun and how it ended, in a file that survives a crash: one record before a
 * send, one after. An item is known by its ordinal (1, 2, 3, ... in the order of the
 * source) and the SHA-256 of what it says; neither number nor text is written.
 *
 *   sms_journal *journal;
 *   if (sms_journal_open(path, sync, salt, &journal, why) != SMS_OK) tell(why);
 *   sms_journal_look(journal, item.ordinal, item.hash, &state);
 *   if (state == SMS_JOURNAL_NEW &&
 *       sms_journal_begin(journal, &item, 1, &position) == SMS_OK) {
 *     send it;
 *     sms_journal_finish(journal, &item, 1, &position);
 *   }
 *
 * What is guaranteed:
 *
 * 1. Each call of begin and finish is one write, there as a whole or not at all,
 *    whatever kills the process. With sync, a thread brings it to the disk; is_durable
 *    tells.
 * 2. A write that was never completed is cut off the end of the file (warning), since
 *    nobody was told that it succeeded. Any other damage is an error in words: no item
 *    is ever taken for one that was not begun because its record cannot be read.
 * 3. A file has one user at a time (flock), also within a process; and so has its path.
 * 4. It is the file that was opened: where its path names no file or another one, or
 *    less is in it than was written, nothing more begins, and the next run does not
 *    take it for new (place.h).
 * 5. What has begun can end though the disk is full by then: its end has its room there
 *    first (room.h), where the file system can reserve any.
 *
 * Memory: half a byte for each ordinal that the file held when it was opened, nothing
 * for those that come new.
 *
 * For one thread at a time. In a child of the process that opened it every call but
 * close answers SMS_FORKED.
 */
#ifndef SMS_JOURNAL_JOURNAL_H
#define SMS_JOURNAL_JOURNAL_H

#include "base/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sms_journal sms_journal;

enum sms_journal_state {
  SMS_JOURNAL_NEW,  /* never begun */
  SMS_JOURNAL_OPEN, /* begun, no end known */
  SMS_JOURNAL_ACCEPTED,
  SMS_JOURNAL_REJECTED,
  SMS_JOURNAL_NOT_SENT, /* may be begun again, as if it were new */
  SMS_JOURNAL_AMBIGUOUS,
  SMS_JOURNAL_CHANGED /* begun with another hash */
};

#define SMS_JOURNAL_HASH        32
#define SMS_JOURNAL_ORDINAL_MAX UINT64_C(2147483647)
#define SMS_JOURNAL_ITEMS_MAX   16384u /* of one call; SMS_CEILING_JOURNAL */

struct sms_journal_item {
  uint64_t ordinal;
  unsigned char hash[SMS_JOURNAL_HASH]; /* for begin */
  enum sms_journal_state
      outcome; /* for finish: accepted, rejected, not_sent, ambiguous */
};

/* Makes the file (0600) where it is absent. salt: a random number for a new file. Other
 * than SMS_OK: why says it. */
enum sms_status sms_journal_open(const char *path, bool sync, uint64_t salt,
                                 sms_journal **journal, char why[SMS_WHY_MAX]);

/* With sync, what was written is on the disk afterwards. NULL is fine. */
void sms_journal_close(sms_journal *journal);

/* Why the last call failed. Valid until the journal is used again. */
const char *sms_journal_why(const sms_journal *journal);

/* What was cut off when it was opened, the first time it is asked for; else NULL. */
const char *sms_journal_warning(sms_journal *journal);

/* The highest ordinal that was begun; 0: none was. */
uint64_t sms_journal_highest(const sms_journal *journal);

/* What is known of an item, by the last record of its ordinal. Meant for ordinals in
 * rising order, each before it is begun; in another order it is slow, and for one that
 * is new in this run it is refused once that has been begun. */
enum sms_status sms_journal_look(sms_journal *journal, uint64_t ordinal,
                                 const unsigned char hash[SMS_JOURNAL_HASH],
                                 enum sms_journal_state *state);

/* Room for so many items of begin or finish, SMS_JOURNAL_ITEMS_MAX at most; NULL: no
 * memory. It is the journal's, and kept: those of a job are many, and come again. */
struct sms_journal_item *sms_journal_room(sms_journal *journal, size_t count);

/* Items are about to be sent, all or, where it fails, none. Refused where the file held
 * that one of them was accepted when it was opened. *position: for is_durable. */
enum sms_status sms_journal_begin(sms_journal *journal,
                                  const struct sms_journal_item *items, size_t count,
                                  int64_t *position);

/* How items have ended. Refused where one of them was never begun. */
enum sms_status sms_journal_finish(sms_journal *journal,
                                   const struct sms_journal_item *items, size_t count,
                                   int64_t *position);

/* Whether its path names the file that was opened, with all that was written to it. */
enum sms_status sms_journal_check(sms_journal *journal);

/* Whether everything up to a position is on the disk; without sync: true. An error of
 * the disk stays, and is begin's, too. What had begun may still end: its begin may well
 * be on the disk, and the next run is to know what was told. */
enum sms_status sms_journal_is_durable(sms_journal *journal, int64_t position,
                                       bool *is_durable);

#endif
