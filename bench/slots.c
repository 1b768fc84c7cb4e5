/* What a slot costs: acquire plus finish on one thread, in memory and in a file.
 *
 *   ./dev bench slots                     prints nanoseconds, the best of 9 rounds
 *
 * The clock of the slots is simulated, so that reading the real one is not counted; it
 * moves on by as much as the pair takes, so that a file is looked at every 100 ms of
 * it.
 */
#include "limit/rate_limit.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 9, PAIRS = 1000000, PERIOD = 1000, LEASE = 1000 };

static const uint32_t sizes[] = {100, 10000, 100000};

static void fail(const char *message) {
  fprintf(stderr, "slots: %s\n", message);
  exit(1);
}

static int64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* A W of 1.01 ms has gone by before a slot's turn comes again, whatever the size. */
static double measure(sms_rate_limit *limit, uint32_t calls, int64_t *now) {
  struct sms_slot slot;
  int64_t wait, pairs_per_tick = calls / 2000 + 1, began = nanoseconds();
  int64_t ticks = calls < 2000 ? 2020 / calls : 1;
  for (int i = 0; i < PAIRS; i++) {
    if (!sms_rate_limit_acquire(limit, *now, LEASE, &slot, &wait)) fail("no slot");
    sms_rate_limit_finish(limit, &slot, *now);
    if (i % pairs_per_tick == 0) *now += ticks;
  }
  return (double)(nanoseconds() - began) / PAIRS;
}

static void report(const char *where, sms_rate_limit *limit, uint32_t calls) {
  int64_t now = 1000000000000000; /* long after the start of a container */
  double best = 0;
  for (int i = 0; i < ROUNDS; i++) {
    double spent = measure(limit, calls, &now);
    if (i == 0 || spent < best) best = spent;
  }
  printf("%-6s %6u slots  %5.0f ns\n", where, (unsigned)calls, best);
}

static void run_in_file(uint32_t calls) {
  char folder[] = "/dev/shm/sms-bench-XXXXXX", path[64], why[SMS_WHY_MAX];
  sms_rate_limit *limit;
  if (!mkdtemp(folder)) fail("no folder in /dev/shm");
  snprintf(path, sizeof path, "%s/slots", folder);
  if (sms_rate_limit_open_file(&(struct sms_slot_place){.path = path}, "", calls,
                               PERIOD, &limit, why) != SMS_OK)
    fail(why);
  report("file", limit, calls);
  sms_rate_limit_close(limit);
  unlink(path);
  rmdir(folder);
}

static void run_in_memory(uint32_t calls) {
  sms_rate_limit *limit;
  if (sms_rate_limit_open("bench", calls, PERIOD, &limit) != SMS_OK) fail("no limit");
  report("memory", limit, calls);
  sms_rate_limit_close(limit);
}

int main(void) {
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    run_in_memory(sizes[i]);
    run_in_file(sizes[i]);
  }
  return 0;
}
