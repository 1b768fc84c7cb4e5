#include "base/random.h"
#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

void sms_random_fill(void *bytes, size_t length) {
  while (getrandom(bytes, length, 0) < 0 && errno == EINTR) {
  }
}

void sms_random_uuid(char text[SMS_UUID_LENGTH + 1]) {
  unsigned char b[16];
  sms_random_fill(b, sizeof b);
  b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* its version */
  b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* its variant */
  for (size_t i = 0; i < sizeof b; i++) {
    text += sprintf(text, "%02x", b[i]);
    if (i == 3 || i == 5 || i == 7 || i == 9) *text++ = '-';
  }
  *text = '\0';
}
