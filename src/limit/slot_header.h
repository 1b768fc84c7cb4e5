/* The head of a file of slots, and what its cells begin with: how it is drawn, and what
 * may be wrong with one that is found.
 *
 *   struct sms_slot_nature nature = {.calls = 100, .period = 60000000, .epoch = epoch};
 *   sms_slot_header_draw(&nature, true, slots);
 *   const char *what = sms_slot_header_flaw(&nature, in_memory, &slots->head);
 */
#ifndef SMS_LIMIT_SLOT_HEADER_H
#define SMS_LIMIT_SLOT_HEADER_H

#include "limit/epoch.h"
#include "limit/slots.h"

#define SMS_SLOTS_MAGIC UINT64_C(0x31746f6c73736d73) /* "smsslot1" on a little end */

struct sms_slot_nature {
  uint32_t calls;
  int64_t period;
  bool hold; /* a new container's slots come free together at last, not one by one */
  struct sms_epoch epoch;
};

/* The size of a file that this build makes. */
size_t sms_slot_header_size(uint32_t calls);

/* Writes a whole file of that size. Not fresh: nobody knows what was sent before. */
void sms_slot_header_draw(const struct sms_slot_nature *nature, bool fresh,
                          struct sms_slots *slots);

/* In words, or NULL. in_memory: the file system does not outlive the kernel. The rest
 * of the file is as long as the head says, where that is as long as the caller found
 * it. */
const char *sms_slot_header_flaw(const struct sms_slot_nature *nature, bool in_memory,
                                 const struct sms_slots_head *head);

#endif
