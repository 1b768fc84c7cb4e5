/* The promise itself: never one call more than allowed in any window, in simulated time
 * and among real threads; for slots in memory, and in a file. */
#include "limit/rate_limit.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

static uint64_t random_state;

static int64_t random_below(int64_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (int64_t)((random_state >> 20) % (uint64_t)limit);
}

/* A simulated provider and its callers. The world keeps its own book of each slot: when
 * it is free, and by number the claim that holds it. */
enum { CALLS_MAX = 6, FLYING_MAX = 12, STEPS = 3000 };
enum fate { FREE, FINISHES, REFUNDS, CRASHES };

struct attempt {
  struct sms_slot slot;
  int number;
  enum fate fate;
  int64_t ends;
};

struct world {
  sms_rate_limit *limit;
  uint32_t calls;
  int64_t now, lease, spacing, held_until;
  int64_t free_at[CALLS_MAX];
  int holder[CALLS_MAX];
  struct attempt flying[FLYING_MAX];
  int64_t arrivals[STEPS * FLYING_MAX];
  size_t arrived;
  int claims;
};

static void end(struct world *world, struct attempt *attempt) {
  uint32_t index = attempt->slot.index;
  bool ours = world->holder[index] == attempt->number;
  int64_t until = world->now;
  if (attempt->fate == FINISHES) {
    until += world->spacing;
    sms_rate_limit_finish(world->limit, &attempt->slot, world->now);
  } else {
    sms_rate_limit_refund(world->limit, &attempt->slot, world->now);
  }
  bool raised = attempt->fate == FINISHES && until > world->free_at[index];
  if (ours || raised) {
    world->free_at[index] = until;
    world->holder[index] = 0;
  }
  attempt->fate = FREE;
}

static void claimed(struct world *world, struct attempt *attempt) {
  uint32_t index = attempt->slot.index;
  assert_true(index < world->calls);
  assert_true(world->free_at[index] <= world->now);
  world->free_at[index] = world->now + world->lease + world->spacing;
  world->holder[index] = attempt->number = ++world->claims;
  int64_t arrives = world->now + random_below(world->lease + 1);
  int64_t kind = random_below(8);
  attempt->fate = kind == 0 ? CRASHES : kind == 1 ? REFUNDS : FINISHES;
  if (attempt->fate != REFUNDS) world->arrivals[world->arrived++] = arrives;
  attempt->ends = arrives + random_below(world->lease);
  if (random_below(5) == 0) attempt->ends += random_below(3 * world->spacing);
  if (attempt->fate == CRASHES) attempt->fate = FREE;
}

/* Returns when it makes sense to ask again. */
static int64_t begin(struct world *world, struct attempt *attempt) {
  int64_t wait = 0;
  int64_t first = INT64_MAX;
  for (uint32_t i = 0; i < world->calls; i++)
    if (world->free_at[i] < first) first = world->free_at[i];
  int64_t soonest =
      first - world->now < world->spacing ? first : world->now + world->spacing;
  if (world->held_until > world->now) first = soonest = world->held_until;
  bool taken = sms_rate_limit_acquire(world->limit, world->now, world->lease,
                                      &attempt->slot, &wait);
  assert_int_equal(taken, first <= world->now);
  if (!taken) assert_int_equal(wait, soonest - world->now);
  if (taken) claimed(world, attempt);
  return world->now + wait;
}

static void step(struct world *world) {
  int64_t next = world->now + random_below(world->spacing / world->calls);
  for (size_t i = 0; i < FLYING_MAX; i++) {
    struct attempt *attempt = &world->flying[i];
    if (attempt->fate != FREE && attempt->ends <= world->now) end(world, attempt);
  }
  for (size_t i = 0; i < FLYING_MAX; i++) {
    struct attempt *attempt = &world->flying[i];
    if (attempt->fate != FREE || random_below(3) == 0) continue;
    int64_t again = begin(world, attempt);
    if (again > world->now && random_below(2) == 0) next = again;
  }
  if (random_below(100) == 0) {
    int64_t until = world->now + random_below(world->spacing);
    sms_rate_limit_hold(world->limit, until);
    if (until > world->held_until) world->held_until = until;
  }
  world->now = next;
}

static int compare_times(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a;
  int64_t y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void assert_never_over(int64_t *arrivals, size_t count, size_t calls,
                              int64_t window) {
  qsort(arrivals, count, sizeof *arrivals, compare_times);
  for (size_t i = calls; i < count; i++)
    assert_true(arrivals[i] - arrivals[i - calls] >= window);
}

/* Where the slots live: each test is run for both. */
static sms_rate_limit *open_in_memory(const char *key, uint32_t calls, int64_t period) {
  sms_rate_limit *limit = NULL;
  assert_int_equal(sms_rate_limit_open(key, calls, period, &limit), SMS_OK);
  return limit;
}

static char folder[] = "/tmp/sms-promise-XXXXXX";

static void path_of(const char *key, char path[64]) {
  snprintf(path, 64, "%s/%s", folder, key);
}

static sms_rate_limit *open_in_file(const char *key, uint32_t calls, int64_t period) {
  sms_rate_limit *limit = NULL;
  char path[64], why[SMS_WHY_MAX];
  path_of(key, path);
  assert_int_equal(sms_rate_limit_open_file(&(struct sms_slot_place){.path = path}, key,
                                            calls, period, &limit, why),
                   SMS_OK);
  assert_null(sms_rate_limit_warning(limit));
  return limit;
}

typedef sms_rate_limit *opener(const char *key, uint32_t calls, int64_t period);

static void simulate(struct world *world, opener *open, uint64_t seed) {
  char key[16];
  random_state = seed * UINT64_C(0x9E3779B97F4A7C15);
  int64_t period = 1000 + random_below(1000000);
  memset(world, 0, sizeof *world);
  world->calls = (uint32_t)(1 + random_below(CALLS_MAX));
  world->spacing = period + period / 100;
  world->now = INT64_C(1000000000000000); /* long after the start of a container */
  world->lease = 1 + random_below(2 * period);
  snprintf(key, sizeof key, "%d", (int)seed);
  world->limit = open(key, world->calls, period);
  for (int i = 0; i < STEPS; i++)
    step(world);
  assert_true(world->arrived > STEPS / 100);
  assert_never_over(world->arrivals, world->arrived, world->calls, world->spacing);
  sms_rate_limit_close(world->limit);
}

static void no_window_ever_sees_one_call_more(void **state) {
  (void)state;
  static struct world world;
  for (uint64_t seed = 1; seed <= 200; seed++)
    simulate(&world, open_in_memory, seed);
}

static void nor_does_it_with_the_slots_in_a_file(void **state) {
  (void)state;
  static struct world world;
  char path[64], key[16];
  for (uint64_t seed = 1; seed <= 200; seed++) {
    simulate(&world, open_in_file, seed);
    snprintf(key, sizeof key, "%d", (int)seed);
    path_of(key, path);
    assert_int_equal(unlink(path), 0);
  }
}

/* Real threads, and a clock that moves with each look at it. */
enum { THREADS = 8, ROUNDS = 20000, SHARED_CALLS = 5, SHARED_PERIOD = 1000, TICK = 50 };

static struct {
  int64_t clock;
  int owner[SHARED_CALLS];
  int faults;
} shared = {.clock = INT64_C(2000000000000000)}; /* later than all that was simulated */

static int64_t look(void) {
  return __atomic_fetch_add(&shared.clock, TICK, __ATOMIC_SEQ_CST);
}

struct worker {
  pthread_t thread;
  int number;
  opener *open;
  int64_t arrivals[ROUNDS];
  size_t arrived;
};

static void work_once(struct worker *worker, sms_rate_limit *limit, bool refund) {
  struct sms_slot slot;
  int64_t wait;
  if (!sms_rate_limit_acquire(limit, look(), SMS_SLOTS_LEASE_MAX, &slot, &wait)) return;
  int *owner = &shared.owner[slot.index];
  int nobody = 0;
  bool alone = __atomic_compare_exchange_n(owner, &nobody, worker->number, false,
                                           __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  if (!refund) worker->arrivals[worker->arrived++] = look();
  if (!alone || __atomic_exchange_n(owner, 0, __ATOMIC_SEQ_CST) != worker->number)
    __atomic_add_fetch(&shared.faults, 1, __ATOMIC_SEQ_CST);
  if (refund)
    sms_rate_limit_refund(limit, &slot, look());
  else
    sms_rate_limit_finish(limit, &slot, look());
}

/* Opens and closes as well, so that the registry is under pressure too. */
static void *work(void *argument) {
  struct worker *worker = argument;
  sms_rate_limit *limit = NULL;
  for (int i = 0; i < ROUNDS; i++) {
    if (i % 16 == 0) limit = worker->open("threads", SHARED_CALLS, SHARED_PERIOD);
    work_once(worker, limit, (i + worker->number) % 4 == 0);
    if (i % 16 == 15) sms_rate_limit_close(limit);
  }
  return NULL;
}

static void run_threads(opener *open) {
  static struct worker workers[THREADS];
  static int64_t arrivals[THREADS * ROUNDS];
  size_t count = 0;
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (struct worker){.number = i + 1, .open = open};
    assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    memcpy(arrivals + count, workers[i].arrivals,
           workers[i].arrived * sizeof *arrivals);
    count += workers[i].arrived;
  }
  assert_int_equal(shared.faults, 0);
  assert_true(count > 1000);
  assert_never_over(arrivals, count, SHARED_CALLS, SHARED_PERIOD + SHARED_PERIOD / 100);
}

static void threads_never_hold_one_slot_at_once(void **state) {
  (void)state;
  run_threads(open_in_memory);
}

static void nor_do_they_with_the_slots_in_a_file(void **state) {
  (void)state;
  char path[64];
  run_threads(open_in_file);
  path_of("threads", path);
  assert_int_equal(unlink(path), 0);
}

static int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
  (void)state;
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_window_ever_sees_one_call_more),
      cmocka_unit_test(nor_does_it_with_the_slots_in_a_file),
      cmocka_unit_test(threads_never_hold_one_slot_at_once),
      cmocka_unit_test(nor_do_they_with_the_slots_in_a_file),
  };
  return cmocka_run_group_tests_name("rate_limit_promise", tests, make_folder,
                                     remove_folder);
}
