/* What OpenSSL knows of a connection that somebody else, libcurl, has with it.
 *
 *   if (sms_tls_is_ours("OpenSSL/3.0.19"))
 *     if (sms_tls_has_unread(ssl)) ...
 */
#ifndef SMS_SECRET_TLS_H
#define SMS_SECRET_TLS_H

#include <stdbool.h>

/* Whether that one has the OpenSSL that is called here, by what it says of its own: the
 * others' connections must not be looked into. NULL: it has none. */
bool sms_tls_is_ours(const char *library);

/* Whether the system's configuration of OpenSSL asks for TLS 1.3 at least. */
bool sms_tls_is_newest_asked(void);

/* Whether some of what has been read from the socket was not handed on. */
bool sms_tls_has_unread(const void *connection);

/* Whether HTTP/2 was agreed on. */
bool sms_tls_is_http2(const void *connection);

#endif
