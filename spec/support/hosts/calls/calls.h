/* For what stands before the system's calls (LD_PRELOAD). */
#ifndef SPEC_CALLS_H
#define SPEC_CALLS_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* The system's own, as `real`. */
#define SPEC_REAL(type, name, parameters)                                              \
  static type(*real) parameters;                                                       \
  if (!real) {                                                                         \
    int before = errno;                                                                \
    *(void **)&real = dlsym(RTLD_NEXT, #name);                                         \
    errno = before;                                                                    \
  }

/* LuaSocket is not the library's. */
static inline bool spec_is_foreign(const void *caller) {
  Dl_info info;
  return dladdr(caller, &info) && strstr(info.dli_fname, "/socket/");
}

#endif
