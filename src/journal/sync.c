#include "journal/sync.h"
#include "base/descriptor.h"
#include "base/file_bytes.h"
#include "base/thread.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STACK (128u << 10) /* fdatasync needs next to nothing, sanitizers do not */

/* 0, or an errno. A file system may have nothing to do for a folder: EINVAL. */
static int flush(struct sms_journal_sync *sync, bool folder) {
  int failed = sms_file_sync(sync->fd);
  if (failed || !folder) return failed;
  do
    failed = fsync(sync->folder) != 0 ? errno : 0;
  while (failed == EINTR);
  return failed == EINVAL ? 0 : failed;
}

static void *run(void *pointer) {
  struct sms_journal_sync *sync = pointer;
  pthread_mutex_lock(&sync->mutex);
  for (;;) {
    while (!sync->stopping && (sync->error || sync->written == sync->reached))
      pthread_cond_wait(&sync->changed, &sync->mutex);
    if (sync->error || sync->written == sync->reached) break;
    int64_t target = sync->written;
    bool first = sync->reached < 0;
    pthread_mutex_unlock(&sync->mutex);
    int failed = flush(sync, first);
    pthread_mutex_lock(&sync->mutex);
    if (failed)
      sync->error = failed;
    else
      sync->reached = target;
  }
  pthread_mutex_unlock(&sync->mutex);
  return NULL;
}

static int open_folder(const char *path) {
  char *copy = strdup(path);
  if (!copy) return -1;
  int folder = sms_descriptor_open(dirname(copy), O_RDONLY | O_DIRECTORY, 0);
  int error = errno;
  free(copy);
  errno = error;
  return folder;
}

enum sms_status sms_journal_sync_start(struct sms_journal_sync *sync, int fd,
                                       const char *path, int64_t written) {
  memset(sync, 0, sizeof *sync);
  sync->fd = fd;
  sync->written = written;
  sync->reached = -1;
  sync->folder = open_folder(path);
  if (sync->folder < 0) return SMS_FAILED;
  pthread_mutex_init(&sync->mutex, NULL);
  pthread_cond_init(&sync->changed, NULL);
  int failed = sms_thread_start(&sync->thread, STACK, run, sync);
  if (!failed) return SMS_OK;
  pthread_cond_destroy(&sync->changed);
  pthread_mutex_destroy(&sync->mutex);
  close(sync->folder);
  errno = failed;
  return SMS_FAILED;
}

void sms_journal_sync_stop(struct sms_journal_sync *sync) {
  pthread_mutex_lock(&sync->mutex);
  sync->stopping = true;
  pthread_cond_signal(&sync->changed);
  pthread_mutex_unlock(&sync->mutex);
  pthread_join(sync->thread, NULL);
  pthread_cond_destroy(&sync->changed);
  pthread_mutex_destroy(&sync->mutex);
  close(sync->folder);
}

void sms_journal_sync_abandon(struct sms_journal_sync *sync) {
  close(sync->folder);
}

void sms_journal_sync_wrote(struct sms_journal_sync *sync, int64_t written) {
  pthread_mutex_lock(&sync->mutex);
  sync->written = written;
  pthread_cond_signal(&sync->changed);
  pthread_mutex_unlock(&sync->mutex);
}

int64_t sms_journal_sync_reached(struct sms_journal_sync *sync, int *error) {
  pthread_mutex_lock(&sync->mutex);
  int64_t reached = sync->reached;
  *error = sync->error;
  pthread_mutex_unlock(&sync->mutex);
  return reached;
}
