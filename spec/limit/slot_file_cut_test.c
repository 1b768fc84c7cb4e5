/* Nobody dies of a file that is cut short while it is mapped, and nobody gets a slot
 * from it: in every call, at any instant. Other faults end as they would have ended. */
#include "limit/map_guard.h"
#include "limit/rate_limit.h"
#include "limit/slots.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { CALLS = 2000, PERIOD = 100000, LEASE = 30000 }; /* four pages */
/* Later than the start of any container that this may run in. */
static const int64_t START = INT64_C(1000000000000000);

static char folder[] = "/tmp/sms-cut-XXXXXX";
static char path[64], kept[80];
static struct sms_slot taken;
static sms_rate_limit *limit;
static int64_t now;

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/slots", folder);
  snprintf(kept, sizeof kept, "%s.damaged", path);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  return rmdir(folder); /* fails where something was left behind */
}

static sms_rate_limit *open_slots(void) {
  sms_rate_limit *opened = NULL;
  char why[SMS_WHY_MAX];
  enum sms_status status = sms_rate_limit_open_file(
      &(struct sms_slot_place){.path = path}, "key", CALLS, PERIOD, &opened, why);
  return status == SMS_OK ? opened : NULL;
}

static void acquire(void) {
  struct sms_slot slot;
  int64_t wait;
  if (sms_rate_limit_acquire(limit, now, LEASE, &slot, &wait)) abort();
}

static void finish(void) {
  sms_rate_limit_finish(limit, &taken, now);
}

static void refund(void) {
  sms_rate_limit_refund(limit, &taken, now);
}

static void hold(void) {
  sms_rate_limit_hold(limit, now);
}

static void available(void) {
  if (sms_rate_limit_available(limit, now) != 0) abort();
}

static void delay(void) {
  if (sms_rate_limit_delay(limit, now, 1) < 0) abort();
}

static void (*const calls[])(void) = {acquire, finish, refund, hold, available, delay};

/* The last slot lies on the last page, the header on the first. */
static void every_call_survives_a_cut(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(calls); i++) {
    struct sms_slot slot;
    int64_t wait;
    now = START;
    limit = open_slots();
    assert_non_null(limit);
    for (int call = 0; call < CALLS; call++)
      assert_true(sms_rate_limit_acquire(limit, now, LEASE, &taken, &wait));
    assert_int_equal(truncate(path, 0), 0);
    calls[i](); /* no time has gone by: nothing has been looked at */
    for (int again = 0; again < 3; again++)
      assert_false(sms_rate_limit_acquire(limit, now + again, LEASE, &slot, &wait));
    assert_true(wait > SMS_SLOTS_LEASE_MAX);
    sms_rate_limit_close(limit);
    unlink(path);
  }
}

static void a_cut_between_two_pages_gives_no_slot_behind_it(void **state) {
  (void)state;
  struct sms_slot slot;
  int64_t wait, count = 0;
  limit = open_slots();
  assert_non_null(limit);
  assert_true(sms_rate_limit_acquire(limit, START, LEASE, &slot, &wait));
  assert_int_equal(truncate(path, 4096 + 100 * 8 + 3), 0);
  while (sms_rate_limit_acquire(limit, START, LEASE, &slot, &wait))
    assert_true(slot.index < (4096 + 100 * 8 - sizeof(struct sms_slots)) / 8 &&
                count++ < CALLS);
  assert_true(count > 0);
  sms_rate_limit_close(limit);
  unlink(path);
}

/* Another may have claimed the slot since, and that was lost as well. */
static void the_end_of_a_call_puts_nothing_into_a_hole(void **state) {
  (void)state;
  struct sms_slot slot;
  int64_t wait, cell = -1;
  limit = open_slots();
  assert_non_null(limit);
  assert_true(sms_rate_limit_acquire(limit, START, LEASE, &slot, &wait));
  assert_int_equal(truncate(path, offsetof(struct sms_slots, cells)), 0);
  assert_int_equal(truncate(path, (long)sms_slots_size(CALLS)), 0);
  sms_rate_limit_finish(limit, &slot, START);
  sms_rate_limit_refund(limit, &slot, START);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  fseek(file, (long)(offsetof(struct sms_slots, cells) + sizeof cell * slot.index),
        SEEK_SET);
  assert_int_equal(fread(&cell, sizeof cell, 1, file), 1);
  fclose(file);
  assert_int_equal(cell, 0);
  sms_rate_limit_close(limit);
  unlink(path);
}

/* Others cut and regrow it all the time. */
enum { CUTS = 20000 };

static int use_it(int ready) {
  struct sms_slot slot;
  int64_t wait, time = START;
  limit = open_slots();
  if (!limit || write(ready, "r", 1) != 1) return 2;
  for (;; time += 7) {
    if (sms_rate_limit_acquire(limit, time, LEASE, &slot, &wait))
      sms_rate_limit_finish(limit, &slot, time);
    sms_rate_limit_hold(limit, time);
    sms_rate_limit_available(limit, time);
  }
}

static pid_t start_user(void) {
  int pipes[2];
  char byte;
  assert_int_equal(pipe(pipes), 0);
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) _exit(use_it(pipes[1]));
  close(pipes[1]);
  assert_int_equal(read(pipes[0], &byte, 1), 1);
  close(pipes[0]);
  return pid;
}

static void nobody_dies_of_twenty_thousand_cuts(void **state) {
  (void)state;
  pid_t users[4];
  for (size_t i = 0; i < LENGTH(users); i++)
    users[i] = start_user();
  for (int i = 0; i < CUTS; i++) {
    long size = i % 3 == 0 ? 0 : (i * 37) % 16000;
    (void)!truncate(path, size);
    if (i % 2) (void)!truncate(path, (long)sms_slots_size(CALLS));
  }
  for (size_t i = 0; i < LENGTH(users); i++) {
    int status = 0;
    assert_int_equal(waitpid(users[i], &status, WNOHANG), 0); /* goes on */
    kill(users[i], SIGKILL);
    assert_int_equal(waitpid(users[i], &status, 0), users[i]);
  }
  for (int i = 0; i < 3; i++) /* whatever is left of it, it can be used again */
    sms_rate_limit_close(open_slots());
  char command[128];
  snprintf(command, sizeof command, "rm -f %s/slots*", folder);
  assert_int_equal(system(command), 0);
}

/* ---- Faults that are none of the guard's business ---- */

static char *map_empty(void) {
  FILE *file = tmpfile();
  char *map = file ? mmap(NULL, 1, PROT_READ, MAP_SHARED, fileno(file), 0) : MAP_FAILED;
  if (map == MAP_FAILED) _exit(2);
  return map;
}

static void touch_foreign(void) {
  char *map = map_empty();
  sms_map_guard_install();
  _exit(*(volatile char *)map);
}

static void touch_foreign_inside(void) {
  char *map = map_empty();
  sms_map_guard_install();
  sms_map_guard_enter(map + 4096, 4096);
  _exit(*(volatile char *)map);
}

static void touch_after_leave(void) {
  char *map = map_empty();
  sms_map_guard_install();
  sms_map_guard_enter(map, 4096);
  sms_map_guard_leave();
  _exit(*(volatile char *)map);
}

static void touch_ignored(void) {
  signal(SIGBUS, SIG_IGN);
  touch_foreign();
}

static void be_sent(void) {
  sms_map_guard_install();
  sms_map_guard_enter(map_empty(), 4096);
  raise(SIGBUS);
  _exit(0);
}

static void be_sent_ignored(void) {
  signal(SIGBUS, SIG_IGN);
  be_sent();
}

static void leave_well(int number) {
  _exit(number == SIGBUS ? 42 : 2);
}

static void leave_well_too(int number, siginfo_t *info, void *context) {
  _exit(number == SIGBUS && info->si_addr && context ? 42 : 2);
}

static void touch_handled(void) {
  signal(SIGBUS, leave_well);
  touch_foreign();
}

static void touch_handled_with_details(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = leave_well_too;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, NULL);
  touch_foreign();
}

static struct sigaction passed_to;

static void pass_back(int number, siginfo_t *info, void *context) {
  passed_to.sa_sigaction(number, info, context);
}

/* Ours, the host's, ours: a ring has to end. */
static void touch_in_a_ring(void) {
  struct sigaction action;
  sms_map_guard_install();
  memset(&action, 0, sizeof action);
  action.sa_sigaction = pass_back;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, &passed_to);
  touch_foreign();
}

static void touch_guarded_after_another(void) {
  char *map = map_empty();
  sms_map_guard_install();
  signal(SIGBUS, leave_well);
  sms_map_guard_install();
  sms_map_guard_enter(map, 4096);
  _exit(*(volatile char *)map == 0 ? 43 : 2);
}

static void touch_guarded(void) {
  char *map = map_empty();
  sms_map_guard_install();
  sms_map_guard_enter(map, 4096);
  _exit(*(volatile char *)map == 0 ? 42 : 2);
}

static void other_faults_end_as_before(void **state) {
  (void)state;
  static const struct {
    void (*act)(void);
    int code;
    int signal;
  } cases[] = {
      {touch_foreign, 0, SIGBUS},
      {touch_foreign_inside, 0, SIGBUS},
      {touch_after_leave, 0, SIGBUS},
      {touch_ignored, 0, SIGBUS},
      {be_sent, 0, SIGBUS},
      {be_sent_ignored, 0, 0},
      {touch_handled, 42, 0},
      {touch_guarded, 42, 0},
      {touch_handled_with_details, 42, 0},
      {touch_in_a_ring, 0, SIGBUS},
      {touch_guarded_after_another, 43, 0},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
      (void)!freopen("/dev/null", "w", stderr);
      signal(SIGBUS, SIG_DFL); /* a sanitizer has one of its own */
      cases[i].act();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, cases[i].signal);
    if (!cases[i].signal) assert_int_equal(WEXITSTATUS(status), cases[i].code);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(other_faults_end_as_before), /* before the guard is in place */
      cmocka_unit_test(every_call_survives_a_cut),
      cmocka_unit_test(a_cut_between_two_pages_gives_no_slot_behind_it),
      cmocka_unit_test(the_end_of_a_call_puts_nothing_into_a_hole),
      cmocka_unit_test(nobody_dies_of_twenty_thousand_cuts),
  };
  return cmocka_run_group_tests_name("slot_file_cut", tests, make_folder,
                                     remove_folder);
}
