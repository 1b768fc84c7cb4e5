/* What tells a container from a machine and one time namespace from another, on folders
 * that stand for /proc, and in real namespaces where we may make them. */
#include "base/clock.h"
#include "limit/epoch.h"
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define FIRST         "time:[4026531834]"
#define OTHER         "time:[4026532999]"
#define BOOT          "01234567-89ab-cdef-0123-456789abcdef\n"
#define TICKS_1(n)    "1 (init) S 0 0 0 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 " n " 9 9\n"

static char folder[] = "/tmp/sms-epoch-XXXXXX";

static int make_folder(void **state) {
  (void)state;
  static const char *const below[] = {"1",   "self",       "self/ns",
                                      "sys", "sys/kernel", "sys/kernel/random"};
  char path[128];
  if (!mkdtemp(folder)) return -1;
  for (size_t i = 0; i < LENGTH(below); i++) {
    snprintf(path, sizeof path, "%s/%s", folder, below[i]);
    if (mkdir(path, 0700) != 0) return -1;
  }
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

/* NULL: there is no such file. */
static void put(const char *name, const char *text) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  unlink(path);
  if (text && strncmp(text, "time:", 5) == 0) {
    assert_int_equal(symlink(text, path), 0);
  } else if (text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
  }
}

static const struct {
  const char *what, *stat, *here, *next, *offsets;
  int64_t began, offset;
  bool is_container;
  uint64_t space;
} cases[] = {
    {"a machine", TICKS_1("3"), FIRST, FIRST, "boottime 0 0\n", 0, 0, false, 0},
    {"a slow machine", TICKS_1("6000"), FIRST, FIRST, NULL, 0, 0, false, 0},
    {"a container", TICKS_1("6001"), FIRST, FIRST, NULL, 60020000, 0, true, 0},
    {"an odd command", "1 (a) S 9 (b c) S 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 70000 1",
     FIRST, FIRST, NULL, 700010000, 0, true, 0},
    {"no stat", NULL, FIRST, FIRST, NULL, 0, 0, false, 0},
    {"half a stat", "1 (init) S 0 0", FIRST, FIRST, NULL, 0, 0, false, 0},
    {"an old kernel", TICKS_1("3"), NULL, NULL, NULL, 0, 0, false, 0},
    {"a machine, seen from ahead", TICKS_1("100003"), OTHER, OTHER,
     "monotonic  7 0\nboottime       1000         5\n", 1000000000,
     INT64_C(1000000000005), false, 0},
    {"a machine, seen from behind", TICKS_1("1844674407360955164"), OTHER, OTHER,
     "monotonic  -7 0\nboottime      -10         0\n", -10000000, INT64_C(-10000000000),
     false, 0},
    {"a container, seen from ahead", TICKS_1("110000"), OTHER, OTHER, "boottime 1000 0",
     1100010000, INT64_C(1000000000000), true, 0},
    {"before its child", TICKS_1("9999"), FIRST, OTHER, "boottime 7 0", 100000000, 0,
     true, 0},
    {"an offset of other clocks", TICKS_1("9999"), OTHER, OTHER, "monotonic 0 0", 0, 0,
     false, UINT64_C(4026532999)},
    {"an offset in words", TICKS_1("9999"), OTHER, OTHER, "boottime far ahead", 0, 0,
     false, UINT64_C(4026532999)},
    {"a hidden offset", TICKS_1("9999"), OTHER, FIRST, "boottime 0 0", 0, 0, false,
     UINT64_C(4026532999)},
};

static void a_container_is_where_process_1_started_late(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct sms_epoch epoch;
    print_message("  %s\n", cases[i].what);
    put("1/stat", cases[i].stat);
    put("self/ns/time", cases[i].here);
    put("self/ns/time_for_children", cases[i].next);
    put("self/timens_offsets", cases[i].offsets);
    sms_epoch_read(folder, &epoch);
    assert_int_equal(epoch.is_container, cases[i].is_container);
    assert_int_equal(epoch.began, cases[i].began);
    assert_int_equal(epoch.offset, cases[i].offset);
    assert_int_equal(epoch.space, cases[i].space);
    assert_int_equal(epoch.here, sms_epoch_here(folder));
  }
}

static void a_boot_is_known_by_all_of_its_id(void **state) {
  (void)state;
  static const char *const hidden[] = {NULL, "", "01234567\n", "none at all"};
  struct sms_epoch epoch;
  put("sys/kernel/random/boot_id", BOOT);
  sms_epoch_read(folder, &epoch);
  assert_true(epoch.boot[0] == UINT64_C(0x0123456789abcdef));
  assert_true(epoch.boot[1] == UINT64_C(0x0123456789abcdef));
  for (size_t i = 0; i < LENGTH(hidden); i++) {
    put("sys/kernel/random/boot_id", hidden[i]);
    sms_epoch_read(folder, &epoch);
    assert_true(epoch.boot[0] == 0 && epoch.boot[1] == 0);
  }
  sms_epoch_read("/nowhere", &epoch);
  assert_true(epoch.boot[0] == 0 && !epoch.is_container && epoch.began == 0);
}

/* ---- In real namespaces ---- */

enum { FINE = 0, WRONG = 1, CANNOT = 2 };

static int wait_for(pid_t pid) {
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return CANNOT;
  return WIFEXITED(status) ? WEXITSTATUS(status) : WRONG;
}

/* The clock moves on by 1,000 s, and what we call the kernel's start moves with it. */
static int look_from_ahead(struct sms_epoch *before, int64_t clock) {
  struct sms_epoch epoch;
  sms_epoch_read("/proc", &epoch);
  int64_t passed = sms_clock_now() - clock;
  return passed > 999000000 && passed < 1001000000 && epoch.here != before->here &&
                 epoch.offset == before->offset + INT64_C(1000000000000) &&
                 epoch.space == 0 && epoch.is_container == before->is_container &&
                 llabs(epoch.began - before->began - 1000000000) <= 20000
             ? FINE
             : WRONG;
}

static int be_ahead(void) {
  struct sms_epoch before;
  sms_epoch_read("/proc", &before);
  int64_t clock = sms_clock_now();
  if (before.offset != 0 || unshare(CLONE_NEWTIME) != 0) return CANNOT;
  int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "boottime 1000 0\n", 16) != 16) return CANNOT;
  close(fd);
  struct sms_epoch between; /* only children are there */
  sms_epoch_read("/proc", &between);
  if (memcmp(&between.offset, &before.offset, sizeof before.offset) != 0) return WRONG;
  pid_t pid = fork();
  if (pid == 0) _exit(look_from_ahead(&before, clock));
  return wait_for(pid);
}

static void a_time_namespace_is_told_by_its_offset(void **state) {
  (void)state;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) _exit(be_ahead());
  int result = wait_for(pid);
  if (result == CANNOT) skip();
  assert_int_equal(result, FINE);
}

static int look_from_a_container(int64_t clock) {
  struct sms_epoch epoch;
  if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("proc", "/proc", "proc", 0, NULL) != 0)
    return CANNOT;
  sms_epoch_read("/proc", &epoch);
  bool late = clock - epoch.offset / 1000 > 61000000;
  if (!late) return epoch.is_container ? WRONG : FINE;
  return epoch.is_container && epoch.began > clock - 20000 &&
                 epoch.began < sms_clock_now() + 20000
             ? FINE
             : WRONG;
}

static int start_container(void) {
  int64_t clock = sms_clock_now();
  if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) return CANNOT;
  pid_t pid = fork();
  if (pid == 0) _exit(look_from_a_container(clock));
  return wait_for(pid);
}

static void
a_pid_namespace_is_a_container_that_starts_with_its_process_1(void **state) {
  (void)state;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) _exit(start_container());
  int result = wait_for(pid);
  if (result == CANNOT) skip();
  assert_int_equal(result, FINE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_container_is_where_process_1_started_late),
      cmocka_unit_test(a_boot_is_known_by_all_of_its_id),
      cmocka_unit_test(a_time_namespace_is_told_by_its_offset),
      cmocka_unit_test(a_pid_namespace_is_a_container_that_starts_with_its_process_1),
  };
  return cmocka_run_group_tests_name("epoch", tests, make_folder, remove_folder);
}
