#include "journal/name_lock.h"
#include "base/descriptor.h"
#include "journal/holder.h"
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* FNV-1a, 64 bits. */
static uint64_t hash(const char *text) {
  uint64_t sum = UINT64_C(14695981039346656037);
  for (; *text != '\0'; text++)
    sum = (sum ^ (unsigned char)*text) * UINT64_C(1099511628211);
  return sum;
}

/* The folder is known by its number, not by its name: containers may share the
 * namespace of sockets, and have other files. */
static socklen_t name_of(const char *path, struct sockaddr_un *address) {
  char folder[4096];
  struct stat found;
  const char *slash = strrchr(path, '/');
  int length = (int)(slash - path) + 1;
  memset(address, 0, sizeof *address);
  if (length >= (int)sizeof folder) return 0;
  snprintf(folder, sizeof folder, "%.*s", length, path);
  if (stat(folder, &found) != 0) return 0;
  address->sun_family = AF_UNIX;
  int written =
      snprintf(address->sun_path + 1, sizeof address->sun_path - 1,
               "lua-sms-journal-%u-%" PRIx64 "-%" PRIx64 "-%016" PRIx64, geteuid(),
               (uint64_t)found.st_dev, (uint64_t)found.st_ino, hash(slash));
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)written);
}

static int open_socket(void) {
  return sms_descriptor_raise(
      socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/* 0: it does not tell. */
static int owner_of(const struct sockaddr_un *address, socklen_t length) {
  struct ucred owner = {0};
  socklen_t size = sizeof owner;
  int fd = open_socket();
  if (fd < 0) return 0;
  bool known = connect(fd, (const void *)address, length) == 0 &&
               getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &owner, &size) == 0;
  close(fd);
  return known ? owner.pid : 0;
}

enum sms_status sms_journal_name_lock(const char *path, int *fd, char *words,
                                      size_t size) {
  struct sockaddr_un address;
  socklen_t length = name_of(path, &address);
  *fd = length > 0 ? open_socket() : -1;
  if (*fd < 0) return SMS_OK;
  if (bind(*fd, (const void *)&address, length) == 0) {
    (void)listen(*fd, 8); /* who asks is told the process by the kernel */
    return SMS_OK;
  }
  int error = errno;
  close(*fd);
  *fd = -1;
  if (error != EADDRINUSE) return SMS_OK;
  sms_journal_holder_name(owner_of(&address, length), words, size);
  return SMS_FAILED;
}
