#include "text/host.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* wants some of the above before it */

static void loopback_is_known_in_every_spelling(void **state) {
  static const char *const own[] = {
      "localhost",         "LOCALHOST",  "127.0.0.1",       "127.255.0.9",  "127.1",
      "0x7f000001",        "2130706433", "0177.0.1",        "[::1]",        "::1",
      "[0:0:0:0:0:0:0:1]", "[::0001]",   "[::ffff:7f00:1]", "a.b.Localhost"};
  static const char *const others[] = {"",
                                       "localhost.example",
                                       ".localhost",
                                       "notlocalhost",
                                       "127.0.0.1.example",
                                       "127.0.0.256",
                                       "128.0.0.1",
                                       "10.0.0.1",
                                       "[::2]",
                                       "[::ffff:a00:1]",
                                       "[",
                                       "[]",
                                       "127example"};
  (void)state;
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
    assert_true(sms_host_is_loopback(own[i]));
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    assert_false(sms_host_is_loopback(others[i]));
}

static const struct exception {
  const char *host, *list;
  bool is_excepted;
} exceptions[] = {
    {"a.example", "*", true},
    {"a.example", "b, *", false}, /* only alone */
    {"a.example", "", false},
    {"a.example", "a.example", true},
    {"A.Example", " b.example ,, a.eXAMPLE", true},
    {"a.example.", "a.example", true},
    {"a.example", "a.example.", true},
    {"a.example", ".example", true},
    {"a.example", "example", true},
    {"a.example", "xample", false},
    {"a.example", "b.a.example", false},
    {"a.example", ".", false},
    {"a.example", "b c, a.example", false}, /* a blank ends it */
    {"10.1.2.3", "10.1.2.3", true},
    {"10.1.2.3", "1.2.3", false},
    {"10.1.2.3", "10.0.0.0/8", true},
    {"10.1.2.3", "b,10.1.2.0/30", true},
    {"10.1.2.4", "10.1.2.0/30", false},
    {"10.1.2.3", "10.1.2.3/33", false},
    {"10.1.2.3", "a00::/8", false},
    {"[fd00::1]", "fd00::1", true},
    {"[fd00::1]", "fc00::/7", true},
    {"[fd00::1]", "fe00::/7", false},
};

static void a_list_of_exceptions_is_read_as_libcurl_reads_it(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
    const struct exception *e = &exceptions[i];
    assert_int_equal(sms_host_is_excepted(e->host, e->list), e->is_excepted);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(loopback_is_known_in_every_spelling),
      cmocka_unit_test(a_list_of_exceptions_is_read_as_libcurl_reads_it),
  };
  return cmocka_run_group_tests_name("text_host", tests, NULL, NULL);
}
