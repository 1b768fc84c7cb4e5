/* A file of slots that anybody overwrites with anything, at any time: whatever it says,
 * answers are such as callers can go by. The bytes are steps: a byte that says which,
 * and what it takes. */
#include "fuzz.h"
#include "limit/rate_limit.h"
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CALLS = 4 };
static const int64_t PERIOD = 1000000, LEASE = 2000000;

struct run {
  sms_rate_limit *limit;
  struct fuzz_bytes bytes;
  int64_t now;
  struct sms_slot slot;
  bool claimed;
};

static void put(off_t at, const void *bytes, size_t size) {
  int fd = open(fuzz_path("slots"), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  FUZZ_HOLDS(pwrite(fd, bytes, size, at) == (ssize_t)size);
  close(fd);
}

static void overwrite(struct run *run) {
  size_t size;
  off_t at = (off_t)fuzz_number(&run->bytes, 2) % 1024;
  const uint8_t *piece = fuzz_piece(&run->bytes, fuzz_byte(&run->bytes), &size);
  if (size > 0) put(at, piece, size);
}

/* One of the times, all of which are whole words, near or far from any that can be. */
static void overwrite_time(struct run *run) {
  int64_t time = (int64_t)fuzz_number(&run->bytes, 8);
  off_t word = fuzz_byte(&run->bytes);
  put(word * (off_t)sizeof time, &time, sizeof time);
}

static void cut(struct run *run) {
  (void)!truncate(fuzz_path("slots"), (off_t)fuzz_number(&run->bytes, 2) % 1024);
}

static void reopen(struct run *run) {
  char path[256], why[SMS_WHY_MAX];
  snprintf(path, sizeof path, "%s", fuzz_path("slots"));
  const struct sms_slot_place place = {.path = path};
  sms_rate_limit_close(run->limit);
  run->limit = NULL;
  run->claimed = false;
  sms_rate_limit_open_file(&place, "key", CALLS, PERIOD, &run->limit, why);
}

static void acquire(struct run *run) {
  const struct sms_slot_part part = {.count = fuzz_byte(&run->bytes),
                                     .quota = fuzz_byte(&run->bytes) % 32};
  struct sms_slot slot = {.index = CALLS};
  int64_t wait = -1;
  if (sms_rate_limit_acquire_part(run->limit, part, run->now, LEASE, &slot, &wait)) {
    FUZZ_HOLDS(slot.index < CALLS && slot.claim > run->now);
    run->slot = slot;
    run->claimed = true;
  } else {
    FUZZ_HOLDS(wait >= 0);
  }
}

static void settle(struct run *run) {
  struct sms_slot slot = run->slot;
  if (!run->claimed) return;
  run->claimed = false;
  if (fuzz_byte(&run->bytes) % 2)
    sms_rate_limit_finish(run->limit, &slot, run->now);
  else
    sms_rate_limit_refund(run->limit, &slot, run->now);
}

static void hold(struct run *run) {
  int64_t until = run->now + (int64_t)fuzz_number(&run->bytes, 4);
  sms_rate_limit_hold_quota(run->limit, fuzz_byte(&run->bytes) % 32, until);
}

static void ask(struct run *run) {
  const struct sms_slot_part part = {.count = fuzz_byte(&run->bytes),
                                     .quota = fuzz_byte(&run->bytes) % 32};
  uint32_t turn = (uint32_t)fuzz_number(&run->bytes, 4);
  FUZZ_HOLDS(sms_rate_limit_delay_part(run->limit, part, run->now, turn) >= 0);
  FUZZ_HOLDS(sms_rate_limit_held(run->limit, part.quota, run->now) >= 0);
  FUZZ_HOLDS(sms_rate_limit_available(run->limit, run->now) <= CALLS);
  sms_rate_limit_warning(run->limit);
  sms_rate_limit_cold(run->limit, run->now);
}

static void advance(struct run *run) {
  run->now += (int64_t)fuzz_number(&run->bytes, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  typedef void step(struct run *);
  static step *const steps[] = {overwrite, overwrite_time, cut,     reopen, acquire,
                                settle,    hold,           advance, ask};
  enum { STEPS = sizeof steps / sizeof *steps };
  struct run run = {.bytes = {data, data + size}, .now = INT64_C(1000000000)};
  unlink(fuzz_path("slots"));
  unlink(fuzz_path("slots.damaged"));
  reopen(&run);
  while (run.bytes.at < run.bytes.end && run.limit)
    steps[fuzz_byte(&run.bytes) % STEPS](&run);
  sms_rate_limit_close(run.limit);
  return 0;
}
