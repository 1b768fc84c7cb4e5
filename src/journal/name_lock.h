/* Inside of journal only: the lock of a path, beside that of the file. A file that was
 * renamed under a run takes its lock along; a second run must not begin with a new one
 * before the first has seen that. It is a socket in the abstract namespace: nothing in
 * the file system, and gone with the process.
 *
 *   enum sms_status status = sms_journal_name_lock(path, &fd, words, sizeof words);
 *   if (status == SMS_FAILED) tell(words);
 *   close(fd);
 */
#ifndef SMS_JOURNAL_NAME_LOCK_H
#define SMS_JOURNAL_NAME_LOCK_H

#include "base/status.h"
#include <stddef.h>

/* SMS_FAILED: another process has it; words say which. -1 in fd: the system has no such
 * sockets, and there is no lock. path is one from the root. */
enum sms_status sms_journal_name_lock(const char *path, int *fd, char *words,
                                      size_t size);

#endif
