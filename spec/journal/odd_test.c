/* What is seldom: records that nobody writes, another who is at it between any two
 * calls, locks that are not the journal's. What was begun is never taken for new. */
#include "failing_calls.h"
#include "journal/file.h"
#include "journal/holder.h"
#include "test_journal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 300 }; /* items: more than is copied at a time */
enum { SALT = 42, MOST_CALLS = 2000 };

static char other[80];

static int start(void **state) {
  snprintf(other, sizeof other, "%s/other", test_journal_folder);
  remove(other);
  return test_journal_remove(state);
}

static enum sms_status open_it(const char *path, sms_journal **journal,
                               char why[SMS_WHY_MAX]) {
  *journal = NULL;
  why[0] = '\0';
  enum sms_status status = sms_journal_open(path, false, SALT, journal, why);
  if (status != SMS_OK) assert_string_not_equal(why, "");
  return status;
}

static sms_journal *open_with(size_t items) {
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  assert_int_equal(test_journal_begin_many(journal, 1, items, &position), SMS_OK);
  return journal;
}

static enum sms_status begin_next(sms_journal *journal) {
  struct sms_journal_item item = test_journal_item(MANY + 1);
  int64_t position;
  return sms_journal_begin(journal, &item, 1, &position);
}

static enum sms_status finish_first(sms_journal *journal) {
  struct sms_journal_item item = {.ordinal = 1, .outcome = SMS_JOURNAL_ACCEPTED};
  int64_t position;
  return sms_journal_finish(journal, &item, 1, &position);
}

/* ---- Records ---- */

static uint32_t crc(uint32_t sum, const void *data, size_t length) {
  sum = ~sum;
  for (const unsigned char *byte = data; length > 0; byte++, length--) {
    sum ^= *byte;
    for (int bit = 0; bit < 8; bit++)
      sum = sum & 1 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
  }
  return ~sum;
}

static void append(uint8_t kind, uint64_t ordinal) {
  const uint64_t salt = SALT;
  const int64_t place = test_journal_size();
  struct sms_journal_record record = {.kind = kind, .ordinal = ordinal};
  uint32_t sum = crc(0, &salt, sizeof salt);
  sum = crc(sum, &place, sizeof place);
  record.check = crc(sum, &record, offsetof(struct sms_journal_record, check));
  int fd = open(test_journal_path, O_WRONLY | O_APPEND | O_CLOEXEC);
  assert_int_equal(write(fd, &record, sizeof record), sizeof record);
  close(fd);
}

static void a_whole_record_that_cannot_be_is_damage(void **state) {
  static const struct {
    uint8_t kind;
    uint64_t ordinal;
    const char *why; /* NULL: it can be */
  } cases[] = {
      {SMS_JOURNAL_BEGUN, 2, NULL},
      {SMS_JOURNAL_ENDED_REJECTED, 1, NULL},
      {0, 2, "damaged at byte 128: no record as it was written"},
      {SMS_JOURNAL_ENDED_AMBIGUOUS + 1, 2, "damaged at byte 128: no record"},
      {SMS_JOURNAL_BEGUN, 0, "damaged at byte 128: no record"},
      {SMS_JOURNAL_BEGUN, SMS_JOURNAL_ORDINAL_MAX + 1, "an ordinal too high"},
      {SMS_JOURNAL_ENDED_ACCEPTED, 2, "an end of what was never begun"},
  };
  for (size_t i = 0; i < TEST_LENGTH(cases); i++) {
    sms_journal_close(open_with(1));
    append(cases[i].kind, cases[i].ordinal);
    if (cases[i].why)
      test_journal_is_refused(cases[i].why);
    else
      sms_journal_close(test_journal_open(false));
    start(state);
  }
}

static void nothing_is_begun_by_a_write_of_no_items(void **state) {
  (void)state;
  struct sms_journal_item none;
  int64_t position = 0;
  sms_journal *journal = open_with(1);
  int64_t size = test_journal_size();
  assert_int_equal(sms_journal_begin(journal, &none, 0, &position), SMS_OK);
  assert_int_equal(position, size);
  assert_int_equal(test_journal_size(), size);
  sms_journal_close(journal);
}

/* ---- Who has it ---- */

static int make_memory(void) {
  int fd = memfd_create("journal", MFD_CLOEXEC);
  assert_true(fd >= 0);
  return fd;
}

static void assert_holder(int fd, const char *part) {
  char words[96] = "";
  sms_journal_holder_words(fd, words, sizeof words);
  if (!strstr(words, part)) fail_msg("'%s' says nothing of '%s'", words, part);
}

static void whoever_holds_a_lock_is_named(void **state) {
  (void)state;
  char words[96], expected[96];
  int first = make_memory(), ours = make_memory(), nobodys = make_memory();
  struct flock posix = {.l_type = F_WRLCK};
  assert_int_equal(fcntl(first, F_SETLK, &posix), 0); /* others have locks, too */
  assert_int_equal(flock(first, LOCK_EX), 0);
  assert_int_equal(flock(ours, LOCK_EX), 0);
  assert_holder(ours, "is in use already, by this process");
  assert_holder(nobodys, "by a process that cannot be seen from here");
  assert_holder(-1, "by a process that cannot be seen from here");
  for (int at = 1, calls = at; calls + 1 >= at; at++) {
    calls_fail(at, EMFILE, false);
    sms_journal_holder_words(ours, words, sizeof words);
    calls = calls_end();
    assert_non_null(strstr(words, "is in use already, by "));
  }
  pid_t child = fork();
  if (child == 0) _exit(0);
  assert_int_equal(waitpid(child, NULL, 0), child);
  sms_journal_holder_name(child, words, sizeof words);
  assert_non_null(strstr(words, ", which has ended"));
  snprintf(expected, sizeof expected, "by process %d (", getppid());
  for (int at = 1, calls = at; calls + 1 >= at; at++) {
    calls_fail(at, ESRCH, false); /* it ends just now */
    sms_journal_holder_name(getppid(), words, sizeof words);
    calls = calls_end();
    assert_non_null(strstr(words, calls < at ? expected : ", which has ended"));
  }
  close(first), close(ours), close(nobodys);
}

/* Whatever fails meanwhile. */
static void nobody_else_gets_it_while_it_is_in_use(void **state) {
  (void)state;
  char why[SMS_WHY_MAX];
  sms_journal *second = NULL, *journal = test_journal_open(false);
  for (int at = 1, calls = at; calls + 1 >= at; at++) {
    calls_fail(at, EIO, false);
    enum sms_status status = open_it(test_journal_path, &second, why);
    calls = calls_end();
    assert_int_not_equal(status, SMS_OK);
  }
  sms_journal_close(journal);
  int fd = open(test_journal_path, O_RDWR | O_CLOEXEC);
  assert_int_equal(flock(fd, LOCK_EX), 0); /* with nothing but the file's own lock */
  test_journal_is_refused("is in use already");
  close(fd);
  sms_journal_close(test_journal_open(false));
}

static void a_child_has_to_open_its_own(void **state) {
  (void)state;
  int status;
  sms_journal *journal = open_with(1);
  pid_t child = fork();
  if (child == 0) _exit(sms_journal_check(journal) == SMS_FORKED ? 0 : 1);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  sms_journal_close(journal);
}

/* ---- Paths ---- */

static void a_path_that_is_too_long_says_so(void **state) {
  (void)state;
  char path[5000], why[SMS_WHY_MAX];
  sms_journal *journal;
  memset(path, '/', sizeof path - 2);
  path[sizeof path - 2] = 'j';
  path[sizeof path - 1] = '\0';
  assert_int_equal(open_it(path, &journal, why), SMS_FAILED);
}

static void a_path_from_here_is_found_or_says_why_not(void **state) {
  (void)state;
  char before[4096], why[SMS_WHY_MAX];
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(test_journal_folder), 0);
  for (int at = 1, calls = at; calls + 1 >= at; at++) {
    sms_journal *journal;
    calls_fail(at, ENOMEM, false);
    enum sms_status status = open_it("journal", &journal, why);
    calls = calls_end();
    if (status == SMS_OK) sms_journal_close(journal);
    if (calls < at) assert_int_equal(status, SMS_OK);
  }
  assert_int_equal(chdir(before), 0);
}

static void a_file_instead_of_its_folder_is_told(void **state) {
  (void)state;
  char away[96];
  snprintf(away, sizeof away, "%s.away", test_journal_folder);
  sms_journal *journal = open_with(1);
  assert_int_equal(rename(test_journal_folder, away), 0);
  close(open(test_journal_folder, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  assert_int_equal(begin_next(journal), SMS_FAILED);
  assert_non_null(
      strstr(sms_journal_why(journal), "could not be put back: Not a directory"));
  remove(test_journal_folder);
  assert_int_equal(rename(away, test_journal_folder), 0);
  sms_journal_close(journal);
}

static void another_runs_file_is_left_alone(void **state) {
  (void)state;
  sms_journal *journal = open_with(1);
  assert_int_equal(rename(test_journal_path, other), 0);
  int fd = open(test_journal_path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  assert_int_equal(flock(fd, LOCK_EX), 0);
  assert_int_equal(begin_next(journal), SMS_FAILED);
  assert_int_equal(test_journal_size(), 0);
  close(fd);
  sms_journal_close(journal);
  remove(other);
}

static void a_longer_file_is_another(void **state) {
  (void)state;
  size_t size;
  sms_journal *journal = open_with(1);
  unsigned char *bytes = test_journal_read(&size);
  assert_int_equal(rename(test_journal_path, other), 0);
  test_journal_write(bytes, size);
  append(SMS_JOURNAL_BEGUN, 2);
  assert_int_equal(begin_next(journal), SMS_FAILED);
  assert_non_null(strstr(sms_journal_why(journal), "something else"));
  assert_int_equal(test_journal_size(), size + TEST_RECORD);
  sms_journal_close(journal);
  free(bytes);
  remove(other);
}

/* ---- Bytes ---- */

static void cut_it(void) {
  (void)!truncate(test_journal_path, TEST_RECORD + 10);
}

static void cut_what_was_moved(void) {
  (void)!truncate(other, TEST_RECORD + 10);
}

static void empty_it(void) {
  (void)!truncate(test_journal_path, 0);
}

static void take_it_away(void) {
  remove(test_journal_path);
}

static void leave_a_copy(void) {
  size_t size;
  unsigned char *bytes = test_journal_read(&size);
  rename(test_journal_path, other);
  test_journal_write(bytes, size - TEST_RECORD);
  free(bytes);
}

static void tear_it(void) {
  int fd = open(test_journal_path, O_WRONLY | O_APPEND | O_CLOEXEC);
  assert_int_equal(write(fd, "torn", 4), 4);
  close(fd);
}

/* Of a journal in which something is wrong nothing ends well, nor begins. */
static void what_is_wrong_stays_wrong_whatever_fails(void **state) {
  static void (*const happen[])(void) = {cut_it, empty_it, take_it_away, leave_a_copy};
  static const size_t counts[] = {3, MANY};
  for (size_t i = 0; i < 4 * TEST_LENGTH(happen); i++)
    for (int at = 1, calls = at; calls + 1 >= at; at++) {
      bool is_cut = i / 4 < 2;
      sms_journal *journal = open_with(counts[i % 2]);
      happen[i / 4]();
      calls_fail(at, EIO, i & 2);
      assert_int_equal(begin_next(journal), SMS_FAILED);
      enum sms_status status = finish_first(journal);
      calls = calls_end();
      if (is_cut || calls < at) assert_int_equal(status, is_cut ? SMS_FAILED : SMS_OK);
      if (is_cut) assert_int_equal(finish_first(journal), SMS_FAILED);
      assert_int_equal(begin_next(journal), SMS_FAILED);
      sms_journal_close(journal);
      assert_true(at < MOST_CALLS);
      start(state);
    }
}

static void where_nothing_may_be_written_it_is_lost_all_the_same(void **state) {
  (void)state;
  struct rlimit before, least;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  least = before;
  least.rlim_cur = 16; /* bytes */
  sms_journal *journal = open_with(1);
  empty_it();
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &least), 0);
  enum sms_status status = finish_first(journal);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(status, SMS_FAILED);
  sms_journal_close(journal);
}

static void what_was_torn_is_completed_or_refused(void **state) {
  static const int errors[] = {EIO, ENOSYS};
  char why[SMS_WHY_MAX];
  for (size_t i = 0; i < TEST_LENGTH(errors); i++)
    for (int at = 1, calls = at; calls + 1 >= at; at++) {
      sms_journal *journal = open_with(3);
      sms_journal_close(journal);
      tear_it();
      calls_fail(at, errors[i], false);
      enum sms_status status = open_it(test_journal_path, &journal, why);
      calls = calls_end();
      if (status == SMS_OK) {
        assert_non_null(strstr(sms_journal_warning(journal), "never completed"));
        assert_int_equal(test_journal_state(journal, 3), SMS_JOURNAL_OPEN);
        sms_journal_close(journal);
      }
      start(state);
    }
}

static void somebody_else_is_at_it_between_any_two_calls(void **state) {
  static void (*const others[])(void) = {cut_it, empty_it, take_it_away,
                                         cut_what_was_moved};
  char why[SMS_WHY_MAX];
  for (size_t i = 0; i < 2 * TEST_LENGTH(others); i++)
    for (int at = 1, calls = at; calls + 1 >= at; at++) {
      sms_journal *journal = open_with(MANY);
      if (i % 2) sms_journal_close(journal);
      calls_meet(at, others[i / 2], false);
      enum sms_status status =
          i % 2 ? open_it(test_journal_path, &journal, why) : SMS_OK;
      if (status == SMS_OK && i % 2 == 0) rename(test_journal_path, other);
      if (status == SMS_OK && begin_next(journal) == SMS_OK) finish_first(journal);
      calls = calls_end();
      if (status == SMS_OK) sms_journal_close(journal);
      assert_true(at < MOST_CALLS);
      start(state);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, start)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_whole_record_that_cannot_be_is_damage),
      TEST(nothing_is_begun_by_a_write_of_no_items),
      TEST(whoever_holds_a_lock_is_named),
      TEST(nobody_else_gets_it_while_it_is_in_use),
      TEST(a_child_has_to_open_its_own),
      TEST(a_path_that_is_too_long_says_so),
      TEST(a_path_from_here_is_found_or_says_why_not),
      TEST(a_file_instead_of_its_folder_is_told),
      TEST(another_runs_file_is_left_alone),
      TEST(a_longer_file_is_another),
      TEST(what_is_wrong_stays_wrong_whatever_fails),
      TEST(where_nothing_may_be_written_it_is_lost_all_the_same),
      TEST(what_was_torn_is_completed_or_refused),
      TEST(somebody_else_is_at_it_between_any_two_calls),
  };
  return cmocka_run_group_tests_name("journal_odd", tests, test_journal_setup,
                                     test_journal_teardown);
}
