/* Inside of http/engine only: the transfers that were used for one client, ready for
 * its next request. */
#ifndef SMS_HTTP_POOL_H
#define SMS_HTTP_POOL_H

#include "http/transfer.h"

struct sms_http_pool {
  struct sms_http_pool *next; /* of the engine */
  sms_http_client *client;
  struct curl_slist
      *headers[SMS_HTTP_FORM + 1][2][2]; /* large or not, with Basic or not */
  sms_http_transfer *idle;
  size_t busy; /* transfers outside */
};

/* A pool of a client; a reference is taken. NULL: no memory. */
struct sms_http_pool *sms_http_pool_new(sms_http_client *client);

/* Frees it with its idle transfers. */
void sms_http_pool_free(struct sms_http_pool *pool);

/* Frees those of a list whose clients are done with, and that have nothing outside. */
void sms_http_pool_sweep(struct sms_http_pool **pools);

/* The headers for a request, which stay the pool's. */
enum sms_status sms_http_pool_headers(struct sms_http_pool *pool,
                                      const struct sms_http_request *request,
                                      struct curl_slist **headers);

/* An idle transfer, or a new one. */
enum sms_status sms_http_pool_take(struct sms_http_pool *pool, CURLSH *share,
                                   struct sms_http_sockets *sockets,
                                   sms_http_transfer **transfer);

/* Keeps it for the next request; it may be freed instead. */
void sms_http_pool_give_back(struct sms_http_pool *pool, sms_http_transfer *transfer);

/* Puts it at the head of a list, and takes it out again. */
void sms_http_transfer_link(sms_http_transfer **list, sms_http_transfer *transfer);
void sms_http_transfer_unlink(sms_http_transfer **list, sms_http_transfer *transfer);

#endif
