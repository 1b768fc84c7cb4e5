/* What is wrong with the head of a file, and what in it is only odd. Times are
 * simulated. */
#include "limit/rate_limit.h"
#include "limit/slot_header.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { CALLS = 4, PERIOD = 100000, LEASE = 30000, LOOK = 100000, TIMES = 500000 };

/* Later than the start of any container that this may run in. */
static const int64_t START = INT64_C(1000000000000000);
static const int64_t MINUTE = INT64_C(60000000);

static char folder[] = "/tmp/sms-flaws-XXXXXX";
static char path[64];

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/slots", folder);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  return rmdir(folder); /* fails where something was left behind */
}

/* ---- The head ---- */

static struct sms_slots_head *head;
static struct sms_slot_nature nature;

static void leave_it(void) {
}

static void hide_boot(void) {
  nature.epoch.boot[0] = nature.epoch.boot[1] = 0;
}

static void forget_boot(void) {
  head->boot[0] = head->boot[1] = 0;
}

static void change_boot(void) {
  head->boot[1]++;
}

static void change_clock(void) {
  head->clock++;
}

static void change_offset(void) {
  head->offset++;
}

static void change_space(void) {
  head->space++;
}

static void put_cells_into_the_head(void) {
  head->cells_at = 8;
}

static void put_cells_far_away(void) {
  head->cells_at = 1 << 20;
}

static void put_cells_between_words(void) {
  head->cells_at++;
}

static void leave_no_room_for_cells(void) {
  head->size = head->cells_at;
}

static const struct {
  void (*change)(void);
  const char *on_disk, *in_memory; /* NULL: nothing is wrong */
} heads[] = {
    {leave_it, NULL, NULL},
    {hide_boot, "last boot", NULL},
    {forget_boot, "last boot", NULL},
    {change_boot, "last boot", "last boot"},
    {change_clock, "another clock", "another clock"},
    {change_offset, "time namespace", "time namespace"},
    {change_space, "time namespace", "time namespace"},
    {put_cells_into_the_head, "cannot be", "cannot be"},
    {put_cells_far_away, "cannot be", "cannot be"},
    {put_cells_between_words, "cannot be", "cannot be"},
    {leave_no_room_for_cells, "cannot be", "cannot be"},
};

static void assert_flaw(bool in_memory, const char *part) {
  const char *flaw = sms_slot_header_flaw(&nature, in_memory, head);
  if (!part) assert_null(flaw);
  if (part && (!flaw || !strstr(flaw, part))) fail_msg("%s: %s", part, flaw);
}

static void a_head_that_cannot_be_is_named(void **state) {
  (void)state;
  struct sms_slots *slots = malloc(sms_slot_header_size(CALLS));
  assert_non_null(slots);
  for (size_t i = 0; i < LENGTH(heads); i++) {
    nature = (struct sms_slot_nature){
        .calls = CALLS, .period = PERIOD, .epoch = {.boot = {1, 2}}};
    sms_slot_header_draw(&nature, true, slots);
    head = &slots->head;
    heads[i].change();
    assert_flaw(false, heads[i].on_disk);
    assert_flaw(true, heads[i].in_memory);
  }
  free(slots);
}

/* ---- What is odd ---- */

static sms_rate_limit *open_slots(void) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  const struct sms_slot_place place = {.path = path};
  if (sms_rate_limit_open_file(&place, "key", CALLS, PERIOD, &limit, why) != SMS_OK)
    fail_msg("%s", why);
  return limit;
}

static bool acquires(sms_rate_limit *limit, int64_t now, int64_t *wait) {
  struct sms_slot slot;
  return sms_rate_limit_acquire(limit, now, LEASE, &slot, wait);
}

static void write_last_cell(int64_t value) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  off_t place = (off_t)(sms_slots_size(CALLS) - sizeof value);
  assert_true(fd >= 0);
  assert_int_equal(pwrite(fd, &value, sizeof value, place), sizeof value);
  close(fd);
}

/* A caller that was stopped after it read the clock comes with a time that has passed,
 * and so may several. */
static void what_is_odd_is_damage_once_time_has_gone_on(void **state) {
  (void)state;
  static const int64_t times[] = {LOOK, LOOK, -1};
  int64_t wait;
  sms_rate_limit *limit = open_slots();
  assert_true(acquires(limit, START, &wait));
  write_last_cell(SMS_SLOTS_ORIGIN + START + 60 * MINUTE);
  for (size_t i = 0; i < LENGTH(times); i++) {
    assert_false(acquires(limit, START + times[i], &wait));
    assert_null(sms_rate_limit_warning(limit));
  }
  assert_false(acquires(limit, START + LOOK, &wait));
  assert_non_null(strstr(sms_rate_limit_warning(limit), "cannot be"));
  sms_rate_limit_close(limit);
  unlink(path);
}

static void a_hold_may_be_longer_than_a_lease(void **state) {
  (void)state;
  int64_t wait;
  sms_rate_limit *limit = open_slots();
  assert_true(acquires(limit, START, &wait));
  sms_rate_limit_hold(limit, START + 30 * MINUTE);
  for (int minute = 1; minute < 30; minute++) {
    assert_false(acquires(limit, START + minute * MINUTE, &wait));
    assert_int_equal(wait, (30 - minute) * MINUTE);
  }
  assert_true(acquires(limit, START + 30 * MINUTE, &wait));
  assert_null(sms_rate_limit_warning(limit));
  sms_rate_limit_close(limit);
  unlink(path);
}

/* ---- Holds of many at a time ---- */

static pthread_barrier_t together;

static void *hold_longer_and_longer(void *limit) {
  pthread_barrier_wait(&together);
  for (int i = 1; i <= TIMES; i++)
    sms_rate_limit_hold_quota(limit, 1, START + i);
  return NULL;
}

static void the_longest_of_many_holds_counts(void **state) {
  (void)state;
  pthread_t threads[2];
  sms_rate_limit *limit = NULL;
  assert_int_equal(sms_rate_limit_open("holds", CALLS, PERIOD, &limit), SMS_OK);
  pthread_barrier_init(&together, NULL, LENGTH(threads));
  for (size_t i = 0; i < LENGTH(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, hold_longer_and_longer, limit),
                     0);
  for (size_t i = 0; i < LENGTH(threads); i++)
    pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&together);
  assert_int_equal(sms_rate_limit_held(limit, 1, START), TIMES);
  assert_int_equal(sms_rate_limit_held(limit, 0, START), 0); /* is no quota */
  sms_rate_limit_close(limit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_head_that_cannot_be_is_named),
      cmocka_unit_test(what_is_odd_is_damage_once_time_has_gone_on),
      cmocka_unit_test(a_hold_may_be_longer_than_a_lease),
      cmocka_unit_test(the_longest_of_many_holds_counts),
  };
  return cmocka_run_group_tests_name("slot_flaws", tests, make_folder, remove_folder);
}
