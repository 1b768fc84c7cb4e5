#include "text/sms_text.h"
#include <stdint.h>
#include <string.h>

/* An SMS, and a part of a longer text behind its header: 3GPP TS 23.040. */
enum { GSM_SINGLE = 160, GSM_PART = 153, UCS2_SINGLE = 70, UCS2_PART = 67 };

/* Of the default alphabet above ASCII; sorted. The small c with cedilla is not in it.
 */
static const uint16_t gsm_above_ascii[] = {
    0x00A1, 0x00A3, 0x00A4, 0x00A5, 0x00A7, 0x00BF, 0x00C4, 0x00C5, 0x00C6, 0x00C7,
    0x00C9, 0x00D1, 0x00D6, 0x00D8, 0x00DC, 0x00DF, 0x00E0, 0x00E4, 0x00E5, 0x00E6,
    0x00E8, 0x00E9, 0x00EC, 0x00F1, 0x00F2, 0x00F6, 0x00F8, 0x00F9, 0x00FC, 0x0393,
    0x0394, 0x0398, 0x039B, 0x039E, 0x03A0, 0x03A3, 0x03A6, 0x03A8, 0x03A9};

enum { EURO = 0x20AC };

static bool above_ascii(uint32_t code) {
  size_t low = 0;
  size_t high = sizeof gsm_above_ascii / sizeof gsm_above_ascii[0];
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (gsm_above_ascii[middle] == code) return true;
    if (gsm_above_ascii[middle] < code)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

/* Eight bytes at once: whether all of them are characters of ASCII that can be seen, or
 * blanks. */
static bool is_plain_ascii(const unsigned char *bytes) {
  const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
  uint64_t eight;
  memcpy(&eight, bytes, sizeof eight);
  if (eight & tops) return false;
  /* Below the top bit: 0x60 more reaches it from 0x20 on, and 1 more from 0x7F on. */
  return ((eight + ones * 0x60) & tops) == tops && !((eight + ones) & tops);
}

/* The same of all of a text of eight and more. */
static bool is_all_plain_ascii(const unsigned char *bytes, size_t length) {
  if (length < 8 || !is_plain_ascii(bytes + length - 8)) return false;
  size_t at = 0;
  while (at + 8 < length && is_plain_ascii(bytes + at))
    at += 8;
  return at + 8 >= length;
}

/* 0 where the character is not in the alphabet, 2 where it needs an escape. */
static size_t septets(uint32_t code) {
  switch (code) {
  case '\n':
  case '\r':
    return 1;
  case '\f':
  case '[':
  case '\\':
  case ']':
  case '^':
  case '{':
  case '|':
  case '}':
  case '~':
  case EURO:
    return 2;
  case '`':
    return 0;
  default:
    return (code >= ' ' && code < 0x7F) || above_ascii(code);
  }
}

static size_t utf16_units(uint32_t code) {
  return code > 0xFFFF ? 2 : 1;
}

/* The bytes of the character at text, at most left; 0 where it is not UTF-8. */
static size_t decode(const unsigned char *text, size_t left, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned lead = text[0];
  *code = lead;
  if (lead < 0x80) return 1;
  if (lead < 0xC0 || lead > 0xF7) return 0;
  size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length > left) return 0;
  *code = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; i++) {
    if ((text[i] & 0xC0) != 0x80) return 0;
    *code = *code << 6 | (text[i] & 0x3F);
  }
  bool surrogate = *code >= 0xD800 && *code <= 0xDFFF;
  return *code < least[length] || *code > 0x10FFFF || surrogate ? 0 : length;
}

/* A text laid into parts, as if it needed more than one. */
struct packing {
  size_t part;
  size_t units;
  size_t parts;
  size_t fill;
};

/* A character is never cut: what is left of the part stays empty. */
static void pack(struct packing *packing, size_t units) {
  if (packing->parts == 0 || packing->fill + units > packing->part) {
    packing->parts++;
    packing->fill = 0;
  }
  packing->fill += units;
  packing->units += units;
}

enum sms_status sms_text_measure(const char *text, size_t length,
                                 struct sms_text *measured) {
  struct packing gsm = {.part = GSM_PART};
  struct packing ucs2 = {.part = UCS2_PART};
  *measured = (struct sms_text){.parts = 1};
  for (size_t at = 0, bytes; at < length; at += bytes) {
    uint32_t code;
    bytes = decode((const unsigned char *)text + at, length - at, &code);
    if (bytes == 0) {
      *measured = (struct sms_text){.misfit = at};
      return SMS_INVALID;
    }
    if (septets(code) == 0 && !measured->ucs2) {
      measured->ucs2 = true;
      measured->misfit = at;
      measured->misfit_length = bytes;
    }
    pack(&gsm, septets(code));
    pack(&ucs2, utf16_units(code));
  }
  const struct packing *chosen = measured->ucs2 ? &ucs2 : &gsm;
  size_t single = measured->ucs2 ? UCS2_SINGLE : GSM_SINGLE;
  measured->units = chosen->units;
  if (chosen->units > single) measured->parts = chosen->parts;
  return SMS_OK;
}

bool sms_text_is_gsm(const char *text, size_t length) {
  const unsigned char *characters = (const unsigned char *)text;
  if (is_all_plain_ascii(characters, length) && !memchr(text, '`', length)) return true;
  for (size_t at = 0, bytes; at < length; at += bytes) {
    uint32_t code;
    bytes = 8;
    if (length - at >= 8 && is_plain_ascii(characters + at) &&
        !memchr(characters + at, '`', 8))
      continue;
    bytes = decode(characters + at, length - at, &code);
    if (bytes == 0 || septets(code) == 0) return false;
  }
  return true;
}

enum sms_status sms_text_inspect(const char *text, size_t length,
                                 struct sms_text_content *content) {
  const unsigned char *bytes = (const unsigned char *)text;
  bool ascii = true;
  *content = (struct sms_text_content){.characters = length};
  if (is_all_plain_ascii(bytes, length)) return SMS_OK;
  for (size_t i = 0; i < length; i++) {
    ascii = ascii && bytes[i] < 0x80;
    if (bytes[i] >= 0x20 && bytes[i] != 0x7F) continue;
    content->control = true;
    content->nul = content->nul || bytes[i] == 0;
  }
  if (ascii) return SMS_OK;
  content->characters = 0;
  for (size_t at = 0, size; at < length; at += size, content->characters++) {
    uint32_t code;
    size = decode(bytes + at, length - at, &code);
    if (size == 0) {
      content->bad = at;
      return SMS_INVALID;
    }
  }
  return SMS_OK;
}
