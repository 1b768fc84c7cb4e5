/* Inside of http/engine only: how a request ended. */
#ifndef SMS_HTTP_ENDING_H
#define SMS_HTTP_ENDING_H

#include "http/transfer.h"

/* Where a transfer is, or ended. */
enum sms_http_phase sms_http_transfer_phase(const sms_http_transfer *transfer);

/* Fills the response from libcurl's code and what the callbacks saw. */
void sms_http_transfer_end(sms_http_transfer *transfer, CURLcode code);

/* Fills the response for a transfer taken away before its end. */
void sms_http_transfer_end_cancelled(sms_http_transfer *transfer);

/* It ended since the name could not be resolved. */
bool sms_http_transfer_is_unresolved(const sms_http_transfer *transfer);

#endif
