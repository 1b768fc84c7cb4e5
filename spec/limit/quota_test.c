/* The calls of one quota of the provider's can be held while others go on. Times are
 * simulated. */
#include "limit/rate_limit.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

enum { CALLS = 4, PERIOD = 100000, W = 101000, LEASE = 30000, LOOK = 100000 };
enum { THREADS = 4, HOLDS = 500000 }; /* enough that some are at it at one time */
enum { SMS = 1, VOICE = 2, LAST = SMS_SLOTS_QUOTAS };

/* Later than the start of any container that this may run in. */
static const int64_t START = INT64_C(1000000000000000);

static char folder[] = "/tmp/sms-quota-XXXXXX";
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

static sms_rate_limit *open_slots(bool in_file, const char *key) {
  const struct sms_slot_place place = {.path = path};
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  if (!in_file)
    assert_int_equal(sms_rate_limit_open(key, CALLS, PERIOD, &limit), SMS_OK);
  else if (sms_rate_limit_open_file(&place, key, CALLS, PERIOD, &limit, why) != SMS_OK)
    fail_msg("%s", why);
  return limit;
}

static bool acquires(sms_rate_limit *limit, uint32_t quota, int64_t now,
                     int64_t *wait) {
  const struct sms_slot_part part = {.quota = quota};
  struct sms_slot slot;
  return sms_rate_limit_acquire_part(limit, part, now, LEASE, &slot, wait);
}

static int64_t delay(const sms_rate_limit *limit, uint32_t quota, int64_t now) {
  const struct sms_slot_part part = {.quota = quota};
  return sms_rate_limit_delay_part(limit, part, now, 1);
}

static void a_hold_of_a_quota_leaves_the_others_alone(void **state) {
  (void)state;
  int64_t wait = 0;
  for (int in_file = 0; in_file < 2; in_file++) {
    sms_rate_limit *limit = open_slots(in_file, "one");
    sms_rate_limit_hold_quota(limit, SMS, START + 5000);
    sms_rate_limit_hold_quota(limit, SMS, START + 4000); /* never lowered */
    assert_false(acquires(limit, SMS, START, &wait));
    assert_int_equal(wait, 5000);
    assert_int_equal(delay(limit, SMS, START), 5000);
    assert_int_equal(delay(limit, VOICE, START), 0);
    assert_true(acquires(limit, VOICE, START, &wait));
    assert_true(acquires(limit, LAST, START, &wait));
    assert_true(acquires(limit, 0, START, &wait));
    assert_true(acquires(limit, SMS, START + 5000, &wait));
    assert_false(
        acquires(limit, VOICE, START + 5000, &wait)); /* the slots are shared */
    sms_rate_limit_close(limit);
    unlink(path);
  }
}

static void a_hold_for_all_holds_every_quota(void **state) {
  (void)state;
  int64_t wait = 0;
  for (int in_file = 0; in_file < 2; in_file++) {
    sms_rate_limit *limit = open_slots(in_file, "all");
    sms_rate_limit_hold_quota(limit, VOICE, START + 1000);
    sms_rate_limit_hold(limit, START + 5000);
    for (uint32_t quota = 0; quota <= LAST; quota++) {
      assert_false(acquires(limit, quota, START, &wait));
      assert_int_equal(wait, 5000);
    }
    sms_rate_limit_hold_quota(limit, VOICE, START + 9000);
    assert_int_equal(delay(limit, VOICE, START), 9000);
    sms_rate_limit_hold_quota(limit, LAST + 1, START + 7000); /* none: all */
    assert_int_equal(delay(limit, SMS, START), 7000);
    assert_int_equal(delay(limit, LAST + 1, START), 7000);
    sms_rate_limit_close(limit);
    unlink(path);
  }
}

static void a_closed_table_is_kept_while_a_quota_is_held(void **state) {
  (void)state;
  int64_t wait = 0;
  sms_rate_limit *limit = open_slots(false, "kept");
  sms_rate_limit_hold_quota(limit, SMS, START + 50000);
  assert_true(acquires(limit, VOICE, START - W - LEASE, &wait)); /* free by START */
  sms_rate_limit_close(limit);
  limit = open_slots(false, "other"); /* this sweeps */
  assert_true(acquires(limit, 0, START, &wait));
  sms_rate_limit_close(limit);
  limit = open_slots(false, "kept");
  assert_false(acquires(limit, SMS, START + 1, &wait));
  sms_rate_limit_close(limit);
}

/* A hole reads as 0, and years ahead is no time of this boot. */
static void a_hold_that_cannot_be_is_damage(void **state) {
  (void)state;
  static const int64_t wrong[] = {0, -1, 1, INT64_MAX};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int64_t wait = 0;
    sms_rate_limit *limit = open_slots(true, "one");
    assert_true(acquires(limit, 0, START, &wait));
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, &wrong[i], sizeof wrong[i],
                            offsetof(struct sms_slots, holds[LAST - 1])),
                     sizeof wrong[i]);
    close(fd);
    for (int64_t late = 0; late < 4; late++)
      assert_false(acquires(limit, 0, START + LOOK + late, &wait));
    assert_true(wait > SMS_SLOTS_LEASE_MAX);
    assert_non_null(strstr(sms_rate_limit_warning(limit), "cannot be"));
    sms_rate_limit_close(limit);
    unlink(path);
  }
}

/* Each hold is later than all before, whichever thread they are of. */
static void *hold_later_and_later(void *key) {
  static atomic_int latest;
  sms_rate_limit *limit = open_slots(false, key);
  for (int i = 0; i < HOLDS; i++)
    sms_rate_limit_hold_quota(limit, SMS, START + atomic_fetch_add(&latest, 1) + 1);
  sms_rate_limit_close(limit);
  return NULL;
}

static void the_latest_hold_of_several_threads_counts(void **state) {
  static char key[] = "threads";
  pthread_t threads[THREADS];
  sms_rate_limit *limit = open_slots(false, key);
  int64_t wait = 0;
  (void)state;
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, hold_later_and_later, key), 0);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  assert_false(acquires(limit, SMS, START, &wait));
  assert_int_equal(wait, THREADS * HOLDS);
  sms_rate_limit_close(limit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hold_of_a_quota_leaves_the_others_alone),
      cmocka_unit_test(a_hold_for_all_holds_every_quota),
      cmocka_unit_test(a_closed_table_is_kept_while_a_quota_is_held),
      cmocka_unit_test(a_hold_that_cannot_be_is_damage),
      cmocka_unit_test(the_latest_hold_of_several_threads_counts),
  };
  return cmocka_run_group_tests_name("quota", tests, make_folder, remove_folder);
}
