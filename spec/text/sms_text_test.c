#include "text/sms_text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { CHARACTERS_MAX = 1000, PARTS_MAX = 20, ESC = 0x1B, LAST = 0x10FFFF };

/* GSM code -> code point: 3GPP TS 23.038, 6.2.1. */
static const uint32_t alphabet[128] = {
    0x0040, 0x00A3, 0x0024, 0x00A5, 0x00E8, 0x00E9, 0x00F9, 0x00EC, /* 00 */
    0x00F2, 0x00C7, 0x000A, 0x00D8, 0x00F8, 0x000D, 0x00C5, 0x00E5, /* 08 */
    0x0394, 0x005F, 0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8, /* 10 */
    0x03A3, 0x0398, 0x039E, ESC,    0x00C6, 0x00E6, 0x00DF, 0x00C9, /* 18 */
    0x0020, 0x0021, 0x0022, 0x0023, 0x00A4, 0x0025, 0x0026, 0x0027, /* 20 */
    0x0028, 0x0029, 0x002A, 0x002B, 0x002C, 0x002D, 0x002E, 0x002F, /* 28 */
    0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037, /* 30 */
    0x0038, 0x0039, 0x003A, 0x003B, 0x003C, 0x003D, 0x003E, 0x003F, /* 38 */
    0x00A1, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047, /* 40 */
    0x0048, 0x0049, 0x004A, 0x004B, 0x004C, 0x004D, 0x004E, 0x004F, /* 48 */
    0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057, /* 50 */
    0x0058, 0x0059, 0x005A, 0x00C4, 0x00D6, 0x00D1, 0x00DC, 0x00A7, /* 58 */
    0x00BF, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067, /* 60 */
    0x0068, 0x0069, 0x006A, 0x006B, 0x006C, 0x006D, 0x006E, 0x006F, /* 68 */
    0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077, /* 70 */
    0x0078, 0x0079, 0x007A, 0x00E4, 0x00F6, 0x00F1, 0x00FC, 0x00E0, /* 78 */
};

static const uint32_t extension[] = {0x000C, 0x005E, 0x007B, 0x007D, 0x005C,
                                     0x005B, 0x007E, 0x005D, 0x007C, 0x20AC};

/* The oracle: characters laid one by one into parts. */
struct laid {
  struct sms_text text;
  size_t fill[PARTS_MAX];
};

static size_t gsm_cost(uint32_t code) {
  for (size_t i = 0; i < LENGTH(extension); i++)
    if (extension[i] == code) return 2;
  for (size_t i = 0; i < LENGTH(alphabet); i++)
    if (alphabet[i] == code && i != ESC) return 1;
  return 0;
}

static size_t encode(uint32_t code, char *out) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, code >>= 6)
    out[i] = (char)(0x80 | (code & 0x3F));
  out[0] = (char)((length == 2 ? 0xC0 : length == 3 ? 0xE0 : 0xF0) | code);
  return length;
}

static struct laid lay(const uint32_t *codes, size_t count) {
  struct laid laid = {.text.ucs2 = false};
  size_t bytes = 0;
  for (size_t i = 0; i < count && !laid.text.ucs2; i++) {
    char encoded[4];
    size_t length = encode(codes[i], encoded);
    if (gsm_cost(codes[i]) == 0) {
      laid.text.ucs2 = true;
      laid.text.misfit = bytes;
      laid.text.misfit_length = length;
    }
    bytes += length;
  }
  size_t limit = laid.text.ucs2 ? 70 : 160;
  for (int again = 0; again < 2; again++) {
    size_t part = 0;
    bool overflow = false;
    laid.text.units = 0;
    memset(laid.fill, 0, sizeof laid.fill);
    for (size_t i = 0; i < count; i++) {
      size_t wide = codes[i] > 0xFFFF ? 2 : 1;
      size_t cost = laid.text.ucs2 ? wide : gsm_cost(codes[i]);
      if (laid.fill[part] + cost > limit) {
        overflow = true;
        part++;
      }
      laid.fill[part] += cost;
      laid.text.units += cost;
    }
    laid.text.parts = part + 1;
    if (!overflow) break;
    limit = laid.text.ucs2 ? 67 : 153;
  }
  return laid;
}

static void assert_measures(const char *text, size_t length,
                            const struct sms_text *expected) {
  struct sms_text measured;
  memset(&measured, 0xAA, sizeof measured);
  assert_int_equal(sms_text_measure(text, length, &measured), SMS_OK);
  assert_int_equal(measured.ucs2, expected->ucs2);
  assert_int_equal(sms_text_is_gsm(text, length), !expected->ucs2);
  assert_int_equal(measured.units, expected->units);
  assert_int_equal(measured.parts, expected->parts);
  assert_int_equal(measured.misfit, expected->misfit);
  assert_int_equal(measured.misfit_length, expected->misfit_length);
}

static void assert_agrees(const uint32_t *codes, size_t count) {
  char text[4 * CHARACTERS_MAX] = "";
  size_t length = 0;
  for (size_t i = 0; i < count; i++)
    length += encode(codes[i], text + length);
  struct laid laid = lay(codes, count);
  assert_measures(text, length, &laid.text);
}

enum { EURO = 0x20AC, QUOTE = 0x2019, YA = 0x044F, SMILE = 0x1F600 };

static const struct {
  struct {
    size_t count;
    uint32_t code;
  } runs[4];
  bool ucs2;
  size_t units, parts, fill[4];
} vectors[] = {
    {{{0, 0}}, false, 0, 1, {0}},
    {{{160, 'a'}}, false, 160, 1, {160}},
    {{{161, 'a'}}, false, 161, 2, {153, 8}},
    {{{80, EURO}}, false, 160, 1, {160}},
    {{{81, EURO}}, false, 162, 2, {152, 10}},
    {{{158, 'a'}, {1, EURO}}, false, 160, 1, {160}},
    {{{159, 'a'}, {1, EURO}}, false, 161, 2, {153, 8}},
    {{{152, 'a'}, {1, EURO}, {8, 'b'}}, false, 162, 2, {152, 10}},
    {{{306, 'a'}}, false, 306, 2, {153, 153}},
    {{{307, 'a'}}, false, 307, 3, {153, 153, 1}},
    {{{305, 'a'}, {1, EURO}}, false, 307, 3, {153, 152, 2}},
    {{{152, 'a'}, {1, EURO}, {152, 'a'}, {1, EURO}}, false, 308, 3, {152, 153, 3}},
    {{{459, 'a'}}, false, 459, 3, {153, 153, 153}},
    {{{460, 'a'}}, false, 460, 4, {153, 153, 153, 1}},
    {{{160, '\n'}}, false, 160, 1, {160}},
    {{{80, '\r'}, {80, '\n'}}, false, 160, 1, {160}},
    {{{80, '\f'}}, false, 160, 1, {160}},
    {{{159, 'a'}, {1, 0xC7}}, false, 160, 1, {160}},
    {{{69, 'a'}, {1, 0xE7}}, true, 70, 1, {70}},
    {{{159, 'a'}, {1, QUOTE}}, true, 160, 3, {67, 67, 26}},
    {{{1, '`'}}, true, 1, 1, {1}},
    {{{1, '\t'}}, true, 1, 1, {1}},
    {{{1, 'e'}, {1, 0x301}}, true, 2, 1, {2}},
    {{{70, YA}}, true, 70, 1, {70}},
    {{{71, YA}}, true, 71, 2, {67, 4}},
    {{{134, YA}}, true, 134, 2, {67, 67}},
    {{{135, YA}}, true, 135, 3, {67, 67, 1}},
    {{{35, SMILE}}, true, 70, 1, {70}},
    {{{36, SMILE}}, true, 72, 2, {66, 6}},
    {{{66, SMILE}}, true, 132, 2, {66, 66}},
    {{{67, SMILE}}, true, 134, 3, {66, 66, 2}},
    {{{1, YA}, {67, SMILE}}, true, 135, 3, {67, 66, 2}},
    {{{66, YA}, {1, SMILE}, {4, YA}}, true, 72, 2, {66, 6}},
};

static void the_vectors_hold_for_library_and_oracle(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(vectors); i++) {
    uint32_t codes[CHARACTERS_MAX] = {0};
    size_t count = 0;
    for (size_t run = 0; run < LENGTH(vectors[i].runs); run++)
      for (size_t n = 0; n < vectors[i].runs[run].count; n++)
        codes[count++] = vectors[i].runs[run].code;
    struct laid laid = lay(codes, count);
    assert_int_equal(laid.text.ucs2, vectors[i].ucs2);
    assert_int_equal(laid.text.units, vectors[i].units);
    assert_int_equal(laid.text.parts, vectors[i].parts);
    assert_memory_equal(laid.fill, vectors[i].fill, sizeof vectors[i].fill);
    assert_agrees(codes, count);
  }
}

static void pairs_of_cr_and_lf_are_two_septets(void **state) {
  (void)state;
  char text[160];
  for (int i = 0; i < 160; i++)
    text[i] = i % 2 ? '\n' : '\r';
  assert_measures(text, sizeof text, &(struct sms_text){.units = 160, .parts = 1});
}

static void the_first_misfit_is_named_by_its_bytes(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t units, misfit, misfit_length;
  } cases[] = {
      {"`", 1, 0, 1},
      {"\xe2\x82\xac\xe2\x80\x99`", 3, 3, 3},
      {"caf\xc3\xa9 \xc3\xa7", 6, 6, 2},
      {"ab\xf0\x9f\x98\x80\xe2\x80\x99", 5, 2, 4},
  };
  for (size_t i = 0; i < LENGTH(cases); i++)
    assert_measures(cases[i].text, strlen(cases[i].text),
                    &(struct sms_text){.ucs2 = true,
                                       .units = cases[i].units,
                                       .parts = 1,
                                       .misfit = cases[i].misfit,
                                       .misfit_length = cases[i].misfit_length});
}

static void every_code_point_is_as_the_oracle_says(void **state) {
  (void)state;
  size_t members = 0;
  for (uint32_t code = 0; code <= LAST; code++) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    assert_agrees(&code, 1);
    members += gsm_cost(code) > 0;
  }
  assert_int_equal(members, 127 + 10);
}

static uint64_t random_state;

static uint32_t random_below(size_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)((random_state >> 20) % limit);
}

/* Of kinds 0 to 3, an alphabet member, an extension, the BMP, beyond it. */
static uint32_t random_code(unsigned kinds) {
  uint32_t kind = random_below(4);
  while (!(kinds & (1u << kind)))
    kind = random_below(4);
  uint32_t code = kind == 2 ? random_below(0x10000) : 0x10000 + random_below(0x100000);
  if (kind == 0) return alphabet[(ESC + 1 + random_below(127)) % 128];
  if (kind == 1) return extension[random_below(LENGTH(extension))];
  return code >= 0xD800 && code <= 0xDFFF ? 'x' : code;
}

static void random_texts_at_the_borders_are_laid_as_the_oracle_lays(void **state) {
  (void)state;
  static const size_t borders[][2] = {
      {60, 75}, {130, 140}, {150, 165}, {300, 310}, {455, 465}};
  random_state = 20231;
  for (int round = 0; round < 20000; round++) {
    const size_t *border = borders[random_below(LENGTH(borders))];
    size_t target = border[0] + random_below(border[1] - border[0] + 1);
    unsigned kinds = 1 + random_below(15);
    bool mostly_plain = random_below(2) == 0;
    bool in_units = random_below(2) == 0;
    uint32_t codes[CHARACTERS_MAX] = {0};
    size_t count = 0;
    for (size_t units = 0; (in_units ? units : count) < target; count++) {
      bool plain = mostly_plain && random_below(20) > 0;
      codes[count] = plain ? 'a' : random_code(kinds);
      bool wide = codes[count] > 0xFFFF || (kinds < 4 && gsm_cost(codes[count]) == 2);
      units += wide ? 2 : 1;
    }
    assert_agrees(codes, count);
  }
}

/* RFC 3629, section 4, literally. Returns the length of one valid character or 0. */
static size_t valid_utf8(const unsigned char *s, size_t length) {
  static const struct {
    unsigned char first[2], second[2];
    size_t length;
  } forms[] = {
      {{0x00, 0x7F}, {0x00, 0x00}, 1}, {{0xC2, 0xDF}, {0x80, 0xBF}, 2},
      {{0xE0, 0xE0}, {0xA0, 0xBF}, 3}, {{0xE1, 0xEC}, {0x80, 0xBF}, 3},
      {{0xED, 0xED}, {0x80, 0x9F}, 3}, {{0xEE, 0xEF}, {0x80, 0xBF}, 3},
      {{0xF0, 0xF0}, {0x90, 0xBF}, 4}, {{0xF1, 0xF3}, {0x80, 0xBF}, 4},
      {{0xF4, 0xF4}, {0x80, 0x8F}, 4},
  };
  for (size_t i = 0; i < LENGTH(forms); i++) {
    if (s[0] < forms[i].first[0] || s[0] > forms[i].first[1]) continue;
    if (length < forms[i].length) return 0;
    if (forms[i].length == 1) return 1;
    if (s[1] < forms[i].second[0] || s[1] > forms[i].second[1]) return 0;
    for (size_t k = 2; k < forms[i].length; k++)
      if (s[k] < 0x80 || s[k] > 0xBF) return 0;
    return forms[i].length;
  }
  return 0;
}

static void assert_judged(const unsigned char *bytes, size_t length) {
  struct sms_text measured;
  size_t at = 0;
  while (at < length) {
    size_t step = valid_utf8(bytes + at, length - at);
    if (step == 0) break;
    at += step;
  }
  enum sms_status status = sms_text_measure((const char *)bytes, length, &measured);
  if (status != SMS_OK) assert_false(sms_text_is_gsm((const char *)bytes, length));
  assert_int_equal(status, at < length ? SMS_INVALID : SMS_OK);
  if (at < length) assert_int_equal(measured.misfit, at);
}

static void utf8_is_judged_as_rfc_3629_says(void **state) {
  (void)state;
  static const unsigned char edges[] = {0x00, 0x41, 0x7F, 0x80, 0x81, 0x8F, 0x90,
                                        0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED,
                                        0xF0, 0xF4, 0xF5, 0xFE, 0xFF};
  unsigned char bytes[5];
  for (uint32_t pair = 0; pair < 0x10000; pair++) {
    bytes[0] = (unsigned char)(pair >> 8);
    bytes[1] = (unsigned char)pair;
    assert_judged(bytes, 1);
    assert_judged(bytes, 2);
    for (size_t i = 0; i < LENGTH(edges); i++) {
      bytes[2] = edges[i];
      assert_judged(bytes, 3);
      for (size_t k = 0; k < LENGTH(edges); k++) {
        bytes[3] = edges[k];
        assert_judged(bytes, 4);
      }
    }
  }
}

static void what_is_not_utf8_is_named_by_its_first_byte(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t misfit;
  } cases[] = {
      {"ab\xc0\xaf", 2},                /* overlong */
      {"\xc1\xbf", 0},                  /* overlong */
      {"a\xe0\x9f\xbf", 1},             /* overlong */
      {"a\xf0\x8f\xbf\xbf", 1},         /* overlong */
      {"abc\xed\xa0\x80", 3},           /* surrogate */
      {"abc\xed\xbf\xbf", 3},           /* surrogate */
      {"\xf4\x90\x80\x80", 0},          /* above U+10FFFF */
      {"\xf7\xbf\xbf\xbf", 0},          /* above U+10FFFF */
      {"\xf8\x88\x80\x80\x80", 0},      /* five bytes */
      {"\xfc\x84\x80\x80\x80", 0},      /* six bytes */
      {"x\xe2\x82", 1},                 /* truncated */
      {"x\xf0\x9f\x98", 1},             /* truncated */
      {"x\xc3", 1},                     /* truncated */
      {"\xe2\x80\x99\xe2(\xa1", 3},     /* cut in the middle */
      {"\xc3\xa9\x80", 2},              /* continuation without a lead */
      {"\xff\xfe", 0},                  /* never in UTF-8 */
      {"a\xed\xa0\xbd\xed\xb8\x80", 1}, /* a surrogate pair, as CESU-8 has it */
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct sms_text measured;
    assert_int_equal(sms_text_measure(cases[i].text, strlen(cases[i].text), &measured),
                     SMS_INVALID);
    assert_int_equal(measured.misfit, cases[i].misfit);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_vectors_hold_for_library_and_oracle),
      cmocka_unit_test(pairs_of_cr_and_lf_are_two_septets),
      cmocka_unit_test(the_first_misfit_is_named_by_its_bytes),
      cmocka_unit_test(every_code_point_is_as_the_oracle_says),
      cmocka_unit_test(random_texts_at_the_borders_are_laid_as_the_oracle_lays),
      cmocka_unit_test(utf8_is_judged_as_rfc_3629_says),
      cmocka_unit_test(what_is_not_utf8_is_named_by_its_first_byte),
  };
  return cmocka_run_group_tests_name("sms_text", tests, NULL, NULL);
}
