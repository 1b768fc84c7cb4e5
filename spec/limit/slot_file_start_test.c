/* What a new file of slots begins with, on a machine and in a container, and whose
 * times a file can be read by: on folders that stand for /proc. Times are simulated. */
#include "limit/rate_limit.h"
#include "limit/slots.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h> /* wants some of the above before it */

enum { CALLS = 4, PERIOD = 100000, W = 101000, LEASE = 30000, LOOK = 100000 };
static const int64_t PAUSE = SMS_SLOTS_LEASE_MAX + W + LOOK;

/* What a tick of /proc/1/stat is rounded up to: 9999 of them are 100 s. */
static const int64_t BORN = 100000000;

static char folder[] = "/dev/shm/sms-start-XXXXXX";
static char proc[80], path[80], disk[] = "/var/tmp/sms-start-XXXXXX", on_disk[80];

static int make_folder(void **state) {
  (void)state;
  char command[600];
  if (!mkdtemp(folder) || !mkdtemp(disk)) return -1;
  snprintf(proc, sizeof proc, "%s/proc", folder);
  snprintf(path, sizeof path, "%s/slots", folder);
  snprintf(on_disk, sizeof on_disk, "%s/slots", disk);
  snprintf(command, sizeof command,
           "mkdir -p %s/1 %s/self/ns %s/sys/kernel/random && cp "
           "/proc/sys/kernel/random/boot_id %s/sys/kernel/random",
           proc, proc, proc, proc);
  return system(command);
}

static int remove_folder(void **state) {
  (void)state;
  char command[200];
  snprintf(command, sizeof command, "rm -r %s && rmdir %s %s", proc, folder, disk);
  return system(command); /* fails where something was left behind */
}

static void put(const char *name, const char *text) {
  char file_path[160];
  snprintf(file_path, sizeof file_path, "%s/%s", proc, name);
  remove(file_path);
  FILE *file = text ? fopen(file_path, "w") : NULL;
  if (!file) return;
  fputs(text, file);
  fclose(file);
}

static void start_process_1_at(int ticks) {
  char text[128];
  snprintf(text, sizeof text, "1 (init) S 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %d 0\n",
           ticks);
  put("1/stat", text);
}

/* Into a time namespace of that number, whose clock is ahead by so many seconds. */
static void enter_time(unsigned number, int ahead) {
  char link_path[160], target[40], text[80];
  for (int i = 0; i < 2; i++) {
    snprintf(link_path, sizeof link_path, "%s/self/ns/time%s", proc,
             i ? "_for_children" : "");
    snprintf(target, sizeof target, "time:[%u]", number);
    remove(link_path);
    assert_int_equal(symlink(target, link_path), 0);
  }
  snprintf(text, sizeof text, "monotonic 0 0\nboottime %d 0\n", ahead);
  put("self/timens_offsets", text);
}

static sms_rate_limit *open_at(const char *place, bool hold) {
  sms_rate_limit *limit = NULL;
  char why[SMS_WHY_MAX] = "";
  const struct sms_slot_place at = {.path = place, .hold = hold, .proc = proc};
  if (sms_rate_limit_open_file(&at, "key", CALLS, PERIOD, &limit, why) != SMS_OK)
    fail_msg("%s", why);
  return limit;
}

static bool acquires(sms_rate_limit *limit, int64_t now, int64_t *wait) {
  struct sms_slot slot;
  return sms_rate_limit_acquire(limit, now, LEASE, &slot, wait);
}

static void assert_says(const char *text, const char *part) {
  assert_non_null(text);
  if (!strstr(text, part)) fail_msg("'%s' says nothing of '%s'", text, part);
}

/* ---- New ---- */

static void
a_container_begins_with_one_slot_and_gets_one_after_the_other(void **state) {
  (void)state;
  int64_t wait;
  start_process_1_at(9999);
  sms_rate_limit *limit = open_at(path, false);
  assert_true(acquires(limit, BORN, &wait));
  for (int i = 1; i < CALLS; i++) {
    int64_t next = BORN + i * W / CALLS;
    assert_false(acquires(limit, next - 1, &wait));
    assert_int_equal(wait, 1);
    assert_int_equal(sms_rate_limit_delay(limit, next - 1, 1), 1);
    assert_string_equal(sms_rate_limit_cold(limit, next - 1), "the container is new");
    assert_true(acquires(limit, next, &wait));
  }
  assert_null(sms_rate_limit_cold(limit, BORN + W));
  assert_null(sms_rate_limit_warning(limit));
  sms_rate_limit_close(limit);
  unlink(path);
}

static void a_container_can_hold_all_slots_for_a_period(void **state) {
  (void)state;
  int64_t wait;
  start_process_1_at(9999);
  sms_rate_limit *limit = open_at(path, true);
  assert_false(acquires(limit, BORN, &wait));
  assert_int_equal(wait, W);
  assert_string_equal(sms_rate_limit_cold(limit, BORN), "the container is new");
  assert_int_equal(sms_rate_limit_available(limit, BORN + W - 1), 0);
  assert_int_equal(sms_rate_limit_available(limit, BORN + W), CALLS);
  sms_rate_limit_close(limit);
  unlink(path);
}

/* Whoever comes later finds what has come free by then, whatever it asks for itself. */
static void what_a_file_began_with_is_the_same_for_all(void **state) {
  (void)state;
  int64_t wait;
  start_process_1_at(9999);
  sms_rate_limit *first = open_at(path, false), *later = open_at(path, true);
  assert_int_equal(sms_rate_limit_available(later, BORN + W / 2 - 1), CALLS / 2);
  assert_true(acquires(first, BORN + W / 2 - 1, &wait));
  assert_int_equal(sms_rate_limit_available(later, BORN + W / 2 - 1), CALLS / 2 - 1);
  sms_rate_limit_close(first);
  sms_rate_limit_close(later);
  unlink(path);
}

static void a_machine_is_held_for_a_period_after_its_boot(void **state) {
  (void)state;
  for (int readable = 0; readable < 2; readable++) {
    start_process_1_at(3);
    if (!readable) put("1/stat", NULL);
    sms_rate_limit *limit = open_at(path, false);
    assert_int_equal(sms_rate_limit_available(limit, W - 1), 0);
    assert_string_equal(sms_rate_limit_cold(limit, W - 1),
                        "the machine has just booted");
    assert_int_equal(sms_rate_limit_available(limit, W), CALLS);
    sms_rate_limit_close(limit);
    unlink(path);
  }
}

/* ---- Whose times they are ---- */

static void assert_foreign(sms_rate_limit *limit, int64_t now, const char *part) {
  int64_t wait;
  for (int i = 0; i < 3; i++)
    assert_false(acquires(limit, now + i, &wait));
  assert_true(wait >= PAUSE - 2);
  assert_says(sms_rate_limit_warning(limit), part);
  assert_int_equal(sms_rate_limit_available(limit, now + PAUSE + 2), CALLS);
}

static void a_file_of_another_time_namespace_is_foreign(void **state) {
  (void)state;
  start_process_1_at(3);
  enter_time(4026532001U, 5);
  sms_rate_limit_close(open_at(path, false));
  enter_time(4026532002U, 5); /* its clock is the same */
  sms_rate_limit *limit = open_at(path, false);
  assert_null(sms_rate_limit_warning(limit));
  assert_int_equal(sms_rate_limit_available(limit, BORN), CALLS);
  sms_rate_limit_close(limit);
  enter_time(4026532003U, 6);
  limit = open_at(path, false);
  assert_foreign(limit, BORN, "another time namespace");
  sms_rate_limit_close(limit);
  unlink(path);
}

/* As a fork's child does, or whoever is restored from a checkpoint. */
static void who_comes_into_another_one_notices_at_its_next_look(void **state) {
  (void)state;
  int64_t wait;
  for (int back = 0; back < 2; back++) {
    enter_time(4026532001U, 5);
    sms_rate_limit *limit = open_at(path, false);
    assert_true(acquires(limit, BORN, &wait));
    enter_time(4026532002U, back ? 4 : 6);
    assert_foreign(limit, BORN + (back ? -1000000 : 1000000), "another time namespace");
    sms_rate_limit_close(limit);
    unlink(path);
  }
  enter_time(4026531834U, 0);
}

/* On a disk nobody could tell its times from those before a boot. */
static void without_a_boot_id_files_in_memory_do(void **state) {
  (void)state;
  char why[SMS_WHY_MAX] = "";
  char id[64] = "";
  int64_t wait;
  FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
  assert_non_null(file);
  assert_non_null(fgets(id, sizeof id, file));
  fclose(file);
  for (int maker_sees = 0; maker_sees < 2; maker_sees++) {
    put("sys/kernel/random/boot_id", maker_sees ? id : NULL);
    sms_rate_limit *maker = open_at(path, false);
    put("sys/kernel/random/boot_id", maker_sees ? NULL : id);
    sms_rate_limit *other = open_at(path, false);
    assert_true(acquires(maker, BORN, &wait));
    assert_int_equal(sms_rate_limit_available(other, BORN), CALLS - 1);
    assert_null(sms_rate_limit_warning(other));
    sms_rate_limit_close(other);
    sms_rate_limit_close(maker);
    unlink(path);
  }
  for (int there = 0; there < 2; there++) {
    sms_rate_limit *limit = NULL;
    put("sys/kernel/random/boot_id", id);
    if (there) sms_rate_limit_close(open_at(on_disk, false));
    put("sys/kernel/random/boot_id", NULL);
    const struct sms_slot_place at = {.path = on_disk, .proc = proc};
    assert_int_equal(sms_rate_limit_open_file(&at, "key", CALLS, PERIOD, &limit, why),
                     SMS_FAILED);
    assert_says(why, "ProcSubset");
    assert_says(why, "/dev/shm");
    assert_int_equal(unlink(on_disk) == 0, there);
  }
  put("sys/kernel/random/boot_id", id);
}

/* ---- What a later build may have added ---- */

/* Copies the file with more before the cells and behind them, and those bits set. */
static void add_to_file(uint64_t may_know, uint64_t must_know) {
  enum { MORE = 64, CELLS = CALLS * sizeof(int64_t) };
  unsigned char bytes[sizeof(struct sms_slots) + MORE + CELLS + MORE];
  int fd = open(path, O_RDWR | O_CLOEXEC);
  assert_true(fd >= 0);
  memset(bytes, 0xa5, sizeof bytes);
  assert_int_equal(pread(fd, bytes, sizeof(struct sms_slots), 0),
                   sizeof(struct sms_slots));
  assert_int_equal(pread(fd, bytes + sizeof(struct sms_slots) + MORE, CELLS,
                         sizeof(struct sms_slots)),
                   CELLS);
  struct sms_slots_head head;
  memcpy(&head, bytes, sizeof head);
  head.cells_at += MORE;
  head.size = sizeof bytes;
  head.may_know = may_know;
  head.must_know = must_know;
  memcpy(bytes, &head, sizeof head);
  assert_int_equal(pwrite(fd, bytes, sizeof bytes, 0), sizeof bytes);
  close(fd);
}

static void what_nobody_need_know_is_passed_by(void **state) {
  (void)state;
  int64_t wait;
  sms_rate_limit_close(open_at(path, false));
  add_to_file(UINT64_C(1) << 63, 0);
  sms_rate_limit *first = open_at(path, false), *second = open_at(path, false);
  assert_null(sms_rate_limit_warning(first));
  for (int i = 0; i < CALLS; i++)
    assert_true(acquires(i % 2 ? first : second, BORN, &wait));
  assert_false(acquires(first, BORN, &wait));
  assert_int_equal(wait, W);
  assert_false(acquires(second, BORN + LOOK, &wait)); /* looked through */
  assert_int_equal(sms_rate_limit_available(second, BORN + LEASE + W), CALLS);
  assert_null(sms_rate_limit_warning(second));
  sms_rate_limit_close(first);
  sms_rate_limit_close(second);
  unlink(path);
}

static void what_all_must_know_is_not(void **state) {
  (void)state;
  sms_rate_limit_close(open_at(path, false));
  add_to_file(0, UINT64_C(1) << 63);
  sms_rate_limit *limit = open_at(path, false);
  assert_foreign(limit, BORN, "does not know");
  sms_rate_limit_close(limit);
  unlink(path);
}

/* ---- File systems that cannot rename without replacing ---- */

static int refuse_renameat2(int error) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

enum { FINE = 0, CANNOT = 2 };

/* All begin at once, so that they meet files that have two names. */
static int share_without_renameat2(int gate, int error) {
  int64_t wait;
  char byte;
  if (refuse_renameat2(error) != 0) return CANNOT;
  (void)!read(gate, &byte, 1);
  sms_rate_limit *limit = open_at(path, false);
  int taken = 0;
  while (acquires(limit, BORN, &wait))
    taken++;
  bool fine = !sms_rate_limit_warning(limit) && wait <= W;
  sms_rate_limit_close(limit);
  return fine ? 10 + taken : 1;
}

static void link_does_where_the_file_system_knows_no_noreplace(void **state) {
  (void)state;
  enum { CHILDREN = 8, ROUNDS = 50 };
  static const int errors[] = {EINVAL, ENOSYS, EOPNOTSUPP};
  for (int round = 0; round < ROUNDS; round++) {
    int gate[2], taken = 0;
    assert_int_equal(pipe(gate), 0);
    fflush(NULL);
    for (int i = 0; i < CHILDREN; i++) {
      if (fork() != 0) continue;
      close(gate[1]);
      _exit(share_without_renameat2(gate[0], errors[round % 3]));
    }
    close(gate[0]);
    close(gate[1]);
    for (int i = 0; i < CHILDREN; i++) {
      int status;
      assert_true(wait(&status) > 0 && WIFEXITED(status));
      if (WEXITSTATUS(status) == CANNOT) skip();
      assert_true(WEXITSTATUS(status) >= 10);
      taken += WEXITSTATUS(status) - 10;
    }
    assert_int_equal(taken, CALLS);
    unlink(path);
  }
}

/* Its maker was killed before it took the other name away. */
static void a_name_that_was_left_behind_is_taken_away(void **state) {
  (void)state;
  char beside[96];
  struct stat found;
  sms_rate_limit_close(open_at(path, false));
  snprintf(beside, sizeof beside, "%s.AbCd12", path);
  assert_int_equal(link(path, beside), 0);
  sms_rate_limit *limit = open_at(path, false);
  assert_null(sms_rate_limit_warning(limit));
  assert_int_equal(sms_rate_limit_available(limit, BORN), CALLS);
  assert_int_not_equal(stat(beside, &found), 0);
  sms_rate_limit_close(limit);
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_container_begins_with_one_slot_and_gets_one_after_the_other),
      cmocka_unit_test(a_container_can_hold_all_slots_for_a_period),
      cmocka_unit_test(what_a_file_began_with_is_the_same_for_all),
      cmocka_unit_test(a_machine_is_held_for_a_period_after_its_boot),
      cmocka_unit_test(a_file_of_another_time_namespace_is_foreign),
      cmocka_unit_test(who_comes_into_another_one_notices_at_its_next_look),
      cmocka_unit_test(without_a_boot_id_files_in_memory_do),
      cmocka_unit_test(what_nobody_need_know_is_passed_by),
      cmocka_unit_test(what_all_must_know_is_not),
      cmocka_unit_test(link_does_where_the_file_system_knows_no_noreplace),
      cmocka_unit_test(a_name_that_was_left_behind_is_taken_away),
  };
  return cmocka_run_group_tests_name("slot_file_start", tests, make_folder,
                                     remove_folder);
}
