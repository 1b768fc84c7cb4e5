#include "journal/room.h"
#include "base/file_bytes.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reserved at a time, where there is as much: the kernel is asked once for many items.
 */
enum { STEP = 64 << 10 };

/* 0, or an errno. */
static int ask(struct sms_journal_file *file, int64_t upto) {
  int failed;
  if (upto <= file->end) return 0;
  if (!sms_may_become(upto)) return EFBIG; /* fallocate may not look at it */
  do
    failed = fallocate(file->fd, FALLOC_FL_KEEP_SIZE, file->end, upto - file->end);
  while (failed && errno == EINTR);
  if (!failed) file->room = upto;
  return failed ? errno : 0;
}

static bool cannot(int error) {
  return error == EOPNOTSUPP || error == ENOSYS;
}

void sms_journal_room_try(struct sms_journal_file *file) {
  file->unreserved = cannot(ask(file, file->end + STEP));
  if (!file->unreserved || file->warning[0] != '\0') return;
  snprintf(file->warning, sizeof file->warning,
           "%s: its file system reserves no room: what has ended when the disk is full "
           "is told as ambiguous",
           file->path);
}

enum sms_status sms_journal_room_reserve(struct sms_journal_file *file, int64_t upto) {
  if (upto <= file->room || file->unreserved) return SMS_OK;
  int error = ask(file, upto + STEP);
  if (error) error = ask(file, upto);
  return error && !cannot(error) ? sms_journal_file_refuse(file, sms_file_error(error))
                                 : SMS_OK;
}

void sms_journal_room_give_back(struct sms_journal_file *file) {
  struct stat found;
  if (file->room <= file->end || fstat(file->fd, &found) != 0) return;
  if (found.st_size == file->end) (void)sms_file_resize(file->fd, file->end);
  file->room = 0;
}
