/* The slots of a limit as they lie in memory, or in a file that many processes map.
 * Each cell holds the earliest time at which its slot may be used again. Lock-free:
 * whoever is stopped or killed between two instructions leaves a state others can use.
 *
 *   struct sms_slot_rules rules = {.calls = 100, .cells_at = sizeof(struct sms_slots),
 *                                  .spacing = sms_slots_spacing(period)};
 *   if (sms_slots_acquire(slots, &rules, now, lease, &slot, &wait)) { call(); }
 *   sms_slots_finish(slots, &rules, &slot, now);
 */
#ifndef SMS_LIMIT_SLOTS_H
#define SMS_LIMIT_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sms_slot {
  uint32_t index;
  int64_t claim; /* what acquire wrote: tells whether the slot is still ours */
};

/* What a file says of itself, once and for all; 0 in memory. Numbers are in the
 * machine's own byte order. What a later build adds lies before the cells or behind
 * them, and has a bit: in may_know where who does not know it can go on with the file
 * (cells_at and size lead past it), in must_know where it cannot. A build goes on with
 * files that lack its own additions. */
struct sms_slots_head {
  uint64_t magic;
  uint32_t version;
  uint32_t cells_at; /* bytes before the first cell */
  uint64_t size;     /* bytes of all */
  uint64_t must_know;
  uint64_t may_know;
  uint32_t calls;
  uint32_t clock; /* CLOCK_BOOTTIME */
  int64_t period;
  uint64_t boot[2]; /* this and the next two: as in epoch.h */
  int64_t offset;
  uint64_t space;
  int64_t cold_until; /* slots are busy until then since all is new; 0: they are not */
  uint64_t is_container;
  uint64_t unused[3];
};

enum { SMS_SLOTS_QUOTAS = 31 };

/* All but the head is atomic. */
struct sms_slots {
  struct sms_slots_head head;
  int64_t not_before;              /* for all calls */
  int64_t holds[SMS_SLOTS_QUOTAS]; /* for the calls of one quota */
  int64_t hand; /* in a cache line of its own: every acquire writes it */
  int64_t apart[7];
  int64_t cells[]; /* of a file: at cells_at */
};

/* What of a limit a call may use; all zeros: all, and no hold but those for all. */
struct sms_slot_part {
  uint32_t count; /* only the first so many slots; 0, or more than there are: all */
  uint32_t quota; /* 1 to SMS_SLOTS_QUOTAS: held as well by what holds this quota */
};

/* What a caller knows by itself: a file that was overwritten cannot lead it astray. */
struct sms_slot_rules {
  uint32_t calls;
  uint32_t quota;
  size_t cells_at;
  int64_t spacing; /* W */
  int64_t origin;  /* what every time here is written with: 0, or SMS_SLOTS_ORIGIN */
  int64_t lowest;  /* times below are damaged, neither free nor ever raised */
};

/* The origin of a file's times: where a cut goes through one, its last and highest byte
 * (on a little end) is gone and with it this bit, and it is below the lowest. */
#define SMS_SLOTS_ORIGIN (INT64_C(1) << 62)

/* The longest lease of slots in a file: 5 minutes and 1 s. */
#define SMS_SLOTS_LEASE_MAX INT64_C(301000000)

int64_t sms_slots_spacing(int64_t period);
size_t sms_slots_size(uint32_t calls);

/* The functions of rate_limit.h of the same names. */
bool sms_slots_acquire(struct sms_slots *slots, const struct sms_slot_rules *rules,
                       int64_t now, int64_t lease, struct sms_slot *slot,
                       int64_t *wait);
void sms_slots_finish(struct sms_slots *slots, const struct sms_slot_rules *rules,
                      const struct sms_slot *slot, int64_t now);
void sms_slots_refund(struct sms_slots *slots, const struct sms_slot_rules *rules,
                      const struct sms_slot *slot, int64_t now);
void sms_slots_hold(struct sms_slots *slots, const struct sms_slot_rules *rules,
                    int64_t until);
int64_t sms_slots_delay(const struct sms_slots *slots,
                        const struct sms_slot_rules *rules, int64_t now, uint32_t turn);
uint32_t sms_slots_available(const struct sms_slots *slots,
                             const struct sms_slot_rules *rules, int64_t now);

/* Until when the calls of the rules' quota are held by what holds it alone: the time
 * left; 0: they are not. */
int64_t sms_slots_held(const struct sms_slots *slots,
                       const struct sms_slot_rules *rules, int64_t now);

/* No slot is busy and nothing is held. */
bool sms_slots_are_idle(const struct sms_slots *slots,
                        const struct sms_slot_rules *rules, int64_t now);

#endif
