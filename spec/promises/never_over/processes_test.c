/* The promise among real processes that share a file of slots: killed and stopped at
 * any instant, forked, and all at once at the first use. SMS_TEST_LONG=1: 64 processes,
 * 30 s. */
#include "limit/rate_limit.h"
#include <errno.h>
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

enum { CALLS = 100, PERIOD = 500000, W = 505000, LEASE = 100000 };
enum { LOG_MAX = 20000, PROCESSES_MAX = 64, KILL_EVERY = 25000 };

static char folder[] = "/tmp/sms-processes-XXXXXX";
static char path[64];

/* What the processes share with the test. A time is written before it is counted: one
 * that was killed in between has not arrived. */
struct shared {
  int64_t arrivals[LOG_MAX];
  uint32_t next; /* atomic, as all below */
  uint32_t go;
  uint32_t taken;
  uint64_t inodes[PROCESSES_MAX];
};
static struct shared *shared;

static int64_t look(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void nap(int64_t microseconds) {
  struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
  nanosleep(&time, NULL);
}

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/slots", folder);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return shared == MAP_FAILED ? -1 : 0;
}

static int remove_folder(void **state) {
  (void)state;
  munmap(shared, sizeof *shared);
  return rmdir(folder); /* fails where something was left behind */
}

static int start_afresh(void **state) {
  (void)state;
  memset(shared, 0, sizeof *shared);
  return 0;
}

static int remove_file(void **state) {
  (void)state;
  return unlink(path);
}

static sms_rate_limit *open_slots(uint32_t calls) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX];
  enum sms_status status = sms_rate_limit_open_file(
      &(struct sms_slot_place){.path = path}, "key", calls, PERIOD, &limit, why);
  return status == SMS_OK ? limit : NULL;
}

static pid_t start(int (*body)(int), int argument) {
  fflush(NULL);
  pid_t parent = getpid(), pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    _exit(getppid() == parent ? body(argument) : 2);
  }
  assert_true(pid > 0);
  return pid;
}

static void assert_ends_well(pid_t pid) {
  int status = -1;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  assert_int_equal(status, 0);
}

static void end(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

/* ---- Killed at any instant ---- */

/* What a client does: the last look at the clock before the first byte decides. */
static void call(sms_rate_limit *limit, const struct sms_slot *slot, int64_t claimed) {
  int64_t arrival = look();
  if (arrival > claimed + LEASE) {
    sms_rate_limit_refund(limit, slot, look());
    return;
  }
  uint32_t place = __atomic_fetch_add(&shared->next, 1, __ATOMIC_RELAXED);
  if (place < LOG_MAX)
    __atomic_store_n(&shared->arrivals[place], arrival, __ATOMIC_RELAXED);
  if (place % 4 == 0) nap(500); /* some answers take a while */
  sms_rate_limit_finish(limit, slot, look());
}

static int keep_calling(int unused) {
  (void)unused;
  sms_rate_limit *limit = open_slots(CALLS);
  while (limit) {
    struct sms_slot slot;
    int64_t wait, now = look();
    if (sms_rate_limit_acquire(limit, now, LEASE, &slot, &wait))
      call(limit, &slot, now);
    else if (wait > 0)
      nap(wait);
    else
      break;
  }
  return 1;
}

static int compare_times(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a;
  int64_t y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Returns the share of the limit that was used after the first burst. */
static double assert_never_over(void) {
  const int64_t *arrivals = shared->arrivals;
  size_t count = shared->next, missing = 0;
  assert_true(count < LOG_MAX);
  qsort(shared->arrivals, count, sizeof *arrivals, compare_times);
  while (missing < count && arrivals[missing] == 0)
    missing++;
  assert_true(count - missing > CALLS);
  for (size_t i = missing + CALLS; i < count; i++)
    assert_true(arrivals[i] - arrivals[i - CALLS] >= PERIOD);
  double periods = (double)(arrivals[count - 1] - arrivals[missing]) / (double)PERIOD;
  return (double)(count - missing - CALLS) / (double)CALLS / periods;
}

static void nobody_goes_over_whoever_is_killed(void **state) {
  (void)state;
  bool is_long = getenv("SMS_TEST_LONG") != NULL;
  int processes = is_long ? PROCESSES_MAX : 16, kills = 0;
  int64_t lasts = is_long ? 30000000 : 5000000;
  pid_t pids[PROCESSES_MAX];
  for (int i = 0; i < processes; i++)
    pids[i] = start(keep_calling, 0);
  int64_t began = look();
  for (; look() < began + lasts; kills++) {
    nap(KILL_EVERY);
    int victim = (int)((unsigned)kills * 2654435761u >> 16) % processes;
    assert_int_equal(waitpid(pids[victim], NULL, WNOHANG), 0); /* all are alive */
    end(pids[victim]);
    pids[victim] = start(keep_calling, 0);
  }
  int64_t lasted = look() - began;
  for (int i = 0; i < processes; i++)
    end(pids[i]);
  double used = assert_never_over();
  print_message("# %d processes, %d killed: %u calls in %.1f s, %.1f %% of the limit\n",
                processes, kills, (unsigned)shared->next, (double)lasted / 1e6,
                100 * used);
  assert_true(used > 0.5);
}

/* ---- Stopped past its lease ---- */

enum { SHORT_LEASE = 20000 };

/* Stops itself between claim and call; ends well if it finds out before the first byte.
 */
static int stop_after_claim(int unused) {
  (void)unused;
  struct sms_slot slot;
  sms_rate_limit *limit = open_slots(1);
  int64_t wait, now = look();
  if (!limit || !sms_rate_limit_acquire(limit, now, SHORT_LEASE, &slot, &wait))
    return 2;
  raise(SIGSTOP);
  bool too_late = look() > now + SHORT_LEASE;
  sms_rate_limit_refund(limit, &slot, look()); /* nothing: another has it */
  sms_rate_limit_finish(limit, &slot, look()); /* as if an answer had come: raises */
  sms_rate_limit_close(limit);
  return too_late ? 0 : 1;
}

static void one_stopped_past_its_lease_finds_out_and_only_raises(void **state) {
  (void)state;
  int status;
  struct sms_slot slot;
  int64_t wait, now, tries = 0;
  pid_t pid = start(stop_after_claim, 0);
  assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
  assert_true(WIFSTOPPED(status));
  sms_rate_limit *limit = open_slots(1);
  assert_non_null(limit);
  while (!sms_rate_limit_acquire(limit, now = look(), INT64_C(10) * W, &slot, &wait)) {
    assert_true(tries++ < 100);
    nap(wait);
  }
  kill(pid, SIGCONT);
  assert_ends_well(pid);
  assert_int_equal(sms_rate_limit_available(limit, slot.claim - 1), 0);
  assert_int_equal(sms_rate_limit_available(limit, slot.claim), 1);
  sms_rate_limit_finish(limit, &slot, now);
  assert_int_equal(sms_rate_limit_available(limit, now + W - 1), 0);
  assert_int_equal(sms_rate_limit_available(limit, now + W), 1);
  sms_rate_limit_close(limit);
}

/* ---- Forked ---- */

static sms_rate_limit *inherited;
static struct sms_slot inherited_slot;

static int use_inherited(int unused) {
  (void)unused;
  struct sms_slot slot;
  int64_t wait, now = look();
  for (int i = 0; i < 2; i++)
    if (!sms_rate_limit_acquire(inherited, now, LEASE, &slot, &wait)) return 1;
  sms_rate_limit_refund(inherited, &inherited_slot, now);
  sms_rate_limit_close(inherited); /* its own half of it */
  return 0;
}

static void a_child_goes_on_with_what_its_parent_opened(void **state) {
  (void)state;
  int64_t wait;
  inherited = open_slots(CALLS);
  assert_non_null(inherited);
  assert_true(sms_rate_limit_acquire(inherited, look(), LEASE, &inherited_slot, &wait));
  assert_ends_well(start(use_inherited, 0));
  assert_int_equal(sms_rate_limit_available(inherited, look()), CALLS - 2);
  assert_true(sms_rate_limit_acquire(inherited, look(), LEASE, &inherited_slot, &wait));
  sms_rate_limit_close(inherited);
}

/* ---- All at once ---- */

enum { AT_ONCE = 32, ROUNDS = 20 };

/* Takes what it can get at one instant. */
static int open_and_take(int number) {
  struct sms_slot slot;
  struct stat found;
  int64_t wait;
  while (!__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE))
    sched_yield();
  sms_rate_limit *limit = open_slots(CALLS);
  if (!limit || stat(path, &found) != 0) return 1;
  shared->inodes[number] = found.st_ino;
  while (sms_rate_limit_acquire(limit, INT64_C(1000000000000000), LEASE, &slot, &wait))
    __atomic_add_fetch(&shared->taken, 1, __ATOMIC_RELAXED);
  sms_rate_limit_close(limit);
  return 0;
}

static void run_at_once(void) {
  pid_t pids[AT_ONCE];
  shared->go = shared->taken = 0;
  for (int i = 0; i < AT_ONCE; i++)
    pids[i] = start(open_and_take, i);
  __atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
  for (int i = 0; i < AT_ONCE; i++)
    assert_ends_well(pids[i]);
}

static void all_who_come_first_agree_on_one_file(void **state) {
  (void)state;
  for (int round = 0; round < ROUNDS; round++) {
    run_at_once();
    assert_int_equal(shared->taken, CALLS);
    for (int i = 1; i < AT_ONCE; i++)
      assert_int_equal(shared->inodes[i], shared->inodes[0]);
    if (round < ROUNDS - 1) assert_int_equal(unlink(path), 0);
  }
}

static void all_who_find_it_damaged_get_nothing(void **state) {
  (void)state;
  sms_rate_limit_close(open_slots(CALLS));
  for (int round = 0; round < ROUNDS; round++) {
    assert_int_equal(truncate(path, 100), 0);
    run_at_once();
    assert_int_equal(shared->taken, 0);
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_afresh, remove_file)
  const struct CMUnitTest tests[] = {
      TEST(all_who_come_first_agree_on_one_file),
      TEST(all_who_find_it_damaged_get_nothing),
      TEST(a_child_goes_on_with_what_its_parent_opened),
      TEST(one_stopped_past_its_lease_finds_out_and_only_raises),
      TEST(nobody_goes_over_whoever_is_killed),
  };
  return cmocka_run_group_tests_name("rate_limit_processes", tests, make_folder,
                                     remove_folder);
}
