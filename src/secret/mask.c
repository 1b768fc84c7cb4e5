#include "secret/mask.h"
#include "text/hex.h"
#include <stdlib.h>
#include <string.h>

enum { SECRET_MIN = 4 };

void sms_mask_begin(struct sms_mask *mask, const char *text, size_t length) {
  mask->text = text;
  mask->length = length;
  mask->shown = length < SMS_MASK_SHOWN ? length : SMS_MASK_SHOWN;
  memset(mask->hidden, 0, mask->shown);
}

void sms_mask_part(struct sms_mask *mask, const char *from, const char *to) {
  size_t first = (size_t)(from - mask->text), end = (size_t)(to - mask->text);
  for (size_t i = first; i < end && i < mask->shown; i++)
    mask->hidden[i] = true;
}

/* The bytes of an entity of HTML that stands for a byte; 0: it does not. */
static size_t entity(const char *at, const char *end, char byte) {
  static const struct {
    const char *spelling;
    char byte;
  } entities[] = {{"&amp;", '&'},   {"&lt;", '<'},   {"&gt;", '>'},  {"&quot;", '"'},
                  {"&apos;", '\''}, {"&#39;", '\''}, {"&#34;", '"'}, {"&#x27;", '\''}};
  for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
    size_t length = strlen(entities[i].spelling);
    if (byte == entities[i].byte && (size_t)(end - at) >= length &&
        memcmp(at, entities[i].spelling, length) == 0)
      return length;
  }
  return 0;
}

/* How many bytes of the text spell this byte; 0: they spell another. */
static size_t spelled(const char *at, const char *end, char byte) {
  const int value = (unsigned char)byte;
  if (*at == '%' && sms_hex(at + 1, end, 2) == value) return 3;
  if (*at == '\\' && end - at > 1) {
    if (at[1] == 'u' && sms_hex(at + 2, end, 4) == value) return 6;
    if (at[1] == byte && strchr("\"\\/'", byte)) return 2;
  }
  if (*at == '&') {
    size_t length = entity(at, end, byte);
    if (length > 0) return length;
  }
  return *at == byte || (*at == '+' && byte == ' ');
}

/* The end of a secret that begins there, whole or, where the text ends in it, not;
 * NULL: none does. */
static const char *end_of(const char *at, const char *end, const char *secret,
                          size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (at == end) return i < SECRET_MIN ? NULL : at;
    size_t step = spelled(at, end, secret[i]);
    if (step == 0) return NULL;
    at += step;
  }
  return at;
}

void sms_mask_secret(struct sms_mask *mask, const char *secret, size_t length) {
  const char *end = mask->text + mask->length;
  if (length < SECRET_MIN) return;
  for (size_t i = 0; i < mask->shown; i++) {
    const char *at = mask->text + i;
    const char *to = end_of(at, end, secret, length);
    if (to) sms_mask_part(mask, at, to);
  }
}

void sms_mask_text(struct sms_mask *mask, const char *text, size_t length) {
  const char *at = mask->text, *last = mask->text + mask->shown;
  const char *end = mask->text + mask->length;
  if (length < SECRET_MIN) return;
  if ((size_t)(end - last) > length) end = last + length;
  while (at < last && (at = memmem(at, (size_t)(end - at), text, length))) {
    sms_mask_part(mask, at, at + length);
    at += length;
  }
}

size_t sms_mask_end(const struct sms_mask *mask, char out[SMS_MASK_OUT]) {
  size_t length = 0;
  for (size_t i = 0; i < mask->shown; i++) {
    bool begins = mask->hidden[i] && (i == 0 || !mask->hidden[i - 1]);
    if (begins) {
      memcpy(out + length, "***", 3);
      length += 3;
    } else if (!mask->hidden[i]) {
      out[length++] = mask->text[i];
    }
  }
  return length;
}
