#include "text/json.h"
#include "text/hex.h"
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

const char *sms_json_blanks(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
    at++;
  return at;
}

/* ---- Strings ------------------------------------------------------------------------
 */

const char *sms_json_string(const char *at, const char *end, bool *verbatim) {
  at++;
  const char *quote = memchr(at, '"', (size_t)(end - at)), *escape;
  *verbatim = true;
  while (quote && (escape = memchr(at, '\\', (size_t)(quote - at)))) {
    *verbatim = false;
    at = escape + 2;
    if (at > quote) quote = memchr(at, '"', (size_t)(end - at));
  }
  return quote ? quote + 1 : NULL;
}

static char *write_utf8(char *out, int32_t code) {
  if (code < 0x80) {
    *out++ = (char)code;
    return out;
  }
  static const int32_t marks[] = {0, 0xC0, 0xE0, 0xF0};
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  *out++ = (char)(marks[more] | code >> 6 * more);
  while (more-- > 0)
    *out++ = (char)(0x80 | (code >> 6 * more & 0x3F));
  return out;
}

/* Writes the character behind \u; returns the text behind it, or NULL. */
static const char *unescape_unit(const char *at, const char *end, char **out) {
  int32_t unit = sms_hex(at, end, 4);
  if (unit < 0) return NULL;
  at += 4;
  if (unit >= 0xD800 && unit < 0xDC00 && end - at >= 6 && at[0] == '\\' &&
      at[1] == 'u') {
    int32_t low = sms_hex(at + 2, end, 4);
    if (low >= 0xDC00 && low < 0xE000) {
      unit = 0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00);
      at += 6;
    }
  }
  *out = write_utf8(*out, unit);
  return at;
}

/* What a letter behind a backslash stands for; 0 for none. */
static char meaning_of(char letter) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *found = letter ? strchr(letters, letter) : NULL;
  return (char)(found ? meanings[found - letters] : 0);
}

char *sms_json_unescape(char *out, const char *text, size_t length) {
  const char *end = text + length;
  while (text < end) {
    if (*text != '\\') {
      *out++ = *text++;
      continue;
    }
    if (++text == end) return NULL;
    char letter = *text++;
    if (letter == 'u') {
      text = unescape_unit(text, end, &out);
      if (!text) return NULL;
    } else if ((*out = meaning_of(letter)) != 0) {
      out++;
    } else {
      return NULL;
    }
  }
  return out;
}

/* ---- Numbers ------------------------------------------------------------------------
 */

/* strtod reads, and printf writes, the decimal point of the host's locale. Asking for
 * this one allocates nothing. */
static locale_t plain_locale(void) {
  return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static const char *skip_digits(const char *at) {
  while (is_digit(*at))
    at++;
  return at;
}

/* Behind fraction and exponent, as far as there are any; NULL where they are wrong. */
static const char *skip_rest(const char *at) {
  if (*at == '.') {
    if (!is_digit(*++at)) return NULL;
    at = skip_digits(at);
  }
  if (*at != 'e' && *at != 'E') return at;
  at++;
  if (*at == '+' || *at == '-') at++;
  return is_digit(*at) ? skip_digits(at) : NULL;
}

/* Whether digits are those of a number below 2^53, up to which a double skips none. */
static bool is_exact(const char *digits, size_t count) {
  static const char limit[] = "9007199254740992";
  size_t most = sizeof limit - 1;
  return count < most || (count == most && memcmp(digits, limit, most) < 0);
}

const char *sms_json_number(const char *at, enum sms_json_number *kind) {
  const char *digits = *at == '-' ? at + 1 : at;
  if (!is_digit(*digits)) return NULL;
  at = skip_digits(digits);
  if (*digits == '0' && at > digits + 1) return NULL;
  const char *whole = at;
  at = skip_rest(at);
  bool exact = is_exact(digits, (size_t)(whole - digits));
  *kind = at != whole ? SMS_JSON_FRACTION : exact ? SMS_JSON_WHOLE : SMS_JSON_LONG;
  return at;
}

size_t sms_json_double(double value, char text[SMS_DOUBLE_MAX]) {
  enum { FEWEST = 14, MOST = 17 }; /* digits; those of the last always suffice */
  locale_t plain = plain_locale(), host = uselocale(plain);
  char shortest[SMS_DOUBLE_MAX];
  int length = 0;
  for (int digits = FEWEST; digits <= MOST; digits++) {
    length = snprintf(shortest, sizeof shortest, "%.*g", digits, value);
    if (strtod(shortest, NULL) == value) break;
  }
  memcpy(text, shortest, (size_t)length + 1);
  uselocale(host);
  freelocale(plain);
  return (size_t)length;
}

bool sms_json_to_double(const char *text, size_t length, double *value) {
  if (length == 0 || strspn(text, "0123456789.eE+-") != length) return false;
  char *end;
  locale_t plain = plain_locale();
  *value = strtod_l(text, &end, plain);
  freelocale(plain);
  return end == text + length;
}

/* ---- Any value ----------------------------------------------------------------------
 */

const char *sms_json_skip(const char *at, const char *end) {
  bool verbatim;
  int64_t depth = 0;
  while (at < end) {
    if (*at == '"') {
      at = sms_json_string(at, end, &verbatim);
      if (!at) return NULL;
      if (depth == 0) return at;
      continue;
    }
    if (*at == '{' || *at == '[') depth++;
    if (*at == '}' || *at == ']') {
      if (--depth <= 0) return depth == 0 ? at + 1 : NULL;
    }
    at++;
    if (depth == 0 && (at == end || strchr(",]} \t\r\n", *at))) return at;
  }
  return NULL;
}
