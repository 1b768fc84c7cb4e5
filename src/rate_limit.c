#include "rate_limit.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PERIOD_MIN = 1000, GUARD_SHARE = 100, GUARD_MAX = 50000 };
static const int64_t PERIOD_MAX = INT64_C(86400000000);

struct sms_rate_limit {
  struct sms_rate_limit *next;
  const char *key;
  uint32_t calls;
  uint32_t references; /* 0: closed, kept while busy; under the registry's mutex */
  int64_t period;
  int64_t spacing;    /* W of the header */
  int64_t not_before; /* this and all below: atomic */
  int64_t latest;     /* time last shown by a caller */
  uint32_t hand;
  int64_t slots[];
};

static struct {
  pthread_mutex_t mutex;
  struct sms_rate_limit *first;
} registry = {PTHREAD_MUTEX_INITIALIZER, NULL};

/* Relaxed order is enough: each cell stands for itself, no other memory hangs on it. */

static int64_t load(const int64_t *cell) {
  return __atomic_load_n(cell, __ATOMIC_RELAXED);
}

/* Where it fails, *seen is what the cell holds. */
static bool swap(int64_t *cell, int64_t *seen, int64_t value) {
  return __atomic_compare_exchange_n(cell, seen, value, false, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED);
}

static void lift(int64_t *cell, int64_t value) {
  int64_t seen = load(cell);
  while (seen < value)
    if (swap(cell, &seen, value)) return;
}

/* The key lies behind the slots. */
static struct sms_rate_limit *make(const char *key, uint32_t calls, int64_t period) {
  size_t slots_size = calls * sizeof(int64_t);
  size_t key_size = strlen(key) + 1;
  struct sms_rate_limit *limit = calloc(1, sizeof *limit + slots_size + key_size);
  if (!limit) return NULL;
  int64_t guard = period / GUARD_SHARE;
  limit->key = memcpy((char *)limit->slots + slots_size, key, key_size);
  limit->calls = calls;
  limit->period = period;
  limit->spacing = period + (guard < GUARD_MAX ? guard : GUARD_MAX);
  return limit;
}

/* The time is the latest any table was shown. It is never ahead of the clock, so a
 * closed table may be dropped late, as other tables are used, but not while it is busy.
 */
static void sweep(void) {
  int64_t now = 0;
  for (const struct sms_rate_limit *limit = registry.first; limit; limit = limit->next)
    if (load(&limit->latest) > now) now = load(&limit->latest);
  struct sms_rate_limit **link = &registry.first;
  while (*link) {
    struct sms_rate_limit *limit = *link;
    if (limit->references > 0 || sms_rate_limit_available(limit, now) < limit->calls) {
      link = &limit->next;
    } else {
      *link = limit->next;
      free(limit);
    }
  }
}

static struct sms_rate_limit *find(const char *key, uint32_t calls, int64_t period) {
  struct sms_rate_limit *limit = registry.first;
  while (limit && (limit->calls != calls || limit->period != period ||
                   strcmp(limit->key, key) != 0))
    limit = limit->next;
  return limit;
}

enum sms_status sms_rate_limit_open(const char *key, uint32_t calls, int64_t period,
                                    sms_rate_limit **limit) {
  if (calls == 0 || calls > SMS_RATE_LIMIT_CALLS_MAX) return SMS_INVALID;
  if (period < PERIOD_MIN || period > PERIOD_MAX) return SMS_INVALID;
  pthread_mutex_lock(&registry.mutex);
  sweep();
  struct sms_rate_limit *found = find(key, calls, period);
  if (!found && (found = make(key, calls, period))) {
    found->next = registry.first;
    registry.first = found;
  }
  if (found) found->references++;
  pthread_mutex_unlock(&registry.mutex);
  if (!found) return SMS_NO_MEMORY;
  *limit = found;
  return SMS_OK;
}

void sms_rate_limit_close(sms_rate_limit *limit) {
  if (!limit) return;
  pthread_mutex_lock(&registry.mutex);
  limit->references--;
  pthread_mutex_unlock(&registry.mutex);
}

/* Where it fails, *value is the time at which the slot is free. */
static bool claim(int64_t *slot, int64_t *value, int64_t now, int64_t until) {
  *value = load(slot);
  while (*value <= now)
    if (swap(slot, value, until)) return true;
  return false;
}

/* Attempts end roughly in the order they began, so the slot behind the one last taken
 * is usually the next to be free: the search begins there. */
bool sms_rate_limit_acquire(sms_rate_limit *limit, int64_t now, int64_t lease,
                            struct sms_slot *slot, int64_t *wait) {
  __atomic_store_n(&limit->latest, now, __ATOMIC_RELAXED);
  int64_t not_before = load(&limit->not_before);
  if (not_before > now) {
    *wait = not_before - now;
    return false;
  }
  int64_t earliest = INT64_MAX;
  int64_t until = now + lease + limit->spacing;
  uint32_t index = __atomic_load_n(&limit->hand, __ATOMIC_RELAXED);
  for (uint32_t tried = 0; tried < limit->calls; tried++) {
    int64_t value;
    uint32_t next = index + 1 < limit->calls ? index + 1 : 0;
    if (claim(&limit->slots[index], &value, now, until)) {
      __atomic_store_n(&limit->hand, next, __ATOMIC_RELAXED);
      *slot = (struct sms_slot){.index = index, .claim = until};
      return true;
    }
    if (value < earliest) earliest = value;
    index = next;
  }
  /* A slot in use may end at any time; then it is free a W later, not a lease later. */
  *wait = earliest - now < limit->spacing ? earliest - now : limit->spacing;
  return false;
}

void sms_rate_limit_finish(sms_rate_limit *limit, const struct sms_slot *slot,
                           int64_t now) {
  int64_t *cell = &limit->slots[slot->index];
  int64_t seen = slot->claim;
  int64_t until = now + limit->spacing;
  if (!swap(cell, &seen, until)) lift(cell, until);
}

void sms_rate_limit_refund(sms_rate_limit *limit, const struct sms_slot *slot,
                           int64_t now) {
  int64_t seen = slot->claim;
  swap(&limit->slots[slot->index], &seen, now);
}

void sms_rate_limit_hold(sms_rate_limit *limit, int64_t until) {
  lift(&limit->not_before, until);
}

static uint32_t count_free(const sms_rate_limit *limit, int64_t at) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < limit->calls; i++)
    count += load(&limit->slots[i]) <= at;
  return count;
}

/* Bisects the time: no copy of the slots, no sorting. */
static int64_t until_free(const sms_rate_limit *limit, int64_t now, uint32_t wanted) {
  int64_t low = 0, high = limit->spacing;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (count_free(limit, now + middle) >= wanted)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

int64_t sms_rate_limit_delay(const sms_rate_limit *limit, int64_t now, uint32_t turn) {
  if (turn == 0) turn = 1;
  int64_t rounds = (turn - 1) / limit->calls;
  uint32_t wanted = (turn - 1) % limit->calls + 1;
  int64_t delay = until_free(limit, now, wanted) + rounds * limit->spacing;
  int64_t held = load(&limit->not_before) - now;
  return held > delay ? held : delay;
}

uint32_t sms_rate_limit_available(const sms_rate_limit *limit, int64_t now) {
  return load(&limit->not_before) > now ? 0 : count_free(limit, now);
}
