#include "text/value_format.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h> /* wants some of the above before it */

static void whole_numbers_are_spelt_while_they_are_exact(void **state) {
  static const struct {
    double value;
    const char *text; /* NULL: it is none */
  } cases[] = {
      {0, "0"},
      {-0.0, "0"},
      {7, "7"},
      {-10, "-10"},
      {4294967296.0, "4294967296"},
      {9007199254740991.0, "9007199254740991"},
      {-9007199254740991.0, "-9007199254740991"},
      {9007199254740992.0, NULL},
      {-9007199254740992.0, NULL},
      {0.5, NULL},
      {-1e-300, NULL},
      {HUGE_VAL, NULL},
      {-HUGE_VAL, NULL},
      {NAN, NULL},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[SMS_WHOLE_MAX];
    const char *expected = cases[i].text ? cases[i].text : "";
    size_t length = sms_whole(cases[i].value, text);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(text, expected, length);
  }
}

typedef size_t spell(const char *text, size_t length, char number[SMS_NUMBER_MAX]);

static void assert_spells(spell *how, const char *text, const char *expected) {
  char number[SMS_NUMBER_MAX];
  size_t length = how(text, strlen(text), number);
  assert_int_equal(length, strlen(expected));
  assert_memory_equal(number, expected, length);
}

static void numbers_of_phones_lose_what_divides_them(void **state) {
  (void)state;
  assert_spells(sms_phone, "+49 (89) 552-527.0/00.1", "+49895525270001");
  assert_spells(sms_phone, "0049 89 5525270", "0049895525270");
  assert_spells(sms_phone, "089 552", "089552");
  assert_spells(sms_phone, "00 0", "");
  assert_spells(sms_phone, "12", "");
  assert_spells(sms_phone, "1234567890123456", "");
  assert_spells(sms_phone, "call me", "");
  assert_spells(sms_e164, "+44 7700 900000", "447700900000");
  assert_spells(sms_e164, "0044 7700 900000", "447700900000");
  assert_spells(sms_e164, "07700 900000", "");
  assert_spells(sms_e164, "123456", "");
}

static void numbers_that_would_be_others_have_a_fault(void **state) {
  static const struct {
    const char *text;
    enum sms_number_fault fault;
  } cases[] = {
      {"", SMS_NUMBER_FINE},
      {"447700900000", SMS_NUMBER_FINE},
      {"+33.1.23.45.67.00", SMS_NUMBER_FINE},
      {"202.555.0190", SMS_NUMBER_FINE},
      {"447700900000.", SMS_NUMBER_FINE},
      {"4477009.000 000", SMS_NUMBER_FINE},
      {"447700.900000", SMS_NUMBER_FINE},
      {"(020) 7946/000", SMS_NUMBER_FINE},
      {"+44 (0)7700 900000", SMS_NUMBER_TRUNK},
      {"44(0)7700900000 (1)", SMS_NUMBER_TRUNK},
      {"( 0 )7700", SMS_NUMBER_TRUNK},
      {"((0))7700", SMS_NUMBER_TRUNK},
      {"(7 (0)700", SMS_NUMBER_TRUNK},
      {"(00)447700900000", SMS_NUMBER_FINE},
      {"447700900000.0", SMS_NUMBER_FRACTION},
      {"447700900000.00", SMS_NUMBER_FRACTION},
      {"447700900000.0\r\n", SMS_NUMBER_FRACTION},
      {"(447700900000.0)", SMS_NUMBER_FRACTION},
      {"447700900000/1", SMS_NUMBER_TAIL},
      {"447700900000 / 12", SMS_NUMBER_TAIL},
      {"447700900000/123", SMS_NUMBER_FINE},
      {"447700900000 (1)", SMS_NUMBER_TAIL},
      {"447700900000(12", SMS_NUMBER_TAIL},
      {"447700900000x", SMS_NUMBER_LETTERS},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    size_t length = strlen(cases[i].text);
    assert_int_equal(sms_number_fault(cases[i].text, length), cases[i].fault);
  }
}

/* What a form of the web sends may be as long. */
static void many_brackets_are_looked_at_once(void **state) {
  enum { BRACKETS = 1 << 20, MOST = 5 }; /* seconds; some milliseconds are enough */
  static char text[BRACKETS];
  (void)state;
  memset(text, '(', sizeof text);
  clock_t began = clock();
  assert_int_equal(sms_number_fault(text, sizeof text), SMS_NUMBER_FINE);
  assert_true(clock() - began < MOST * CLOCKS_PER_SEC);
}

static void what_stands_around_numbers_is_blank(void **state) {
  (void)state;
  assert_spells(sms_e164,
                "\xC2\xA0+44\xC2\xA0"
                "7700\xE2\x80\xAF"
                "900000\r\n\t ",
                "447700900000");
  assert_spells(sms_phone, "110\n", "110");
  assert_spells(sms_phone, "110\n112", "");
  assert_spells(sms_phone,
                "\xA0"
                "110",
                "");
  size_t length = 7;
  assert_string_equal(sms_trim(" \t\xC2\xA0\r\n ", &length), "");
  assert_int_equal(length, 0);
}

static void whole_numbers_are_read_from_their_digits(void **state) {
  static const struct {
    const char *text;
    double value;
  } good[] = {{"0", 0},
              {"-0", 0},
              {"60000", 60000},
              {"60000.0", 60000},
              {"007.000", 7},
              {"-5", -5},
              {"9007199254740991", 9007199254740991.0}};
  static const char *const bad[] = {"",    "-",     ".0",  "1.",
                                    "1.5", "1.0.0", "+1",  " 1",
                                    "1 ",  "1e3",   "0x1", "9007199254740992",
                                    "١",   "1.x",   "--1", "99999999999999999999999"};
  double value;
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_true(sms_read_whole(good[i].text, strlen(good[i].text), &value));
    assert_true(value == good[i].value);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_false(sms_read_whole(bad[i], strlen(bad[i]), &value));
}

static void senders_that_need_no_look_are_known(void **state) {
  (void)state;
  assert_true(sms_is_plain_sender("Acme Ltd", 8));
  assert_true(sms_is_plain_sender("447700900000", 12));
  assert_false(sms_is_plain_sender("", 0));
  assert_false(sms_is_plain_sender("Acme Limited", 12));
  assert_false(sms_is_plain_sender("00447700900000", 14));
  assert_false(sms_is_plain_sender("Acme1", 5));
}

static void texts_are_quoted_as_lua_cjson_does(void **state) {
  static const char text[] = "a\"\\/\b\t\n\f\r\x1f\x7f\xC3\xA4\0z";
  static const char expected[] =
      "\"a\\\"\\\\\\/\\b\\t\\n\\f\\r\\u001f\\u007f\xC3\xA4\\u0000z\"";
  char out[6 * sizeof text + 2];
  (void)state;
  size_t length = (size_t)(sms_json_quote(out, text, sizeof text - 1) - out);
  assert_int_equal(length, sizeof expected - 1);
  assert_memory_equal(out, expected, length);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_numbers_are_spelt_while_they_are_exact),
      cmocka_unit_test(numbers_of_phones_lose_what_divides_them),
      cmocka_unit_test(numbers_that_would_be_others_have_a_fault),
      cmocka_unit_test(many_brackets_are_looked_at_once),
      cmocka_unit_test(what_stands_around_numbers_is_blank),
      cmocka_unit_test(whole_numbers_are_read_from_their_digits),
      cmocka_unit_test(senders_that_need_no_look_are_known),
      cmocka_unit_test(texts_are_quoted_as_lua_cjson_does),
  };
  return cmocka_run_group_tests_name("value_format", tests, NULL, NULL);
}
