/* What a text costs: alphabet, units, parts (docs/design.md 3.9).
 *
 *   struct sms_text measured;
 *   if (sms_text_measure(text, length, &measured) != SMS_OK) ...not UTF-8...
 *   printf("%zu parts\n", measured.parts);
 */
#ifndef SMS_TEXT_SMS_TEXT_H
#define SMS_TEXT_SMS_TEXT_H

#include "base/status.h"
#include <stdbool.h>
#include <stddef.h>

struct sms_text {
  bool ucs2;            /* false: the GSM 7-bit default alphabet */
  size_t units;         /* septets, or 16-bit units */
  size_t parts;         /* SMS needed, 8-bit references; an empty text is one */
  size_t misfit;        /* byte offset (from 0) of the first character outside GSM */
  size_t misfit_length; /* its bytes; 0 where every character fits */
};

/* SMS_INVALID where the text is not valid UTF-8 (RFC 3629); misfit is then the offset
 * at which the first bad sequence begins, and all else is 0. */
enum sms_status sms_text_measure(const char *text, size_t length,
                                 struct sms_text *measured);

/* Whether every character of a text is in the GSM 7-bit default alphabet; false for
 * what is not UTF-8. */
bool sms_text_is_gsm(const char *text, size_t length);

/* What a text consists of, alphabets aside. */
struct sms_text_content {
  size_t characters; /* code points */
  bool control;      /* some of U+0000 to U+001F, or U+007F */
  bool nul;          /* U+0000 */
  size_t bad;        /* with SMS_INVALID: the offset of the first bad byte */
};

/* SMS_INVALID where the text is not valid UTF-8; control and nul hold all the same. */
enum sms_status sms_text_inspect(const char *text, size_t length,
                                 struct sms_text_content *content);

#endif
