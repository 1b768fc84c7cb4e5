#include "text/value_format.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* The bytes of a blank that stands at the begin of a text; 0: there is none. */
static size_t blank_size(const char *text, size_t length) {
  if (length > 0 && text[0] == ' ') return 1;
  if (length > 1 && memcmp(text, "\xC2\xA0", 2) == 0) return 2;     /* U+00A0 */
  if (length > 2 && memcmp(text, "\xE2\x80\xAF", 3) == 0) return 3; /* U+202F */
  return 0;
}

/* The same for what may stand around numbers. */
static size_t margin_size(const char *text, size_t length) {
  if (length > 0 && (text[0] == '\n' || text[0] == '\r' || text[0] == '\t')) return 1;
  return blank_size(text, length);
}

/* Sees the last character, of one to three bytes, as a margin, or not: 0. */
static size_t last_margin_size(const char *text, size_t length) {
  for (size_t size = 1; size <= 3 && size <= length; size++)
    if (margin_size(text + length - size, size) == size) return size;
  return 0;
}

const char *sms_trim(const char *text, size_t *length) {
  size_t left = *length, size;
  while ((size = margin_size(text, left)) > 0)
    text += size, left -= size;
  while ((size = last_margin_size(text, left)) > 0)
    left -= size;
  *length = left;
  return text;
}

/* Writes what is left without blanks and the like; its length, 0 where it is too long.
 * Says whether there is anything that might make it another number. */
static size_t strip_all(const char *text, size_t length, char number[SMS_NUMBER_MAX],
                        bool *is_suspect) {
  size_t left = 0;
  *is_suspect = false;
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    if (is_digit(c) || c == '+') {
      if (left == SMS_NUMBER_MAX) return 0;
      number[left++] = c;
    } else if (c == '.' || c == '(' || c == '/') {
      *is_suspect = true;
    } else if (c != ' ' && c != '-' && c != ')') {
      size_t blank = blank_size(text + i, length - i);
      if (blank == 0) return 0;
      i += blank - 1;
    }
  }
  return left;
}

/* What is left without blanks and the like; 0 where it is too long for a number, or has
 * a fault. How many of its characters are known as digits, but for a plus in front. */
static size_t strip(const char *text, size_t length, char number[SMS_NUMBER_MAX],
                    size_t *known) {
  bool is_suspect;
  size_t left = 0;
  if (length > 0 && text[0] == '+') number[left++] = '+';
  while (left < length && left < SMS_NUMBER_MAX && is_digit(text[left]))
    number[left] = text[left], left++; /* as most are spelt */
  *known = left;
  if (left == length) return left;
  *known = 0;
  text = sms_trim(text, &length);
  left = strip_all(text, length, number, &is_suspect);
  return is_suspect && sms_number_fault(text, length) != SMS_NUMBER_FINE ? 0 : left;
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

static size_t count_digits(const char *text, const char *end) {
  size_t count = 0;
  for (; text < end; text++)
    count += is_digit(*text);
  return count;
}

/* A zero alone in brackets. */
static bool has_trunk_zero(const char *text, const char *end) {
  size_t digits = 0, zeros = 0;
  bool is_open = false;
  for (; text < end; text++) {
    if (*text == ')' && is_open && digits == 1 && zeros == 1) return true;
    if (*text == '(' || *text == ')') is_open = *text == '(', digits = zeros = 0;
    digits += is_digit(*text);
    zeros += *text == '0';
  }
  return false;
}

static bool has_fraction(const char *text, const char *end) {
  const char *dot = memchr(text, '.', (size_t)(end - text));
  if (!dot || memchr(dot + 1, '.', (size_t)(end - dot - 1))) return false;
  const char *at = dot + 1;
  while (at < end && *at == '0')
    at++;
  return at > dot + 1 && count_digits(at, end) == 0;
}

static bool has_tail(const char *text, const char *end) {
  const char *slash = memrchr(text, '/', (size_t)(end - text));
  const char *open = memrchr(text, '(', (size_t)(end - text));
  size_t behind_slash = slash ? count_digits(slash, end) : 0;
  size_t behind_open = open ? count_digits(open, end) : 0;
  return behind_slash == 1 || behind_slash == 2 || behind_open == 1 || behind_open == 2;
}

enum sms_number_fault sms_number_fault(const char *text, size_t length) {
  text = sms_trim(text, &length);
  const char *end = text + length;
  for (size_t i = 0; i < length; i++)
    if (is_letter(text[i])) return SMS_NUMBER_LETTERS;
  if (has_trunk_zero(text, end)) return SMS_NUMBER_TRUNK;
  if (has_fraction(text, end)) return SMS_NUMBER_FRACTION;
  return has_tail(text, end) ? SMS_NUMBER_TAIL : SMS_NUMBER_FINE;
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

bool sms_read_whole(const char *text, size_t length, double *value) {
  const uint64_t most = (UINT64_C(1) << 53) - 1;
  uint64_t whole = 0;
  size_t sign = length > 0 && text[0] == '-', at = sign;
  for (; at < length && is_digit(text[at]); at++) {
    whole = 10 * whole + (uint64_t)(text[at] - '0');
    if (whole > most) return false;
  }
  if (at == sign) return false;
  size_t zeros = at + 1;
  if (at < length && text[at] != '.') return false;
  if (at < length && zeros == length) return false;
  for (; zeros < length; zeros++)
    if (text[zeros] != '0') return false;
  *value = sign ? -(double)whole : (double)whole;
  return true;
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
