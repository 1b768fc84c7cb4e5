/* N calls per period as N slots, each holding the earliest time at which it may be used
 * again. Times are microseconds of CLOCK_BOOTTIME, given by the caller.
 * Nothing here sleeps: acquire answers with a delay (docs/design.md 3.3).
 *
 *   sms_rate_limit *limit;
 *   sms_rate_limit_open("nexmo:abcd1234", 100, 60000000, &limit);
 *   struct sms_slot slot;
 *   int64_t wait;
 *   if (sms_rate_limit_acquire(limit, now, lease, &slot, &wait)) { call(); }
 *   sms_rate_limit_finish(limit, &slot, now);   // or refund: no byte was sent
 *   sms_rate_limit_close(limit);
 */
#ifndef SMS_LIMIT_RATE_LIMIT_H
#define SMS_LIMIT_RATE_LIMIT_H

#include "base/status.h"
#include "limit/slot_path.h"
#include "limit/slots.h"

typedef struct sms_rate_limit sms_rate_limit;

#define SMS_RATE_LIMIT_CALLS_MAX 100000u

/* The table of this key, calls and period: one in the whole process, so that clients
 * with the same credentials share it. Counted; a closed table is kept as long as one of
 * its slots is busy or its hold lasts. SMS_INVALID for calls of 0 or above
 * SMS_RATE_LIMIT_CALLS_MAX, a period below 1 ms or above a day. Safe from any thread.
 */
enum sms_status sms_rate_limit_open(const char *key, uint32_t calls, int64_t period,
                                    sms_rate_limit **limit);
void sms_rate_limit_close(sms_rate_limit *limit); /* NULL is fine */

/* The same slots in a file that all processes of the machine share (slot_file.h says
 * what is guaranteed): at the place's path, or, where that is NULL, in a folder of our
 * own in /dev/shm under a name made of key, calls and period. The place's strings are
 * copied. For one thread at a time; a child of fork()
 * opens it anew, as the user that it is by then. Leases are
 * SMS_SLOTS_LEASE_MAX at most, holds an hour. Where the file was damaged or foreign, no
 * slot is free for the longest lease and W, and the limit has a warning. Where it can
 * neither be used nor replaced, or the status is not SMS_OK for another reason, why
 * says so. */
enum sms_status sms_rate_limit_open_file(const struct sms_slot_place *place,
                                         const char *key, uint32_t calls,
                                         int64_t period, sms_rate_limit **limit,
                                         char why[SMS_WHY_MAX]);

/* What was wrong with the file since the last call, else NULL. Valid until the limit is
 * used again. */
const char *sms_rate_limit_warning(sms_rate_limit *limit);

/* Why acquire had no wait to tell. Valid until the limit is used again. */
const char *sms_rate_limit_why(const sms_rate_limit *limit);

/* Why slots are busy that nobody has taken: "the container is new", "the machine has
 * just booted"; NULL where none are. */
const char *sms_rate_limit_cold(const sms_rate_limit *limit, int64_t now);

/* Claims a free slot until now + lease + W, where W is the period and a guard of 1 % of
 * it, at most 50 ms. False: none is free, and *wait is the time until one may be, at
 * least 1; a slot in use may end at once, so that it is W at most unless held. lease is
 * what the attempt may take at most. A file that is lost, or a lease too long for it:
 * false, and *wait is 0. now must have been read after the limit was opened and after
 * the last acquire. */
bool sms_rate_limit_acquire(sms_rate_limit *limit, int64_t now, int64_t lease,
                            struct sms_slot *slot, int64_t *wait);

/* The same for a part: among the first so many slots alone, for callers that leave the
 * others to those who may not wait behind them, and held with its quota. */
bool sms_rate_limit_acquire_part(sms_rate_limit *limit, struct sms_slot_part part,
                                 int64_t now, int64_t lease, struct sms_slot *slot,
                                 int64_t *wait);

/* An index that no slot has is ignored, by refund as well. */

/* The attempt has ended: the slot is busy until now + W. Where the claim was lost, the
 * time is only ever raised. */
void sms_rate_limit_finish(sms_rate_limit *limit, const struct sms_slot *slot,
                           int64_t now);

/* No byte was sent: the slot is free at once. Where the claim was lost, nothing. */
void sms_rate_limit_refund(sms_rate_limit *limit, const struct sms_slot *slot,
                           int64_t now);

/* The provider said "too fast": no slot is given out before that time (never lowered;
 * nothing where a damaged file holds all of them back already). */
void sms_rate_limit_hold(sms_rate_limit *limit, int64_t until);

/* The same for the calls of one quota of the provider's; 0: for all. */
void sms_rate_limit_hold_quota(sms_rate_limit *limit, uint32_t quota, int64_t until);

/* The time left until the calls of a quota are no longer held by what holds it alone;
 * 0: they are not. */
int64_t sms_rate_limit_held(const sms_rate_limit *limit, uint32_t quota, int64_t now);

/* The time until turn slots (1: the first) may be free, for callers that queue; past
 * the last slot every round takes a W more. At most as acquire's wait for one round. */
int64_t sms_rate_limit_delay(const sms_rate_limit *limit, int64_t now, uint32_t turn);

/* The same for a part, as sms_rate_limit_acquire_part has it. */
int64_t sms_rate_limit_delay_part(const sms_rate_limit *limit,
                                  struct sms_slot_part part, int64_t now,
                                  uint32_t turn);

/* Slots that could be claimed at now. */
uint32_t sms_rate_limit_available(const sms_rate_limit *limit, int64_t now);

#endif
