/* Inside of http/engine only: transfers that have ended, until the host asks for them,
 * first in, first out. */
#ifndef SMS_HTTP_FINISHED_H
#define SMS_HTTP_FINISHED_H

#include "http/transfer.h"

struct sms_http_finished {
  sms_http_transfer *first, **end;
};

void sms_http_finished_init(struct sms_http_finished *list);
void sms_http_finished_add(struct sms_http_finished *list, sms_http_transfer *transfer);
sms_http_transfer *sms_http_finished_take(struct sms_http_finished *list);

/* One that is on the list will not be asked for. */
void sms_http_finished_forget(struct sms_http_finished *list,
                              sms_http_transfer *transfer);

#endif
