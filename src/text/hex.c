#include "text/hex.h"

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= ' ';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int sms_hex(const char *at, const char *end, int digits) {
  int value = 0;
  if (end - at < digits) return -1;
  for (int i = 0; i < digits; i++) {
    int digit = digit_of(at[i]);
    if (digit < 0) return -1;
    value = 16 * value + digit;
  }
  return value;
}
