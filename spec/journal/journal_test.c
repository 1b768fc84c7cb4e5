/* The journal: what it knows of items, in any order and after any number of runs, and
 * what may stand where it should be. */
#include "test_journal.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- What it knows ---- */

static void the_last_record_of_an_item_counts(void **state) {
  (void)state;
  static const enum sms_journal_state outcomes[] = {
      SMS_JOURNAL_AMBIGUOUS, SMS_JOURNAL_NOT_SENT, SMS_JOURNAL_REJECTED,
      SMS_JOURNAL_ACCEPTED};
  for (size_t run = 0; run < TEST_LENGTH(outcomes); run++) {
    sms_journal *journal = test_journal_open(false);
    assert_int_equal(test_journal_state(journal, 1),
                     run ? outcomes[run - 1] : SMS_JOURNAL_NEW);
    test_journal_begin(journal, 1);
    if (run) assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_OPEN);
    sms_journal_close(journal);
    journal = test_journal_open(false);
    assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_OPEN);
    test_journal_finish(journal, 1, outcomes[run]);
    assert_int_equal(test_journal_state(journal, 1), outcomes[run]);
    assert_null(sms_journal_warning(journal));
    sms_journal_close(journal);
  }
}

static void another_hash_is_another_item(void **state) {
  (void)state;
  enum sms_journal_state known;
  sms_journal *journal = test_journal_open(false);
  for (uint64_t i = 1; i <= 5; i++) {
    test_journal_begin(journal, i);
    if (i > 1)
      test_journal_finish(journal, i,
                          (enum sms_journal_state)(SMS_JOURNAL_OPEN + i - 1));
  }
  sms_journal_close(journal);
  journal = test_journal_open(false);
  for (uint64_t i = 1; i <= 5; i++) {
    struct sms_journal_item item = test_journal_item(i);
    for (size_t bit = 0; bit < 256; bit++) {
      item.hash[bit / 8] ^= (unsigned char)(1u << bit % 8);
      assert_int_equal(sms_journal_look(journal, i, item.hash, &known), SMS_OK);
      assert_int_equal(known, SMS_JOURNAL_CHANGED);
      item.hash[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    assert_int_equal(test_journal_state(journal, i), SMS_JOURNAL_OPEN + i - 1);
  }
  assert_int_equal(test_journal_state(journal, 6), SMS_JOURNAL_NEW);
  sms_journal_close(journal);
}

static uint64_t random_state = 88172645463325252u;

static uint64_t random_below(uint64_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (random_state >> 20) % limit;
}

/* Nearly in order, with gaps, some lagging behind by thousands, over several runs. */
enum { ITEMS = 20000, RUNS = 4 };

static void begin_some(sms_journal *journal, enum sms_journal_state *expected,
                       uint64_t ordinal) {
  enum sms_journal_state now = expected[ordinal];
  if (now == SMS_JOURNAL_ACCEPTED || now == SMS_JOURNAL_REJECTED) return;
  if (random_below(50) == 0) return;
  test_journal_begin(journal, ordinal);
  expected[ordinal] = (enum sms_journal_state)(SMS_JOURNAL_OPEN + random_below(5));
  if (expected[ordinal] != SMS_JOURNAL_OPEN)
    test_journal_finish(journal, ordinal, expected[ordinal]);
}

static void it_knows_each_item_in_whatever_order_they_were_begun(void **state) {
  (void)state;
  static enum sms_journal_state expected[ITEMS + 1];
  for (uint64_t run = 1; run <= RUNS; run++) {
    sms_journal *journal = test_journal_open(false);
    uint64_t last = ITEMS * run / RUNS, late = 0;
    for (uint64_t i = 1; i <= last; i++) {
      assert_int_equal(test_journal_state(journal, i), expected[i]);
      if (!late && random_below(100) == 0) late = i;
      if (i != late) begin_some(journal, expected, i);
      if (!late || (i < last && random_below(3000) != 0)) continue;
      begin_some(journal, expected, late);
      late = 0;
    }
    sms_journal_close(journal);
  }
  sms_journal *journal = test_journal_open(false);
  for (uint64_t i = 1; i <= ITEMS; i++)
    assert_int_equal(test_journal_state(journal, i), expected[i]);
  for (int i = 0; i < 200; i++) {
    uint64_t any = 1 + random_below(ITEMS);
    assert_int_equal(test_journal_state(journal, any), expected[any]);
  }
  sms_journal_close(journal);
}

static void what_cannot_be_is_refused_and_not_written(void **state) {
  (void)state;
  static const uint64_t wrong[] = {0, SMS_JOURNAL_ORDINAL_MAX + 1, UINT64_MAX};
  enum sms_journal_state known;
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  for (size_t i = 0; i < TEST_LENGTH(wrong); i++) {
    struct sms_journal_item items[2] = {test_journal_item(1),
                                        test_journal_item(wrong[i])};
    assert_int_equal(sms_journal_begin(journal, items, 2, &position), SMS_INVALID);
    assert_int_equal(sms_journal_finish(journal, items + 1, 1, &position), SMS_INVALID);
    assert_int_equal(sms_journal_look(journal, wrong[i], items[0].hash, &known),
                     SMS_INVALID);
  }
  struct sms_journal_item item = {.ordinal = 1, .outcome = SMS_JOURNAL_ACCEPTED};
  assert_int_equal(sms_journal_finish(journal, &item, 1, &position), SMS_INVALID);
  test_journal_begin(journal, 1);
  for (int outcome = SMS_JOURNAL_NEW; outcome <= SMS_JOURNAL_CHANGED; outcome++) {
    item.outcome = (enum sms_journal_state)outcome;
    bool is_end = outcome >= SMS_JOURNAL_ACCEPTED && outcome <= SMS_JOURNAL_AMBIGUOUS;
    assert_int_equal(sms_journal_finish(journal, &item, 1, &position),
                     is_end ? SMS_OK : SMS_INVALID);
  }
  assert_int_equal(sms_journal_look(journal, 1, item.hash, &known), SMS_INVALID);
  assert_int_equal(
      test_journal_begin_many(journal, 2, SMS_JOURNAL_ITEMS_MAX, &position), SMS_OK);
  assert_int_equal(
      test_journal_begin_many(journal, 20000, SMS_JOURNAL_ITEMS_MAX + 1, &position),
      SMS_TOO_LARGE);
  assert_int_equal(test_journal_size(), TEST_RECORD * (6 + SMS_JOURNAL_ITEMS_MAX));
  sms_journal_close(journal);
}

static void an_accepted_item_is_never_begun_again(void **state) {
  (void)state;
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  test_journal_begin(journal, 2);
  test_journal_finish(journal, 2, SMS_JOURNAL_ACCEPTED);
  sms_journal_close(journal);
  journal = test_journal_open(false);
  int64_t size = test_journal_size();
  assert_int_equal(test_journal_begin_many(journal, 1, 3, &position), SMS_INVALID);
  assert_non_null(strstr(sms_journal_why(journal), "item 2 was accepted already"));
  assert_int_equal(test_journal_size(), size);
  assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_NEW);
  sms_journal_close(journal);
}

/* The highest ordinal costs address space, no more. */
static void the_highest_ordinal_is_as_good_as_any(void **state) {
  (void)state;
  sms_journal *journal = test_journal_open(false);
  test_journal_begin(journal, SMS_JOURNAL_ORDINAL_MAX);
  sms_journal_close(journal);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  journal = test_journal_open(false);
  assert_int_equal(test_journal_state(journal, SMS_JOURNAL_ORDINAL_MAX),
                   SMS_JOURNAL_OPEN);
  assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_NEW);
  sms_journal_close(journal);
#endif
}

/* ---- Where it is ---- */

static void it_is_ours_alone_whatever_the_umask(void **state) {
  (void)state;
  static const mode_t masks[] = {0, 077, 0777};
  for (size_t i = 0; i < TEST_LENGTH(masks); i++) {
    struct stat found;
    mode_t mask = umask(masks[i]);
    sms_journal *journal = test_journal_open(i == 1);
    umask(mask);
    assert_int_equal(lstat(test_journal_path, &found), 0);
    assert_int_equal(found.st_mode, S_IFREG | 0600);
    sms_journal_close(journal);
    remove(test_journal_path);
  }
}

static void it_is_not_inherited_by_other_programs(void **state) {
  (void)state;
  sms_journal *journal = test_journal_open(true);
  char command[160];
  snprintf(command, sizeof command, "ls -l /proc/self/fd | grep -q %s",
           test_journal_folder);
  assert_int_not_equal(system(command), 0);
  sms_journal_close(journal);
}

static void it_has_one_user_at_a_time(void **state) {
  (void)state;
  sms_journal *journal = test_journal_open(false);
  test_journal_is_refused("is in use already");
  pid_t child = fork();
  if (child == 0) {
    char why[SMS_WHY_MAX];
    sms_journal *another = NULL;
    _exit(sms_journal_open(test_journal_path, false, 1, &another, why) == SMS_FAILED &&
                  strstr(why, "is in use already")
              ? 0
              : 1);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  test_journal_begin(journal, 1);
  sms_journal_close(journal);
  sms_journal_close(test_journal_open(false));
}

static void put_link(const char *other) {
  assert_int_equal(symlink(other, test_journal_path), 0);
}

static void put_second_name(const char *other) {
  sms_journal_close(test_journal_open(false));
  assert_int_equal(link(test_journal_path, other), 0);
}

static void put_folder(const char *other) {
  (void)other;
  assert_int_equal(mkdir(test_journal_path, 0700), 0);
}

static void put_pipe(const char *other) {
  (void)other;
  assert_int_equal(mkfifo(test_journal_path, 0600), 0);
}

static void put_text(const char *other) {
  (void)other;
  test_journal_write((const unsigned char *)"number,text\n", 12);
}

static void put_long_text(const char *other) {
  unsigned char text[1000];
  (void)other;
  memset(text, 'x', sizeof text);
  test_journal_write(text, sizeof text);
}

static void put_zeros(const char *other) {
  unsigned char text[1000] = {0};
  (void)other;
  test_journal_write(text, sizeof text);
}

static void put_open_to_all(const char *other) {
  (void)other;
  sms_journal_close(test_journal_open(false));
  assert_int_equal(chmod(test_journal_path, 0606), 0);
}

static void put_another_version(const char *other) {
  size_t size;
  (void)other;
  sms_journal_close(test_journal_open(false));
  unsigned char *bytes = test_journal_read(&size);
  bytes[8] = 2;
  test_journal_write(bytes, size);
  free(bytes);
}

static void put_of_another_user(const char *other) {
  (void)other;
  sms_journal_close(test_journal_open(false));
  assert_int_equal(chown(test_journal_path, geteuid() + 1, getegid()), 0);
}

static const struct {
  const char *why;
  void (*put)(const char *other);
  bool for_root;
} places[] = {
    {"is a symbolic link", put_link, false},
    {"has more than one name", put_second_name, false},
    {"Is a directory", put_folder, false},
    {"is not a regular file", put_pipe, false},
    {"is no journal, or one cut short", put_text, false},
    {"is no journal", put_long_text, false},
    {"is no journal", put_zeros, false},
    {"may be written to by others", put_open_to_all, false},
    {"is a journal of another version", put_another_version, false},
    {"belongs to another user", put_of_another_user, true},
};

static void what_stands_there_instead_is_refused(void **state) {
  (void)state;
  char other[80];
  snprintf(other, sizeof other, "%s/other", test_journal_folder);
  for (size_t i = 0; i < TEST_LENGTH(places); i++) {
    struct stat before, after;
    if (places[i].for_root && geteuid() != 0) continue;
    places[i].put(other);
    assert_int_equal(lstat(test_journal_path, &before), 0);
    test_journal_is_refused(places[i].why);
    assert_int_equal(lstat(test_journal_path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_mode, after.st_mode);
    assert_int_not_equal(lstat(other, &after),
                         places[i].put == put_second_name ? -1 : 0);
    remove(test_journal_path);
    remove(other);
  }
}

static void an_empty_file_is_made_a_journal(void **state) {
  (void)state;
  test_journal_write(NULL, 0);
  sms_journal *journal = test_journal_open(false);
  test_journal_begin(journal, 1);
  assert_int_equal(test_journal_size(), 2 * TEST_RECORD);
  sms_journal_close(journal);
}

#define TEST(name)                                                                     \
  cmocka_unit_test_setup_teardown(name, test_journal_remove, test_journal_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_last_record_of_an_item_counts),
      TEST(another_hash_is_another_item),
      TEST(it_knows_each_item_in_whatever_order_they_were_begun),
      TEST(what_cannot_be_is_refused_and_not_written),
      TEST(an_accepted_item_is_never_begun_again),
      TEST(the_highest_ordinal_is_as_good_as_any),
      TEST(it_is_ours_alone_whatever_the_umask),
      TEST(it_is_not_inherited_by_other_programs),
      TEST(it_has_one_user_at_a_time),
      TEST(what_stands_there_instead_is_refused),
      TEST(an_empty_file_is_made_a_journal),
  };
  return cmocka_run_group_tests_name("journal", tests, test_journal_setup,
                                     test_journal_teardown);
}
