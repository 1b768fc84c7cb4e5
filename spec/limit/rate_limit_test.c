#include "limit/rate_limit.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* W of 100 ms is 101 ms: all times are microseconds. */
enum { PERIOD = 100000, W = 101000, LEASE = 30000, LATE = 10 * LEASE };

/* Every test has tables of its own. */
static sms_rate_limit *open_fresh(uint32_t calls, int64_t period) {
  static int count;
  char key[32];
  sms_rate_limit *limit = NULL;
  snprintf(key, sizeof key, "fresh %d", count++);
  assert_int_equal(sms_rate_limit_open(key, calls, period, &limit), SMS_OK);
  return limit;
}

static struct sms_slot must_acquire(sms_rate_limit *limit, int64_t now) {
  struct sms_slot slot = {0, 0};
  int64_t wait = 0;
  assert_true(sms_rate_limit_acquire(limit, now, LEASE, &slot, &wait));
  return slot;
}

static int64_t must_wait(sms_rate_limit *limit, int64_t now) {
  struct sms_slot slot;
  int64_t wait = 0;
  assert_false(sms_rate_limit_acquire(limit, now, LEASE, &slot, &wait));
  assert_true(wait >= 1);
  return wait;
}

static void arguments_outside_their_range_are_refused(void **state) {
  (void)state;
  static const struct {
    uint32_t calls;
    int64_t period;
    enum sms_status status;
  } cases[] = {
      {0, PERIOD, SMS_INVALID},
      {1, PERIOD, SMS_OK},
      {100000, PERIOD, SMS_OK},
      {100001, PERIOD, SMS_INVALID},
      {UINT32_MAX, 1, SMS_INVALID},
      {1, 0, SMS_INVALID},
      {1, -1, SMS_INVALID},
      {1, 999, SMS_INVALID},
      {1, 1000, SMS_OK},
      {1, 86400000000, SMS_OK},
      {1, 86400000001, SMS_INVALID},
      {1, INT64_MAX, SMS_INVALID},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    sms_rate_limit *limit = NULL;
    assert_int_equal(
        sms_rate_limit_open("range", cases[i].calls, cases[i].period, &limit),
        cases[i].status);
    assert_true((limit != NULL) == (cases[i].status == SMS_OK));
    sms_rate_limit_close(limit);
  }
}

static void the_guard_is_a_hundredth_and_at_most_50_ms(void **state) {
  (void)state;
  static const int64_t cases[][2] = {
      {1000, 1010},
      {100000, 101000},
      {4999999, 5049998},
      {5000000, 5050000},
      {5000001, 5050001},
      {60000000, 60050000},
      {86400000000, 86400050000},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    sms_rate_limit *limit = open_fresh(1, cases[i][0]);
    struct sms_slot slot = must_acquire(limit, 1000);
    assert_int_equal(slot.claim, 1000 + LEASE + cases[i][1]);
    assert_int_equal(must_wait(limit, 1000), cases[i][1]);
    sms_rate_limit_finish(limit, &slot, 2000);
    assert_int_equal(must_wait(limit, 2000), cases[i][1]);
    assert_int_equal(must_wait(limit, 2000 + cases[i][1] - 1), 1);
    must_acquire(limit, 2000 + cases[i][1]);
    sms_rate_limit_close(limit);
  }
}

static void the_wait_is_for_the_first_slot_to_come_free(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(3, PERIOD);
  struct sms_slot slots[3];
  for (int i = 0; i < 3; i++)
    slots[i] = must_acquire(limit, i);
  assert_int_equal(sms_rate_limit_available(limit, 10), 0);
  assert_int_equal(must_wait(limit, 10), W); /* all may end now */
  sms_rate_limit_finish(limit, &slots[2], 20);
  assert_int_equal(must_wait(limit, 30), W - 10);
  sms_rate_limit_finish(limit, &slots[1], 10);
  assert_int_equal(must_wait(limit, 30), W - 20);
  assert_int_equal(sms_rate_limit_available(limit, W + 10), 1);
  assert_int_equal(sms_rate_limit_available(limit, W + 20), 2);
  assert_int_equal(sms_rate_limit_available(limit, W + LEASE), 3);
  sms_rate_limit_close(limit);
}

static void a_refunded_slot_is_free_at_once(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(1, PERIOD);
  struct sms_slot slot = must_acquire(limit, 0);
  sms_rate_limit_refund(limit, &slot, 500);
  assert_int_equal(sms_rate_limit_available(limit, 499), 0);
  assert_int_equal(sms_rate_limit_available(limit, 500), 1);
  slot = must_acquire(limit, 500);
  assert_int_equal(slot.claim, 500 + LEASE + W);
  sms_rate_limit_close(limit);
}

static void a_claim_never_ended_frees_itself(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(1, PERIOD);
  must_acquire(limit, 0);
  assert_int_equal(must_wait(limit, LEASE + W - 1), 1);
  must_acquire(limit, LEASE + W);
  sms_rate_limit_close(limit);
}

static void a_lost_claim_can_only_raise(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(1, PERIOD);
  const int64_t second = LEASE + W;
  struct sms_slot lost = must_acquire(limit, 0);
  struct sms_slot held = must_acquire(limit, second);

  sms_rate_limit_refund(limit, &lost, second + 1);
  assert_int_equal(must_wait(limit, second + 1), W);
  sms_rate_limit_finish(limit, &lost, second + 2);
  assert_int_equal(must_wait(limit, second + 2), W);
  assert_int_equal(sms_rate_limit_available(limit, second + LEASE + W - 1), 0);
  sms_rate_limit_finish(limit, &lost, second + LEASE + 7);
  assert_int_equal(must_wait(limit, second + LEASE + 7), W);

  sms_rate_limit_refund(limit, &held, second + LEASE + 8);
  assert_int_equal(must_wait(limit, second + LEASE + 8), W - 1);
  sms_rate_limit_finish(limit, &held, second);
  assert_int_equal(must_wait(limit, second + LEASE + 8), W - 1);
  sms_rate_limit_close(limit);
}

static void an_attempt_past_its_lease_still_counts_from_its_end(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(1, PERIOD);
  struct sms_slot slot = must_acquire(limit, 0);
  sms_rate_limit_finish(limit, &slot, LATE);
  assert_int_equal(must_wait(limit, LATE), W);
  sms_rate_limit_close(limit);
}

static void a_hold_stops_the_table_and_is_never_lowered(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(2, PERIOD);
  sms_rate_limit_hold(limit, 5000);
  sms_rate_limit_hold(limit, 3000);
  assert_int_equal(sms_rate_limit_available(limit, 4999), 0);
  assert_int_equal(sms_rate_limit_available(limit, 5000), 2);
  assert_int_equal(must_wait(limit, 1000), 4000);
  assert_int_equal(must_wait(limit, 4999), 1);
  struct sms_slot slot = must_acquire(limit, 5000);
  sms_rate_limit_hold(limit, 9000);
  sms_rate_limit_refund(limit, &slot, 6000);
  assert_int_equal(must_wait(limit, 6000), 3000);
  must_acquire(limit, 9000);
  sms_rate_limit_close(limit);
}

static void the_hand_goes_round_all_slots(void **state) {
  (void)state;
  bool seen[1000] = {false};
  sms_rate_limit *limit = open_fresh(LENGTH(seen), PERIOD);
  for (size_t i = 0; i < LENGTH(seen); i++) {
    struct sms_slot slot = must_acquire(limit, 0);
    assert_true(slot.index < LENGTH(seen));
    assert_false(seen[slot.index]);
    seen[slot.index] = true;
    if (i % 2 == 0) sms_rate_limit_refund(limit, &slot, 0);
  }
  assert_int_equal(sms_rate_limit_available(limit, 0), LENGTH(seen) / 2);
  sms_rate_limit_close(limit);
}

static void one_key_calls_and_period_are_one_table(void **state) {
  (void)state;
  static const struct {
    const char *key;
    uint32_t calls;
    int64_t period;
    bool shared;
  } cases[] = {
      {"nexmo:abcd1234", 2, PERIOD, true},  {"nexmo:abcd1235", 2, PERIOD, false},
      {"nexmo:abcd123", 2, PERIOD, false},  {"", 2, PERIOD, false},
      {"nexmo:abcd1234", 3, PERIOD, false}, {"nexmo:abcd1234", 2, PERIOD + 1, false},
  };
  char key[] = "nexmo:abcd1234";
  sms_rate_limit *first = NULL;
  assert_int_equal(sms_rate_limit_open(key, 2, PERIOD, &first), SMS_OK);
  memset(key, 'x', sizeof key - 1); /* the table has a copy */
  must_acquire(first, 0);
  for (size_t i = 0; i < LENGTH(cases); i++) {
    sms_rate_limit *other = NULL;
    assert_int_equal(
        sms_rate_limit_open(cases[i].key, cases[i].calls, cases[i].period, &other),
        SMS_OK);
    assert_true((other == first) == cases[i].shared);
    assert_int_equal(sms_rate_limit_available(other, 0),
                     cases[i].calls - (cases[i].shared ? 1 : 0));
    sms_rate_limit_close(other);
  }
  must_acquire(first, 0);
  must_wait(first, 0);
  sms_rate_limit_close(first);
}

/* What the table answers for a time before its claim tells whether it is the old one.
 */
static void who_takes_the_first_slots_alone_leaves_the_others_free(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(5, PERIOD);
  struct sms_slot slot, first = {0, 0};
  int64_t wait = 0;
  for (int64_t i = 0; i < 4; i++) {
    assert_true(sms_rate_limit_acquire_part(limit, (struct sms_slot_part){.count = 4},
                                            1000 + i, LEASE, &slot, &wait));
    assert_true(slot.index <= 3);
    if (i == 0) first = slot;
  }
  assert_false(sms_rate_limit_acquire_part(limit, (struct sms_slot_part){.count = 4},
                                           1100, LEASE, &slot, &wait));
  assert_int_equal(wait, W);
  assert_int_equal(
      sms_rate_limit_delay_part(limit, (struct sms_slot_part){.count = 4}, 1100, 1), W);
  assert_int_equal(sms_rate_limit_delay(limit, 1100, 1), 0);
  assert_int_equal(must_acquire(limit, 1100).index, 4);
  must_wait(limit, 1100);
  sms_rate_limit_refund(limit, &first, 1200);
  assert_int_equal(must_acquire(limit, 1200).index, first.index); /* of theirs, too */
  assert_false(sms_rate_limit_acquire_part(limit, (struct sms_slot_part){.count = 4},
                                           1200, LEASE, &slot, &wait));
  sms_rate_limit_close(limit);
}

static void more_slots_than_there_are_or_none_stand_for_all(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(2, PERIOD);
  struct sms_slot slot;
  int64_t wait;
  assert_true(sms_rate_limit_acquire_part(limit, (struct sms_slot_part){.count = 0},
                                          1000, LEASE, &slot, &wait));
  assert_true(sms_rate_limit_acquire_part(limit, (struct sms_slot_part){.count = 9},
                                          1000, LEASE, &slot, &wait));
  assert_false(sms_rate_limit_acquire_part(limit, (struct sms_slot_part){.count = 9},
                                           1000, LEASE, &slot, &wait));
  sms_rate_limit_close(limit);
}

static void a_closed_table_is_kept_while_it_is_busy(void **state) {
  (void)state;
  const int64_t busy_until = LEASE + W;
  static const struct {
    bool hold;
    int64_t shown;
    bool kept;
  } cases[] = {
      {false, 0, true}, {false, busy_until - 1, true}, {false, busy_until, false},
      {true, 0, true},  {true, busy_until - 1, true},  {true, busy_until, false},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char key[] = "kept 0";
    sms_rate_limit *limit = NULL;
    const int64_t start = (int64_t)(i + 1) * INT64_C(1000000000000);
    sms_rate_limit *other = open_fresh(1, PERIOD);
    key[5] = (char)('0' + i);
    assert_int_equal(sms_rate_limit_open(key, 1, PERIOD, &limit), SMS_OK);
    if (cases[i].hold)
      sms_rate_limit_hold(limit, start + busy_until);
    else
      must_acquire(limit, start);
    sms_rate_limit_close(limit);
    must_acquire(other, start + cases[i].shown);
    assert_int_equal(sms_rate_limit_open(key, 1, PERIOD, &limit), SMS_OK);
    assert_int_equal(sms_rate_limit_available(limit, start), cases[i].kept ? 0 : 1);
    sms_rate_limit_close(limit);
    sms_rate_limit_close(other);
  }
  sms_rate_limit_close(NULL);
}

static void each_who_queues_learns_when_its_own_turn_is(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(3, PERIOD);
  struct sms_slot slots[3];
  for (int i = 0; i < 3; i++)
    slots[i] = must_acquire(limit, i);
  for (int i = 0; i < 3; i++)
    sms_rate_limit_finish(limit, &slots[i], INT64_C(10) * (3 - i));
  static const struct {
    uint32_t turn;
    int64_t delay;
  } cases[] = {{0, W - 30},     {1, W - 30},     {2, W - 20},    {3, W - 10},
               {4, 2 * W - 30}, {6, 2 * W - 10}, {7, 3 * W - 30}};
  for (size_t i = 0; i < LENGTH(cases); i++)
    assert_int_equal(sms_rate_limit_delay(limit, 40, cases[i].turn), cases[i].delay);
  assert_int_equal(sms_rate_limit_delay(limit, W + 40, 3), 0);
  assert_int_equal(sms_rate_limit_delay(limit, W + 40, 4), W);
  sms_rate_limit_hold(limit, INT64_C(3) * W);
  assert_int_equal(sms_rate_limit_delay(limit, W, 1), 2 * W);
  sms_rate_limit_close(limit);
}

static void a_turn_however_late_is_a_time_to_come(void **state) {
  (void)state;
  sms_rate_limit *limit = open_fresh(1, INT64_C(86400000000));
  must_acquire(limit, 1);
  int64_t late = sms_rate_limit_delay(limit, 1, INT32_MAX);
  assert_true(late > sms_rate_limit_delay(limit, 1, INT32_MAX / 256));
  assert_true(sms_rate_limit_delay(limit, 1, UINT32_MAX) >= late);
  sms_rate_limit_close(limit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arguments_outside_their_range_are_refused),
      cmocka_unit_test(a_turn_however_late_is_a_time_to_come),
      cmocka_unit_test(the_guard_is_a_hundredth_and_at_most_50_ms),
      cmocka_unit_test(the_wait_is_for_the_first_slot_to_come_free),
      cmocka_unit_test(a_refunded_slot_is_free_at_once),
      cmocka_unit_test(a_claim_never_ended_frees_itself),
      cmocka_unit_test(a_lost_claim_can_only_raise),
      cmocka_unit_test(an_attempt_past_its_lease_still_counts_from_its_end),
      cmocka_unit_test(a_hold_stops_the_table_and_is_never_lowered),
      cmocka_unit_test(the_hand_goes_round_all_slots),
      cmocka_unit_test(one_key_calls_and_period_are_one_table),
      cmocka_unit_test(each_who_queues_learns_when_its_own_turn_is),
      cmocka_unit_test(who_takes_the_first_slots_alone_leaves_the_others_free),
      cmocka_unit_test(more_slots_than_there_are_or_none_stand_for_all),
      cmocka_unit_test(a_closed_table_is_kept_while_it_is_busy),
  };
  return cmocka_run_group_tests_name("rate_limit", tests, NULL, NULL);
}
