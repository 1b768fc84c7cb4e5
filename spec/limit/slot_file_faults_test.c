/* Each call that a limit of the machine makes to libc fails, once or from then on: no
 * more slots are given out than there are, and afterwards there are some. Times are
 * simulated. */
#include "failing_calls.h"
#include "limit/announcements.h"
#include "limit/rate_limit.h"
#include "limit/slot_path.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { CALLS = 4, PERIOD = 100000, LEASE = 30000, LOOK = 100000, MANY = 1000 };
static const int64_t START = INT64_C(1000000000000000);
static const int64_t HOUR = INT64_C(3600000000);

static char folder[] = "/tmp/sms-slots-XXXXXX";
static char path[64], kept[80], beside[80], own[64];

static sms_rate_limit *open_slots(void) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  const struct sms_slot_place place = {.path = path};
  if (sms_rate_limit_open_file(&place, "key", CALLS, PERIOD, &limit, why) == SMS_OK)
    return limit;
  assert_string_not_equal(why, "");
  return NULL;
}

/* How many slots it gives at a time. */
static int take(sms_rate_limit *limit, int64_t now) {
  struct sms_slot slot;
  int64_t wait;
  int taken = 0;
  while (limit && sms_rate_limit_acquire(limit, now, LEASE, &slot, &wait))
    taken++;
  return taken;
}

/* Slots that were taken while the file stays where it is. */
static int use(void) {
  sms_rate_limit *limit = open_slots();
  int taken = take(limit, START);
  if (limit) (void)sms_rate_limit_warning(limit);
  sms_rate_limit_close(limit);
  return taken;
}

static void put_text(void) {
  remove(path);
  FILE *file = fopen(path, "w");
  if (!file) return;
  fputs("the notes of somebody", file);
  fclose(file);
}

static void take_away(void) {
  remove(path);
}

/* Somebody puts something else in its place while it is in use. */
static int use_replaced(void) {
  sms_rate_limit *limit = open_slots();
  int taken = take(limit, START);
  put_text();
  taken +=
      take(limit, START + LOOK + 1) > 0 ? MANY : 0; /* none, until its pause ends */
  if (limit) (void)sms_rate_limit_warning(limit);
  if (limit) (void)sms_rate_limit_cold(limit, START);
  sms_rate_limit_close(limit);
  return taken;
}

/* Whoever made it was killed before the other name was gone. */
static int use_named_twice(void) {
  if (link(path, beside) != 0) return 0;
  return use();
}

static void clean(void) {
  signal(SIGBUS, SIG_DFL); /* for whoever opens a file the first time */
  remove(path);
  remove(kept);
  remove(beside);
}

struct world {
  int (*using)(void);
  bool is_new;
  int error;           /* of the calls that fail */
  void (*other)(void); /* or what somebody else does before them */
  bool for_good;
};

static int change_each(const struct world *world) {
  for (int at = 1;; at++) {
    clean();
    sms_rate_limit *limit = world->is_new ? NULL : open_slots();
    sms_rate_limit_close(limit);
    if (world->other)
      calls_meet(at, world->other, world->for_good);
    else
      calls_fail(at, world->error, world->for_good);
    int taken = world->using();
    int calls = calls_end();
    limit = open_slots();
    assert_non_null(limit);
    bool is_same = world->using != use_replaced && !world->other;
    taken += is_same ? take(limit, START) : 0;
    assert_in_range(taken, 0, CALLS);
    assert_in_range(take(limit, START + HOUR), 0, CALLS);
    assert_in_range(take(limit, START + 2 * HOUR), 1, CALLS);
    sms_rate_limit_close(limit);
    if (calls < at) return at;
    assert_true(at < MANY);
  }
}

static void put_empty(const char *name) {
  char text[96];
  snprintf(text, sizeof text, "%s/%s", folder, name);
  FILE *file = fopen(text, "w");
  assert_non_null(file);
  fclose(file);
}

static int (*const ways_of_use[])(void) = {use, use_replaced, use_named_twice};

static void each_call_fails(void **state) {
  (void)state;
  static const int errors[] = {EIO, ENOMEM, ENOSYS, ENOENT};
  static const int hidden[] = {EACCES, EPERM, ENOTDIR, EEXIST, EINTR};
  int runs = 0;
  for (size_t way = 0; way < LENGTH(ways_of_use); way++) {
    struct world world = {.using = ways_of_use[way]};
    for (size_t i = 0; i < LENGTH(errors); i++)
      for (int more = 0; more < 4; more++) {
        world.error = errors[i], world.is_new = more & 2, world.for_good = more & 1;
        runs += change_each(&world);
      }
    world.is_new = world.for_good = false;
    for (size_t i = 0; i < LENGTH(hidden); i++) {
      world.error = hidden[i];
      runs += change_each(&world);
    }
  }
  runs += change_each(&(struct world){.using = use, .is_new = true, .error = EINTR});
  print_message("# %d runs, and none gives out too many\n", runs);
}

/* Between any two calls: at once, or again and again. */
static void somebody_else_is_at_it(void **state) {
  (void)state;
  static void (*const others[])(void) = {take_away, put_text};
  int runs = 0;
  for (size_t i = 0; i < LENGTH(others); i++)
    for (int way = 0; way < 8; way++)
      runs += change_each(&(struct world){.using = way & 4 ? use_replaced : use,
                                          .is_new = way & 2,
                                          .other = others[i],
                                          .for_good = way & 1});
  print_message("# %d runs, and none gives out too many\n", runs);
}

static int try_memory(void) {
  sms_rate_limit *limit = NULL;
  enum sms_status status = sms_rate_limit_open("in memory", CALLS, PERIOD, &limit);
  assert_int_equal(status, limit ? SMS_OK : SMS_NO_MEMORY);
  sms_rate_limit_close(limit);
  return limit != NULL;
}

static int try_announcement(void) {
  uint32_t seen = 0;
  sms_announcement *said = sms_announce("key", "text", &seen);
  sms_announcement_withdraw(said, &seen);
  return said != NULL;
}

static int try_folder(void) {
  char why[SMS_WHY_MAX] = "", file[sizeof own + 8];
  snprintf(file, sizeof file, "%s/slots", own);
  enum sms_status status = sms_slot_folder(file, why);
  rmdir(own);
  if (status != SMS_OK) assert_non_null(strstr(why, own));
  return status == SMS_OK;
}

static int try_path(void) {
  char file[SMS_SLOT_PATH_MAX];
  return sms_slot_path(folder, "key", CALLS, PERIOD, file) == SMS_OK;
}

static void each_says_so_and_does_the_next_time(void **state) {
  (void)state;
  static int (*const tries[])(void) = {try_memory, try_announcement, try_folder,
                                       try_path};
  for (size_t i = 0; i < LENGTH(tries); i++)
    for (int at = 1, calls = at; calls + 1 >= at; at++) {
      calls_fail(at, ENOMEM, false);
      int worked = tries[i]();
      calls = calls_end();
      assert_int_equal(worked, calls < at);
      assert_true(tries[i]());
    }
}

/* A child of fork() looks for the file anew. */
static void a_child_gets_none_too_many_whatever_fails(void **state) {
  (void)state;
  char key[32], file[SMS_SLOT_PATH_MAX], why[SMS_WHY_MAX];
  const struct sms_slot_place place = {.path = NULL};
  sms_rate_limit *limit = NULL;
  snprintf(key, sizeof key, "faults %d", (int)getpid());
  assert_int_equal(sms_rate_limit_open_file(&place, key, CALLS, PERIOD, &limit, why),
                   SMS_OK);
  int taken = 0, status = MANY;
  for (int at = 1; status >= MANY / 10; at++) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
      calls_fail(at, ENOMEM, false);
      int got = take(limit, START);
      _exit(calls_end() < at ? got : got + MANY / 10);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    status = WEXITSTATUS(status);
    taken += status % (MANY / 10);
  }
  assert_in_range(taken, 0, CALLS);
  sms_rate_limit_close(limit);
  assert_int_equal(sms_slot_path(SMS_SLOT_ROOT, key, CALLS, PERIOD, file), SMS_OK);
  unlink(file);
}

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/slots", folder);
  snprintf(kept, sizeof kept, "%s.damaged", path);
  snprintf(beside, sizeof beside, "%s.AbCd12", path);
  snprintf(own, sizeof own, "%s/own", folder);
  put_empty("slits.AbCd12"); /* of others */
  put_empty("slots-AbCd12");
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  char command[80];
  snprintf(command, sizeof command, "rm -rf %s", folder); /* files beside, which stay */
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_call_fails),
      cmocka_unit_test(somebody_else_is_at_it),
      cmocka_unit_test(a_child_gets_none_too_many_whatever_fails),
      cmocka_unit_test(each_says_so_and_does_the_next_time),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
