/* A driver and its host where the system refuses to wake one of them, or has no
 * descriptors for that: nothing waits for ever. */
#include "test_host.h"
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LONGEST (2 * SECOND) /* the driver sleeps for one at most */

static const struct test_script well_behaved;

static atomic_int wakes_refused, bytes_refused, counts_refused;
static atomic_int counted = -1; /* the host's eventfd */

static bool is_refused(atomic_int *left) {
  if (atomic_load(left) <= 0) return false;
  return atomic_fetch_sub(left, 1) > 0;
}

/* These stand before libcurl's and the system's. */
CURLMcode curl_multi_wakeup(CURLM *multi) {
  static CURLMcode (*real)(CURLM *);
  if (is_refused(&wakes_refused)) return CURLM_WAKEUP_FAILURE;
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "curl_multi_wakeup");
  return real(multi);
}

ssize_t send(int descriptor, const void *data, size_t size, int flags) {
  if (size == 1 && flags == (MSG_DONTWAIT | MSG_NOSIGNAL) &&
      is_refused(&bytes_refused)) {
    errno = ENOBUFS;
    return -1;
  }
  return syscall(SYS_sendto, descriptor, data, size, flags, NULL, 0);
}

ssize_t write(int descriptor, const void *data, size_t size) {
  if (descriptor == atomic_load(&counted) && is_refused(&counts_refused)) {
    errno = ENOMEM;
    return -1;
  }
  return syscall(SYS_write, descriptor, data, size);
}

/* Its thread has told of a second without work, and has nothing more to do. */
static void fall_asleep(struct host *host) {
  assert_null(sms_http_mailbox_take(host->mailbox));
  while (byte_from(host->woken) != '.') /* else of a letter that was found before it */
    assert_null(sms_http_mailbox_take(host->mailbox));
  assert_null(sms_http_mailbox_take(host->mailbox));
  usleep(50000);
}

static void a_thread_that_was_not_woken_looks_by_itself(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  for (int round = 0; round < 2; round++) {
    fall_asleep(&host);
    atomic_store(&wakes_refused, 1);
    int64_t began = now();
    demand(&host, 2 * round);
    assert_true(now() - began < LONGEST);
    began = now();
    demand(&host, 2 * round + 1);
    assert_true(now() - began < LONGEST);
  }
  host_stop(&host);
}

/* The first of two could not wake it, and the second does. */
static void a_wake_up_that_failed_is_made_up_for_by_the_next(void **state) {
  int64_t least = PATIENCE;
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  for (int round = 0; round < 5; round++) {
    fall_asleep(&host);
    atomic_store(&wakes_refused, 1);
    int64_t began = now();
    uint64_t first = submit(&host, 2 * round), second = submit(&host, 2 * round + 1);
    for (int i = 0; i < 2; i++) {
      struct sms_http_letter *letter = letter_of(host.mailbox, host.woken);
      bool is_first = letter->id == first;
      expect_answer(letter, is_first ? first : second, 2 * round + !is_first);
    }
    if (now() - began < least) least = now() - began;
  }
  assert_true(least < SECOND / 2);
  host_stop(&host);
}

static void a_release_that_does_not_wake_the_thread_ends_nonetheless(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  fall_asleep(&host);
  atomic_store(&wakes_refused, 1);
  int64_t began = now();
  host_stop(&host);
  assert_true(now() - began < LONGEST);
}

static void a_host_that_was_not_woken_is_woken_later(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  for (int round = 0; round < 5; round++) {
    atomic_store(&bytes_refused, 1 + round);
    int64_t began = now();
    demand(&host, round);
    assert_true(now() - began < LONGEST);
  }
  host_stop(&host);
}

/* In an event loop. */
static void nor_is_one_forgotten_whose_eventfd_took_nothing(void **state) {
  int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  sms_http_mailbox_watch(host.mailbox, descriptor, true);
  atomic_store(&counted, descriptor);
  for (int round = 0; round < 5; round++) {
    atomic_store(&counts_refused, 1 + round);
    int64_t began = now();
    uint64_t id = submit(&host, round);
    assert_true(is_readable(descriptor, (int)(PATIENCE / 1000)));
    assert_true(now() - began < LONGEST);
    expect_answer(sms_http_mailbox_take(host.mailbox), id, round);
    assert_null(sms_http_mailbox_take(host.mailbox));
    assert_int_equal(atomic_load(&counts_refused), 0);
  }
  host_stop(&host);
}

static void a_host_that_was_not_told_of_idleness_is_told_later(void **state) {
  struct host host;
  (void)state;
  host_start(&host, &well_behaved);
  atomic_store(&bytes_refused, 2);
  assert_int_equal(byte_from(host.woken), '.');
  assert_int_equal(atomic_load(&bytes_refused), 0);
  host_stop(&host);
}

/* So that the next descriptor would be one too many. */
static void allow_descriptors(rlim_t more, struct rlimit *before) {
  int next = dup(0);
  assert_true(next >= 0);
  close(next);
  getrlimit(RLIMIT_NOFILE, before);
  struct rlimit few = {(rlim_t)next + more, before->rlim_max};
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
}

/* Whatever it lacks it is not made, or it works. */
static void without_descriptors_none_is_made(void **state) {
  sms_http_driver *driver;
  struct rlimit before;
  int refused = 0;
  (void)state;
  assert_int_equal(sms_http_driver_new(&driver), SMS_OK);
  sms_http_driver_release(driver);
  for (rlim_t more = 0; more < 8; more++) {
    allow_descriptors(more, &before);
    enum sms_status status = sms_http_driver_new(&driver);
    int error = errno;
    setrlimit(RLIMIT_NOFILE, &before);
    if (status == SMS_OK) {
      sms_http_driver_release(driver);
      continue;
    }
    assert_int_equal(status, SMS_FAILED);
    assert_int_equal(error, EMFILE);
    refused++;
  }
  assert_true(refused > 0 && refused < 8);
  struct host host;
  host_start(&host, &well_behaved);
  demand(&host, 1);
  host_stop(&host);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_thread_that_was_not_woken_looks_by_itself),
      cmocka_unit_test(a_wake_up_that_failed_is_made_up_for_by_the_next),
      cmocka_unit_test(a_release_that_does_not_wake_the_thread_ends_nonetheless),
      cmocka_unit_test(a_host_that_was_not_woken_is_woken_later),
      cmocka_unit_test(nor_is_one_forgotten_whose_eventfd_took_nothing),
      cmocka_unit_test(a_host_that_was_not_told_of_idleness_is_told_later),
      cmocka_unit_test(without_descriptors_none_is_made),
  };
  return cmocka_run_group_tests_name("http_driver_fault", tests, NULL, NULL);
}
