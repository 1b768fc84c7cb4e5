/* JSON made ready for a decoder whose numbers are doubles, read as the host's locale
 * has them, and which takes the last of two members with one name (lua-cjson).
 *
 *   struct sms_json_marking to;
 *   sms_buffer_init(&to.text, ceiling);
 *   sms_buffer_init(&to.members, ceiling);
 *   if (sms_json_mark(text, length, true, &to) != SMS_OK) ...it is no JSON...
 *   decode(to.changed ? to.text.data : text);
 */
#ifndef SMS_TEXT_JSON_MARK_H
#define SMS_TEXT_JSON_MARK_H

#include "base/byte_buffer.h"
#include <stdbool.h>

/* In front of a string that is the text of a number with a fraction or an exponent, and
 * once more in front of a string that begins so itself. */
#define SMS_JSON_MARK '\x7F'

#define SMS_JSON_DEEPEST 1000 /* values in each other */

/* Its buffers serve one text after the other; init and free are the owner's. */
struct sms_json_marking {
  struct sms_buffer text;    /* where it is changed */
  struct sms_buffer members; /* of the objects that are open: for the scan alone */
  bool changed;              /* else the text stands as it is */
  bool marks;                /* there are some */
};

/* Numbers that a double does not hold exactly become strings of their digits, those
 * with a fraction or an exponent marked strings; a number is never followed by a comma;
 * zero has no sign; half of a surrogate pair becomes its three bytes. once: a name that
 * stands twice in one object with different values is refused. SMS_INVALID where the
 * text is no JSON, as far as that is seen: what escapes say is the decoder's affair.
 * There must be a NUL behind the text. */
enum sms_status sms_json_mark(const char *text, size_t length, bool once,
                              struct sms_json_marking *to);

#endif
