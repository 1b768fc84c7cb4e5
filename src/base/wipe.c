#include "base/wipe.h"
#include <string.h>

void sms_wipe(void *data, size_t length) {
  explicit_bzero(data, length);
}
