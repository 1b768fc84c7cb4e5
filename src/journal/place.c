#include "journal/place.h"
#include "base/descriptor.h"
#include "base/file_bytes.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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
    return sms_journal_file_refuse(file, sms_file_error(errno));
  bool is_cut = found.st_size < file->end;
  file->gone = true;
  if (is_cut) sms_journal_file_void(file, file->fd, found.st_size);
  return lose(file, is_cut ? "was cut" : "was written over", "");
}

/* A cut since the last look shows as a hole before what was written last. */
enum sms_status sms_journal_place_check_bytes(struct sms_journal_file *file) {
  if (file->gone) return stay_lost(file);
  bool whole;
  enum sms_status status = sms_journal_file_is_whole(file, &whole);
  return status != SMS_OK || whole ? status : lose_bytes(file);
}

/* ---- Its path ---- */

static int read_some(int fd, char *bytes, size_t size, int64_t place) {
  size_t got;
  int error = sms_read_all(fd, bytes, size, place, &got);
  return !error && got < size ? EIO : error;
}

static size_t least(int64_t left) {
  return left < AT_ONCE ? (size_t)left : AT_ONCE;
}

/* Whether another file is what this one was once: 0, EEXIST, or an errno. */
static int compare(const struct sms_journal_file *file, int other, int64_t size) {
  char ours[AT_ONCE], theirs[AT_ONCE];
  if (size > file->end) return EEXIST;
  for (int64_t place = 0; place < size; place += AT_ONCE) {
    size_t some = least(size - place);
    int error = read_some(file->fd, ours, some, place);
    if (!error) error = read_some(other, theirs, some, place);
    if (error) return error;
    if (memcmp(ours, theirs, some) != 0) return EEXIST;
  }
  return 0;
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
  return error || !file->sync ? error : sms_file_sync(other);
}

/* From now on the other file is the journal, under the number of this one. */
static int move_to(struct sms_journal_file *file, int other, const struct stat *found) {
  while (dup3(other, file->fd, O_CLOEXEC) < 0)
    if (errno != EINTR) return errno;
  file->device = found->st_dev;
  file->inode = found->st_ino;
  file->room = 0;
  return 0;
}

static int fill(struct sms_journal_file *file, int other) {
  struct stat found;
  int error = sms_file_lock(other);
  if (error) return error;
  if (fstat(other, &found) != 0) return errno;
  if (sms_journal_file_flaw(&found)) return EEXIST;
  error = compare(file, other, found.st_size);
  if (error) return error;
  sms_journal_file_void(file, other, found.st_size);
  error = complete(file, other, found.st_size);
  return error ? error : move_to(file, other, &found);
}

/* What could not be filled, and is empty, would be taken for new. */
static void spoil(const struct sms_journal_file *file, int other) {
  struct stat found;
  if (fstat(other, &found) == 0 && !sms_journal_file_flaw(&found) && found.st_size == 0)
    sms_journal_file_void(file, other, 0);
}

/* Where nothing stands at the path, or what was this file once, an empty one too, it
 * becomes the journal. 0, or an errno. */
static int put_back(struct sms_journal_file *file) {
  int other = sms_journal_file_at(file->where);
  if (other < 0) return errno;
  int error = fill(file, other);
  if (error && error != EWOULDBLOCK) spoil(file, other); /* else another run has it */
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
    snprintf(more, sizeof more, ", and could not be put back: %s",
             sms_file_error(error));
  return lose(file, is_there ? "was replaced" : "was renamed or removed", more);
}

enum sms_status sms_journal_place_check(struct sms_journal_file *file) {
  struct stat found;
  if (file->lost[0] != '\0') return stay_lost(file);
  bool is_there = lstat(file->where, &found) == 0;
  if (!is_there && errno != ENOENT && errno != ENOTDIR)
    return sms_journal_file_refuse(file, sms_file_error(errno));
  enum sms_status status = sms_journal_place_check_bytes(file);
  if (status != SMS_OK) return status;
  if (is_there && sms_is_file(&found, file->device, file->inode)) return SMS_OK;
  return lose_path(file, is_there);
}
