#include "journal/place.h"
#include "base/descriptor.h"
#include "base/write_all.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_ONCE = 16 << 10 }; /* bytes that are copied */

/* The reason stays, and is that of all that come later. */
static enum sms_status lose(struct sms_journal_file *file, const char *what,
                            const char *more) {
  char text[256];
  snprintf(text, sizeof text, "%s while it was in use%s", what, more);
  sms_journal_file_refuse(file, text);
  memcpy(file->lost, file->why, sizeof file->lost);
  return SMS_FAILED;
}

static enum sms_status stay_lost(struct sms_journal_file *file) {
  memcpy(file->why, file->lost, sizeof file->why);
  return SMS_FAILED;
}

/* ---- Its bytes ---- */

/* What was cut is not completed, and not taken for a short journal, nor for a new one.
 */
static enum sms_status lose_bytes(struct sms_journal_file *file) {
  struct stat found;
  if (fstat(file->fd, &found) != 0)
    return sms_journal_file_refuse(file, strerror(errno));
  bool is_cut = found.st_size < file->end;
  file->gone = true;
  if (is_cut) sms_journal_file_void(file, file->fd, found.st_size);
  return lose(file, is_cut ? "was cut" : "was written over", "");
}

/* A cut since the last look shows as a hole before what was written last. */
enum sms_status sms_journal_place_check_bytes(struct sms_journal_file *file) {
  if (file->gone) return stay_lost(file);
  return sms_journal_file_is_whole(file) ? SMS_OK : lose_bytes(file);
}

/* ---- Its path ---- */

static int read_some(int fd, char *bytes, size_t size, int64_t place) {
  for (size_t got = 0; got < size;) {
    ssize_t more = pread(fd, bytes + got, size - got, place + (int64_t)got);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) return more < 0 ? errno : EIO;
    got += (size_t)more;
  }
  return 0;
}

static size_t least(int64_t left) {
  return left < AT_ONCE ? (size_t)left : AT_ONCE;
}

/* Whether another file is what this one was once. */
static bool is_beginning(const struct sms_journal_file *file, int other, int64_t size) {
  char ours[AT_ONCE], theirs[AT_ONCE];
  for (int64_t place = 0; place < size; place += AT_ONCE) {
    size_t some = least(size - place);
    if (read_some(file->fd, ours, some, place) != 0 ||
        read_some(other, theirs, some, place) != 0 || memcmp(ours, theirs, some) != 0)
      return false;
  }
  return size <= file->end;
}

/* Copies what another file lacks, its header last: until then nobody can open it. */
static int complete(const struct sms_journal_file *file, int other, int64_t size) {
  char bytes[AT_ONCE];
  int error = 0;
  for (int64_t place = size > SMS_JOURNAL_FIRST ? size : SMS_JOURNAL_FIRST;
       place < file->end && !error; place += AT_ONCE) {
    size_t some = least(file->end - place);
    error = read_some(file->fd, bytes, some, place);
    if (!error) error = sms_write_all(other, bytes, some, place);
  }
  if (!error) error = read_some(file->fd, bytes, SMS_JOURNAL_FIRST, 0);
  if (!error) error = sms_write_all(other, bytes, SMS_JOURNAL_FIRST, 0);
  if (!error && file->sync && fdatasync(other) != 0) error = errno;
  return error;
}

/* From now on the other file is the journal, under the number of this one. */
static int move_to(struct sms_journal_file *file, int other, const struct stat *found) {
  if (dup3(other, file->fd, O_CLOEXEC) < 0) return errno;
  file->device = found->st_dev;
  file->inode = found->st_ino;
  file->room = 0;
  return 0;
}

static int fill(struct sms_journal_file *file, int other) {
  struct stat found;
  if (flock(other, LOCK_EX | LOCK_NB) != 0 || fstat(other, &found) != 0) return errno;
  if (sms_journal_file_flaw(&found) || !is_beginning(file, other, found.st_size))
    return EEXIST;
  sms_journal_file_void(file, other, found.st_size);
  int error = complete(file, other, found.st_size);
  return error ? error : move_to(file, other, &found);
}

/* Where nothing stands at the path, or what was this file once, an empty one too, it
 * becomes the journal. 0, or an errno. */
static int put_back(struct sms_journal_file *file) {
  int other = sms_journal_file_at(file->where);
  if (other < 0) return errno;
  int error = fill(file, other);
  close(other);
  return error;
}

static enum sms_status lose_path(struct sms_journal_file *file, bool is_there) {
  char more[160];
  int error = put_back(file);
  if (!error)
    snprintf(more, sizeof more, "; it was put back, and the next run goes on");
  else if (is_there)
    snprintf(more, sizeof more, ": what has its name now is something else");
  else
    snprintf(more, sizeof more, ", and could not be put back: %s", strerror(error));
  return lose(file, is_there ? "was replaced" : "was renamed or removed", more);
}

enum sms_status sms_journal_place_check(struct sms_journal_file *file) {
  struct stat found;
  if (file->lost[0] != '\0') return stay_lost(file);
  bool is_there = lstat(file->where, &found) == 0;
  if (!is_there && errno != ENOENT && errno != ENOTDIR)
    return sms_journal_file_refuse(file, strerror(errno));
  enum sms_status status = sms_journal_place_check_bytes(file);
  if (status != SMS_OK) return status;
  if (is_there && found.st_ino == file->inode && found.st_dev == file->device)
    return SMS_OK;
  return lose_path(file, is_there);
}
