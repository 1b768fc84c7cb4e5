#include "base/write_all.h"
#include <errno.h>
#include <unistd.h>

int sms_write_all(int fd, const void *data, size_t size, int64_t place) {
  for (const char *at = data; size > 0;) {
    ssize_t written = pwrite(fd, at, size, place);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    at += written;
    size -= (size_t)written;
    place += written;
  }
  return 0;
}
