/* What may stand where a file of slots should be, and what happens to those who map one
 * that is taken away from them. Times are simulated. */
#include "limit/rate_limit.h"
#include "limit/slot_path.h"
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { CALLS = 1000, PERIOD = 100000, W = 101000, LEASE = 30000, LOOK = 100000 };
static const int64_t PAUSE = SMS_SLOTS_LEASE_MAX + W + LOOK;
/* Later than the start of any container that this may run in. */
static const int64_t START = INT64_C(1000000000000000);

static char folder[] = "/tmp/sms-place-XXXXXX";
static char path[64], other[64];

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/slots", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  return rmdir(folder); /* fails where something was left behind */
}

static enum sms_status open_at(const char *at, sms_rate_limit **limit, char *why) {
  return sms_rate_limit_open_file(&(struct sms_slot_place){.path = at}, "key", CALLS,
                                  PERIOD, limit, why);
}

static sms_rate_limit *open_slots(void) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  if (open_at(path, &limit, why) != SMS_OK) fail_msg("%s", why);
  return limit;
}

static bool acquires(sms_rate_limit *limit, int64_t now, int64_t *wait) {
  struct sms_slot slot;
  return sms_rate_limit_acquire(limit, now, LEASE, &slot, wait);
}

/* ---- What stands there ---- */

static void put_link(void) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX];
  assert_int_equal(open_at(other, &limit, why), SMS_OK);
  sms_rate_limit_close(limit);
  assert_int_equal(symlink(other, path), 0);
}

static void put_loose_link(void) {
  assert_int_equal(symlink("/tmp/sms-nowhere", path), 0);
}

static void put_folder(void) {
  assert_int_equal(mkdir(path, 0700), 0);
}

static void put_pipe(void) {
  assert_int_equal(mkfifo(path, 0600), 0);
}

static const struct {
  void (*put)(void);
  const char *why;
} things[] = {
    {put_link, "is a symbolic link"},
    {put_loose_link, "is a symbolic link"},
    {put_folder, "Is a directory"},
    {put_pipe, "is not a regular file"},
};

/* It stays as it is. */
static void only_a_regular_file_is_opened_or_replaced(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(things); i++) {
    sms_rate_limit *limit = NULL;
    char why[SMS_WHY_MAX] = "";
    struct stat before, after;
    things[i].put();
    assert_int_equal(lstat(path, &before), 0);
    assert_int_equal(open_at(path, &limit, why), SMS_FAILED);
    assert_non_null(strstr(why, things[i].why));
    assert_non_null(strstr(why, path));
    assert_int_equal(lstat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    remove(path);
    remove(other);
  }
}

/* Lost, until whatever is there is gone; what others may have claimed meanwhile is not
 * known, so that it starts with a pause. */
static void whoever_maps_it_loses_it_and_finds_it_again(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(things); i++) {
    int64_t wait, now = START;
    sms_rate_limit *limit = open_slots();
    struct sms_slot slot;
    assert_true(sms_rate_limit_acquire(limit, now, LEASE, &slot, &wait));
    unlink(path);
    things[i].put();
    for (int round = 0; round < 3; round++) {
      assert_false(acquires(limit, now += LOOK, &wait));
      assert_int_equal(wait, 0);
      assert_non_null(strstr(sms_rate_limit_why(limit), things[i].why));
      sms_rate_limit_finish(limit, &slot, now);
      sms_rate_limit_refund(limit, &slot, now);
      sms_rate_limit_hold(limit, now);
      assert_int_equal(sms_rate_limit_available(limit, now), 0);
      assert_int_equal(sms_rate_limit_delay(limit, now, 1), W);
    }
    remove(path);
    remove(other);
    assert_false(acquires(limit, ++now, &wait));
    assert_int_equal(wait, 1);
    assert_non_null(strstr(sms_rate_limit_warning(limit), "removed"));
    assert_false(acquires(limit, ++now, &wait));
    assert_int_equal(wait, PAUSE);
    assert_true(acquires(limit, now + PAUSE, &wait));
    sms_rate_limit_close(limit);
    unlink(path);
  }
}

static void a_file_moved_or_removed_is_missed_at_the_next_look(void **state) {
  (void)state;
  for (int moved = 0; moved < 2; moved++) {
    int64_t wait;
    sms_rate_limit *first = open_slots(), *second = open_slots();
    assert_true(acquires(first, START, &wait));
    assert_true(acquires(second, START, &wait));
    assert_int_equal(moved ? rename(path, other) : unlink(path), 0);
    assert_false(acquires(first, START + LOOK, &wait));
    assert_false(acquires(first, START + LOOK + 1, &wait));
    assert_int_equal(wait, PAUSE);
    assert_false(acquires(second, START + LOOK + 1, &wait));
    assert_false(acquires(second, START + LOOK + 2, &wait));
    assert_int_equal(wait, PAUSE - 1);
    sms_rate_limit_close(first);
    sms_rate_limit_close(second);
    unlink(path);
    unlink(other);
  }
}

/* ---- Paths ---- */

static void a_path_that_leads_nowhere_says_why(void **state) {
  (void)state;
  char linked[80], beyond[80], absent[80], long_path[2 * SMS_SLOT_PATH_MAX];
  snprintf(linked, sizeof linked, "%s/link", folder);
  snprintf(beyond, sizeof beyond, "%s/link/slots", folder);
  snprintf(absent, sizeof absent, "%s/absent/slots", folder);
  memset(long_path, '/', sizeof long_path - 1);
  long_path[sizeof long_path - 1] = 0;
  assert_int_equal(symlink(folder, linked), 0);
  const char *const cases[][2] = {
      {"slots", "absolute"},          {"", "absolute"},
      {beyond, "symbolic link"},      {absent, "No such file"},
      {"/proc/sms-slots", "No such"}, {long_path, "too long"},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    sms_rate_limit *limit = NULL;
    char why[SMS_WHY_MAX] = "";
    assert_int_equal(open_at(cases[i][0], &limit, why), SMS_FAILED);
    if (!strstr(why, cases[i][1])) fail_msg("%s", why);
  }
  unlink(linked);
}

static void each_user_key_calls_and_period_has_a_path(void **state) {
  (void)state;
  char first[SMS_SLOT_PATH_MAX], next[SMS_SLOT_PATH_MAX], start[64];
  static char key[SMS_SLOT_PATH_MAX];
  assert_int_equal(sms_slot_path("/x", "nexmo:abcd1234", 100, 60000000, first), SMS_OK);
  snprintf(start, sizeof start, "/x/sms-%d/", (int)geteuid());
  assert_int_equal(strncmp(first, start, strlen(start)), 0);
  assert_string_equal(
      first + strlen(start),
      "a41c640691fb38a6682d841888d034b39f3de01a8910a432a5c4bd91a23687ff");
  assert_int_equal(sms_slot_path("/x", "nexmo:abcd1234", 101, 60000000, next), SMS_OK);
  assert_string_not_equal(first, next);
  memset(key, 'k', sizeof key - 1);
  assert_int_equal(sms_slot_path("/x", key, 100, 60000000, next), SMS_TOO_LARGE);
  key[SMS_SLOT_PATH_MAX / 2] = '\0'; /* a digest is short, but not the folder */
  assert_int_equal(sms_slot_path(key, key, 100, 60000000, next), SMS_OK);
  memset(key, 'k', SMS_SLOT_PATH_MAX - 1);
  key[SMS_SLOT_PATH_MAX - 1] = '\0';
  assert_int_equal(sms_slot_path(key, "key", 100, 60000000, next), SMS_TOO_LARGE);
}

static void the_folder_has_to_be_ours_alone(void **state) {
  (void)state;
  char own[64], file[80], why[SMS_WHY_MAX];
  struct stat found;
  snprintf(own, sizeof own, "%s/own", folder);
  snprintf(file, sizeof file, "%s/own/slots", folder);
  assert_int_equal(sms_slot_folder(file, why), SMS_OK);
  assert_int_equal(sms_slot_folder(file, why), SMS_OK);
  assert_int_equal(lstat(own, &found), 0);
  assert_int_equal(found.st_mode, S_IFDIR | 0700);
  static const mode_t open_modes[] = {0720, 0702, 0777, 01777};
  for (size_t i = 0; i < LENGTH(open_modes); i++) {
    assert_int_equal(chmod(own, open_modes[i]), 0);
    assert_int_equal(sms_slot_folder(file, why), SMS_FAILED);
    assert_non_null(strstr(why, "others"));
  }
  assert_int_equal(chmod(own, 0700), 0);
  if (chown(own, geteuid() + 1, getegid()) == 0) {
    assert_int_equal(sms_slot_folder(file, why), SMS_FAILED);
    assert_non_null(strstr(why, "another user"));
  }
  assert_int_equal(rmdir(own), 0);
  assert_int_equal(symlink("/tmp", own), 0);
  assert_int_equal(sms_slot_folder(file, why), SMS_FAILED);
  assert_non_null(strstr(why, "symbolic link"));
  assert_int_equal(unlink(own), 0);
  assert_int_equal(mkfifo(own, 0700), 0);
  assert_int_equal(sms_slot_folder(file, why), SMS_FAILED);
  assert_int_equal(unlink(own), 0);
  assert_int_equal(sms_slot_folder("/nowhere/own/slots", why), SMS_FAILED);
  assert_non_null(strstr(why, "there is no /nowhere"));
}

static void what_no_file_can_be_is_invalid(void **state) {
  (void)state;
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX];
  const struct sms_slot_place place = {.path = path},
                              odd = {.path = path, .mode = 01000};
  assert_int_equal(sms_rate_limit_open_file(&place, "key", 0, PERIOD, &limit, why),
                   SMS_INVALID);
  assert_int_equal(sms_rate_limit_open_file(&odd, "key", CALLS, PERIOD, &limit, why),
                   SMS_INVALID);
  assert_int_not_equal(access(path, F_OK), 0);
}

/* ---- In a process of their own ---- */

/* What body returns, or minus the signal that ended it. */
static int in_child(int (*body)(void)) {
  int status = 0;
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) _exit(body());
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

enum { FINE = 0, WRONG = 1, CANNOT = 2 };

static int fill_disk(void) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  if (unshare(CLONE_NEWNS) != 0 ||
      mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("none", folder, "tmpfs", 0, "size=12k") != 0)
    return CANNOT;
  if (open_at(path, &limit, why) != SMS_OK) return WRONG;
  sms_rate_limit_close(limit);
  if (sms_rate_limit_open_file(&(struct sms_slot_place){.path = other}, "key", 100000,
                               PERIOD, &limit, why) == SMS_OK)
    return WRONG;
  bool said = strstr(why, "No space left") != NULL;
  return said && rmdir(folder) != 0 && unlink(path) == 0 ? FINE : WRONG;
}

/* ulimit -f */
static int allow_no_file(void) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  struct rlimit before, least;
  if (getrlimit(RLIMIT_FSIZE, &before) != 0) return CANNOT;
  least = before;
  least.rlim_cur = 16; /* bytes */
  if (setrlimit(RLIMIT_FSIZE, &least) != 0) return CANNOT;
  enum sms_status status = open_at(path, &limit, why);
  setrlimit(RLIMIT_FSIZE, &before);
  return status == SMS_FAILED && strstr(why, "ulimit -f") ? FINE : WRONG;
}

static void a_file_that_may_not_be_that_long_is_none(void **state) {
  (void)state;
  assert_int_equal(in_child(allow_no_file), FINE);
}

/* Who may write to a file of root's, by an access list or a capability. */
static int open_as_another(void) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  if (seteuid(65534) != 0) return CANNOT;
  setfsuid(0);
  if (open_at(path, &limit, why) != SMS_OK) return WRONG;
  bool is_same = sms_rate_limit_warning(limit) == NULL;
  sms_rate_limit_close(limit);
  return is_same ? FINE : WRONG;
}

static void a_file_of_roots_is_as_good_as_ones_own(void **state) {
  (void)state;
  if (geteuid() != 0) skip();
  sms_rate_limit_close(open_slots());
  assert_int_equal(in_child(open_as_another), FINE);
  unlink(path);
}

static void a_full_disk_shows_when_the_file_is_made(void **state) {
  (void)state;
  int result = in_child(fill_disk);
  if (result == CANNOT) skip();
  assert_int_equal(result, FINE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_a_regular_file_is_opened_or_replaced),
      cmocka_unit_test(whoever_maps_it_loses_it_and_finds_it_again),
      cmocka_unit_test(a_file_moved_or_removed_is_missed_at_the_next_look),
      cmocka_unit_test(a_path_that_leads_nowhere_says_why),
      cmocka_unit_test(each_user_key_calls_and_period_has_a_path),
      cmocka_unit_test(the_folder_has_to_be_ours_alone),
      cmocka_unit_test(what_no_file_can_be_is_invalid),
      cmocka_unit_test(a_file_that_may_not_be_that_long_is_none),
      cmocka_unit_test(a_file_of_roots_is_as_good_as_ones_own),
      cmocka_unit_test(a_full_disk_shows_when_the_file_is_made),
  };
  return cmocka_run_group_tests_name("slot_file_place", tests, make_folder,
                                     remove_folder);
}
