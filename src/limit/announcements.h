/* What the clients of a process say of their limits, so that those of one account know
 * of each other whatever Lua state they live in.
 *
 *   sms_announcement *said = sms_announce("nexmo:abcd1234", "100 calls in 60 s",
 * &seen); if (sms_announcements_version() != seen) { ...sms_announced(key, texts,
 * size)... } sms_announcement_withdraw(said, &seen);
 *
 * For all threads. A fork's child goes on with what its parent had said.
 */
#ifndef SMS_LIMIT_ANNOUNCEMENTS_H
#define SMS_LIMIT_ANNOUNCEMENTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct sms_announcement sms_announcement;

/* Says a text of a key. Who says the same gets the same. Who had seen all before has
 * seen this. NULL: no memory. */
sms_announcement *sms_announce(const char *key, const char *text, uint32_t *seen);

/* Takes it back, once for each time it was said; seen as above. NULL is fine. */
void sms_announcement_withdraw(sms_announcement *announcement, uint32_t *seen);

/* Changes whenever a text comes or goes. */
uint32_t sms_announcements_version(void);

/* The texts of a key, each once and with its NUL. Returns the size of all; where that
 * is more than size, not all were written. */
size_t sms_announced(const char *key, char *texts, size_t size);

#endif
