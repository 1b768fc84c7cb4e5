#include "base/random.h"
#include <errno.h>
#include <sys/random.h>

void sms_random_fill(void *bytes, size_t length) {
  while (getrandom(bytes, length, 0) < 0 && errno == EINTR) {
  }
}
