/* Foreign text as it may be shown: its beginning, with secrets taken out while they are
 * whole.
 *
 *   struct sms_mask mask;
 *   char out[SMS_MASK_OUT];
 *   sms_mask_begin(&mask, "no hunter22!", 12);
 *   sms_mask_secret(&mask, "hunter22", 8);
 *   length = sms_mask_end(&mask, out); // "no ***!"
 */
#ifndef SMS_SECRET_MASK_H
#define SMS_SECRET_MASK_H

#include <stdbool.h>
#include <stddef.h>

#define SMS_MASK_SHOWN 4096 /* bytes of the text; what is behind them is left out */
#define SMS_MASK_OUT   (SMS_MASK_SHOWN + 3)

struct sms_mask {
  const char *text;
  size_t length;
  size_t shown;
  bool hidden[SMS_MASK_SHOWN];
};

/* The text is the caller's until the end. */
void sms_mask_begin(struct sms_mask *mask, const char *text, size_t length);

/* Hides a secret in all its spellings: as it is, percent-encoded, as in forms, in JSON
 * or in HTML, also where only some of its bytes are; and its beginning where the text
 * ends in it. Shorter than 4 bytes it would be found in innocent words: nothing. */
void sms_mask_secret(struct sms_mask *mask, const char *secret, size_t length);

/* Hides a text as it is. */
void sms_mask_text(struct sms_mask *mask, const char *text, size_t length);

/* Hides a part. */
void sms_mask_part(struct sms_mask *mask, const char *from, const char *to);

/* What may be shown, with *** for each part that is hidden: its length. */
size_t sms_mask_end(const struct sms_mask *mask, char out[SMS_MASK_OUT]);

#endif
