#include "base/descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FIRST 3
#define FEW   4 /* what a name look-up takes at once */

int sms_descriptor_raise(int descriptor) {
  if (descriptor < 0 || descriptor >= FIRST) return descriptor;
  int raised = fcntl(descriptor, F_DUPFD_CLOEXEC, FIRST);
  int error = errno;
  close(descriptor);
  errno = error;
  return raised;
}

int sms_descriptor_open(const char *path, int flags, mode_t mode) {
  int descriptor;
  do
    descriptor = open(path, flags | O_CLOEXEC, mode);
  while (descriptor < 0 && errno == EINTR);
  return sms_descriptor_raise(descriptor);
}

void sms_standard_take(struct sms_standard *standard) {
  standard->count = 0;
  while (standard->count < FIRST) {
    int place = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (place >= FIRST) close(place);
    if (place < 0 || place >= FIRST) break;
    standard->taken[standard->count++] = place;
  }
}

void sms_standard_give_back(struct sms_standard *standard) {
  while (standard->count > 0)
    close(standard->taken[--standard->count]);
}

int sms_descriptor_lack(void) {
  int taken[FEW], count = 0, error = 0;
  while (count < FEW && !error) {
    taken[count] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (taken[count] >= 0)
      count++;
    else
      error = errno;
  }
  while (count > 0)
    close(taken[--count]);
  return error == EMFILE || error == ENFILE ? error : 0;
}
