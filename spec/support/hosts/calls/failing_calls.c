/* Stands before the system (LD_PRELOAD), and is a Lua module as well: one call of those
 * that the library and what lies below it make for sockets, files, memory and threads
 * fails when a spec wants it to, with an errno that it may have. Those of LuaSocket,
 * which is the specs' own, do not count.
 *
 *   failing_calls.arm(n, variant)   the n-th call from now on fails; variant: which of
 *                                   its errnos
 *   failing_calls.disarm() -> name of the call, or nil; its errno
 *   failing_calls.descriptors() -> open ones
 */
#include "calls.h"
#include <lauxlib.h>
#include <lua.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>

enum { DESCRIPTORS = 1024 };

static atomic_llong left; /* calls until one fails; 0: none does */
static atomic_int variant, refused_with;
static atomic_uintptr_t refused; /* its name */

/* 0: it is made; else the errno of its failure. */
static int refusal(const char *name, const int *errors, int count, const void *caller) {
  if (atomic_load(&left) <= 0 || spec_is_foreign(caller)) return 0;
  if (atomic_fetch_sub(&left, 1) != 1) return 0;
  int error = errors[atomic_load(&variant) % count];
  atomic_store(&refused_with, error);
  atomic_store(&refused, (uintptr_t)name);
  return error;
}

#define LIST(...)   ((const int[]){__VA_ARGS__})
#define LENGTH(...) ((int)(sizeof LIST(__VA_ARGS__) / sizeof(int)))

/* Where it fails its errors are one of these, and it returns so. */
#define MAY_FAIL(type, name, parameters, arguments, failed, ...)                       \
  type name parameters {                                                               \
    SPEC_REAL(type, name, parameters);                                                 \
    int error = refusal(#name, LIST(__VA_ARGS__), LENGTH(__VA_ARGS__),                 \
                        __builtin_return_address(0));                                  \
    if (!error) return real arguments;                                                 \
    errno = error;                                                                     \
    return failed;                                                                     \
  }

#define BYTES(name, parameters, arguments, ...)                                        \
  MAY_FAIL(ssize_t, name, parameters, arguments, -1, __VA_ARGS__)
#define DOES(name, parameters, arguments, ...)                                         \
  MAY_FAIL(int, name, parameters, arguments, -1, __VA_ARGS__)

#pragma GCC visibility push(default)

int luaopen_failing_calls(lua_State *L);
int fstat64(int fd, struct stat64 *found);
int stat64(const char *path, struct stat64 *found);
int lstat64(const char *path, struct stat64 *found);
int __poll_chk(struct pollfd *entries, nfds_t count, int wait, size_t size);

/* ---- Sockets ---- */

DOES(socket, (int family, int type, int protocol), (family, type, protocol), EMFILE,
     ENOBUFS, ENFILE, ENOMEM, EACCES)
DOES(socketpair, (int family, int type, int protocol, int pair[2]),
     (family, type, protocol, pair), EMFILE, ENOMEM)
DOES(connect, (int fd, __CONST_SOCKADDR_ARG to, socklen_t size), (fd, to, size),
     ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, ENOMEM)
DOES(bind, (int fd, __CONST_SOCKADDR_ARG at, socklen_t size), (fd, at, size),
     EADDRINUSE, EACCES, ENOMEM)
DOES(listen, (int fd, int most), (fd, most), EADDRINUSE, ENOMEM)
DOES(accept, (int fd, __SOCKADDR_ARG from, socklen_t *size), (fd, from, size), EMFILE,
     EINTR, ECONNABORTED)
DOES(accept4, (int fd, __SOCKADDR_ARG from, socklen_t *size, int flags),
     (fd, from, size, flags), EMFILE, EINTR, ECONNABORTED)
DOES(getsockname, (int fd, __SOCKADDR_ARG name, socklen_t *size), (fd, name, size),
     ENOBUFS, EINVAL)
DOES(getpeername, (int fd, __SOCKADDR_ARG name, socklen_t *size), (fd, name, size),
     ENOTCONN, ENOBUFS)
DOES(getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
     (fd, level, name, value, size), ENOBUFS, ENOPROTOOPT)
DOES(setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
     (fd, level, name, value, size), ENOBUFS, ENOPROTOOPT)
DOES(poll, (struct pollfd * entries, nfds_t count, int wait), (entries, count, wait),
     EINTR, ENOMEM, EINVAL)
DOES(__poll_chk, (struct pollfd * entries, nfds_t count, int wait, size_t size),
     (entries, count, wait, size), EINTR, ENOMEM, EINVAL)
BYTES(send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags),
      ECONNRESET, EINTR, EAGAIN, ENOBUFS, EPIPE)
BYTES(sendto,
      (int fd, const void *data, size_t size, int flags, __CONST_SOCKADDR_ARG to,
       socklen_t length),
      (fd, data, size, flags, to, length), ECONNRESET, EINTR, ENOBUFS)
BYTES(sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
      ECONNRESET, EINTR, ENOBUFS)
BYTES(recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags),
      ECONNRESET, EINTR, EAGAIN, ENOMEM, ETIMEDOUT)
BYTES(recvfrom,
      (int fd, void *data, size_t size, int flags, __SOCKADDR_ARG from,
       socklen_t *length),
      (fd, data, size, flags, from, length), ECONNRESET, EINTR, ENOMEM)
BYTES(recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags),
      ECONNRESET, EINTR, ENOMEM)
DOES(eventfd, (unsigned first, int flags), (first, flags), EMFILE, ENOMEM, ENODEV)
DOES(timerfd_create, (int clock, int flags), (clock, flags), EMFILE, ENOMEM)

/* Returns what went wrong. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **list) {
  SPEC_REAL(int, getaddrinfo,
            (const char *, const char *, const struct addrinfo *, struct addrinfo **));
  int error = refusal("getaddrinfo", LIST(EAI_AGAIN, EAI_MEMORY, EAI_NONAME), 3,
                      __builtin_return_address(0));
  return error ? error : real(node, service, hints, list);
}

/* ---- Files ---- */

BYTES(read, (int fd, void *data, size_t size), (fd, data, size), EIO, EINTR, EAGAIN)
BYTES(write, (int fd, const void *data, size_t size), (fd, data, size), ENOSPC, EINTR,
      EAGAIN, EIO)
BYTES(pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at), EIO,
      EINTR)
BYTES(pwrite64, (int fd, const void *data, size_t size, off64_t at),
      (fd, data, size, at), ENOSPC, EINTR, EIO)
DOES(fstat64, (int fd, struct stat64 *found), (fd, found), EIO, ENOMEM)
DOES(fstat, (int fd, struct stat *found), (fd, found), EIO, ENOMEM)
DOES(stat64, (const char *path, struct stat64 *found), (path, found), EACCES, EIO,
     ENOENT)
DOES(stat, (const char *path, struct stat *found), (path, found), EACCES, EIO, ENOENT)
DOES(lstat64, (const char *path, struct stat64 *found), (path, found), EACCES, EIO)
DOES(fstatat64, (int folder, const char *path, struct stat64 *found, int flags),
     (folder, path, found, flags), EACCES, EIO)
DOES(fstatfs64, (int fd, struct statfs64 *found), (fd, found), EIO, ENOSYS)
DOES(ftruncate64, (int fd, off64_t size), (fd, size), EIO, EINTR)
DOES(fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size),
     ENOSPC, EINTR, EOPNOTSUPP, EIO)
DOES(fsync, (int fd), (fd), EIO, EINTR, ENOSPC)
DOES(fdatasync, (int fd), (fd), EIO, EINTR, ENOSPC)
DOES(fchmod, (int fd, mode_t mode), (fd, mode), EIO, EPERM)
DOES(flock, (int fd, int how), (fd, how), ENOLCK, EINTR, EWOULDBLOCK)
DOES(rename, (const char *from, const char *to), (from, to), EIO, ENOSPC)
DOES(link, (const char *from, const char *to), (from, to), EIO, ENOSPC, EMLINK)
DOES(unlink, (const char *path), (path), EIO, EACCES)
DOES(mkdir, (const char *path, mode_t mode), (path, mode), EACCES, ENOSPC)
DOES(dup3, (int from, int to, int flags), (from, to, flags), EBUSY, EINTR)
BYTES(readlink, (const char *path, char *data, size_t size), (path, data, size), EACCES,
      EIO)
BYTES(getrandom, (void *data, size_t size, unsigned flags), (data, size, flags), EINTR,
      ENOSYS)
MAY_FAIL(FILE *, fopen64, (const char *path, const char *mode), (path, mode), NULL,
         EMFILE, EACCES, ENOMEM)
MAY_FAIL(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL,
         EMFILE, EACCES, ENOMEM)
MAY_FAIL(void *, mmap64,
         (void *at, size_t size, int allowed, int flags, int fd, off64_t place),
         (at, size, allowed, flags, fd, place), MAP_FAILED, ENOMEM, EAGAIN, ENODEV)

int posix_fallocate64(int fd, off64_t at, off64_t size) {
  SPEC_REAL(int, posix_fallocate64, (int, off64_t, off64_t));
  int error = refusal("posix_fallocate64", LIST(ENOSPC, EINTR, EIO), 3,
                      __builtin_return_address(0));
  return error ? error : real(fd, at, size);
}

/* The descriptor is gone all the same. */
int close(int fd) {
  SPEC_REAL(int, close, (int));
  int error = refusal("close", LIST(EIO, EINTR), 2, __builtin_return_address(0));
  int closed = real(fd);
  if (!error) return closed;
  errno = error;
  return -1;
}

#define OPENS(name)                                                                    \
  int name(const char *path, int flags, ...) {                                         \
    SPEC_REAL(int, name, (const char *, int, ...));                                    \
    int error = refusal(#name, LIST(EMFILE, EACCES, EINTR, EIO, ENOMEM), 5,            \
                        __builtin_return_address(0));                                  \
    va_list more;                                                                      \
    va_start(more, flags);                                                             \
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;                          \
    va_end(more);                                                                      \
    if (!error) return real(path, flags, mode);                                        \
    errno = error;                                                                     \
    return -1;                                                                         \
  }

OPENS(open)
OPENS(open64)

#define CONTROLS(name)                                                                 \
  int name(int fd, int command, ...) {                                                 \
    SPEC_REAL(int, name, (int, int, ...));                                             \
    int error = refusal(#name, LIST(EMFILE, EINVAL), 2, __builtin_return_address(0));  \
    va_list more;                                                                      \
    va_start(more, command);                                                           \
    void *argument = va_arg(more, void *);                                             \
    va_end(more);                                                                      \
    if (!error) return real(fd, command, argument);                                    \
    errno = error;                                                                     \
    return -1;                                                                         \
  }

CONTROLS(fcntl)
CONTROLS(fcntl64)

/* ---- Threads ---- */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *pointer) {
  SPEC_REAL(int, pthread_create,
            (pthread_t *, const pthread_attr_t *, void *(*)(void *), void *));
  int error = refusal("pthread_create", LIST(EAGAIN), 1, __builtin_return_address(0));
  return error ? error : real(thread, attributes, run, pointer);
}

#pragma GCC visibility pop

/* ---- For Lua ---- */

static int arm(lua_State *L) {
  atomic_store(&refused, 0);
  atomic_store(&refused_with, 0);
  atomic_store(&variant, (int)luaL_checkinteger(L, 2));
  atomic_store(&left, luaL_checkinteger(L, 1));
  return 0;
}

static int disarm(lua_State *L) {
  atomic_store(&left, 0);
  lua_pushstring(L, (const char *)atomic_load(&refused)); /* NULL: nil */
  lua_pushinteger(L, atomic_load(&refused_with));
  return 2;
}

static int descriptors(lua_State *L) {
  lua_Integer count = 0;
  for (int fd = 0; fd < DESCRIPTORS; fd++)
    count += fcntl(fd, F_GETFD) != -1;
  lua_pushinteger(L, count);
  return 1;
}

__attribute__((visibility("default"))) int luaopen_failing_calls(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"arm", arm}, {"disarm", disarm}, {"descriptors", descriptors}, {NULL, NULL}};
  lua_newtable(L);
  for (const luaL_Reg *f = functions; f->name; f++) {
    lua_pushcfunction(L, f->func);
    lua_setfield(L, -2, f->name);
  }
  return 1;
}
