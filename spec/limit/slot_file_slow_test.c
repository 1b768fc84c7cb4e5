/* A file of slots on a network's folder, which is interrupted, gives a byte at a time
 * and fails for a while: what was claimed there still counts, and nothing is taken for
 * damaged. Times are simulated. */
#include "limit/rate_limit.h"
#include "slow_files.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

enum { CALLS = 4, PERIOD = 100000, LEASE = 30000, LOOK = 100000 };
/* Later than the start of any container that this may run in. */
static const int64_t START = INT64_C(1000000000000000);

static char folder[] = "/tmp/sms-slow-XXXXXX", path[64];
static struct stat first;

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

static int start(void **state) {
  (void)state;
  slow_files = (struct slow_files){.met = 0};
  return unlink(path) == 0 || errno == ENOENT ? 0 : -1;
}

static enum sms_status open_slots(sms_rate_limit **limit, char why[SMS_WHY_MAX]) {
  why[0] = '\0';
  return sms_rate_limit_open_file(&(struct sms_slot_place){.path = path}, "key", CALLS,
                                  PERIOD, limit, why);
}

static bool acquires(sms_rate_limit *limit, int64_t now, int64_t *wait) {
  struct sms_slot slot;
  return sms_rate_limit_acquire(limit, now, LEASE, &slot, wait);
}

/* Opens it, and takes all slots but one. */
static sms_rate_limit *open_and_use(void) {
  char why[SMS_WHY_MAX];
  int64_t wait;
  sms_rate_limit *limit;
  if (open_slots(&limit, why) != SMS_OK) fail_msg("%s", why);
  for (int i = 0; i < CALLS - 1; i++)
    assert_true(acquires(limit, START, &wait));
  assert_int_equal(stat(path, &first), 0);
  return limit;
}

static void assert_same_file(void) {
  struct stat found;
  char damaged[80];
  snprintf(damaged, sizeof damaged, "%s.damaged", path);
  assert_int_equal(stat(path, &found), 0);
  assert_int_equal(found.st_ino, first.st_ino);
  assert_int_equal(access(damaged, F_OK), -1);
}

/* The one that is left is free, and the next only when the first come back. */
static void assert_goes_on(sms_rate_limit *limit, int64_t now) {
  int64_t wait = 0;
  assert_null(sms_rate_limit_warning(limit));
  if (!acquires(limit, now, &wait)) fail_msg("waits for %lld us", (long long)wait);
  assert_false(acquires(limit, now, &wait));
  assert_true(wait > 1 && wait <= LEASE + PERIOD + LOOK);
}

static void what_comes_in_pieces_is_whole(void **state) {
  (void)state;
  char why[SMS_WHY_MAX];
  sms_rate_limit *limit, *others = open_and_use();
  slow_files.interrupts = 5;
  slow_files.crumbs = true;
  if (open_slots(&limit, why) != SMS_OK) fail_msg("%s", why);
  assert_true(slow_files.met > 5);
  assert_same_file();
  assert_goes_on(limit, START);
  sms_rate_limit_close(limit);
  sms_rate_limit_close(others);
}

static void what_cannot_be_read_is_refused_and_stays(void **state) {
  (void)state;
  char why[SMS_WHY_MAX];
  sms_rate_limit *limit, *others = open_and_use();
  slow_files.fail = EIO;
  assert_int_equal(open_slots(&limit, why), SMS_FAILED);
  assert_non_null(strstr(why, "slots: Input/output error"));
  assert_same_file();
  slow_files.fail = 0;
  if (open_slots(&limit, why) != SMS_OK) fail_msg("%s", why);
  assert_goes_on(limit, START);
  sms_rate_limit_close(limit);
  sms_rate_limit_close(others);
}

/* Nobody can say whether the path still names the file, nor read what it names. */
static void what_is_mapped_is_found_again_once_it_can_be_read(void **state) {
  (void)state;
  int64_t wait, now = START;
  sms_rate_limit *limit = open_and_use();
  slow_files.fail_look = EIO;
  slow_files.fail = EIO;
  for (int i = 0; i < 3; i++) {
    now += i == 0 ? LOOK : 1;
    assert_false(acquires(limit, now, &wait));
  }
  assert_int_equal(wait, 0);
  assert_non_null(strstr(sms_rate_limit_why(limit), "slots: Input/output error"));
  slow_files.fail_look = slow_files.fail = 0;
  assert_false(acquires(limit, now, &wait)); /* it is found: once more, please */
  assert_int_equal(wait, 1);
  assert_same_file();
  assert_goes_on(limit, now);
  sms_rate_limit_close(limit);
}

/* What is wrong is replaced, unless nobody can say what stands there. */
static void what_cannot_be_looked_at_is_not_replaced(void **state) {
  (void)state;
  char why[SMS_WHY_MAX];
  struct stat found;
  sms_rate_limit *limit;
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fclose(file);
  assert_int_equal(stat(path, &first), 0);
  slow_files.fail_look = ESTALE;
  assert_int_equal(open_slots(&limit, why), SMS_FAILED);
  assert_non_null(strstr(why, strerror(ESTALE)));
  assert_int_equal(stat(path, &found), 0);
  assert_int_equal(found.st_ino, first.st_ino);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, start)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(what_comes_in_pieces_is_whole),
      TEST(what_cannot_be_read_is_refused_and_stays),
      TEST(what_is_mapped_is_found_again_once_it_can_be_read),
      TEST(what_cannot_be_looked_at_is_not_replaced),
  };
  return cmocka_run_group_tests_name("slot_file_slow", tests, make_folder,
                                     remove_folder);
}
