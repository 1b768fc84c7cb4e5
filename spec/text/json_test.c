#include "text/json.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

static void numbers_end_where_they_should(void **state) {
  static const struct {
    const char *text;
    int length; /* 0: it is none */
    enum sms_json_number kind;
  } cases[] = {
      {"0", 1, SMS_JSON_WHOLE},
      {"-0", 2, SMS_JSON_WHOLE},
      {"7,8", 1, SMS_JSON_WHOLE},
      {"-12]", 3, SMS_JSON_WHOLE},
      {"1.5", 3, SMS_JSON_FRACTION},
      {"-0.25e1 ", 7, SMS_JSON_FRACTION},
      {"1E+2", 4, SMS_JSON_FRACTION},
      {"1e-2", 4, SMS_JSON_FRACTION},
      {"123456789012345", 15, SMS_JSON_WHOLE},
      {"9007199254740991", 16, SMS_JSON_WHOLE},
      {"-9007199254740992", 17, SMS_JSON_LONG},
      {"9007199254740993", 16, SMS_JSON_LONG},
      {"12345678901234567890", 20, SMS_JSON_LONG},
      {"0x10", 1, SMS_JSON_WHOLE},
      {"01", 0, 0},
      {"-", 0, 0},
      {"+1", 0, 0},
      {".5", 0, 0},
      {"5.", 0, 0},
      {"5.e1", 0, 0},
      {"1e", 0, 0},
      {"1e+", 0, 0},
      {"inf", 0, 0},
      {"nan", 0, 0},
      {"", 0, 0},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    enum sms_json_number kind = SMS_JSON_WHOLE;
    const char *after = sms_json_number(cases[i].text, &kind);
    assert_int_equal(after ? after - cases[i].text : 0, cases[i].length);
    if (after) assert_int_equal(kind, cases[i].kind);
  }
}

static void strings_end_where_they_should(void **state) {
  static const struct {
    const char *text;
    int length; /* 0: it does not end */
    bool verbatim;
  } cases[] = {
      {"\"\"", 2, true},        {"\"a\" ", 3, true}, {"\"a\\\"b\"c", 6, false},
      {"\"\\\\\"\"", 4, false}, {"\"a", 0, true},    {"\"\\\"", 0, false},
      {"\"\\", 0, false},       {"\"", 0, true},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *text = cases[i].text;
    bool verbatim;
    const char *after = sms_json_string(text, text + strlen(text), &verbatim);
    assert_int_equal(after ? after - text : 0, cases[i].length);
    if (after) assert_int_equal(verbatim, cases[i].verbatim);
  }
}

static void escapes_become_what_they_stand_for(void **state) {
  static const struct {
    const char *text, *plain; /* NULL: it is broken */
  } cases[] = {
      {"", ""},
      {"a\\n\\t\\/\\\\\\\"\\b\\f\\r", "a\n\t/\\\"\b\f\r"},
      {"\\u0041\\u00e9\\u20AC", "A\xC3\xA9\xE2\x82\xAC"},
      {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
      {"\\udbff\\udfff", "\xF4\x8F\xBF\xBF"},
      {"\\ud83d", "\xED\xA0\xBD"},
      {"\\ud83dx", "\xED\xA0\xBDx"},
      {"\\ud83d\\n", "\xED\xA0\xBD\n"},
      {"\\ud83d\\ud83d\\ude00", "\xED\xA0\xBD\xF0\x9F\x98\x80"},
      {"\\ude00", "\xED\xB8\x80"},
      {"\\", NULL},
      {"\\x", NULL},
      {"\\u", NULL},
      {"\\u12", NULL},
      {"\\u12g4", NULL},
      {"\\ud83d\\u12", NULL},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char out[64];
    char *end = sms_json_unescape(out, cases[i].text, strlen(cases[i].text));
    assert_int_equal(end != NULL, cases[i].plain != NULL);
    if (!end) continue;
    assert_true((size_t)(end - out) <= strlen(cases[i].text));
    assert_int_equal(end - out, strlen(cases[i].plain));
    assert_memory_equal(out, cases[i].plain, (size_t)(end - out));
  }
}

static void values_are_skipped_with_what_is_in_them(void **state) {
  static const struct {
    const char *text;
    int length; /* 0: it does not end */
  } cases[] = {
      {"7,", 1},   {"null}", 4}, {"\"]\\\"\" ", 5},
      {"{}", 2},   {"[[]],", 4}, {"{\"a\":\"}\"}]", 9},
      {"[1,2", 0}, {"{\"a", 0},  {"]", 0},
      {"", 0},     {"true", 4},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *text = cases[i].text;
    const char *after = sms_json_skip(text, text + strlen(text));
    assert_int_equal(after ? after - text : 0, cases[i].length);
  }
}

static void numbers_are_written_as_short_as_they_can_be(void **state) {
  static const struct {
    double value;
    const char *text;
  } cases[] = {
      {0.5, "0.5"},     {0.1, "0.1"},    {0.1 + 0.2, "0.30000000000000004"},
      {-1.25, "-1.25"}, {1e-7, "1e-07"}, {1e300, "1e+300"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[SMS_DOUBLE_MAX];
    double value;
    size_t length = sms_json_double(cases[i].value, text);
    assert_int_equal(length, strlen(cases[i].text));
    assert_memory_equal(text, cases[i].text, length);
    assert_true(sms_json_to_double(text, length, &value) && value == cases[i].value);
  }
  static const char *const broken[] = {"",    " 1",  "1 ", "1,5", "0x10",
                                       "inf", "nan", "1e", "--1"};
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
    double value;
    assert_false(sms_json_to_double(broken[i], strlen(broken[i]), &value));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_end_where_they_should),
      cmocka_unit_test(strings_end_where_they_should),
      cmocka_unit_test(escapes_become_what_they_stand_for),
      cmocka_unit_test(values_are_skipped_with_what_is_in_them),
      cmocka_unit_test(numbers_are_written_as_short_as_they_can_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
