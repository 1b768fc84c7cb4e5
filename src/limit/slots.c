#include "limit/slots.h"

enum { GUARD_SHARE = 100, GUARD_MAX = 50000 };

/* Relaxed order is enough: each cell stands for itself, no other memory hangs on it. */

static int64_t load(const int64_t *cell) {
  return __atomic_load_n(cell, __ATOMIC_RELAXED);
}

/* Where it fails, *seen is what the cell holds. */
static bool swap(int64_t *cell, int64_t *seen, int64_t value) {
  return __atomic_compare_exchange_n(cell, seen, value, false, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED);
}

static int64_t *cell_at(const struct sms_slots *slots,
                        const struct sms_slot_rules *rules, uint32_t index) {
  return (int64_t *)((uintptr_t)slots + rules->cells_at) + index;
}

static void lift(int64_t *cell, int64_t lowest, int64_t value) {
  int64_t seen = load(cell);
  while (seen >= lowest && seen < value)
    if (swap(cell, &seen, value)) return;
}

/* The hold of the rules' quota; of a number that is none, the one for all. */
static int64_t *hold_of(struct sms_slots *slots, uint32_t quota) {
  bool own = quota > 0 && quota <= SMS_SLOTS_QUOTAS;
  return own ? &slots->holds[quota - 1] : &slots->not_before;
}

static int64_t held_until(const struct sms_slots *slots,
                          const struct sms_slot_rules *rules) {
  int64_t all = load(&slots->not_before);
  int64_t own = load(hold_of((struct sms_slots *)slots, rules->quota));
  return own > all ? own : all;
}

/* From now until a time that is written there, which may be any. */
static int64_t time_left(int64_t until, const struct sms_slot_rules *rules,
                         int64_t now) {
  now += rules->origin;
  return until > now ? until - now : 0;
}

int64_t sms_slots_spacing(int64_t period) {
  int64_t guard = period / GUARD_SHARE;
  return period + (guard < GUARD_MAX ? guard : GUARD_MAX);
}

size_t sms_slots_size(uint32_t calls) {
  return sizeof(struct sms_slots) + calls * sizeof(int64_t);
}

/* Where it fails, *value is the time at which the slot is free. */
static bool claim(int64_t *cell, int64_t lowest, int64_t *value, int64_t now,
                  int64_t until) {
  *value = load(cell);
  while (*value <= now && *value >= lowest)
    if (swap(cell, value, until)) return true;
  return false;
}

/* Where the next search begins. The file may hold anything. */
static uint32_t read_hand(const struct sms_slots *slots, uint32_t calls) {
  int64_t hand = load(&slots->hand);
  return hand > 0 && hand < calls ? (uint32_t)hand : 0;
}

/* Attempts end roughly in the order they began, so the slot behind the one last taken
 * is usually the next to be free: the search begins there. */
bool sms_slots_acquire(struct sms_slots *slots, const struct sms_slot_rules *rules,
                       int64_t now, int64_t lease, struct sms_slot *slot,
                       int64_t *wait) {
  now += rules->origin;
  int64_t not_before = held_until(slots, rules);
  if (not_before > now) {
    *wait = not_before - now;
    return false;
  }
  int64_t earliest = now + rules->spacing;
  int64_t until = now + lease + rules->spacing;
  uint32_t index = read_hand(slots, rules->calls);
  for (uint32_t tried = 0; tried < rules->calls; tried++) {
    int64_t value;
    uint32_t next = index + 1 < rules->calls ? index + 1 : 0;
    if (claim(cell_at(slots, rules, index), rules->lowest, &value, now, until)) {
      __atomic_store_n(&slots->hand, (int64_t)next, __ATOMIC_RELAXED);
      *slot = (struct sms_slot){.index = index, .claim = until - rules->origin};
      return true;
    }
    if (value > now && value < earliest) earliest = value;
    index = next;
  }
  /* A slot in use may end at any time; then it is free a W later, not a lease later. */
  *wait = earliest - now;
  return false;
}

void sms_slots_finish(struct sms_slots *slots, const struct sms_slot_rules *rules,
                      const struct sms_slot *slot, int64_t now) {
  if (slot->index >= rules->calls) return;
  int64_t *cell = cell_at(slots, rules, slot->index);
  int64_t seen = slot->claim + rules->origin;
  int64_t until = now + rules->spacing + rules->origin;
  if (!swap(cell, &seen, until)) lift(cell, rules->lowest, until);
}

void sms_slots_refund(struct sms_slots *slots, const struct sms_slot_rules *rules,
                      const struct sms_slot *slot, int64_t now) {
  if (slot->index >= rules->calls) return;
  int64_t seen = slot->claim + rules->origin;
  swap(cell_at(slots, rules, slot->index), &seen, now + rules->origin);
}

void sms_slots_hold(struct sms_slots *slots, const struct sms_slot_rules *rules,
                    int64_t until) {
  lift(hold_of(slots, rules->quota), rules->lowest, until + rules->origin);
}

int64_t sms_slots_held(const struct sms_slots *slots,
                       const struct sms_slot_rules *rules, int64_t now) {
  if (rules->quota == 0) return 0;
  return time_left(load(hold_of((struct sms_slots *)slots, rules->quota)), rules, now);
}

static uint32_t count_free(const struct sms_slots *slots,
                           const struct sms_slot_rules *rules, int64_t at) {
  uint32_t count = 0;
  at += rules->origin;
  for (uint32_t i = 0; i < rules->calls; i++)
    count += load(cell_at(slots, rules, i)) <= at;
  return count;
}

/* Bisects the time: no copy of the slots, no sorting. */
static int64_t until_free(const struct sms_slots *slots,
                          const struct sms_slot_rules *rules, int64_t now,
                          uint32_t wanted) {
  int64_t low = 0, high = rules->spacing;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (count_free(slots, rules, now + middle) >= wanted)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

int64_t sms_slots_delay(const struct sms_slots *slots,
                        const struct sms_slot_rules *rules, int64_t now,
                        uint32_t turn) {
  if (turn == 0) turn = 1;
  int64_t rounds = (turn - 1) / rules->calls;
  int64_t most = INT64_MAX / 4 / rules->spacing;
  uint32_t wanted = (turn - 1) % rules->calls + 1;
  if (rounds > most) rounds = most;
  int64_t delay = until_free(slots, rules, now, wanted) + rounds * rules->spacing;
  int64_t held = time_left(held_until(slots, rules), rules, now);
  return held > delay ? held : delay;
}

uint32_t sms_slots_available(const struct sms_slots *slots,
                             const struct sms_slot_rules *rules, int64_t now) {
  bool held = held_until(slots, rules) > now + rules->origin;
  return held ? 0 : count_free(slots, rules, now);
}

bool sms_slots_are_idle(const struct sms_slots *slots,
                        const struct sms_slot_rules *rules, int64_t now) {
  for (int i = 0; i < SMS_SLOTS_QUOTAS; i++)
    if (load(&slots->holds[i]) > now + rules->origin) return false;
  return sms_slots_available(slots, rules, now) == rules->calls;
}
