/* How forms (application/x-www-form-urlencoded), queries and paths spell names and
 * values: percent-encoded.
 *
 *   char out[3 * 5];
 *   char *end = sms_escape(out, "a b&c", 5);   // a%20b%26c
 *   sms_escape_append(&buffer, "a b&c", 5);    // the same behind what is there
 */
#ifndef SMS_TEXT_FORM_H
#define SMS_TEXT_FORM_H

#include "base/byte_buffer.h"
#include <stddef.h>

/* Writes the bytes percent-encoded: all but A-Z a-z 0-9 - . _ ~ (RFC 3986, 2.3). At
 * most three times as many; returns their end. */
char *sms_escape(char *out, const void *data, size_t length);

/* Appends them to a buffer, which stays as it was where this fails. */
enum sms_status sms_escape_append(struct sms_buffer *buffer, const void *data,
                                  size_t length);

#endif
