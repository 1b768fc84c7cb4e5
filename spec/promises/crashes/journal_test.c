/* Writers of a journal that are killed at any instant, run out of disk, or fork; and
 * the memory that a million items take. SMS_TEST_LONG: more of it. */
#include "test_journal.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

static uint64_t random_state = 2463534242u;

static uint64_t random_below(uint64_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (random_state >> 20) % limit;
}

/* ---- Killed ---- */

enum { ITEMS = 200000, JOB_MAX = 300, LONGEST_LIFE = 6000 /* microseconds */ };

/* What the writer asked for before each call, and what it was told after: one of both
 * is what the journal says. */
struct shared {
  uint64_t next;
  uint8_t asked[ITEMS + 1], told[ITEMS + 1];
};
static struct shared *shared;

enum complaint { NONE, NOT_OPENED, NOT_WRITTEN };

static bool put(sms_journal *journal, struct sms_journal_item *items, size_t count,
                bool begin) {
  int64_t position = 0;
  for (size_t i = 0; i < count; i++) {
    items[i].outcome =
        begin ? SMS_JOURNAL_OPEN
              : (enum sms_journal_state)(SMS_JOURNAL_ACCEPTED + random_below(4));
    shared->asked[items[i].ordinal] = (uint8_t)items[i].outcome;
  }
  if ((begin ? sms_journal_begin : sms_journal_finish)(journal, items, count,
                                                       &position) != SMS_OK)
    return false;
  for (size_t i = 0; i < count; i++)
    shared->told[items[i].ordinal] = (uint8_t)items[i].outcome;
  return true;
}

static enum complaint write_on(bool sync) {
  struct sms_journal_item items[JOB_MAX];
  sms_journal *journal;
  char why[SMS_WHY_MAX];
  if (sms_journal_open(test_journal_path, sync, 7, &journal, why) != SMS_OK)
    return NOT_OPENED;
  while (shared->next + JOB_MAX < ITEMS) {
    size_t count = 1 + (size_t)random_below(random_below(4) ? 4 : JOB_MAX);
    for (size_t i = 0; i < count; i++)
      items[i] = test_journal_item(shared->next + i + 1);
    shared->next += count;
    if (!put(journal, items, count, true)) return NOT_WRITTEN;
    for (size_t i = 0; i < count; i++)
      if (random_below(8) != 0 && !put(journal, items + i, 1, false))
        return NOT_WRITTEN;
    if (!put(journal, items, random_below(count + 1), false)) return NOT_WRITTEN;
  }
  return NONE;
}

static void kill_a_writer(bool sync) {
  int status;
  pid_t child = fork();
  if (child == 0) _exit((int)write_on(sync));
  struct timespec life = {0, (long)random_below(LONGEST_LIFE) * 1000};
  nanosleep(&life, NULL);
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), (int)NONE);
}

/* Returns whether the last write had not come to its end. */
static bool check_all(void) {
  bool torn = false;
  sms_journal *journal = test_journal_open(false);
  for (uint64_t i = 1; i <= shared->next + 1; i++) {
    enum sms_journal_state known = test_journal_state(journal, i);
    bool is_new =
        shared->asked[i] == SMS_JOURNAL_OPEN && shared->told[i] == SMS_JOURNAL_NEW;
    if (known != shared->asked[i] && known != shared->told[i])
      fail_msg("%d: asked %d, told %d, found %d", (int)i, shared->asked[i],
               shared->told[i], known);
    /* a job is begun as a whole */
    if (is_new && i > 1 && shared->asked[i - 1] == SMS_JOURNAL_OPEN &&
        shared->told[i - 1] == SMS_JOURNAL_NEW)
      assert_int_equal(known, test_journal_state(journal, i - 1));
    torn |= known != shared->asked[i];
  }
  for (uint64_t i = 1; i <= shared->next; i++)
    shared->asked[i] = shared->told[i] = (uint8_t)test_journal_state(journal, i);
  sms_journal_close(journal);
  return torn;
}

static void a_killed_writer_leaves_what_it_was_told(void **state) {
  (void)state;
  int kills = getenv("SMS_TEST_LONG") ? 2000 : SANITIZED ? 50 : 100;
  int torn = 0;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(shared != MAP_FAILED);
  for (int i = 0; i < kills; i++) {
    random_state += (uint64_t)i;
    kill_a_writer(i % 2);
    torn += check_all();
    if (shared->next < ITEMS / 40) continue;
    memset(shared, 0, sizeof *shared); /* a long journal takes long to check */
    remove(test_journal_path);
  }
  print_message("  %d writers killed, %d of them within a write\n", kills, torn);
  munmap(shared, sizeof *shared);
}

/* ---- The disk is full ---- */

static void limit_file_size(rlim_t size) {
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = size == RLIM_INFINITY ? limit.rlim_max : size;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What fits is written, the rest fails, and no signal (SIGXFSZ) ends the process. */
static void a_write_that_does_not_fit_leaves_nothing(void **state) {
  (void)state;
  size_t size, after;
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  test_journal_begin(journal, 1);
  sms_journal_close(journal);
  journal = test_journal_open(false);
  unsigned char *bytes = test_journal_read(&size);
  struct sms_journal_item item = {.ordinal = 1, .outcome = SMS_JOURNAL_ACCEPTED};
  for (rlim_t room = 0; room < (rlim_t)3 * TEST_RECORD; room++) {
    limit_file_size(size + room);
    enum sms_status begun = test_journal_begin_many(journal, 2, 3, &position);
    enum sms_status ended = room < TEST_RECORD
                                ? sms_journal_finish(journal, &item, 1, &position)
                                : SMS_FAILED;
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(begun, SMS_FAILED);
    assert_int_equal(ended, SMS_FAILED);
    assert_non_null(strstr(sms_journal_why(journal), "(ulimit -f)"));
    test_journal_is(bytes, size);
  }
  assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_OPEN);
  assert_int_equal(test_journal_begin_many(journal, 2, 3, &position), SMS_OK);
  free(bytes);
  bytes = test_journal_read(&after);
  assert_int_equal(after, size + (size_t)3 * TEST_RECORD);
  free(bytes);
  sms_journal_close(journal);
  sms_journal_close(test_journal_open(false));
}

static void a_journal_that_does_not_fit_is_not_made(void **state) {
  (void)state;
  for (rlim_t room = 0; room < TEST_RECORD; room++) {
    limit_file_size(room);
    test_journal_is_refused("(ulimit -f)");
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(test_journal_size(), 0);
  }
  sms_journal_close(test_journal_open(false));
}

/* In a child with a disk of 8 KiB of its own. */
static int fill_a_disk(void) {
  char why[SMS_WHY_MAX];
  sms_journal *journal;
  uint64_t written = 0;
  int64_t position;
  struct stat found;
  if (unshare(CLONE_NEWNS) != 0 ||
      mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("none", test_journal_folder, "tmpfs", 0, "size=8k") != 0)
    return 77;
  if (sms_journal_open(test_journal_path, true, 7, &journal, why) != SMS_OK) return 1;
  while (written < 1000 &&
         test_journal_begin_many(journal, written + 1, 3, &position) == SMS_OK)
    written += 3;
  if (!strstr(sms_journal_why(journal), "No space left on device")) return 2;
  if (stat(test_journal_path, &found) != 0) return 3;
  if (found.st_size != (off_t)(TEST_RECORD * (written + 1))) return 4;
  sms_journal_close(journal);
  if (sms_journal_open(test_journal_path, true, 7, &journal, why) != SMS_OK) return 5;
  if (sms_journal_warning(journal) != NULL) return 6;
  if (test_journal_state(journal, written) != SMS_JOURNAL_OPEN) return 7;
  if (test_journal_state(journal, written + 1) != SMS_JOURNAL_NEW) return 8;
  for (uint64_t i = 1; i <= written; i++) /* each has room for its end */
    test_journal_finish(journal, i, SMS_JOURNAL_ACCEPTED);
  sms_journal_close(journal);
  return 0;
}

static void a_full_disk_shows_before_anything_is_sent(void **state) {
  (void)state;
  int status;
  pid_t child = fork();
  if (child == 0) _exit(fill_a_disk());
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) skip(); /* only root mounts */
  assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- Forked ---- */

static int use_what_was_inherited(sms_journal *journal) {
  struct sms_journal_item item = test_journal_item(2);
  enum sms_journal_state known;
  int64_t position;
  bool durable;
  item.outcome = SMS_JOURNAL_ACCEPTED;
  if (sms_journal_begin(journal, &item, 1, &position) != SMS_FORKED) return 1;
  if (sms_journal_finish(journal, &item, 1, &position) != SMS_FORKED) return 2;
  if (sms_journal_look(journal, 2, item.hash, &known) != SMS_FORKED) return 3;
  if (sms_journal_is_durable(journal, 64, &durable) != SMS_FORKED) return 4;
  if (!strstr(sms_journal_why(journal), "before a fork")) return 5;
  sms_journal_close(journal);
  return 0;
}

static void a_child_leaves_its_parents_journal_alone(void **state) {
  (void)state;
  for (int sync = 0; sync < 2; sync++) {
    int status;
    sms_journal *journal = test_journal_open(sync);
    test_journal_begin(journal, 1);
    pid_t child = fork();
    if (child == 0) _exit(use_what_was_inherited(journal));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(test_journal_size(), 2 * TEST_RECORD);
    test_journal_is_refused("is in use already");
    test_journal_finish(journal, 1, SMS_JOURNAL_ACCEPTED);
    sms_journal_close(journal);
    remove(test_journal_path);
  }
}

/* A child that closed it does not keep the file from the next run. */
static void a_child_that_lives_on_does_not_hold_the_lock(void **state) {
  (void)state;
  int ready[2];
  char byte;
  sms_journal *journal = test_journal_open(true);
  assert_int_equal(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    sms_journal_close(journal);
    (void)!write(ready[1], "!", 1);
    pause();
    _exit(0);
  }
  assert_int_equal(read(ready[0], &byte, 1), 1);
  sms_journal_close(journal);
  sms_journal_close(test_journal_open(true));
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, NULL, 0), child);
  close(ready[0]);
  close(ready[1]);
}

/* ---- A million items ---- */

static long peak_of_memory(void) {
  char line[256];
  long kilobytes = 0;
  FILE *status = fopen("/proc/self/status", "re");
  while (status && fgets(line, sizeof line, status))
    if (strncmp(line, "VmHWM:", 6) == 0) kilobytes = strtol(line + 6, NULL, 10);
  if (status) fclose(status);
  return kilobytes;
}

/* All items in a first run, of which every tenth stays open, and all in a second. */
static int run_twice(uint64_t items, bool job) {
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  size_t step = job ? 3000 : 1;
  for (uint64_t i = 1; i <= items; i += step) {
    if (test_journal_begin_many(journal, i, step, &position) != SMS_OK) return 1;
    if (i % 10 != 0) test_journal_finish(journal, i, SMS_JOURNAL_ACCEPTED);
  }
  sms_journal_close(journal);
  journal = test_journal_open(false);
  for (uint64_t i = 1; i <= items; i++) {
    enum sms_journal_state known = test_journal_state(journal, i);
    if (!job && known != (i % 10 ? SMS_JOURNAL_ACCEPTED : SMS_JOURNAL_OPEN)) return 2;
    if (known == SMS_JOURNAL_OPEN && i % 20 == 0) test_journal_begin(journal, i);
  }
  sms_journal_close(journal);
  return 0;
}

static long peak_with(uint64_t items, bool job) {
  long peak = 0;
  int status, result[2];
  assert_int_equal(pipe(result), 0);
  pid_t child = fork();
  if (child == 0) {
    int failed = run_twice(items, job);
    peak = peak_of_memory();
    _exit(failed || write(result[1], &peak, sizeof peak) != sizeof peak);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  assert_int_equal(read(result[0], &peak, sizeof peak), sizeof peak);
  close(result[0]);
  close(result[1]);
  remove(test_journal_path);
  return peak;
}

static void a_million_items_take_the_memory_of_ten_thousand(void **state) {
  (void)state;
  uint64_t many = getenv("SMS_TEST_LONG") ? 1000000 : 100000;
  if (SANITIZED) many = 20000;
  for (int job = 0; job < 2; job++) {
    long few_peak = peak_with(10000, job), many_peak = peak_with(many, job);
    print_message("  peak of 10000 items %ld KiB, of %ld items %ld KiB\n", few_peak,
                  (long)many, many_peak);
    if (!SANITIZED) assert_true(many_peak - few_peak <= 2048);
  }
}

#define TEST(name)                                                                     \
  cmocka_unit_test_setup_teardown(name, test_journal_remove, test_journal_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_killed_writer_leaves_what_it_was_told),
      TEST(a_write_that_does_not_fit_leaves_nothing),
      TEST(a_journal_that_does_not_fit_is_not_made),
      TEST(a_full_disk_shows_before_anything_is_sent),
      TEST(a_child_leaves_its_parents_journal_alone),
      TEST(a_child_that_lives_on_does_not_hold_the_lock),
      TEST(a_million_items_take_the_memory_of_ten_thousand),
  };
  return cmocka_run_group_tests_name("journal_crash", tests, test_journal_setup,
                                     test_journal_teardown);
}
