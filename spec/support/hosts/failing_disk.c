/* Stands before the system (LD_PRELOAD) in a process that keeps a journal, whose path
 * ends in "/journal": once the file that FAILING_DISK_WHEN names is there, its disk
 * answers whatever it is asked to write or to reserve with the errno FAILING_DISK; with
 * FAILING_DISK_ONLY=sync, to bring to the disk. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

PUBLIC ssize_t pwrite(int fd, const void *data, size_t size, off_t place);
PUBLIC ssize_t pwrite64(int fd, const void *data, size_t size, off_t place);
PUBLIC int fallocate(int fd, int mode, off_t place, off_t size);
PUBLIC int fallocate64(int fd, int mode, off_t place, off_t size);
PUBLIC int fdatasync(int fd);

static int is_journal(int fd) {
  static const char name[] = "/journal";
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path);
  size_t end = sizeof name - 1;
  return length > (ssize_t)end && memcmp(path + length - end, name, end) == 0;
}

static int fails(int fd, int is_sync) {
  const char *when = getenv("FAILING_DISK_WHEN"), *error = getenv("FAILING_DISK");
  int only_sync = getenv("FAILING_DISK_ONLY") != NULL;
  if (!when || !error || (only_sync && !is_sync)) return 0;
  if (access(when, F_OK) != 0 || !is_journal(fd)) return 0;
  errno = (int)strtol(error, NULL, 10);
  return 1;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t place) {
  return fails(fd, 0) ? -1 : syscall(SYS_pwrite64, fd, data, size, place);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t place) {
  return pwrite(fd, data, size, place);
}

int fallocate(int fd, int mode, off_t place, off_t size) {
  return fails(fd, 0) ? -1 : (int)syscall(SYS_fallocate, fd, mode, place, size);
}

int fallocate64(int fd, int mode, off_t place, off_t size) {
  return fallocate(fd, mode, place, size);
}

int fdatasync(int fd) {
  return fails(fd, 1) ? -1 : (int)syscall(SYS_fdatasync, fd);
}
