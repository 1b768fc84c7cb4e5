/* JSON (RFC 8259), a value at a time and without building anything.
 *
 *   const char *at = sms_json_blanks(text, end);   // "[1.5,...
 *   enum sms_json_number kind;
 *   const char *after = sms_json_number(at + 1, &kind);
 *   if (!after) ...no number...
 *
 * end is that of the text; the byte there must be a NUL, as behind Lua's strings.
 */
#ifndef SMS_TEXT_JSON_H
#define SMS_TEXT_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* The first byte that is no blank, or end. */
const char *sms_json_blanks(const char *at, const char *end);

/* Behind the string that begins at a quote; NULL where it does not end. verbatim:
 * whether it stands for itself, without escapes. */
const char *sms_json_string(const char *at, const char *end, bool *verbatim);

/* Writes what is between the quotes without its escapes, at most length bytes; returns
 * their end, or NULL where an escape is none. Half of a surrogate pair becomes the
 * three bytes that UTF-8 would have for it. */
char *sms_json_unescape(char *out, const char *text, size_t length);

enum sms_json_number {
  SMS_JSON_WHOLE,   /* a whole number that a double holds exactly: below 2^53 */
  SMS_JSON_LONG,    /* any other whole number */
  SMS_JSON_FRACTION /* with a point or an exponent */
};

/* Behind the number; NULL where there is none. */
const char *sms_json_number(const char *at, enum sms_json_number *kind);

/* Behind any value that is well-formed; NULL where it does not end. */
const char *sms_json_skip(const char *at, const char *end);

#define SMS_DOUBLE_MAX 32

/* Writes the shortest text that reads back as the same finite number, in every locale
 * with a point; its length. */
size_t sms_json_double(double value, char text[SMS_DOUBLE_MAX]);

/* Reads a text of digits, signs, a point and an exponent; false for any other. The same
 * in every locale. */
bool sms_json_to_double(const char *text, size_t length, double *value);

#endif
