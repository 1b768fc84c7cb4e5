/* Whether OpenSSL has what it makes once in a process, before anything else.
 *
 *   if (sms_openssl_begin() == SMS_FAILED) ... no call of OpenSSL may be made
 */
#ifndef SMS_SECRET_OPENSSL_CONTEXT_H
#define SMS_SECRET_OPENSSL_CONTEXT_H

#include "base/status.h"

/* Has it made, where it is not there yet. SMS_NO_MEMORY: not tried, perhaps later;
 * SMS_FAILED: that has run out of memory, and OpenSSL crashes at its next use, until
 * the process ends. */
enum sms_status sms_openssl_begin(void);

#endif
