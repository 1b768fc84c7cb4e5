/* Inside of http/engine only: a transfer and the connection that carries it: whether
 * that may be used, and how it is left. */
#ifndef SMS_HTTP_CONNECTION_H
#define SMS_HTTP_CONNECTION_H

#include "http/transfer.h"

/* Whether it can be seen what TLS has read and not handed on. Where it cannot, no
 * connection is used twice. */
bool sms_http_connection_is_legible(void);

/* Just before the first byte. False where what lies unread on a kept connection would
 * be taken for the answer; otherwise the transfer is under way there. */
bool sms_http_connection_begin(sms_http_transfer *transfer,
                               const struct sms_http_way *way, int64_t now);

/* The head of its answer is whole. */
void sms_http_connection_hear(sms_http_transfer *transfer);

/* Ended by libcurl. */
void sms_http_connection_end(sms_http_transfer *transfer);

/* Takes one whose response says how it ended out of the multi handle, and sees to it
 * that the kernel sends nothing more of it: its connection is reset, unless others are
 * on it (over HTTP/2). Then its stream is, and the response says that it lingers. */
void sms_http_connection_leave(sms_http_transfer *transfer, CURLM *multi);

#endif
