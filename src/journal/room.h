/* Inside of journal only: room on the disk for the ends of what is begun, reserved
 * before it begins, so that a disk that is full by then cannot keep an end from being
 * written.
 *
 *   if (sms_journal_room_reserve(&file, file.end + size_of_begin_and_ends) == SMS_OK)
 *     sms_journal_file_append(&file, records, count);
 *   sms_journal_room_give_back(&file);
 */
#ifndef SMS_JOURNAL_ROOM_H
#define SMS_JOURNAL_ROOM_H

#include "base/status.h"
#include "journal/file.h"
#include <stdint.h>

/* Looks whether the file system reserves room at all; the file has a warning where it
 * does not. */
void sms_journal_room_try(struct sms_journal_file *file);

/* Reserves room up to a place in the file; its size stays. SMS_OK, too, where the file
 * system cannot. */
enum sms_status sms_journal_room_reserve(struct sms_journal_file *file, int64_t upto);

/* What is behind the end of the file serves others again. */
void sms_journal_room_give_back(struct sms_journal_file *file);

#endif
