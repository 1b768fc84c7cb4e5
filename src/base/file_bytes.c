#include "base/file_bytes.h"
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

/* How long a file may become. */
static uint64_t longest(void) {
  struct rlimit limit;
  bool is_limited =
      getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  return is_limited ? limit.rlim_cur : UINT64_MAX;
}

bool sms_may_become(int64_t length) {
  return (uint64_t)length <= longest();
}

int sms_write_all(int fd, const void *data, size_t size, int64_t place) {
  uint64_t end = longest(), left = end > (uint64_t)place ? end - (uint64_t)place : 0;
  size_t most = size < left ? size : (size_t)left;
  for (const char *at = data; most > 0;) {
    ssize_t written = pwrite(fd, at, most, place);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    at += written;
    most -= (size_t)written;
    place += written;
  }
  return size > left ? EFBIG : 0;
}

bool sms_is_file(const struct stat *found, dev_t device, ino_t inode) {
  return found->st_dev == device && found->st_ino == inode;
}

const char *sms_file_error(int error) {
  if (error == EFBIG) return "no file may be that long (ulimit -f)";
  if (error == EMFILE) return "no more files may be opened (ulimit -n)";
  return strerror(error);
}

int sms_read_all(int fd, void *data, size_t size, int64_t place, size_t *got) {
  for (*got = 0; *got < size;) {
    ssize_t read = pread(fd, (char *)data + *got, size - *got, place + (int64_t)*got);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return errno;
    if (read == 0) break;
    *got += (size_t)read;
  }
  return 0;
}

int sms_file_resize(int fd, int64_t length) {
  while (ftruncate(fd, length) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

int sms_file_sync(int fd) {
  while (fdatasync(fd) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

int sms_file_lock(int fd) {
  while (flock(fd, LOCK_EX | LOCK_NB) != 0)
    if (errno != EINTR) return errno;
  return 0;
}
