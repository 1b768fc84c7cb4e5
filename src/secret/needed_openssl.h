/* Whether the OpenSSL of the process, which its program may have brought along, is
 * older than a library needs that is loaded.
 *
 *   char needed[SMS_OPENSSL_MAX];
 *   const char *own = sms_openssl_too_old("libcurl.so", needed);
 */
#ifndef SMS_SECRET_NEEDED_OPENSSL_H
#define SMS_SECRET_NEEDED_OPENSSL_H

enum { SMS_OPENSSL_MAX = 40 };

/* What it calls itself, and in needed the oldest version that has all symbols which the
 * library names; NULL where it is not too old, or that is not known. The library's file
 * has the name, with more behind it. */
const char *sms_openssl_too_old(const char *library, char needed[SMS_OPENSSL_MAX]);

#endif
