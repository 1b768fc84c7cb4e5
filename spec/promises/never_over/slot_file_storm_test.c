/* Processes share a file of slots while it is damaged in all ways, again and again, and
 * while they are killed at any instant: none ever goes over the limit. Their clock is
 * one they share; it runs much faster than real time, so that many pauses go by. */
#include "limit/rate_limit.h"
#include "limit/slots.h"
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { CALLS = 5, PERIOD = 1000000, W = 1010000, TICK = 300, LOG_MAX = 2000000 };
enum { PROCESSES = 6, DAMAGED_EVERY = 1000, KILLED_EVERY = 5 /* ms */ };

static char folder[] = "/tmp/sms-storm-XXXXXX";
static char path[64];

struct shared {
  int64_t clock; /* all atomic */
  uint32_t next;
  uint32_t damages;
  int64_t arrivals[LOG_MAX];
};
static struct shared *shared;

static int64_t pass(int64_t time) {
  return __atomic_add_fetch(&shared->clock, time, __ATOMIC_SEQ_CST);
}

static uint64_t random_state;

static int64_t random_below(int64_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (int64_t)((random_state >> 20) % (uint64_t)limit);
}

/* ---- Damage ---- */

static void cut(void) {
  (void)!truncate(path, random_below(200));
}

static void cut_and_regrow(void) {
  cut();
  (void)!truncate(path, (long)sms_slots_size(CALLS));
}

static void overwrite(const char *bytes, size_t size, off_t place) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  (void)!pwrite(fd, bytes, size, place);
  close(fd);
}

static void blank(void) {
  char bytes[64] = {0};
  overwrite(bytes, sizeof bytes, 0);
}

/* At least a byte of what says that it is a file of these slots. */
static void scrawl(void) {
  char bytes[200];
  memset(bytes, 'x', sizeof bytes);
  overwrite(bytes, (size_t)(1 + random_below(sizeof bytes)),
            random_below(offsetof(struct sms_slots, not_before)));
}

static void wipe_cells(void) {
  char bytes[8 * CALLS] = {0};
  overwrite(bytes, sizeof bytes, offsetof(struct sms_slots, cells));
}

static void put_another(void) {
  char other[96];
  snprintf(other, sizeof other, "%s/other", folder);
  int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  (void)!ftruncate(fd, random_below(300));
  close(fd);
  (void)!rename(other, path);
}

static void name_twice(void) {
  char other[96];
  snprintf(other, sizeof other, "%s/second", folder);
  unlink(other);
  (void)!link(path, other);
}

static void (*const damages[])(void) = {cut,        cut_and_regrow, blank,     scrawl,
                                        wipe_cells, put_another,    name_twice};

/* ---- Calls ---- */

/* To the very end of a lease, while others go on. */
static void wait_until(int64_t time) {
  for (int64_t left; (left = time - pass(0)) > 0;) {
    pass(left / 16 + 1);
    sched_yield();
  }
}

static void call(sms_rate_limit *limit, const struct sms_slot *slot, int64_t until) {
  if (random_below(3) == 0) pass(random_below(SMS_SLOTS_LEASE_MAX / 20));
  if (random_below(20) == 0) wait_until(until - TICK);
  int64_t arrival = pass(TICK);
  uint32_t place = LOG_MAX;
  if (arrival <= until) place = __atomic_fetch_add(&shared->next, 1, __ATOMIC_RELAXED);
  if (place >= LOG_MAX) { /* too late, or the test is over */
    sms_rate_limit_refund(limit, slot, pass(TICK));
    return;
  }
  __atomic_store_n(&shared->arrivals[place], arrival, __ATOMIC_RELAXED);
  if (random_below(50) != 0) sms_rate_limit_finish(limit, slot, pass(TICK));
}

/* Whoever waits lets some of that time go by for all. */
static void step(sms_rate_limit *limit) {
  static const int64_t leases[] = {W / 10, INT64_C(10) * W, SMS_SLOTS_LEASE_MAX};
  struct sms_slot slot;
  int64_t wait, lease = leases[random_below(LENGTH(leases))], now = pass(TICK);
  if (sms_rate_limit_acquire(limit, now, lease, &slot, &wait))
    call(limit, &slot, now + lease);
  else if (wait > 0)
    pass(random_below(wait / 4 + 1));
  if (random_below(DAMAGED_EVERY) != 0) return;
  damages[random_below(LENGTH(damages))]();
  __atomic_add_fetch(&shared->damages, 1, __ATOMIC_RELAXED);
}

static void keep_calling(uint64_t seed) {
  char why[SMS_WHY_MAX];
  random_state = seed * UINT64_C(0x9E3779B97F4A7C15);
  for (;;) {
    sms_rate_limit *limit = NULL;
    if (sms_rate_limit_open_file(&(struct sms_slot_place){.path = path}, "", CALLS,
                                 PERIOD, &limit, why) != SMS_OK)
      continue; /* replaced by too many at once */
    for (int i = 0; i < 3000; i++)
      step(limit);
    sms_rate_limit_close(limit);
  }
}

static pid_t start(uint64_t seed) {
  fflush(NULL);
  pid_t parent = getpid(), pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) keep_calling(seed);
    _exit(2);
  }
  assert_true(pid > 0);
  return pid;
}

static int compare_times(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a;
  int64_t y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void assert_never_over(void) {
  size_t count = shared->next < LOG_MAX ? shared->next : LOG_MAX, missing = 0;
  qsort(shared->arrivals, count, sizeof *shared->arrivals, compare_times);
  while (missing < count && shared->arrivals[missing] == 0)
    missing++;
  for (size_t i = missing + CALLS; i < count; i++)
    assert_true(shared->arrivals[i] - shared->arrivals[i - CALLS] >= W);
}

static void nobody_goes_over_whatever_becomes_of_the_file(void **state) {
  (void)state;
  const struct timespec nap = {0, KILLED_EVERY * 1000000L};
  int kills = getenv("SMS_TEST_LONG") ? 2000 : 200;
  pid_t pids[PROCESSES];
  shared->clock = INT64_C(1000000000000000);
  for (uint64_t i = 0; i < PROCESSES; i++)
    pids[i] = start(i + 1);
  for (int i = 0; i < kills && shared->next < LOG_MAX; i++) {
    size_t victim = (size_t)i % PROCESSES;
    nanosleep(&nap, NULL);
    assert_int_equal(waitpid(pids[victim], NULL, WNOHANG), 0); /* none has died */
    kill(pids[victim], SIGKILL);
    waitpid(pids[victim], NULL, 0);
    pids[victim] = start((uint64_t)i + PROCESSES + 1);
  }
  for (int i = 0; i < PROCESSES; i++) {
    kill(pids[i], SIGKILL);
    waitpid(pids[i], NULL, 0);
  }
  print_message("# %d killed, %u times damaged, %u calls in %d minutes of theirs\n",
                kills, (unsigned)shared->damages, (unsigned)shared->next,
                (int)((shared->clock - INT64_C(1000000000000000)) / 60000000));
  assert_true(shared->damages > 10);
  assert_true(shared->next > 100);
  assert_never_over();
}

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/slots", folder);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return shared == MAP_FAILED ? -1 : 0;
}

/* Who was killed may have left a file that it was preparing. */
static int remove_folder(void **state) {
  (void)state;
  char command[64];
  munmap(shared, sizeof *shared);
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nobody_goes_over_whatever_becomes_of_the_file),
  };
  return cmocka_run_group_tests_name("slot_file_storm", tests, make_folder,
                                     remove_folder);
}
