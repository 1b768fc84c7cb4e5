#include "limit/slot_header.h"
#include <string.h>
#include <time.h>

/* What later builds have to tell. A test builds one that adds to both ends. */
#ifndef SMS_SLOTS_ADDED
#define SMS_SLOTS_ADDED 0 /* bytes, before the cells and behind them */
#endif
#ifndef SMS_SLOTS_MAY_KNOW
#define SMS_SLOTS_MAY_KNOW 0
#endif
#ifndef SMS_SLOTS_MUST_KNOW
#define SMS_SLOTS_MUST_KNOW 0
#endif

enum { VERSION = 2, CELLS_AT = sizeof(struct sms_slots) + SMS_SLOTS_ADDED };
enum { CELLS_AT_MAX = 1 << 16, CELL = sizeof(int64_t) };

size_t sms_slot_header_size(uint32_t calls) {
  return CELLS_AT + calls * (size_t)CELL + SMS_SLOTS_ADDED;
}

static void draw_head(const struct sms_slot_nature *nature,
                      struct sms_slots_head *head) {
  const struct sms_epoch *epoch = &nature->epoch;
  head->magic = SMS_SLOTS_MAGIC;
  head->version = VERSION;
  head->cells_at = CELLS_AT;
  head->size = sms_slot_header_size(nature->calls);
  head->must_know = SMS_SLOTS_MUST_KNOW;
  head->may_know = SMS_SLOTS_MAY_KNOW;
  head->calls = nature->calls;
  head->clock = CLOCK_BOOTTIME;
  head->period = nature->period;
  memcpy(head->boot, epoch->boot, sizeof head->boot);
  head->offset = epoch->offset;
  head->space = epoch->space;
}

/* Whoever sent before did so before the machine, or the container, began: a W later
 * nothing of it counts. In a container slot by slot, the first at once, the last not
 * quite a W later: at most what one period allows is added to what was sent before. */
static int64_t first_use(const struct sms_slot_nature *nature, uint32_t index) {
  int64_t spacing = sms_slots_spacing(nature->period);
  bool spread = nature->epoch.is_container && !nature->hold;
  int64_t after = spread ? spacing * index / nature->calls : spacing;
  int64_t time = nature->epoch.began + after; /* before 0 in some time namespaces */
  return SMS_SLOTS_ORIGIN + (time > 0 ? time : 1);
}

void sms_slot_header_draw(const struct sms_slot_nature *nature, bool fresh,
                          struct sms_slots *slots) {
  memset(slots, 0, sms_slot_header_size(nature->calls));
  draw_head(nature, &slots->head);
  slots->not_before = fresh ? SMS_SLOTS_ORIGIN + 1 : 0;
  for (int i = 0; i < SMS_SLOTS_QUOTAS; i++)
    slots->holds[i] = SMS_SLOTS_ORIGIN + 1;
  int64_t *cells = (int64_t *)((char *)slots + CELLS_AT);
  for (uint32_t i = 0; i < nature->calls; i++)
    cells[i] = first_use(nature, i);
  if (!fresh) return;
  slots->head.is_container = nature->epoch.is_container;
  slots->head.cold_until = nature->epoch.began + sms_slots_spacing(nature->period);
}

/* ---- What may be wrong ---- */

static const char *flaw_of_epoch(const struct sms_epoch *epoch, bool in_memory,
                                 const struct sms_slots_head *head) {
  bool same = head->boot[0] == epoch->boot[0] && head->boot[1] == epoch->boot[1];
  bool known = sms_boot_is_known(head->boot) && sms_boot_is_known(epoch->boot);
  if (!same && (known || !in_memory)) return "the file is from before the last boot";
  if (head->clock != CLOCK_BOOTTIME) return "the file's times are of another clock";
  if (head->offset != epoch->offset || head->space != epoch->space)
    return "the file's times are of another time namespace";
  return NULL;
}

const char *sms_slot_header_flaw(const struct sms_slot_nature *nature, bool in_memory,
                                 const struct sms_slots_head *head) {
  if (head->magic != SMS_SLOTS_MAGIC || head->version != VERSION)
    return "the file does not hold slots of this version";
  if (head->must_know & ~(uint64_t)SMS_SLOTS_MUST_KNOW)
    return "the file has something that this version does not know, but must";
  if (head->calls != nature->calls || head->period != nature->period)
    return "the file holds the slots of another limit";
  if (head->cells_at < sizeof(struct sms_slots) || head->cells_at > CELLS_AT_MAX ||
      head->cells_at % CELL != 0 ||
      head->size < head->cells_at + nature->calls * (uint64_t)CELL)
    return "the file holds the slots in a place that cannot be";
  return flaw_of_epoch(&nature->epoch, in_memory, head);
}
