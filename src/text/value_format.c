#include "text/value_format.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* What is left without blanks and the like; 0 where it is too long for a number. How
 * many of its characters are known as digits, but for a plus in front. */
static size_t strip(const char *text, size_t length, char number[SMS_NUMBER_MAX],
                    size_t *known) {
  size_t left = 0;
  if (length > 0 && text[0] == '+') number[left++] = '+';
  while (left < length && left < SMS_NUMBER_MAX && is_digit(text[left]))
    number[left] = text[left], left++; /* as most are spelt */
  *known = left;
  for (size_t i = left; i < length; i++) {
    switch (text[i]) {
    case ' ':
    case '-':
    case '.':
    case '(':
    case ')':
    case '/':
      break;
    default:
      if (left == SMS_NUMBER_MAX) return *known = 0;
      number[left++] = text[i];
    }
  }
  return left;
}

static bool all_digits(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!is_digit(text[i])) return false;
  return true;
}

/* How many characters stand for the way out of a country. */
static size_t prefix_of(const char *number, size_t length) {
  if (length > 0 && number[0] == '+') return 1;
  return length > 1 && number[0] == '0' && number[1] == '0' ? 2 : 0;
}

size_t sms_phone(const char *text, size_t length, char number[SMS_NUMBER_MAX]) {
  size_t known, left = strip(text, length, number, &known);
  size_t prefix = prefix_of(number, left);
  size_t digits = left - prefix, zero = prefix == 0 && left > 0 && number[0] == '0';
  if (digits < 3 || digits > 15 || number[prefix + zero] == '0') return 0;
  if (known < prefix) known = prefix;
  return all_digits(number + known, left - known) ? left : 0;
}

size_t sms_e164(const char *text, size_t length, char number[SMS_NUMBER_MAX]) {
  size_t known, left = strip(text, length, number, &known);
  size_t prefix = prefix_of(number, left);
  if (known < prefix) known = prefix;
  if (!all_digits(number + known, left - known)) return 0;
  left -= prefix;
  if (left < 7 || left > 15 || number[prefix] == '0') return 0;
  memmove(number, number + prefix, left);
  return left;
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool sms_is_plain_sender(const char *text, size_t length) {
  if (length == 0) return false;
  if (!is_letter(text[0]))
    return length <= 15 && all_digits(text, length) && prefix_of(text, length) == 0;
  for (size_t i = 0; i < length; i++)
    if (!is_letter(text[i]) && text[i] != ' ') return false;
  return length <= 11;
}

size_t sms_whole(double value, char text[SMS_WHOLE_MAX]) {
  if (!(fabs(value) < 9007199254740992.0)) return 0; /* nor what is no number */
  int64_t whole = (int64_t)value;
  if ((double)whole != value) return 0;
  char *end = text + SMS_WHOLE_MAX, *at = end;
  uint64_t rest = (uint64_t)(whole < 0 ? -whole : whole);
  do
    *--at = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (whole < 0) *--at = '-';
  memmove(text, at, (size_t)(end - at));
  return (size_t)(end - at);
}

/* The letter of a short escape; 'u' for a long one. */
static char escape_of(unsigned char c) {
  switch (c) {
  case '"':
  case '\\':
  case '/':
    return (char)c;
  case '\b':
    return 'b';
  case '\t':
    return 't';
  case '\n':
    return 'n';
  case '\f':
    return 'f';
  case '\r':
    return 'r';
  default:
    return 'u';
  }
}

/* Whether it stands for itself: most do, so that this is asked first. */
static bool is_verbatim(unsigned char c) {
  static const uint32_t words[8] = {0,          0xFFFF7FFB, 0xEFFFFFFF, 0x7FFFFFFF,
                                    UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
  return words[c >> 5] >> (c & 31) & 1;
}

char *sms_json_quote(char *out, const char *text, size_t length) {
  static const char digits[] = "0123456789abcdef";
  *out++ = '"';
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (is_verbatim(c)) {
      *out++ = (char)c;
      continue;
    }
    char escape = escape_of(c);
    *out++ = '\\';
    *out++ = escape;
    if (escape != 'u') continue;
    *out++ = '0';
    *out++ = '0';
    *out++ = digits[c >> 4];
    *out++ = digits[c & 15];
  }
  *out++ = '"';
  return out;
}
