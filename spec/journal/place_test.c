/* What becomes of a journal's path and bytes while it is in use: nothing more begins,
 * what has begun can end, and the next run is not told that all is new. This program's
 * pwrite and fallocate stand before the system's. */
#include "test_journal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
  off_t cut_to; /* before the next write, by somebody else; -1: is not */
  int no_room;  /* what fallocate answers; 0: what the system does */
  int no_copy;  /* what pwrite answers for another file than fd; 0: likewise */
} disk = {.cut_to = -1};

__attribute__((visibility("default"))) int fallocate(int fd, int mode, off_t place,
                                                     off_t size);
__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void *data,
                                                      size_t size, off_t place);

int fallocate(int fd, int mode, off_t place, off_t size) {
  errno = disk.no_room;
  return disk.no_room ? -1 : (int)syscall(SYS_fallocate, fd, mode, place, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t place) {
  if (disk.cut_to >= 0) assert_int_equal(truncate(test_journal_path, disk.cut_to), 0);
  disk.cut_to = -1;
  errno = disk.no_copy;
  if (disk.no_copy && place >= TEST_RECORD) return -1;
  return syscall(SYS_pwrite64, fd, data, size, place);
}

static char other[80], third[80];

static int start(void **state) {
  disk.cut_to = -1;
  disk.no_room = disk.no_copy = 0;
  snprintf(other, sizeof other, "%s/other", test_journal_folder);
  snprintf(third, sizeof third, "%s/third", test_journal_folder);
  remove(other);
  remove(third);
  return test_journal_remove(state);
}

/* Items 1 and 2 are begun, and 1 has ended. */
static sms_journal *open_and_begin(void) {
  sms_journal *journal = test_journal_open(false);
  test_journal_begin(journal, 1);
  test_journal_begin(journal, 2);
  test_journal_finish(journal, 1, SMS_JOURNAL_ACCEPTED);
  return journal;
}

static void begins_nothing(sms_journal *journal, const char *part) {
  struct sms_journal_item item = test_journal_item(3);
  int64_t position;
  for (int again = 0; again < 2; again++) {
    assert_int_equal(sms_journal_begin(journal, &item, 1, &position), SMS_FAILED);
    if (!strstr(sms_journal_why(journal), part))
      fail_msg("'%s' says nothing of '%s'", sms_journal_why(journal), part);
    assert_int_equal(sms_journal_check(journal), SMS_FAILED);
    assert_non_null(strstr(sms_journal_why(journal), part));
  }
}

static void copy_beginning(size_t size) {
  size_t whole;
  unsigned char *bytes = test_journal_read(&whole);
  int fd = open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  assert_true(fd >= 0 && size <= whole);
  assert_int_equal(write(fd, bytes, size), size);
  close(fd);
  free(bytes);
  assert_int_equal(rename(other, test_journal_path), 0);
}

/* ---- Its path ---- */

static void take_away(void) {
  assert_int_equal(rename(test_journal_path, other), 0);
}

static void take_out(void) {
  assert_int_equal(remove(test_journal_path), 0);
}

static void put_nothing(void) {
  copy_beginning(0);
}

static void put_header(void) {
  copy_beginning(TEST_RECORD);
}

static void put_half_a_record(void) {
  copy_beginning(TEST_RECORD * 5 / 2);
}

static void put_copy(void) {
  copy_beginning((size_t)test_journal_size());
}

static const struct {
  void (*happen)(void);
  const char *why;
} moves[] = {
    {take_away, "was renamed or removed while it was in use; it was put back"},
    {take_out, "was renamed or removed while it was in use; it was put back"},
    {put_nothing, "was replaced while it was in use; it was put back"},
    {put_header, "was replaced while it was in use; it was put back"},
    {put_half_a_record, "was replaced while it was in use; it was put back"},
    {put_copy, "was replaced while it was in use; it was put back"},
};

static void it_is_put_back_and_the_next_run_goes_on(void **state) {
  for (size_t i = 0; i < 2 * TEST_LENGTH(moves); i++) {
    sms_journal *journal = open_and_begin();
    moves[i / 2].happen();
    if (i % 2) { /* or nobody begins anything any more */
      begins_nothing(journal, moves[i / 2].why);
      test_journal_is_refused("is in use already, by this process");
      test_journal_finish(journal, 2, SMS_JOURNAL_REJECTED);
    }
    sms_journal_close(journal);
    journal = test_journal_open(false);
    assert_null(sms_journal_warning(journal));
    assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_ACCEPTED);
    assert_int_equal(test_journal_state(journal, 2),
                     i % 2 ? SMS_JOURNAL_REJECTED : SMS_JOURNAL_OPEN);
    assert_int_equal(test_journal_state(journal, 3), SMS_JOURNAL_NEW);
    sms_journal_close(journal);
    start(state);
  }
}

static void put_text(void) {
  take_away();
  test_journal_write((const unsigned char *)"number,text\n", 12);
}

static void put_link(void) {
  take_away();
  assert_int_equal(symlink(other, test_journal_path), 0);
}

static void put_another_journal(void) {
  char why[SMS_WHY_MAX];
  sms_journal *journal;
  take_away();
  assert_int_equal(sms_journal_open(third, false, 7, &journal, why), SMS_OK);
  sms_journal_close(journal);
  assert_int_equal(rename(third, test_journal_path), 0);
}

static void put_open_to_all(void) {
  put_nothing();
  assert_int_equal(chmod(test_journal_path, 0602), 0);
}

static void what_stands_there_instead_is_left_alone(void **state) {
  static void (*const happen[])(void) = {put_text, put_link, put_another_journal,
                                         put_open_to_all};
  for (size_t i = 0; i < TEST_LENGTH(happen); i++) {
    struct stat before, after;
    sms_journal *journal = open_and_begin();
    happen[i]();
    assert_int_equal(lstat(test_journal_path, &before), 0);
    begins_nothing(journal, "was replaced while it was in use: what has its name");
    test_journal_finish(journal, 2, SMS_JOURNAL_ACCEPTED);
    sms_journal_close(journal);
    assert_int_equal(lstat(test_journal_path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(before.st_size, after.st_size);
    start(state);
  }
}

static void what_is_put_back_in_part_is_no_journal(void **state) {
  static void (*const happen[])(void) = {take_out, put_nothing, put_header};
  for (size_t i = 0; i < TEST_LENGTH(happen); i++) {
    sms_journal *journal = open_and_begin();
    happen[i]();
    disk.no_copy = ENOSPC;
    begins_nothing(journal, "while it was in use");
    sms_journal_close(journal);
    disk.no_copy = 0;
    test_journal_is_refused("what it knew is gone");
    start(state);
  }
}

/* Before the first run has found that out, and whatever stands there. */
static void a_second_run_does_not_begin_anew_meanwhile(void **state) {
  static void (*const happen[])(void) = {take_away, take_out, put_nothing};
  for (size_t i = 0; i < TEST_LENGTH(happen); i++) {
    int status;
    sms_journal *journal = open_and_begin();
    happen[i]();
    test_journal_is_refused("is in use already, by this process");
    pid_t child = fork();
    if (child == 0) {
      char why[SMS_WHY_MAX], words[64];
      sms_journal *another = NULL;
      snprintf(words, sizeof words, "is in use already, by process %d (", getppid());
      _exit(sms_journal_open(test_journal_path, false, 1, &another, why) ==
                        SMS_FAILED &&
                    strstr(why, words)
                ? 0
                : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    begins_nothing(journal, "it was put back");
    sms_journal_close(journal);
    sms_journal_close(test_journal_open(false));
    start(state);
  }
}

static void a_folder_that_is_gone_is_told(void **state) {
  (void)state;
  char folder[80];
  snprintf(folder, sizeof folder, "%s.away", test_journal_folder);
  sms_journal *journal = open_and_begin();
  assert_int_equal(rename(test_journal_folder, folder), 0);
  begins_nothing(journal, "could not be put back: No such file or directory");
  assert_int_equal(rename(folder, test_journal_folder), 0);
  test_journal_finish(journal, 2, SMS_JOURNAL_ACCEPTED);
  begins_nothing(journal, "could not be put back: No such file or directory");
  sms_journal_close(journal);
  sms_journal_close(test_journal_open(false));
}

static void a_process_may_go_to_another_folder(void **state) {
  (void)state;
  char why[SMS_WHY_MAX];
  sms_journal *journal;
  int here = open(".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  assert_true(here >= 0);
  assert_int_equal(chdir(test_journal_folder), 0);
  assert_int_equal(sms_journal_open("journal", false, 42, &journal, why), SMS_OK);
  assert_int_equal(chdir("/"), 0);
  test_journal_begin(journal, 1);
  assert_int_equal(sms_journal_check(journal), SMS_OK);
  take_out();
  begins_nothing(journal,
                 "journal: was renamed or removed while it was in use; it was");
  sms_journal_close(journal);
  assert_true(test_journal_size() > TEST_RECORD);
  assert_int_equal(fchdir(here), 0);
  close(here);
}

/* ---- Its bytes ---- */

static void what_was_cut_neither_begins_nor_ends_nor_is_opened(void **state) {
  static const off_t sizes[] = {0,
                                1,
                                TEST_RECORD,
                                TEST_RECORD + 1,
                                (off_t)TEST_RECORD * 2,
                                (off_t)TEST_RECORD * 4 - 1};
  for (size_t i = 0; i < 3 * TEST_LENGTH(sizes); i++) {
    struct sms_journal_item item = {.ordinal = 2, .outcome = SMS_JOURNAL_ACCEPTED};
    int64_t position;
    sms_journal *journal = open_and_begin();
    assert_int_equal(truncate(test_journal_path, sizes[i / 3]), 0);
    if (i % 3 == 1) begins_nothing(journal, "was cut while it was in use");
    if (i % 3 == 2)
      assert_int_equal(sms_journal_finish(journal, &item, 1, &position), SMS_FAILED);
    if (i % 3 == 2) begins_nothing(journal, "was cut while it was in use");
    sms_journal_close(journal);
    test_journal_is_refused(sizes[i / 3] == 1 ? "is no journal, or one cut short"
                                              : "what it knew is gone");
    start(state);
  }
}

/* Cut between the look and the write: there is a hole in it then. */
static void a_hole_is_found_the_next_time(void **state) {
  for (int way = 0; way < 4; way++) {
    int64_t position;
    sms_journal *journal = open_and_begin();
    disk.cut_to = way % 2 ? TEST_RECORD : 0;
    if (way < 2)
      test_journal_finish(journal, 2, SMS_JOURNAL_ACCEPTED);
    else
      assert_int_equal(test_journal_begin_many(journal, 4, 3, &position), SMS_OK);
    begins_nothing(journal, "was written over while it was in use");
    sms_journal_close(journal);
    test_journal_is_refused(way % 2 ? "damaged at byte 64" : "is no journal");
    start(state);
  }
}

static void what_was_written_over_it_is_left_alone(void **state) {
  (void)state;
  unsigned char text[1000];
  memset(text, 'x', sizeof text);
  for (size_t size = 10; size <= sizeof text; size += 90) {
    sms_journal *journal = open_and_begin();
    test_journal_write(text, size);
    begins_nothing(journal,
                   size < (size_t)4 * TEST_RECORD ? "was cut" : "was written over");
    sms_journal_close(journal);
    test_journal_is(text, size);
    test_journal_is_refused("is no journal");
    remove(test_journal_path);
  }
}

/* ---- Room ---- */

static void a_file_system_that_reserves_none_is_told(void **state) {
  (void)state;
  disk.no_room = EOPNOTSUPP;
  sms_journal *journal = open_and_begin();
  assert_non_null(strstr(sms_journal_warning(journal), "reserves no room"));
  sms_journal_close(journal);
}

static void nothing_begins_without_room_for_its_end(void **state) {
  (void)state;
  int64_t position;
  sms_journal *journal = open_and_begin();
  int64_t size = test_journal_size();
  disk.no_room = EDQUOT;
  enum sms_status status = SMS_OK;
  uint64_t begun = 2;
  while (begun < 5000 && status == SMS_OK)
    status = test_journal_begin_many(journal, ++begun, 1, &position);
  assert_int_equal(status, SMS_FAILED); /* what was reserved at first is used up */
  assert_non_null(strstr(sms_journal_why(journal), "Disk quota exceeded"));
  for (uint64_t i = 2; i < begun; i++)
    test_journal_finish(journal, i, SMS_JOURNAL_ACCEPTED);
  assert_true(test_journal_size() > size);
  sms_journal_close(journal);
  struct stat found;
  disk.no_room = 0;
  assert_int_equal(lstat(test_journal_path, &found), 0);
  assert_true(found.st_blocks * 512 < found.st_size + 8192);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, start)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(it_is_put_back_and_the_next_run_goes_on),
      TEST(what_stands_there_instead_is_left_alone),
      TEST(what_is_put_back_in_part_is_no_journal),
      TEST(a_second_run_does_not_begin_anew_meanwhile),
      TEST(a_folder_that_is_gone_is_told),
      TEST(a_process_may_go_to_another_folder),
      TEST(what_was_cut_neither_begins_nor_ends_nor_is_opened),
      TEST(a_hole_is_found_the_next_time),
      TEST(what_was_written_over_it_is_left_alone),
      TEST(a_file_system_that_reserves_none_is_told),
      TEST(nothing_begins_without_room_for_its_end),
  };
  return cmocka_run_group_tests_name("journal_place", tests, test_journal_setup,
                                     test_journal_teardown);
}
