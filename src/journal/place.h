/* Inside of journal only: the journal is the file that was opened, whatever becomes of
 * its path and its bytes while it is in use (logrotate, a cleaner, a full restore).
 *
 *   if (sms_journal_place_check(&file) == SMS_OK) begin something;
 *   if (sms_journal_place_check_bytes(&file) == SMS_OK) write down how it ended;
 *
 * What is found once stays: nothing more begins. The next run must not send everything
 * again: where the file is gone from its path, it is put back there; where it was cut,
 * what is left of it can no more be opened.
 */
#ifndef SMS_JOURNAL_PLACE_H
#define SMS_JOURNAL_PLACE_H

#include "base/status.h"
#include "journal/file.h"

/* Whether the path names this file, with all that was written to it. */
enum sms_status sms_journal_place_check(struct sms_journal_file *file);

/* Whether all that was written to it is there. */
enum sms_status sms_journal_place_check_bytes(struct sms_journal_file *file);

#endif
