/* Forms (application/x-www-form-urlencoded), queries and paths: what of them is
 * percent-encoded.
 *
 *   char out[SMS_FORM_PAIR_MAX(2, 5)], *end = out;
 *   end = sms_form_add(end, "to", 2, "a b&c", 5, true);   // to=a%20b%26c
 *   send(out, end - out);
 */
#ifndef SMS_TEXT_FORM_H
#define SMS_TEXT_FORM_H

#include "base/byte_buffer.h"
#include <stdbool.h>
#include <stddef.h>

/* Writes the bytes percent-encoded: all but A-Z a-z 0-9 - . _ ~ (RFC 3986, 2.3). At
 * most three times as many; returns their end. */
char *sms_escape(char *out, const void *data, size_t length);

/* Appends them to a buffer, which stays as it was where this fails. */
enum sms_status sms_escape_append(struct sms_buffer *buffer, const void *data,
                                  size_t length);

/* The most bytes of a pair with the mark in front of it. */
#define SMS_FORM_PAIR_MAX(name_length, length) (3 * ((name_length) + (length)) + 2)

/* Writes name=value, behind an & unless it is the first pair; returns its end. */
char *sms_form_add(char *out, const char *name, size_t name_length, const char *value,
                   size_t length, bool is_first);

#endif
