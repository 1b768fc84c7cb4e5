/* Hexadecimal digits. */
#ifndef SMS_TEXT_HEX_H
#define SMS_TEXT_HEX_H

/* The number that so many digits say, at most 7; -1 where they do not stand there. */
int sms_hex(const char *at, const char *end, int digits);

#endif
