/* A journal on a network's folder, which is interrupted, gives a byte at a time and
 * fails for a while: it is not taken for one that was cut or written over. */
#include "slow_files.h"
#include "test_journal.h"
#include <errno.h>
#include <string.h>

static int start(void **state) {
  slow_files = (struct slow_files){.met = 0};
  return test_journal_remove(state);
}

static void what_comes_in_pieces_is_whole(void **state) {
  (void)state;
  sms_journal *journal = test_journal_open(false);
  slow_files.crumbs = true;
  for (uint64_t i = 1; i <= 3; i++) {
    slow_files.interrupts = 2;
    test_journal_begin(journal, i);
  }
  slow_files.interrupts = 2;
  test_journal_finish(journal, 2, SMS_JOURNAL_ACCEPTED);
  sms_journal_close(journal);
  slow_files.interrupts = 3;
  journal = test_journal_open(false);
  assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_OPEN);
  assert_int_equal(test_journal_state(journal, 2), SMS_JOURNAL_ACCEPTED);
  assert_true(slow_files.met > 6);
  sms_journal_close(journal);
}

static void what_cannot_be_read_is_refused_and_not_lost(void **state) {
  (void)state;
  struct sms_journal_item item = test_journal_item(3);
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  test_journal_begin(journal, 1);
  test_journal_begin(journal, 2);
  slow_files.fail = EIO;
  assert_int_equal(sms_journal_begin(journal, &item, 1, &position), SMS_FAILED);
  assert_non_null(strstr(sms_journal_why(journal), "journal: Input/output error"));
  slow_files.fail = 0;
  test_journal_finish(journal, 2, SMS_JOURNAL_ACCEPTED);
  test_journal_begin(journal, 3);
  sms_journal_close(journal);
  journal = test_journal_open(false);
  assert_int_equal(test_journal_state(journal, 2), SMS_JOURNAL_ACCEPTED);
  assert_int_equal(test_journal_state(journal, 3), SMS_JOURNAL_OPEN);
  sms_journal_close(journal);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, start)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(what_comes_in_pieces_is_whole),
      TEST(what_cannot_be_read_is_refused_and_not_lost),
  };
  return cmocka_run_group_tests_name("journal_slow", tests, test_journal_setup,
                                     test_journal_teardown);
}
