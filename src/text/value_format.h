/* How single values are spelt: numbers of phones, whole numbers, and texts in JSON.
 *
 *   char number[SMS_NUMBER_MAX];
 *   size_t length = sms_e164("+44 7700 900000", 15, number);  // 12: 447700900000
 *   if (length == 0) ...not a phone number...
 */
#ifndef SMS_TEXT_VALUE_FORMAT_H
#define SMS_TEXT_VALUE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#define SMS_NUMBER_MAX 17 /* 15 digits (E.164) behind 00 */

/* A number without blanks and -.()/ and the length of what is left; 0 where it is none,
 * or has a fault. Its prefix is kept. Line ends and tabs may stand around it. */
size_t sms_phone(const char *text, size_t length, char number[SMS_NUMBER_MAX]);

/* The same without + and 00 in front, with a country code (E.164): 7 to
 * 15 digits. */
size_t sms_e164(const char *text, size_t length, char number[SMS_NUMBER_MAX]);

/* What would make the digits of a text somebody else's number. */
enum sms_number_fault {
  SMS_NUMBER_FINE,
  SMS_NUMBER_LETTERS,
  SMS_NUMBER_TRUNK,    /* (0) */
  SMS_NUMBER_FRACTION, /* .0: its only dot, zeros alone behind it */
  SMS_NUMBER_TAIL      /* one or two digits behind the last / or ( */
};

enum sms_number_fault sms_number_fault(const char *text, size_t length);

/* Where a text begins without blanks, tabs and line ends around it, and its length
 * then; no-break spaces are blanks. */
const char *sms_trim(const char *text, size_t *length);

/* Whether it is a sender as most are: up to 11 letters and blanks, a letter first, or a
 * number without blanks and prefix. */
bool sms_is_plain_sender(const char *text, size_t length);

#define SMS_WHOLE_MAX 17 /* 16 digits and a minus */

/* Writes a whole number below 2^53, so that it is exact. Its length; 0 for others. */
size_t sms_whole(double value, char text[SMS_WHOLE_MAX]);

/* Reads a whole number below 2^53: digits with an optional minus, and .0 behind them as
 * Lua writes floats. False for anything else. */
bool sms_read_whole(const char *text, size_t length, double *value);

/* Writes the text as a JSON string, without control characters, at most
 * 6 * length + 2 bytes; returns their end. */
char *sms_json_quote(char *out, const char *text, size_t length);

#endif
