#include "slow_files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

struct slow_files slow_files;

PUBLIC ssize_t pread(int fd, void *data, size_t size, off_t place);
PUBLIC int open(const char *path, int flags, ...);
PUBLIC int lstat(const char *path, struct stat *found);
PUBLIC ssize_t getrandom(void *data, size_t size, unsigned flags);
PUBLIC int ftruncate(int fd, off_t length);
PUBLIC int fdatasync(int fd);
PUBLIC int flock(int fd, int how);

static int fail_with(int error) {
  slow_files.met++;
  errno = error;
  return -1;
}

static bool is_interrupted(void) {
  if (slow_files.interrupts <= 0) return false;
  slow_files.interrupts--;
  return true;
}

static size_t crumb(size_t size) {
  if (!slow_files.crumbs || size <= 1) return size;
  slow_files.met++;
  return 1;
}

ssize_t pread(int fd, void *data, size_t size, off_t place) {
  struct stat found;
  if (is_interrupted()) return fail_with(EINTR);
  bool is_file =
      fstat(fd, &found) == 0 && found.st_size > 0; /* those of /proc have none */
  if (is_file && slow_files.fail) return fail_with(slow_files.fail);
  return syscall(SYS_pread64, fd, data, is_file ? crumb(size) : size, place);
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (is_interrupted()) return fail_with(EINTR);
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int lstat(const char *path, struct stat *found) {
  if (slow_files.fail_look) return fail_with(slow_files.fail_look);
  return fstatat(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW);
}

ssize_t getrandom(void *data, size_t size, unsigned flags) {
  if (is_interrupted()) return fail_with(EINTR);
  if (slow_files.fail_random) return fail_with(slow_files.fail_random);
  return syscall(SYS_getrandom, data, crumb(size), flags);
}

int ftruncate(int fd, off_t length) {
  return is_interrupted() ? fail_with(EINTR) : (int)syscall(SYS_ftruncate, fd, length);
}

int fdatasync(int fd) {
  return is_interrupted() ? fail_with(EINTR) : (int)syscall(SYS_fdatasync, fd);
}

int flock(int fd, int how) {
  return is_interrupted() ? fail_with(EINTR) : (int)syscall(SYS_flock, fd, how);
}
