/* A journal that is brought to the disk by a thread of its own, against a disk that the
 * test plays: this program's fdatasync, fsync, pwrite and ftruncate stand before the
 * system's. */
#include "test_journal.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FINE = 0, PART = -1 /* instead of an errno: half of it is written */ };

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool held; /* fdatasync waits */
  int waiting, fail_data, fail_folder, interrupt;
  int data_syncs, folder_syncs;
  pthread_t syncer;
  sigset_t blocked; /* in the thread that syncs */
  int64_t on_disk;  /* size of the file when it was last brought there */
  int writes, fail_write, fail_cut;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int fail_with(int error) {
  errno = error;
  return -1;
}

__attribute__((visibility("default"))) int fdatasync(int fd);
__attribute__((visibility("default"))) int fsync(int fd);
__attribute__((visibility("default"))) int ftruncate(int fd, off_t size);
__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void *data,
                                                      size_t size, off_t place);

int fdatasync(int fd) {
  struct stat found;
  (void)fstat(fd, &found); /* what is written from here on need not be there */
  pthread_mutex_lock(&disk.lock);
  disk.waiting++;
  pthread_cond_broadcast(&disk.changed);
  while (disk.held)
    pthread_cond_wait(&disk.changed, &disk.lock);
  disk.waiting--;
  disk.data_syncs++;
  disk.syncer = pthread_self();
  pthread_sigmask(SIG_SETMASK, NULL, &disk.blocked);
  int error = disk.interrupt > 0 ? EINTR : disk.fail_data;
  if (disk.interrupt > 0) disk.interrupt--;
  if (error == 0) disk.on_disk = found.st_size;
  pthread_mutex_unlock(&disk.lock);
  return error ? fail_with(error) : 0;
}

int fsync(int fd) {
  struct stat found;
  pthread_mutex_lock(&disk.lock);
  if (fstat(fd, &found) == 0 && S_ISDIR(found.st_mode)) disk.folder_syncs++;
  int error = disk.fail_folder;
  pthread_mutex_unlock(&disk.lock);
  return error ? fail_with(error) : 0;
}

int ftruncate(int fd, off_t size) {
  return disk.fail_cut ? fail_with(disk.fail_cut)
                       : (int)syscall(SYS_ftruncate, fd, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t place) {
  int fail = disk.fail_write;
  disk.writes++;
  if (fail > 0) {
    if (fail == EINTR) disk.fail_write = FINE;
    return fail_with(fail);
  }
  if (fail == PART) {
    disk.fail_write = FINE;
    size = size / 2 + 1;
  }
  return syscall(SYS_pwrite64, fd, data, size, place);
}

/* ---- */

static int start(void **state) {
  pthread_mutex_lock(&disk.lock);
  disk.held = false;
  disk.fail_data = disk.fail_folder = disk.fail_write = disk.fail_cut = FINE;
  disk.data_syncs = disk.folder_syncs = disk.writes = disk.interrupt = 0;
  disk.on_disk = -1;
  pthread_mutex_unlock(&disk.lock);
  return test_journal_remove(state);
}

static void hold(bool held) {
  pthread_mutex_lock(&disk.lock);
  disk.held = held;
  pthread_cond_broadcast(&disk.changed);
  pthread_mutex_unlock(&disk.lock);
}

static void set(int *what, int to) {
  pthread_mutex_lock(&disk.lock);
  *what = to;
  pthread_mutex_unlock(&disk.lock);
}

static int64_t read_disk(const int *what) {
  pthread_mutex_lock(&disk.lock);
  int value = *what;
  pthread_mutex_unlock(&disk.lock);
  return value;
}

static int64_t size_on_disk(void) {
  pthread_mutex_lock(&disk.lock);
  int64_t size = disk.on_disk;
  pthread_mutex_unlock(&disk.lock);
  return size;
}

static void wait_until_it_syncs(void) {
  pthread_mutex_lock(&disk.lock);
  while (disk.waiting == 0)
    pthread_cond_wait(&disk.changed, &disk.lock);
  pthread_mutex_unlock(&disk.lock);
}

static void rest(void) {
  struct timespec pause = {0, 100000};
  nanosleep(&pause, NULL);
}

static bool is_durable(sms_journal *journal, int64_t position) {
  bool durable = false;
  if (sms_journal_is_durable(journal, position, &durable) != SMS_OK)
    fail_msg("%s", sms_journal_why(journal));
  return durable;
}

static void wait_for(sms_journal *journal, int64_t position) {
  while (!is_durable(journal, position))
    rest();
}

static void nothing_counts_as_durable_before_the_disk_has_it(void **state) {
  (void)state;
  hold(true);
  sms_journal *journal = test_journal_open(true);
  wait_until_it_syncs();
  int64_t first = test_journal_begin(journal, 1);
  assert_false(is_durable(journal, first));
  hold(false);
  for (uint64_t i = 2; i <= 300; i++) {
    int64_t position = test_journal_begin(journal, i);
    wait_for(journal, position);
    assert_true(size_on_disk() >= position);
    assert_true(is_durable(journal, first));
    assert_false(is_durable(journal, position + 1));
  }
  sms_journal_close(journal);
}

static void the_caller_never_waits_and_one_sync_serves_all(void **state) {
  (void)state;
  hold(true);
  sms_journal *journal = test_journal_open(true);
  wait_until_it_syncs(); /* for the name and the header */
  int64_t position = 0;
  for (uint64_t i = 1; i <= 1000; i++)
    position = test_journal_begin(journal, i);
  assert_int_equal(read_disk(&disk.data_syncs), 0);
  hold(false);
  wait_for(journal, position);
  assert_int_equal(read_disk(&disk.data_syncs), 2);
  assert_int_equal(read_disk(&disk.folder_syncs), 1);
  sms_journal_close(journal);
  assert_int_equal(read_disk(&disk.data_syncs), 2);
}

static void what_was_written_is_on_the_disk_once_it_is_closed(void **state) {
  (void)state;
  for (uint64_t i = 1; i <= 50; i++) {
    sms_journal *journal = test_journal_open(true);
    int64_t position = test_journal_begin(journal, i);
    sms_journal_close(journal);
    assert_int_equal(size_on_disk(), position);
  }
}

static void without_sync_nothing_is_synced(void **state) {
  (void)state;
  sms_journal *journal = test_journal_open(false);
  assert_true(is_durable(journal, test_journal_begin(journal, 1)));
  sms_journal_close(journal);
  assert_int_equal(read_disk(&disk.data_syncs), 0);
  assert_int_equal(read_disk(&disk.folder_syncs), 0);
}

/* What a run without sync wrote is brought to the disk by the next with it. */
static void a_run_with_sync_takes_care_of_what_it_finds(void **state) {
  (void)state;
  sms_journal *journal = test_journal_open(false);
  int64_t position = test_journal_begin(journal, 1);
  sms_journal_close(journal);
  journal = test_journal_open(true);
  wait_for(journal, position);
  assert_int_equal(size_on_disk(), position);
  sms_journal_close(journal);
}

static void assert_lost(sms_journal *journal) {
  struct sms_journal_item item = test_journal_item(5);
  bool durable;
  int64_t position, size = test_journal_size();
  assert_int_equal(sms_journal_begin(journal, &item, 1, &position), SMS_FAILED);
  assert_int_equal(sms_journal_is_durable(journal, 1, &durable), SMS_FAILED);
  assert_non_null(strstr(sms_journal_why(journal),
                         "could not be brought to the disk: Input/output error"));
  assert_int_equal(test_journal_size(), size);
}

static void an_error_of_the_disk_stays(void **state) {
  (void)state;
  bool durable;
  int *const places[] = {&disk.fail_data, &disk.fail_folder};
  for (size_t i = 0; i < TEST_LENGTH(places); i++) {
    set(places[i], EIO);
    sms_journal *journal = test_journal_open(true);
    while (sms_journal_is_durable(journal, 64, &durable) == SMS_OK) {
      assert_false(durable);
      rest();
    }
    set(places[i], FINE);
    for (int again = 0; again < 3; again++)
      assert_lost(journal);
    sms_journal_close(journal);
    remove(test_journal_path);
  }
}

/* What was told of an item that was not sent, since its begin could not be synced. */
static void what_had_begun_ends_after_an_error_of_the_disk(void **state) {
  (void)state;
  bool durable;
  sms_journal *journal = test_journal_open(true);
  test_journal_begin(journal, 1);
  set(&disk.fail_data, EIO);
  int64_t position = test_journal_begin(journal, 2);
  while (sms_journal_is_durable(journal, position, &durable) == SMS_OK)
    rest();
  test_journal_finish(journal, 2, SMS_JOURNAL_NOT_SENT);
  assert_lost(journal);
  sms_journal_close(journal);
  set(&disk.fail_data, FINE);
  journal = test_journal_open(true);
  assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_OPEN);
  assert_int_equal(test_journal_state(journal, 2), SMS_JOURNAL_NOT_SENT);
  sms_journal_close(journal);
}

static void a_sync_that_is_interrupted_is_done_again(void **state) {
  (void)state;
  set(&disk.interrupt, 3);
  sms_journal *journal = test_journal_open(true);
  wait_for(journal, test_journal_begin(journal, 1));
  assert_true(read_disk(&disk.data_syncs) >= 4);
  sms_journal_close(journal);
}

static void a_folder_that_needs_no_sync_is_no_error(void **state) {
  (void)state;
  set(&disk.fail_folder, EINVAL);
  sms_journal *journal = test_journal_open(true);
  wait_for(journal, test_journal_begin(journal, 1));
  sms_journal_close(journal);
}

static void the_thread_takes_no_signals_of_the_host(void **state) {
  (void)state;
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, NULL, &before);
  sms_journal *journal = test_journal_open(true);
  pthread_sigmask(SIG_SETMASK, NULL, &after);
  wait_for(journal, test_journal_begin(journal, 1));
  sms_journal_close(journal);
  pthread_mutex_lock(&disk.lock);
  assert_false(pthread_equal(disk.syncer, pthread_self()));
  for (int signal = 1; signal < 32; signal++) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    assert_int_equal(sigismember(&disk.blocked, signal), 1);
    assert_int_equal(sigismember(&before, signal), sigismember(&after, signal));
  }
  pthread_mutex_unlock(&disk.lock);
}

/* ---- Writes ---- */

static void a_call_is_one_write(void **state) {
  (void)state;
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  disk.writes = 0;
  assert_int_equal(test_journal_begin_many(journal, 1, 3000, &position), SMS_OK);
  assert_int_equal(disk.writes, 1);
  test_journal_finish(journal, 3000, SMS_JOURNAL_ACCEPTED);
  assert_int_equal(disk.writes, 2);
  sms_journal_close(journal);
}

static void a_write_that_stops_halfway_is_completed(void **state) {
  (void)state;
  static const int ways[] = {PART, EINTR};
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  for (size_t i = 0; i < TEST_LENGTH(ways); i++) {
    disk.fail_write = ways[i];
    uint64_t first = i * 3000 + 1;
    assert_int_equal(test_journal_begin_many(journal, first, 3000, &position), SMS_OK);
    assert_int_equal(position, test_journal_size());
  }
  sms_journal_close(journal);
  journal = test_journal_open(false);
  for (uint64_t i = 1; i <= 6000; i++)
    assert_int_equal(test_journal_state(journal, i), SMS_JOURNAL_OPEN);
  sms_journal_close(journal);
}

/* Where not even that can be undone, nothing is written behind it. */
static void what_cannot_be_undone_ends_the_journal(void **state) {
  (void)state;
  struct sms_journal_item item = test_journal_item(2);
  int64_t position;
  sms_journal *journal = test_journal_open(false);
  test_journal_begin(journal, 1);
  disk.fail_write = ENOSPC;
  disk.fail_cut = EIO;
  assert_int_equal(sms_journal_begin(journal, &item, 1, &position), SMS_FAILED);
  assert_non_null(strstr(sms_journal_why(journal), "No space left on device"));
  disk.fail_write = disk.fail_cut = FINE;
  assert_int_equal(sms_journal_begin(journal, &item, 1, &position), SMS_FAILED);
  assert_non_null(strstr(sms_journal_why(journal), "could not be undone"));
  sms_journal_close(journal);
  journal = test_journal_open(false);
  test_journal_begin(journal, 2);
  assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_OPEN);
  sms_journal_close(journal);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, start)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(nothing_counts_as_durable_before_the_disk_has_it),
      TEST(the_caller_never_waits_and_one_sync_serves_all),
      TEST(what_was_written_is_on_the_disk_once_it_is_closed),
      TEST(without_sync_nothing_is_synced),
      TEST(a_run_with_sync_takes_care_of_what_it_finds),
      TEST(an_error_of_the_disk_stays),
      TEST(what_had_begun_ends_after_an_error_of_the_disk),
      TEST(a_sync_that_is_interrupted_is_done_again),
      TEST(a_folder_that_needs_no_sync_is_no_error),
      TEST(the_thread_takes_no_signals_of_the_host),
      TEST(a_call_is_one_write),
      TEST(a_write_that_stops_halfway_is_completed),
      TEST(what_cannot_be_undone_ends_the_journal),
  };
  return cmocka_run_group_tests_name("journal_sync", tests, test_journal_setup,
                                     test_journal_teardown);
}
