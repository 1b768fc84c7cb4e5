/* Journals that are cut, torn and flipped: what was begun is never taken for new, and
 * what cannot be read is an error. */
#include "test_journal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- A small journal with everything in it ---- */

enum { JOB = 3 }; /* items 5, 6 and 7 are begun in one write */

struct step {
  uint64_t ordinal;
  enum sms_journal_state state; /* OPEN: begun */
};

static const struct step steps[] = {
    {1, SMS_JOURNAL_OPEN},      {1, SMS_JOURNAL_ACCEPTED},  {2, SMS_JOURNAL_OPEN},
    {4, SMS_JOURNAL_OPEN},      {2, SMS_JOURNAL_NOT_SENT},  {3, SMS_JOURNAL_OPEN},
    {2, SMS_JOURNAL_OPEN},      {4, SMS_JOURNAL_AMBIGUOUS}, {5, SMS_JOURNAL_OPEN},
    {6, SMS_JOURNAL_OPEN},      {7, SMS_JOURNAL_OPEN},      {2, SMS_JOURNAL_REJECTED},
    {7, SMS_JOURNAL_AMBIGUOUS}, {8, SMS_JOURNAL_OPEN},
};

enum { STEPS = TEST_LENGTH(steps), FIRST_OF_JOB = 8, ITEMS = 9 };

static void write_steps(bool sync) {
  int64_t position;
  sms_journal *journal = test_journal_open(sync);
  for (size_t i = 0; i < STEPS; i++) {
    if (i == FIRST_OF_JOB) {
      assert_int_equal(test_journal_begin_many(journal, 5, JOB, &position), SMS_OK);
      i += JOB - 1;
    } else if (steps[i].state == SMS_JOURNAL_OPEN) {
      test_journal_begin(journal, steps[i].ordinal);
    } else {
      test_journal_finish(journal, steps[i].ordinal, steps[i].state);
    }
  }
  sms_journal_close(journal);
}

/* How many of the steps are known where so many records are whole: a part of the job is
 * none of it. */
static size_t known_steps(size_t records) {
  bool torn = records > FIRST_OF_JOB && records < FIRST_OF_JOB + JOB;
  return torn ? FIRST_OF_JOB : records;
}

static void assert_states(size_t known) {
  enum sms_journal_state expected[ITEMS + 1] = {SMS_JOURNAL_NEW};
  sms_journal *journal = test_journal_open(false);
  for (size_t i = 0; i < known; i++)
    expected[steps[i].ordinal] = steps[i].state;
  for (uint64_t i = 1; i <= ITEMS; i++)
    assert_int_equal(test_journal_state(journal, i), expected[i]);
  sms_journal_close(journal);
}

/* ---- Cut ---- */

static void each_length_tells_what_was_wholly_written(void **state) {
  (void)state;
  size_t size;
  write_steps(false);
  unsigned char *bytes = test_journal_read(&size);
  assert_int_equal(size, TEST_RECORD * (STEPS + 1));
  for (size_t length = TEST_RECORD; length <= size; length++) {
    size_t records = length / TEST_RECORD - 1, known = known_steps(records);
    test_journal_write(bytes, length);
    sms_journal *journal = test_journal_open(false);
    const char *warning = sms_journal_warning(journal);
    assert_int_equal(warning != NULL, length != TEST_RECORD * (known + 1));
    assert_true(!warning || strstr(warning, "never completed"));
    assert_null(sms_journal_warning(journal));
    sms_journal_close(journal);
    test_journal_is(bytes, TEST_RECORD * (known + 1));
    assert_states(known);
  }
  for (size_t length = 1; length < TEST_RECORD; length++) {
    test_journal_write(bytes, length);
    test_journal_is_refused("is no journal, or one cut short");
    test_journal_is(bytes, length);
  }
  free(bytes);
}

static void what_was_cut_can_be_written_anew(void **state) {
  (void)state;
  size_t size;
  write_steps(false);
  unsigned char *bytes = test_journal_read(&size);
  for (size_t length = TEST_RECORD; length <= size; length += 7) {
    test_journal_write(bytes, length);
    sms_journal *journal = test_journal_open(false);
    test_journal_begin(journal, 9);
    sms_journal_close(journal);
    journal = test_journal_open(false);
    assert_null(sms_journal_warning(journal));
    assert_int_equal(test_journal_state(journal, 9), SMS_JOURNAL_OPEN);
    sms_journal_close(journal);
  }
  free(bytes);
}

/* ---- Flipped ---- */

static void each_flipped_bit_is_an_error_that_names_its_place(void **state) {
  (void)state;
  size_t size;
  char place[64];
  write_steps(false);
  unsigned char *bytes = test_journal_read(&size);
  for (size_t bit = 0; bit < size * 8; bit++) {
    size_t record = bit / 8 / TEST_RECORD * TEST_RECORD;
    snprintf(place, sizeof place, "damaged at byte %zu: ", record);
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    test_journal_write(bytes, size);
    test_journal_is_refused(record > 0 ? place : "");
    test_journal_is(bytes, size);
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
  }
  test_journal_write(bytes, size);
  assert_states(STEPS);
  free(bytes);
}

/* The end is cut off only where all before it is well. */
static void a_torn_end_does_not_hide_damage_before_it(void **state) {
  (void)state;
  size_t size;
  write_steps(false);
  unsigned char *bytes = test_journal_read(&size);
  for (size_t byte = 0; byte < size; byte++) {
    bytes[byte] ^= 0x10;
    for (size_t length = size - TEST_RECORD + 1; length < size; length += 31) {
      if (byte >= size - TEST_RECORD) continue;
      test_journal_write(bytes, length);
      test_journal_is_refused(byte < TEST_RECORD ? "" : "damaged at byte");
      test_journal_is(bytes, length);
    }
    bytes[byte] ^= 0x10;
  }
  free(bytes);
}

/* Whole records that are gone, doubled, exchanged, or of another journal. */
static void records_stay_where_they_were_written(void **state) {
  (void)state;
  size_t size;
  unsigned char kept[TEST_RECORD];
  write_steps(false);
  unsigned char *bytes = test_journal_read(&size);
  for (size_t i = 1; i < STEPS; i++) {
    unsigned char *at = bytes + i * TEST_RECORD;
    memcpy(kept, at, TEST_RECORD);
    memmove(at, at + TEST_RECORD, TEST_RECORD); /* doubled, and one is gone */
    test_journal_write(bytes, size);
    test_journal_is_refused("damaged at byte");
    memset(at, 0, TEST_RECORD);
    test_journal_write(bytes, size);
    test_journal_is_refused("damaged at byte");
    memcpy(at, kept, TEST_RECORD);
  }
  memcpy(kept, bytes + TEST_RECORD, TEST_RECORD);
  remove(test_journal_path);
  sms_journal *journal = NULL;
  char why[SMS_WHY_MAX];
  assert_int_equal(sms_journal_open(test_journal_path, false, 43, &journal, why),
                   SMS_OK);
  sms_journal_close(journal);
  free(bytes);
  bytes = test_journal_read(&size);
  assert_int_equal(size, TEST_RECORD);
  unsigned char both[2 * TEST_RECORD];
  memcpy(both, bytes, TEST_RECORD);
  memcpy(both + TEST_RECORD, kept, TEST_RECORD);
  test_journal_write(both, sizeof both);
  test_journal_is_refused("damaged at byte 64");
  free(bytes);
}

/* ---- After a loss of power ---- */

static void append_zeros(size_t count) {
  off_t size = (off_t)(test_journal_size() + (int64_t)count);
  assert_int_equal(truncate(test_journal_path, size), 0);
}

static void zeros_at_its_end_were_never_sent_where_callers_waited(void **state) {
  (void)state;
  static const size_t counts[] = {1, 63, 64, 65, 128, 4000, 4096, 100000};
  for (size_t i = 0; i < TEST_LENGTH(counts); i++) {
    for (int records = 0; records < 2; records++) {
      if (records)
        write_steps(true);
      else
        sms_journal_close(test_journal_open(true));
      int64_t size = test_journal_size();
      append_zeros(counts[i]);
      sms_journal *journal = test_journal_open(false);
      assert_non_null(sms_journal_warning(journal));
      sms_journal_close(journal);
      assert_int_equal(test_journal_size(), size);
      assert_states(records ? STEPS : 0);
      remove(test_journal_path);
    }
  }
}

static void zeros_may_have_been_sent_where_they_did_not(void **state) {
  (void)state;
  static const size_t counts[] = {64, 65, 128, 4000, 100000};
  for (size_t i = 0; i < TEST_LENGTH(counts); i++) {
    write_steps(false);
    append_zeros(counts[i]);
    test_journal_is_refused("damaged at byte 960: zeros up to its end");
    remove(test_journal_path);
  }
}

/* A part of a job that reached the disk, and zeros behind it. */
static void a_job_that_reached_the_disk_in_part_was_never_sent(void **state) {
  (void)state;
  size_t size;
  write_steps(true);
  unsigned char *bytes = test_journal_read(&size);
  for (size_t whole = 0; whole < JOB; whole++) {
    size_t length = TEST_RECORD * (1 + FIRST_OF_JOB + whole);
    test_journal_write(bytes, length);
    append_zeros(TEST_RECORD * (JOB - whole));
    assert_states(FIRST_OF_JOB);
    test_journal_is(bytes, (size_t)TEST_RECORD * (1 + FIRST_OF_JOB));
  }
  free(bytes);
}

#define TEST(name)                                                                     \
  cmocka_unit_test_setup_teardown(name, test_journal_remove, test_journal_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(each_length_tells_what_was_wholly_written),
      TEST(what_was_cut_can_be_written_anew),
      TEST(each_flipped_bit_is_an_error_that_names_its_place),
      TEST(a_torn_end_does_not_hide_damage_before_it),
      TEST(records_stay_where_they_were_written),
      TEST(zeros_at_its_end_were_never_sent_where_callers_waited),
      TEST(zeros_may_have_been_sent_where_they_did_not),
      TEST(a_job_that_reached_the_disk_in_part_was_never_sent),
  };
  return cmocka_run_group_tests_name("journal_cut", tests, test_journal_setup,
                                     test_journal_teardown);
}
