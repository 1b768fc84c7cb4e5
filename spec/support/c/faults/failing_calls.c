#include "failing_calls.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static struct {
  int at, error;
  atomic_int calls; /* threads of the core make some */
  bool for_good;
  void (*other)(void);
} fault;

void calls_fail(int at, int error, bool for_good) {
  fault.error = error;
  fault.other = NULL;
  fault.for_good = for_good;
  fault.calls = 0;
  fault.at = at;
}

void calls_meet(int at, void (*other)(void), bool for_good) {
  calls_fail(0, 0, for_good);
  fault.other = other;
  fault.at = at;
}

int calls_end(void) {
  fault.at = 0;
  return fault.calls;
}

bool calls_next_fails(void) {
  if (fault.at == 0) return false;
  int call = ++fault.calls;
  if (call < fault.at || (call > fault.at && !fault.for_good)) return false;
  if (fault.other) {
    int at = fault.at;
    fault.at = 0; /* its own calls are not counted */
    fault.other();
    fault.at = at;
    return false;
  }
  errno = fault.error;
  return true;
}

STAND_BEFORE(void *, malloc, NULL, (size_t size), (size))
STAND_BEFORE(void *, calloc, NULL, (size_t count, size_t size), (count, size))
STAND_BEFORE(char *, strdup, NULL, (const char *text), (text))
STAND_BEFORE(ssize_t, pread64, -1, (int fd, void *data, size_t size, off_t place),
             (fd, data, size, place))
STAND_BEFORE(ssize_t, pwrite64, -1,
             (int fd, const void *data, size_t size, off_t place),
             (fd, data, size, place))
STAND_BEFORE(ssize_t, readlink, -1, (const char *path, char *text, size_t size),
             (path, text, size))
STAND_BEFORE(int, flock, -1, (int fd, int how), (fd, how))
STAND_BEFORE(int, fstat64, -1, (int fd, struct stat *found), (fd, found))
STAND_BEFORE(int, lstat64, -1, (const char *path, struct stat *found), (path, found))
STAND_BEFORE(int, stat64, -1, (const char *path, struct stat *found), (path, found))
STAND_BEFORE(int, fstatfs64, -1, (int fd, struct statfs *found), (fd, found))
STAND_BEFORE(int, ftruncate64, -1, (int fd, off_t size), (fd, size))
STAND_BEFORE(int, fallocate64, -1, (int fd, int mode, off_t place, off_t size),
             (fd, mode, place, size))
STAND_BEFORE(int, posix_fallocate64, fault.error, (int fd, off_t place, off_t size),
             (fd, place, size))
STAND_BEFORE(int, dup3, -1, (int from, int to, int flags), (from, to, flags))
STAND_BEFORE(int, fstatat64, -1,
             (int folder, const char *path, struct stat *found, int flags),
             (folder, path, found, flags))
STAND_BEFORE(int, unlinkat, -1, (int folder, const char *path, int flags),
             (folder, path, flags))
STAND_BEFORE(DIR *, opendir, NULL, (const char *path), (path))
STAND_BEFORE(int, getsockopt, -1,
             (int fd, int level, int what, void *value, socklen_t *size),
             (fd, level, what, value, size))
STAND_BEFORE(int, link, -1, (const char *from, const char *to), (from, to))
STAND_BEFORE(int, rename, -1, (const char *from, const char *to), (from, to))
STAND_BEFORE(int, unlink, -1, (const char *path), (path))
STAND_BEFORE(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
STAND_BEFORE(int, mkdir, -1, (const char *path, mode_t mode), (path, mode))
STAND_BEFORE(int, mkostemp64, -1, (char *path, int flags), (path, flags))
STAND_BEFORE(int, socket, -1, (int domain, int type, int protocol),
             (domain, type, protocol))
STAND_BEFORE(int, bind, -1, (int fd, const struct sockaddr *to, socklen_t size),
             (fd, to, size))
STAND_BEFORE(int, connect, -1, (int fd, const struct sockaddr *to, socklen_t size),
             (fd, to, size))
STAND_BEFORE(int, getrlimit64, -1, (int what, struct rlimit *limit), (what, limit))
STAND_BEFORE(int, sigaction, -1,
             (int number, const struct sigaction *now, struct sigaction *before),
             (number, now, before))
STAND_BEFORE(char *, getcwd, NULL, (char *path, size_t size), (path, size))
STAND_BEFORE(char *, fgets, NULL, (char *text, int size, FILE *file),
             (text, size, file))
STAND_BEFORE(FILE *, fopen64, NULL, (const char *path, const char *mode), (path, mode))
STAND_BEFORE(void *, mmap64, MAP_FAILED,
             (void *at, size_t size, int how, int flags, int fd, off_t place),
             (at, size, how, flags, fd, place))
STAND_BEFORE(int, pthread_create, fault.error,
             (pthread_t * thread, const pthread_attr_t *how, void *(*run)(void *),
              void *data),
             (thread, how, run, data))

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  int mode = flags & O_CREAT ? va_arg(more, int) : 0;
  va_end(more);
  return calls_next_fails() ? -1 : __real_open64(path, flags, mode);
}

/* Renames, where none may be replaced. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, int from, const char *old, int to, const char *new,
                    unsigned flags);
long __wrap_syscall(long number, int from, const char *old, int to, const char *new,
                    unsigned flags) {
  return calls_next_fails() ? -1 : __real_syscall(number, from, old, to, new, flags);
}

/* No machine loses its power here. */
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);

int __wrap_fdatasync(int fd) {
  (void)fd;
  return calls_next_fails() ? -1 : 0;
}

int __wrap_fsync(int fd) {
  (void)fd;
  return calls_next_fails() ? -1 : 0;
}
