#include "text/json_mark.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h> /* wants some of the above before it */

static struct sms_json_marking marking;

static int begin(void **state) {
  (void)state;
  sms_buffer_init(&marking.text, 1u << 24);
  sms_buffer_init(&marking.members, 1u << 28);
  return 0;
}

static int end(void **state) {
  (void)state;
  sms_buffer_free(&marking.text);
  sms_buffer_free(&marking.members);
  return 0;
}

static enum sms_status mark(const char *text, bool once) {
  return sms_json_mark(text, strlen(text), once, &marking);
}

static void what_a_decoder_may_take_otherwise_is_marked(void **state) {
  static const struct {
    const char *text, *marked; /* NULL: it stands as it is */
  } cases[] = {
      {"{\"a\":\"x\",\"b\":[true,false,null,{}]}", NULL},
      {"[7]", NULL},
      {"[1,2]", "[1 ,2]"},
      {"{\"a\":-12,\"b\":0}", "{\"a\":-12 ,\"b\":0}"},
      {"[9007199254740991 , -9007199254740992]",
       "[9007199254740991 , \"-9007199254740992\"]"},
      {"[-0 , -0.0,0]", "[0 , \"\x7F-0.0\",0]"},
      {"12345678901234567890", "\"12345678901234567890\""},
      {"[1.5,-2e3]", "[\"\x7F"
                     "1.5\",\"\x7F-2e3\"]"},
      {"[\"\x7F\",\"\\u007Fx\",\"a\x7F\"]",
       "[\"\x7F\x7F\",\"\x7F\\u007Fx\",\"a\x7F\"]"},
      {"{\"\x7F\":\"1.5\"}", NULL},
      {"\"\\ud83d\\ude00\"", NULL},
      {"\"\\uDBFF\\uDFFF\"", NULL},
      {"\"\\uDC96!\"", "\"\xED\xB2\x96!\""},
      {"\"a\\uD83Db\\ude00\"", "\"a\xED\xA0\xBD"
                               "b\xED\xB8\x80\""},
      {"\"\\ud83d\\ud83d\\ude00\"", "\"\xED\xA0\xBD\\ud83d\\ude00\""},
      {"\"\\\\ud83d\"", NULL},
      {"{\"\\ud83d\":\"\\ud8\"}", "{\"\xED\xA0\xBD\":\"\\ud8\"}"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(mark(cases[i].text, true), SMS_OK);
    assert_int_equal(marking.changed, cases[i].marked != NULL);
    if (cases[i].marked) assert_string_equal(marking.text.data, cases[i].marked);
  }
}

/* In memory of its own, so that a sanitizer sees what is read behind it. */
static void half_a_pair_has_four_digits(void **state) {
  static const char *const seconds[] = {"\\udeO\\\\", "\\ude\\\\0", "\\ud\\\\ee",
                                        "\\udx00",    "\\u\\\\e00", "\\udc\x10\\\\"};
  (void)state;
  for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
    char expected[32], *text = NULL;
    int length = asprintf(&text, "{\"\\ud80d%s\":true}", seconds[i]);
    assert_true(length > 0);
    snprintf(expected, sizeof expected, "{\"\xED\xA0\x8D%s\":true}", seconds[i]);
    assert_int_equal(sms_json_mark(text, (size_t)length, false, &marking), SMS_OK);
    assert_string_equal(marking.text.data, expected);
    text[length - 7] = '\\'; /* no quote ends the name now */
    assert_int_equal(sms_json_mark(text, (size_t)length, false, &marking), SMS_INVALID);
    free(text);
  }
}

static void a_name_may_not_stand_twice_with_different_values(void **state) {
  static const struct {
    const char *text;
    bool fine;
  } cases[] = {
      {"{\"a\":1,\"b\":1,\"a\":1}", true},
      {"{\"a\":1,\"a\":2}", false},
      {"{\"a\":1,\"a\":\"1\"}", false},
      {"{\"a\":{\"a\":1},\"b\":{\"a\":2}}", true},
      {"[{\"a\":1},{\"a\":2}]", true},
      {"{\"a\":\"x\",\"\\u0061\":\"x\"}", true},
      {"{\"\\u0061\":1,\"\\u0062\":2,\"b\":3}", false},
      {"{\"x\":[{\"a\":1,\"a\":2}]}", false},
      {"{ \"a\" : \"x\" , \"a\" : \"y\" }", false},
      {"{\"\":\"x\",\"\" :\"y\"}", false},
      {"{\"ab\":\"x\",\"aj\":\"y\"}", true}, /* alike at a glance */
      {"{\"a\":\"x\",\"b\":[\"y\",7],\"a\":\"z\"}", false},
      {"{\"\\u0061 name that is longer than all that stands behind it in the text\":"
       "{\"\\n\":1}}",
       true},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(mark(cases[i].text, true), cases[i].fine ? SMS_OK : SMS_INVALID);
    assert_int_equal(mark(cases[i].text, false), SMS_OK);
  }
}

/* A reply of 4 MiB may have half a million names. */
static void many_names_are_looked_at_in_order(void **state) {
  enum { NAMES = 100000, LENGTH = 16 };
  char *text = malloc(NAMES * LENGTH + 2 * LENGTH), *at = text;
  (void)state;
  assert_non_null(text);
  *at++ = '{';
  for (int i = 0; i < NAMES; i++)
    at += sprintf(at, "\"%d\":%d,", i, i % 7);
  size_t length = (size_t)(at - text);
  strcpy(at, "\"x\":1}");
  assert_int_equal(sms_json_mark(text, length + 6, true, &marking), SMS_OK);
  strcpy(at, "\"5000\":9}");
  assert_int_equal(sms_json_mark(text, length + 9, true, &marking), SMS_INVALID);
  free(text);
}

/* A reply of 4 MiB may be one string of two million of them. */
static void many_escapes_are_looked_at_once(void **state) {
  enum { ESCAPES = 1 << 20, MOST = 5 }; /* seconds; some milliseconds are enough */
  char *text = malloc(2 * ESCAPES + 3), *at = text;
  (void)state;
  assert_non_null(text);
  *at++ = '"';
  for (int i = 0; i < ESCAPES; i++, at += 2)
    memcpy(at, "\\n", 2);
  strcpy(at, "\"");
  clock_t began = clock();
  assert_int_equal(mark(text, true), SMS_OK);
  assert_true(clock() - began < MOST * CLOCKS_PER_SEC);
  free(text);
}

static void what_is_no_json_is_refused(void **state) {
  static const char *const cases[] = {
      "",        " ",        "{",          "[1,]",      "[,1]", "{a:1}",
      "{\"a\"}", "{\"a\":}", "nul",        "nullx",     "{}{}", "[}",
      "7 7",     "[NaN]",    "[01]",       "[1.e5]",    "[+1]", "\"a",
      "\"\\\"",  "[1 2]",    "{\"a\":1,}", "{\"a\" 1}", "]",
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(mark(cases[i], false), SMS_INVALID);
  assert_int_equal(sms_json_mark("{}\0{}", 5, false, &marking), SMS_INVALID);
  char deep[2 * SMS_JSON_DEEPEST + 3];
  for (size_t depth = SMS_JSON_DEEPEST; depth <= SMS_JSON_DEEPEST + 1; depth++) {
    memset(deep, '[', depth);
    memset(deep + depth, ']', depth);
    deep[2 * depth] = '\0';
    assert_int_equal(sms_json_mark(deep, 2 * depth, false, &marking),
                     depth > SMS_JSON_DEEPEST ? SMS_INVALID : SMS_OK);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_decoder_may_take_otherwise_is_marked),
      cmocka_unit_test(half_a_pair_has_four_digits),
      cmocka_unit_test(a_name_may_not_stand_twice_with_different_values),
      cmocka_unit_test(many_names_are_looked_at_in_order),
      cmocka_unit_test(many_escapes_are_looked_at_once),
      cmocka_unit_test(what_is_no_json_is_refused),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
