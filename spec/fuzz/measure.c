/* Texts: what they cost, and how they are spelt in JSON, forms and numbers. */
#include "fuzz.h"
#include "text/form.h"
#include "text/host.h"
#include "text/json.h"
#include "text/sms_text.h"
#include "text/value_format.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

static void measure(const char *text, size_t length) {
  struct sms_text measured;
  struct sms_text_content content;
  bool valid = sms_text_measure(text, length, &measured) == SMS_OK;
  bool inspected = sms_text_inspect(text, length, &content) == SMS_OK;
  FUZZ_HOLDS(valid == inspected);
  if (!valid) {
    FUZZ_HOLDS(measured.misfit < length && measured.misfit == content.bad);
    FUZZ_HOLDS(!sms_text_is_gsm(text, length));
    FUZZ_HOLDS(sms_text_measure(text, measured.misfit, &measured) == SMS_OK);
    return;
  }
  FUZZ_HOLDS(sms_text_is_gsm(text, length) == !measured.ucs2);
  FUZZ_HOLDS(measured.ucs2 == (measured.misfit_length > 0));
  FUZZ_HOLDS(measured.misfit + measured.misfit_length <= length);
  FUZZ_HOLDS(content.characters <= measured.units && measured.units <= 2 * length);
  FUZZ_HOLDS(measured.parts >= 1 && measured.parts <= 1 + measured.units / 66);
}

/* Text between quotes comes back from JSON as it was. */
static void quote(const char *text, size_t length) {
  char *quoted = malloc(6 * length + 3), *back = malloc(6 * length + 3);
  bool verbatim;
  FUZZ_HOLDS(quoted && back);
  char *end = sms_json_quote(quoted, text, length);
  FUZZ_HOLDS(end <= quoted + 6 * length + 2);
  *end = '\0';
  FUZZ_HOLDS(sms_json_string(quoted, end, &verbatim) == end);
  FUZZ_HOLDS(sms_json_skip(quoted, end) == end);
  char *rest = sms_json_unescape(back, quoted + 1, (size_t)(end - quoted) - 2);
  FUZZ_HOLDS(rest && (size_t)(rest - back) == length && !memcmp(back, text, length));
  free(quoted);
  free(back);
}

static void escape(const char *text, size_t length) {
  char *escaped = malloc(3 * length + 1);
  FUZZ_HOLDS(escaped);
  char *end = sms_escape(escaped, text, length);
  FUZZ_HOLDS(end >= escaped + length && end <= escaped + 3 * length);
  for (char *at = escaped; at < end; at++)
    FUZZ_HOLDS(*at > ' ' && *at <= '~' && !strchr("&=+?#/", *at));
  free(escaped);
}

static void read_number(const char *text, size_t length) {
  char number[SMS_NUMBER_MAX];
  double value;
  size_t phone = sms_phone(text, length, number);
  FUZZ_HOLDS(phone <= SMS_NUMBER_MAX);
  size_t e164 = sms_e164(text, length, number);
  FUZZ_HOLDS(e164 == 0 || (e164 >= 7 && e164 <= 15));
  for (size_t i = 0; i < e164; i++)
    FUZZ_HOLDS(number[i] >= '0' && number[i] <= '9');
  FUZZ_HOLDS(!e164 || sms_number_fault(text, length) == SMS_NUMBER_FINE);
  sms_is_plain_sender(text, length);
  if (sms_read_whole(text, length, &value))
    FUZZ_HOLDS(value > -9007199254740992 && value < 9007199254740992);
}

/* What is written reads back as the same. */
static void read_double(const char *text, size_t length) {
  double value;
  if (sms_json_to_double(text, length, &value) && isfinite(value)) {
    char written[SMS_DOUBLE_MAX];
    double again;
    size_t size = sms_json_double(value, written);
    FUZZ_HOLDS(sms_json_to_double(written, size, &again) && again == value);
  }
}

/* There is a NUL behind the text, as behind those of Lua. */
static void read_texts(const char *text, size_t length) {
  enum sms_json_number kind;
  const char *after = sms_json_skip(text, text + length);
  size_t left = length;
  FUZZ_HOLDS(!after || after <= text + length);
  sms_json_number(text, &kind);
  read_double(text, length);
  const char *trimmed = sms_trim(text, &left);
  FUZZ_HOLDS(trimmed >= text && trimmed + left <= text + length);
  sms_host_is_loopback(text);
  sms_host_is_excepted(text, text + strlen(text) / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  FUZZ_HOLDS(text);
  memcpy(text, data, size);
  text[size] = '\0';
  measure((const char *)data, size);
  quote((const char *)data, size);
  escape((const char *)data, size);
  read_number((const char *)data, size);
  read_texts(text, size);
  free(text);
  return 0;
}
