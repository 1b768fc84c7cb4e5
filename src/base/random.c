#include "base/random.h"
#include "base/descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

static ssize_t draw(int fd, void *bytes, size_t length) {
  return fd < 0 ? getrandom(bytes, length, 0) : read(fd, bytes, length);
}

/* fd: /dev/urandom, or -1. */
static int fill(int fd, void *bytes, size_t length) {
  for (char *at = bytes; length > 0;) {
    ssize_t got = draw(fd, at, length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0 ? errno : EIO;
    at += got;
    length -= (size_t)got;
  }
  return 0;
}

int sms_random_fill(void *bytes, size_t length) {
  int error = fill(-1, bytes, length);
  if (!error) return 0;
  int fd = sms_descriptor_open("/dev/urandom", O_RDONLY, 0);
  if (fd < 0) return error;
  error = fill(fd, bytes, length);
  close(fd);
  return error;
}

int sms_random_uuid(char text[SMS_UUID_LENGTH + 1]) {
  unsigned char b[16];
  int error = sms_random_fill(b, sizeof b);
  if (error) return error;
  b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* its version */
  b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* its variant */
  for (size_t i = 0; i < sizeof b; i++) {
    text += sprintf(text, "%02x", b[i]);
    if (i == 3 || i == 5 || i == 7 || i == 9) *text++ = '-';
  }
  *text = '\0';
  return 0;
}
