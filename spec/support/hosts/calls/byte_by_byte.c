/* Stands before the system (LD_PRELOAD) in a process of Lua: each call of the library
 * and what lies below it that moves bytes moves one, and each second is interrupted
 * before. Those of LuaSocket, which is the specs' own, are let be, and what knows no
 * single bytes, such as an eventfd, moves all. */
#include "calls.h"
#include <stdatomic.h>

enum { DESCRIPTORS = 1024 };

static bool is_of_lua(void) {
  return strncmp(program_invocation_short_name, "lua", 3) == 0;
}

/* Of one function's: who reads and writes in turn would find each write interrupted. */
static bool is_interrupted(atomic_uint *calls, int fd) {
  if (fd < 0 || fd >= DESCRIPTORS || atomic_fetch_add(&calls[fd], 1) % 2 != 0)
    return false;
  errno = EINTR;
  return true;
}

/* Parameters and arguments: for any size, and for one byte. */
#define MOVES(name, parameters, whole, single)                                         \
  ssize_t name parameters {                                                            \
    SPEC_REAL(ssize_t, name, parameters);                                              \
    static atomic_uint calls[DESCRIPTORS];                                             \
    if (size == 0 || !is_of_lua() || spec_is_foreign(__builtin_return_address(0)))     \
      return real whole;                                                               \
    if (is_interrupted(calls, fd)) return -1;                                          \
    ssize_t moved = real single;                                                       \
    return moved < 0 && errno == EINVAL ? real whole : moved;                          \
  }

#pragma GCC visibility push(default)

MOVES(read, (int fd, void *data, size_t size), (fd, data, size), (fd, data, 1))
MOVES(write, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, 1))
MOVES(pread, (int fd, void *data, size_t size, off_t at), (fd, data, size, at),
      (fd, data, 1, at))
MOVES(pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at),
      (fd, data, 1, at))
MOVES(pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at),
      (fd, data, 1, at))
MOVES(pwrite64, (int fd, const void *data, size_t size, off64_t at),
      (fd, data, size, at), (fd, data, 1, at))
MOVES(send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags),
      (fd, data, 1, flags))
MOVES(recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags),
      (fd, data, 1, flags))

#pragma GCC visibility pop
