/* Slots in a file that a parent has mapped, in a child of fork(). */
#include "base/clock.h"
#include "limit/rate_limit.h"
#include "limit/slot_path.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

enum { CALLS = 3, PERIOD = 60000000, LEASE = 1000000, NOBODY = 65534 };
enum { FINE, NOT_TAKEN, TAKEN_BEFORE, NOT_MINE, STILL_MAPPED };

static char key[64];
static sms_rate_limit *limit;

static bool acquires(void) {
  struct sms_slot slot;
  int64_t wait;
  for (int i = 0; i < 3; i++)
    if (sms_rate_limit_acquire(limit, sms_clock_now(), LEASE, &slot, &wait))
      return true;
    else if (wait != 1)
      break;
  return false;
}

static int open_slots(void **state) {
  (void)state;
  char why[SMS_WHY_MAX] = "";
  snprintf(key, sizeof key, "fork test %d", (int)getpid());
  const struct sms_slot_place place = {.path = NULL};
  if (sms_rate_limit_open_file(&place, key, CALLS, PERIOD, &limit, why) != SMS_OK)
    fail_msg("%s", why);
  return 0;
}

static int remove_slots(void **state) {
  (void)state;
  char path[SMS_SLOT_PATH_MAX];
  sms_rate_limit_close(limit);
  if (sms_slot_path(SMS_SLOT_ROOT, key, CALLS, PERIOD, path) != SMS_OK) return -1;
  return unlink(path);
}

static int in_child(int (*body)(void)) {
  int status = 0;
  fflush(NULL);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) _exit(body());
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static bool maps(const char *path) {
  char line[2 * SMS_SLOT_PATH_MAX];
  FILE *file = fopen("/proc/self/maps", "r");
  bool found = false;
  while (file && fgets(line, sizeof line, file))
    found = found || strstr(line, path) != NULL;
  if (file) fclose(file);
  return found;
}

static int take_one(void) {
  return acquires() ? FINE : NOT_TAKEN;
}

static void the_same_users_child_goes_on_with_the_same_slots(void **state) {
  (void)state;
  assert_true(acquires());
  assert_int_equal(in_child(take_one), FINE);
  assert_true(acquires());
  assert_int_equal(in_child(take_one), NOT_TAKEN);
  assert_false(acquires());
  assert_null(sms_rate_limit_warning(limit));
}

static int take_all_as_nobody(void) {
  char before[SMS_SLOT_PATH_MAX], after[SMS_SLOT_PATH_MAX];
  struct stat found;
  if (sms_slot_path(SMS_SLOT_ROOT, key, CALLS, PERIOD, before) != SMS_OK ||
      setgid(NOBODY) != 0 || setuid(NOBODY) != 0 ||
      sms_slot_path(SMS_SLOT_ROOT, key, CALLS, PERIOD, after) != SMS_OK)
    return NOT_MINE;
  for (int i = 0; i < CALLS; i++)
    if (!acquires()) return TAKEN_BEFORE;
  if (acquires()) return NOT_TAKEN;
  if (sms_rate_limit_warning(limit) || stat(after, &found) != 0 ||
      found.st_uid != NOBODY || unlink(after) != 0)
    return NOT_MINE;
  return maps(before) ? STILL_MAPPED : FINE;
}

static void a_child_of_another_user_has_that_ones_slots(void **state) {
  (void)state;
  if (geteuid() != 0) skip();
  assert_true(acquires());
  assert_int_equal(in_child(take_all_as_nobody), FINE);
  assert_true(acquires());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_same_users_child_goes_on_with_the_same_slots,
                                      open_slots, remove_slots),
      cmocka_unit_test_setup_teardown(a_child_of_another_user_has_that_ones_slots,
                                      open_slots, remove_slots),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
