#include "limit/rate_limit.h"
#include "limit/map_guard.h"
#include "limit/slot_file.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PERIOD_MIN = 1000 };
static const struct sms_slot_part ALL = {0, 0};
static const int64_t PERIOD_MAX = INT64_C(86400000000);

struct sms_rate_limit {
  struct sms_rate_limit *next;
  const char *key;
  uint32_t references; /* 0: closed, kept while busy; under the registry's mutex */
  int64_t period;
  int64_t latest; /* time last shown by a caller: atomic */
  struct sms_slot_rules rules;
  struct sms_slots *slots;
  struct sms_slot_file *file; /* NULL: in memory */
  const char *why;
};

static struct {
  pthread_mutex_t mutex;
  struct sms_rate_limit *first;
} registry = {PTHREAD_MUTEX_INITIALIZER, NULL};

static int64_t latest(const struct sms_rate_limit *limit) {
  return __atomic_load_n(&limit->latest, __ATOMIC_RELAXED);
}

static bool is_in_range(uint32_t calls, int64_t period) {
  return calls > 0 && calls <= SMS_RATE_LIMIT_CALLS_MAX && period >= PERIOD_MIN &&
         period <= PERIOD_MAX;
}

/* The slots lie behind the limit, the key behind the slots. */
static struct sms_rate_limit *make(const char *key, uint32_t calls, int64_t period) {
  size_t slots_size = sms_slots_size(calls);
  size_t key_size = strlen(key) + 1;
  struct sms_rate_limit *limit = calloc(1, sizeof *limit + slots_size + key_size);
  if (!limit) return NULL;
  limit->slots = (struct sms_slots *)(limit + 1);
  limit->key = memcpy((char *)limit->slots + slots_size, key, key_size);
  limit->period = period;
  limit->rules = (struct sms_slot_rules){.calls = calls,
                                         .cells_at = sizeof(struct sms_slots),
                                         .spacing = sms_slots_spacing(period),
                                         .lowest = INT64_MIN};
  return limit;
}

/* The time is the latest any table was shown. It is never ahead of the clock, so a
 * closed table may be dropped late, as other tables are used, but not while it is busy.
 */
static void sweep(void) {
  int64_t now = 0;
  for (const struct sms_rate_limit *limit = registry.first; limit; limit = limit->next)
    if (latest(limit) > now) now = latest(limit);
  struct sms_rate_limit **link = &registry.first;
  while (*link) {
    struct sms_rate_limit *limit = *link;
    if (limit->references > 0 ||
        !sms_slots_are_idle(limit->slots, &limit->rules, now)) {
      link = &limit->next;
    } else {
      *link = limit->next;
      free(limit);
    }
  }
}

static struct sms_rate_limit *find(const char *key, uint32_t calls, int64_t period) {
  struct sms_rate_limit *limit = registry.first;
  while (limit && (limit->rules.calls != calls || limit->period != period ||
                   strcmp(limit->key, key) != 0))
    limit = limit->next;
  return limit;
}

enum sms_status sms_rate_limit_open(const char *key, uint32_t calls, int64_t period,
                                    sms_rate_limit **limit) {
  if (!is_in_range(calls, period)) return SMS_INVALID;
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

/* The file lies behind the limit, the place's strings and the key behind the file. */
static struct sms_rate_limit *make_for_file(struct sms_slot_place *place,
                                            const char *key) {
  size_t key_size = strlen(key) + 1;
  size_t path_size = place->path ? strlen(place->path) + 1 : 0;
  size_t proc_size = place->proc ? strlen(place->proc) + 1 : 0;
  struct sms_rate_limit *limit =
      calloc(1, sizeof *limit + sizeof *limit->file + path_size + proc_size + key_size);
  if (!limit) return NULL;
  limit->file = (struct sms_slot_file *)(limit + 1);
  char *text = (char *)(limit->file + 1);
  if (path_size) place->path = memcpy(text, place->path, path_size);
  if (proc_size) place->proc = memcpy(text + path_size, place->proc, proc_size);
  limit->key = memcpy(text + path_size + proc_size, key, key_size);
  return limit;
}

enum sms_status sms_rate_limit_open_file(const struct sms_slot_place *place,
                                         const char *key, uint32_t calls,
                                         int64_t period, sms_rate_limit **limit,
                                         char why[SMS_WHY_MAX]) {
  struct sms_slot_place copy = *place;
  snprintf(why, SMS_WHY_MAX, "the slots cannot be set up");
  if (!is_in_range(calls, period) || place->mode > 0777) return SMS_INVALID;
  struct sms_rate_limit *opened = make_for_file(&copy, key);
  if (!opened) return SMS_NO_MEMORY;
  enum sms_status status =
      sms_slot_file_open(opened->file, &copy, opened->key, calls, period);
  if (status != SMS_OK) {
    if (opened->file->why[0]) memcpy(why, opened->file->why, SMS_WHY_MAX);
    free(opened);
    return status;
  }
  *limit = opened;
  return SMS_OK;
}

const char *sms_rate_limit_warning(sms_rate_limit *limit) {
  if (!limit->file || !limit->file->warned) return NULL;
  limit->file->warned = false;
  return limit->file->why;
}

const char *sms_rate_limit_why(const sms_rate_limit *limit) {
  return limit->why;
}

const char *sms_rate_limit_cold(const sms_rate_limit *limit, int64_t now) {
  const struct sms_slot_file *file = limit->file;
  if (!file || !file->slots || file->head.cold_until <= now) return NULL;
  return file->head.is_container ? "the container is new"
                                 : "the machine has just booted";
}

void sms_rate_limit_close(sms_rate_limit *limit) {
  if (!limit) return;
  if (limit->file) {
    sms_slot_file_close(limit->file);
    free(limit);
    return;
  }
  pthread_mutex_lock(&registry.mutex);
  limit->references--;
  pthread_mutex_unlock(&registry.mutex);
}

/* The slots, which may be touched until leave; NULL where the file is lost. */
static struct sms_slots *enter(const sms_rate_limit *limit) {
  if (!limit->file) return limit->slots;
  if (limit->file->slots) sms_map_guard_enter(limit->file->slots, limit->file->size);
  return limit->file->slots;
}

static void leave(const sms_rate_limit *limit) {
  if (limit->file) sms_map_guard_leave();
}

/* Where the cells lie is known once a file is mapped. */
static const struct sms_slot_rules *rules_of(const sms_rate_limit *limit) {
  return limit->file ? &limit->file->rules : &limit->rules;
}

static bool is_ready(sms_rate_limit *limit, int64_t now, int64_t lease, int64_t *wait) {
  *wait = 0;
  limit->why = "the lease is longer than slots in a file allow";
  if (lease > SMS_SLOTS_LEASE_MAX) return false;
  limit->why = limit->file->why;
  return sms_slot_file_check(limit->file, now, wait);
}

/* The rules of a table that ends behind the part's slots. */
static struct sms_slot_rules rules_of_part(const sms_rate_limit *limit,
                                           struct sms_slot_part part) {
  struct sms_slot_rules rules = *rules_of(limit);
  if (part.count > 0 && part.count < rules.calls) rules.calls = part.count;
  rules.quota = part.quota;
  return rules;
}

bool sms_rate_limit_acquire_part(sms_rate_limit *limit, struct sms_slot_part part,
                                 int64_t now, int64_t lease, struct sms_slot *slot,
                                 int64_t *wait) {
  __atomic_store_n(&limit->latest, now, __ATOMIC_RELAXED);
  if (limit->file && !is_ready(limit, now, lease, wait)) return false;
  const struct sms_slot_rules rules = rules_of_part(limit, part);
  bool taken = sms_slots_acquire(enter(limit), &rules, now, lease, slot, wait);
  leave(limit);
  return taken;
}

bool sms_rate_limit_acquire(sms_rate_limit *limit, int64_t now, int64_t lease,
                            struct sms_slot *slot, int64_t *wait) {
  return sms_rate_limit_acquire_part(limit, ALL, now, lease, slot, wait);
}

void sms_rate_limit_finish(sms_rate_limit *limit, const struct sms_slot *slot,
                           int64_t now) {
  struct sms_slots *slots = enter(limit);
  if (slots) sms_slots_finish(slots, rules_of(limit), slot, now);
  leave(limit);
}

void sms_rate_limit_refund(sms_rate_limit *limit, const struct sms_slot *slot,
                           int64_t now) {
  struct sms_slots *slots = enter(limit);
  if (slots) sms_slots_refund(slots, rules_of(limit), slot, now);
  leave(limit);
}

void sms_rate_limit_hold_quota(sms_rate_limit *limit, uint32_t quota, int64_t until) {
  const struct sms_slot_part part = {.quota = quota};
  const struct sms_slot_rules rules = rules_of_part(limit, part);
  struct sms_slots *slots = enter(limit);
  if (slots) sms_slots_hold(slots, &rules, until);
  leave(limit);
}

void sms_rate_limit_hold(sms_rate_limit *limit, int64_t until) {
  sms_rate_limit_hold_quota(limit, 0, until);
}

/* Of a file that says nothing (any more), the next acquire will know more. */
static bool says_something(const sms_rate_limit *limit, const struct sms_slots *slots) {
  if (!limit->file) return true;
  return slots && sms_slot_file_fits(limit->file) &&
         __atomic_load_n(&slots->not_before, __ATOMIC_RELAXED) != 0;
}

int64_t sms_rate_limit_delay_part(const sms_rate_limit *limit,
                                  struct sms_slot_part part, int64_t now,
                                  uint32_t turn) {
  const struct sms_slot_rules rules = rules_of_part(limit, part);
  const struct sms_slots *slots = enter(limit);
  int64_t delay = rules.spacing;
  if (says_something(limit, slots)) delay = sms_slots_delay(slots, &rules, now, turn);
  leave(limit);
  return delay;
}

int64_t sms_rate_limit_held(const sms_rate_limit *limit, uint32_t quota, int64_t now) {
  const struct sms_slot_part part = {.quota = quota};
  const struct sms_slot_rules rules = rules_of_part(limit, part);
  const struct sms_slots *slots = enter(limit);
  int64_t left = 0;
  if (says_something(limit, slots)) left = sms_slots_held(slots, &rules, now);
  leave(limit);
  return left;
}

int64_t sms_rate_limit_delay(const sms_rate_limit *limit, int64_t now, uint32_t turn) {
  return sms_rate_limit_delay_part(limit, ALL, now, turn);
}

uint32_t sms_rate_limit_available(const sms_rate_limit *limit, int64_t now) {
  const struct sms_slots *slots = enter(limit);
  uint32_t count = 0;
  if (says_something(limit, slots))
    count = sms_slots_available(slots, rules_of(limit), now);
  leave(limit);
  return count;
}
