/* Each call that the journal makes to libc fails, once or from then on: what was told
 * of an item holds in the next run. */
#include "failing_calls.h"
#include "test_journal.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ITEMS = 6, MANY = 1000 };

static char other[80];

/* What the journal said of each item, by its ordinal. */
static struct {
  bool begun;
  enum sms_journal_state ended; /* new: no end was written */
} told[ITEMS + 1];

static void begin(sms_journal *journal, uint64_t first, size_t count) {
  int64_t position;
  struct sms_journal_item *items = sms_journal_room(journal, count);
  if (!items) return;
  for (size_t i = 0; i < count; i++)
    items[i] = test_journal_item(first + i);
  if (sms_journal_begin(journal, items, count, &position) != SMS_OK) return;
  for (size_t i = 0; i < count; i++)
    told[first + i].begun = true;
}

static void finish(sms_journal *journal, uint64_t ordinal,
                   enum sms_journal_state outcome) {
  struct sms_journal_item item = {.ordinal = ordinal, .outcome = outcome};
  int64_t position = 0;
  bool is_durable = false;
  if (!told[ordinal].begun) return;
  if (sms_journal_finish(journal, &item, 1, &position) != SMS_OK) return;
  told[ordinal].ended = outcome;
  for (int i = 0; i < 1000 && !is_durable; i++) {
    if (sms_journal_is_durable(journal, position, &is_durable) != SMS_OK) return;
    if (!is_durable) nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  assert_true(is_durable);
}

/* Of an item whose end was told, nothing else is ever said. */
static void look(sms_journal *journal, uint64_t ordinal) {
  struct sms_journal_item item = test_journal_item(ordinal);
  enum sms_journal_state state = SMS_JOURNAL_NEW;
  if (sms_journal_look(journal, ordinal, item.hash, &state) != SMS_OK) return;
  if (told[ordinal].ended != SMS_JOURNAL_NEW)
    assert_int_equal(state, told[ordinal].ended);
  else if (told[ordinal].begun)
    assert_int_not_equal(state, SMS_JOURNAL_NEW);
}

static void use(bool sync) {
  sms_journal *journal = NULL;
  char why[SMS_WHY_MAX] = "";
  if (sms_journal_open(test_journal_path, sync, 42, &journal, why) != SMS_OK) {
    assert_string_not_equal(why, "");
    return;
  }
  (void)sms_journal_warning(journal);
  for (uint64_t ordinal = 1; ordinal <= 3; ordinal++)
    look(journal, ordinal);
  begin(journal, 4, 2);
  finish(journal, 4, SMS_JOURNAL_REJECTED);
  rename(test_journal_path, other); /* by somebody else: it is put back */
  begin(journal, 6, 1);
  finish(journal, 5, SMS_JOURNAL_NOT_SENT);
  told[5].ended = SMS_JOURNAL_NEW; /* it may have gone into the file that was moved */
  sms_journal_close(journal);
}

static void make(void) {
  remove(test_journal_path);
  remove(other);
  memset(told, 0, sizeof told);
  sms_journal *journal = test_journal_open(false);
  begin(journal, 1, 3);
  finish(journal, 1, SMS_JOURNAL_ACCEPTED);
  finish(journal, 2, SMS_JOURNAL_AMBIGUOUS);
  sms_journal_close(journal);
}

/* What could not be put back as a whole is no journal; the file lies where it was
 * moved. Where
 * nothing could be written any more, what is there may be empty. */
static void check(bool for_good) {
  sms_journal *journal = NULL;
  char why[SMS_WHY_MAX] = "";
  bool is_there =
      access(test_journal_path, F_OK) == 0 && !(for_good && test_journal_size() == 0);
  if (!is_there ||
      sms_journal_open(test_journal_path, false, 42, &journal, why) != SMS_OK) {
    assert_int_equal(rename(other, test_journal_path), 0);
    journal = test_journal_open(false);
  }
  for (uint64_t ordinal = 1; ordinal <= ITEMS; ordinal++)
    look(journal, ordinal);
  sms_journal_close(journal);
}

static int fail_each(int error, bool for_good, bool sync) {
  int at = 1;
  for (;; at++) {
    make();
    calls_fail(at, error, for_good);
    use(sync);
    if (calls_end() < at) return at;
    check(for_good);
    assert_true(at < MANY);
  }
}

static void test_each_call_fails(void **state) {
  (void)state;
  static const int errors[] = {EIO, ENOMEM, ENOSYS, EEXIST};
  int runs = 0;
  for (size_t i = 0; i < TEST_LENGTH(errors); i++)
    for (int way = 0; way < 4; way++)
      runs += fail_each(errors[i], way & 1, way & 2);
  runs += fail_each(EINTR, false, true);
  print_message("# %d runs, and each tells the truth\n", runs);
}

/* A file that could not be made is no journal, and one that could is. */
static void test_each_call_fails_for_a_new_one(void **state) {
  (void)state;
  for (int at = 1;; at++) {
    sms_journal *journal = NULL;
    char why[SMS_WHY_MAX] = "";
    remove(test_journal_path);
    calls_fail(at, EIO, false);
    enum sms_status status =
        sms_journal_open(test_journal_path, true, 42, &journal, why);
    sms_journal_close(status == SMS_OK ? journal : NULL);
    if (calls_end() < at) return;
    journal = test_journal_open(false);
    assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_NEW);
    sms_journal_close(journal);
  }
}

static int setup(void **state) {
  int failed = test_journal_setup(state);
  snprintf(other, sizeof other, "%s/other", test_journal_folder);
  return failed;
}

static int clean(void **state) {
  remove(other);
  return test_journal_remove(state);
}

/* Whichever call of a journal that is put back is interrupted, once: what it knew is
 * there again, or the next run is refused. */
static void what_is_interrupted_puts_it_back(void **state) {
  struct sms_journal_item item = test_journal_item(2);
  int64_t position;
  char why[SMS_WHY_MAX] = "";
  int calls, refused = 0;
  (void)state;
  for (int at = 1;; at++) {
    sms_journal *journal = test_journal_open(false);
    test_journal_begin(journal, 1);
    assert_int_equal(remove(test_journal_path), 0);
    calls_fail(at, EINTR, false);
    assert_int_equal(sms_journal_begin(journal, &item, 1, &position), SMS_FAILED);
    calls = calls_end();
    sms_journal_close(journal);
    if (sms_journal_open(test_journal_path, false, 42, &journal, why) == SMS_OK) {
      assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_OPEN);
      sms_journal_close(journal);
    } else { /* a call that no signal interrupts, such as fstat() */
      assert_non_null(strstr(why, "what it knew is gone"));
      refused++;
    }
    assert_int_equal(test_journal_remove(NULL), 0);
    if (calls < at) break;
  }
  assert_true(refused < calls);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(test_each_call_fails, clean),
      cmocka_unit_test_teardown(test_each_call_fails_for_a_new_one, clean),
      cmocka_unit_test_teardown(what_is_interrupted_puts_it_back, clean),
  };
  return cmocka_run_group_tests(tests, setup, test_journal_teardown);
}
