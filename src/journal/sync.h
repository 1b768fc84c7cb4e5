/* Inside of journal only: a thread that brings to the disk what was written, whatever
 * it is by then (group commit), so that nobody who writes has to wait.
 *
 *   sms_journal_sync_start(&sync, fd, path, end);
 *   sms_journal_sync_wrote(&sync, end);
 *   if (sms_journal_sync_reached(&sync, &error) >= end) send();
 *   sms_journal_sync_stop(&sync);
 */
#ifndef SMS_JOURNAL_SYNC_H
#define SMS_JOURNAL_SYNC_H

#include "base/status.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct sms_journal_sync {
  int fd, folder;
  pthread_t thread;
  pthread_mutex_t mutex; /* guards all below */
  pthread_cond_t changed;
  int64_t written, reached;
  int error; /* of the disk; it stays, since what is on it is not known any more */
  bool stopping;
};

/* The folder of path is brought to the disk, too, once: the name may be new.
 * SMS_FAILED: errno says why. */
enum sms_status sms_journal_sync_start(struct sms_journal_sync *sync, int fd,
                                       const char *path, int64_t written);

/* Joins the thread, which first brings what was written to the disk. */
void sms_journal_sync_stop(struct sms_journal_sync *sync);

/* In a child, which has no thread: closes what it inherited. */
void sms_journal_sync_abandon(struct sms_journal_sync *sync);

void sms_journal_sync_wrote(struct sms_journal_sync *sync, int64_t written);

/* Up to where the file is on the disk; -1: not even its name. error: 0, or an errno. */
int64_t sms_journal_sync_reached(struct sms_journal_sync *sync, int *error);

#endif
