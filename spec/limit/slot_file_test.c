/* Files of slots that are whole, and files that are not: nobody gets a slot from one
 * that cannot be trusted. Times are simulated. */
#include "limit/rate_limit.h"
#include "limit/slots.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Microseconds. PAUSE: the longest lease, W, and what a look at the path may be late.
 */
enum { SIZE = sizeof(struct sms_slots) + 4 * sizeof(int64_t) };
enum { CALLS = 4, PERIOD = 100000, W = 101000, LEASE = 30000, LOOK = 100000 };
static const int64_t PAUSE = SMS_SLOTS_LEASE_MAX + W + LOOK;
/* Later than the start of any container that this may run in. */
static const int64_t START = INT64_C(1000000000000000);

static char folder[] = "/tmp/sms-slots-XXXXXX";
static char path[64], other[64], kept[80];

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/slots", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  snprintf(kept, sizeof kept, "%s.damaged", path);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  return rmdir(folder); /* fails where something was left behind */
}

static void clean(void) {
  remove(path);
  remove(other);
  remove(kept);
}

static sms_rate_limit *open_slots(unsigned mode) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  enum sms_status status =
      sms_rate_limit_open_file(&(struct sms_slot_place){.path = path, .mode = mode},
                               "key", CALLS, PERIOD, &limit, why);
  if (status != SMS_OK) fail_msg("%s", why);
  return limit;
}

static bool acquires(sms_rate_limit *limit, int64_t now, int64_t *wait) {
  struct sms_slot slot;
  return sms_rate_limit_acquire(limit, now, LEASE, &slot, wait);
}

/* ---- What is wrong with a file ---- */

static void write_at(off_t place, const void *data, size_t size) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  assert_int_equal(pwrite(fd, data, size, place), size);
  close(fd);
}

static void write_number(size_t place, int64_t value) {
  write_at((off_t)place, &value, sizeof value);
}

static void cut(long size) {
  assert_int_equal(truncate(path, size), 0);
}

static void regrow(long size) {
  cut(size);
  cut((long)sms_slots_size(CALLS));
}

static void fill_with(long byte) {
  char bytes[SIZE];
  memset(bytes, (int)byte, sizeof bytes);
  write_at(0, bytes, sms_slots_size(CALLS));
}

static void name_twice(long unused) {
  (void)unused;
  assert_int_equal(link(path, other), 0);
}

static void allow_all(long mode) {
  assert_int_equal(chmod(path, (mode_t)mode), 0);
}

static void write_magic(long value) {
  write_number(offsetof(struct sms_slots, head.magic), value);
}

static void write_version(long value) {
  uint32_t version = (uint32_t)value;
  write_at(offsetof(struct sms_slots, head.version), &version, sizeof version);
}

static void write_calls(long value) {
  uint32_t calls = (uint32_t)value;
  write_at(offsetof(struct sms_slots, head.calls), &calls, sizeof calls);
}

static void write_period(long value) {
  write_number(offsetof(struct sms_slots, head.period), value);
}

static void write_boot(long half) {
  write_number(offsetof(struct sms_slots, head.boot) + (size_t)half * 8, 0);
}

static void write_not_before(long value) {
  write_number(offsetof(struct sms_slots, not_before), value);
}

static void write_last_cell(long value) {
  write_number(sms_slots_size(CALLS) - 8, value);
}

static void write_all_cells(long value) {
  for (size_t i = 0; i < CALLS; i++)
    write_number(offsetof(struct sms_slots, cells) + 8 * i, value);
}

static void put_another(long byte) {
  FILE *file = fopen(other, "w");
  assert_non_null(file);
  for (size_t i = 0; i < sms_slots_size(CALLS); i++)
    fputc((int)byte, file);
  fclose(file);
  assert_int_equal(rename(other, path), 0);
}

static const struct damage {
  const char *name;
  void (*make)(long argument);
  long argument;
  const char *warning;
  bool unseen; /* by those who map the file: it changes nothing for them */
  bool foreign;
} damages[] = {
    {"empty", cut, 0, "wrong size", false, false},
    {"one byte left", cut, 1, "wrong size", false, true},
    {"the magic left", cut, 8, "wrong size", false, false},
    {"the header left", cut, offsetof(struct sms_slots, cells), "size", false, false},
    {"one byte short", cut, SIZE - 1, "wrong size", false, false},
    {"one byte long", cut, SIZE + 1, "wrong size", false, false},
    {"very long", cut, 1 << 24, "wrong size", false, false},
    {"a hole", regrow, 0, "does not hold slots", false, true},
    {"a hole behind the magic", regrow, 8, "version", false, false},
    {"a hole in the last cell", regrow, SIZE - 1, "cannot be", false, false},
    {"zeros", fill_with, 0, "does not hold slots", false, true},
    {"ones", fill_with, 255, "does not hold slots", false, true},
    {"text", fill_with, 'x', "does not hold slots", false, true},
    {"another file", put_another, 'y', "does not hold slots", false, true},
    {"another empty file", put_another, 0, "does not hold slots", false, true},
    {"wrong magic", write_magic, 1, "does not hold slots", false, true},
    {"wrong version", write_version, 99, "of this version", false, false},
    {"fewer calls", write_calls, CALLS - 1, "another limit", false, false},
    {"more calls", write_calls, 1 << 30, "another limit", false, false},
    {"another period", write_period, PERIOD + 1, "another limit", false, false},
    {"another boot", write_boot, 0, "the last boot", false, false},
    {"another boot, second half", write_boot, 1, "the last boot", false, false},
    {"marked by one who died", write_not_before, INT64_MAX, "cannot be", false, false},
    {"a hold of little", write_not_before, 1, "cannot be", false, false},
    {"a negative hold", write_not_before, -1, "cannot be", false, false},
    {"a hold of years", write_not_before, INT64_MAX - 1, "cannot be", false, false},
    {"a cell of 0", write_last_cell, 0, "cannot be", false, false},
    {"a negative cell", write_last_cell, -1, "cannot be", false, false},
    {"a cell of years", write_last_cell, INT64_MAX, "cannot be", false, false},
    {"a cell of little", write_last_cell, W, "cannot be", false, false},
    {"a cell too far", write_last_cell, SMS_SLOTS_ORIGIN + INT64_C(1000001000000000),
     "cannot be", false, false},
    {"all cells 0", write_all_cells, 0, "cannot be", false, false},
    {"all cells too far", write_all_cells, INT64_MAX, "cannot be", false, false},
    {"two names", name_twice, 0, "more than one name", false, false},
    {"others may write", allow_all, 0666, "others may write", true, false},
    {"the group may write", allow_all, 0620, "others may write", true, false},
};

/* Asks as a caller would, with time going on; never gets a slot before the pause is
 * over, and all of them then. */
static void assert_paused(sms_rate_limit *limit, int64_t now) {
  int64_t wait = 0, start = now;
  for (int i = 0; i < 8 && wait < PAUSE; i++) {
    assert_false(acquires(limit, now, &wait));
    assert_true(wait >= 1);
    start = now++;
  }
  assert_int_equal(wait, PAUSE);
  assert_int_equal(sms_rate_limit_available(limit, start + PAUSE - 1), 0);
  assert_int_equal(sms_rate_limit_delay(limit, now, 1), start + PAUSE - now);
  assert_false(acquires(limit, start + PAUSE - 1, &wait));
  assert_int_equal(wait, 1);
  for (int i = 0; i < CALLS; i++)
    assert_true(acquires(limit, start + PAUSE, &wait));
  assert_false(acquires(limit, start + PAUSE, &wait));
}

static void assert_warned(sms_rate_limit *limit, const char *part) {
  const char *warning = sms_rate_limit_warning(limit);
  assert_non_null(warning);
  if (!strstr(warning, part)) fail_msg("'%s' says nothing of '%s'", warning, part);
  assert_non_null(strstr(warning, path));
  assert_null(sms_rate_limit_warning(limit));
}

/* What was no file of slots is kept. */
static void assert_kept(const struct damage *damage) {
  struct stat found;
  assert_int_equal(lstat(kept, &found) == 0, damage->foreign);
}

static void a_damaged_file_gives_no_slot_for_the_longest_lease_and_w(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(damages); i++) {
    sms_rate_limit_close(open_slots(0));
    print_message("  %s\n", damages[i].name);
    damages[i].make(damages[i].argument);
    sms_rate_limit *limit = open_slots(0);
    assert_paused(limit, START);
    assert_warned(limit, damages[i].warning);
    assert_kept(&damages[i]);
    sms_rate_limit_close(limit);
    clean();
  }
}

/* Two who map the file: the first to look replaces it, the second follows. */
static void those_who_map_it_notice_and_agree_on_the_next(void **state) {
  (void)state;
  int64_t wait, started;
  for (size_t i = 0; i < LENGTH(damages); i++) {
    if (damages[i].unseen) continue;
    sms_rate_limit *first = open_slots(0), *second = open_slots(0);
    assert_true(acquires(first, START, &wait));
    assert_true(acquires(second, START, &wait));
    assert_int_equal(sms_rate_limit_available(first, START), CALLS - 2);
    print_message("  %s\n", damages[i].name);
    damages[i].make(damages[i].argument);
    started = 0;
    for (int64_t now = START + LOOK; now < START + LOOK + 8; now++) {
      assert_false(acquires(first, now, &wait));
      if (wait == PAUSE) started = now;
      assert_false(acquires(second, now, &wait));
      if (wait == PAUSE) started = now;
    }
    assert_non_null(sms_rate_limit_warning(first));
    assert_false(acquires(second, started + PAUSE - 1, &wait));
    for (int call = 0; call < CALLS; call++)
      assert_true(acquires(call % 2 ? first : second, started + PAUSE, &wait));
    assert_false(acquires(first, started + PAUSE, &wait));
    sms_rate_limit_close(second);
    sms_rate_limit_close(first);
    clean();
  }
}

/* ---- What is right ---- */

static void a_new_file_is_free_and_for_us_alone(void **state) {
  (void)state;
  int64_t wait;
  struct stat found;
  mode_t mask = umask(0777);
  sms_rate_limit *limit = open_slots(0);
  umask(mask);
  assert_null(sms_rate_limit_warning(limit));
  for (int i = 0; i < CALLS; i++)
    assert_true(acquires(limit, START, &wait));
  assert_false(acquires(limit, START, &wait));
  assert_int_equal(wait, W);
  assert_int_equal(lstat(path, &found), 0);
  assert_int_equal(found.st_mode, S_IFREG | 0600);
  assert_int_equal(found.st_size, sms_slots_size(CALLS));
  assert_true(found.st_blocks > 0);
  sms_rate_limit_close(limit);
  clean();
}

static void all_who_open_it_share_its_slots(void **state) {
  (void)state;
  int64_t wait;
  struct sms_slot slot;
  sms_rate_limit *first = open_slots(0);
  assert_true(sms_rate_limit_acquire(first, START, LEASE, &slot, &wait));
  sms_rate_limit *second = open_slots(0);
  assert_null(sms_rate_limit_warning(second));
  assert_int_equal(sms_rate_limit_available(second, START), CALLS - 1);
  sms_rate_limit_refund(second, &slot, START); /* the claim is what counts */
  assert_int_equal(sms_rate_limit_available(first, START), CALLS);
  sms_rate_limit_hold(second, START + 5000);
  assert_false(acquires(first, START + 1000, &wait));
  assert_int_equal(wait, 4000);
  sms_rate_limit_close(first);
  sms_rate_limit_close(second);
  first = open_slots(0);
  assert_int_equal(sms_rate_limit_available(first, START + 4999), 0);
  assert_int_equal(sms_rate_limit_available(first, START + 5000), CALLS);
  sms_rate_limit_close(first);
  clean();
}

static void a_mode_lets_others_in(void **state) {
  (void)state;
  struct stat found;
  int64_t wait;
  sms_rate_limit *limit = open_slots(0660);
  assert_int_equal(lstat(path, &found), 0);
  assert_int_equal(found.st_mode, S_IFREG | 0660);
  sms_rate_limit_close(limit);
  bool others = chown(path, geteuid() + 1, getegid()) == 0; /* root can */
  limit = open_slots(0660);
  assert_null(sms_rate_limit_warning(limit));
  assert_true(acquires(limit, START, &wait));
  sms_rate_limit_close(limit);
  if (others) {
    assert_int_equal(chmod(path, 0600), 0);
    limit = open_slots(0);
    assert_paused(limit, START);
    assert_warned(limit, "another user");
    sms_rate_limit_close(limit);
  }
  clean();
}

static void an_index_without_a_slot_is_ignored(void **state) {
  (void)state;
  static const uint32_t wrong[] = {CALLS, CALLS + 1, 100000, UINT32_MAX};
  sms_rate_limit *limits[2] = {open_slots(0), NULL};
  assert_int_equal(sms_rate_limit_open("index", CALLS, PERIOD, &limits[1]), SMS_OK);
  for (size_t i = 0; i < LENGTH(wrong) * 2; i++) {
    struct sms_slot slot = {wrong[i / 2], W};
    sms_rate_limit_finish(limits[i % 2], &slot, START);
    sms_rate_limit_refund(limits[i % 2], &slot, START);
    assert_int_equal(sms_rate_limit_available(limits[i % 2], START), CALLS);
  }
  sms_rate_limit_close(limits[0]);
  sms_rate_limit_close(limits[1]);
  clean();
}

static void a_lease_has_to_end_while_a_damaged_file_is_paused(void **state) {
  (void)state;
  struct sms_slot slot;
  int64_t wait = 1;
  sms_rate_limit *limit = open_slots(0);
  assert_false(
      sms_rate_limit_acquire(limit, START, SMS_SLOTS_LEASE_MAX + 1, &slot, &wait));
  assert_int_equal(wait, 0);
  assert_non_null(strstr(sms_rate_limit_why(limit), "lease"));
  assert_true(sms_rate_limit_acquire(limit, START, SMS_SLOTS_LEASE_MAX, &slot, &wait));
  sms_rate_limit_close(limit);
  clean();
}

/* Whoever was stopped after it read the clock sees cells too far ahead; that is no
 * reason to stop everybody. */
static void a_late_caller_is_no_sign_of_damage(void **state) {
  (void)state;
  int64_t wait, future = START + 10 * SMS_SLOTS_LEASE_MAX;
  sms_rate_limit *late = open_slots(0), *other_limit = open_slots(0);
  assert_true(acquires(other_limit, future, &wait));
  assert_false(acquires(late, START, &wait));
  assert_int_equal(wait, 1);
  assert_true(acquires(late, future + 1, &wait));
  assert_int_equal(sms_rate_limit_available(other_limit, future + 1), CALLS - 2);
  assert_null(sms_rate_limit_warning(late));
  sms_rate_limit_close(late);
  sms_rate_limit_close(other_limit);
  clean();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_file_is_free_and_for_us_alone),
      cmocka_unit_test(all_who_open_it_share_its_slots),
      cmocka_unit_test(a_mode_lets_others_in),
      cmocka_unit_test(an_index_without_a_slot_is_ignored),
      cmocka_unit_test(a_lease_has_to_end_while_a_damaged_file_is_paused),
      cmocka_unit_test(a_late_caller_is_no_sign_of_damage),
      cmocka_unit_test(a_damaged_file_gives_no_slot_for_the_longest_lease_and_w),
      cmocka_unit_test(those_who_map_it_notice_and_agree_on_the_next),
  };
  return cmocka_run_group_tests_name("slot_file", tests, make_folder, remove_folder);
}
