#include "http/pool.h"
#include "http/ending.h"
#include <stdlib.h>

void sms_http_transfer_link(sms_http_transfer **list, sms_http_transfer *t) {
  t->previous = NULL;
  t->next = *list;
  if (t->next) t->next->previous = t;
  *list = t;
}

void sms_http_transfer_unlink(sms_http_transfer **list, sms_http_transfer *t) {
  if (t->previous)
    t->previous->next = t->next;
  else
    *list = t->next;
  if (t->next) t->next->previous = t->previous;
  t->previous = t->next = NULL;
}

struct sms_http_pool *sms_http_pool_new(sms_http_client *client) {
  struct sms_http_pool *pool = calloc(1, sizeof *pool);
  if (pool) pool->client = sms_http_client_retain(client);
  return pool;
}

void sms_http_pool_free(struct sms_http_pool *pool) {
  while (pool->idle) {
    sms_http_transfer *t = pool->idle;
    sms_http_transfer_unlink(&pool->idle, t);
    sms_http_transfer_free(t);
  }
  for (size_t i = 0; i < sizeof pool->headers / sizeof pool->headers[0]; i++)
    for (size_t j = 0; j < 4; j++)
      sms_http_headers_free(pool->headers[i][j / 2][j % 2]);
  sms_http_client_release(pool->client);
  free(pool);
}

enum sms_status sms_http_pool_headers(struct sms_http_pool *pool,
                                      const struct sms_http_request *request,
                                      struct curl_slist **headers) {
  bool basic = request->auth == SMS_HTTP_BASIC;
  bool large = sms_http_is_large(request);
  struct curl_slist **kept = &pool->headers[request->content][large][basic];
  enum sms_status status = SMS_OK;
  if (!*kept) status = sms_http_client_headers(pool->client, request, kept);
  *headers = *kept;
  return status;
}

enum sms_status sms_http_pool_take(struct sms_http_pool *pool, CURLSH *share,
                                   struct sms_http_sockets *sockets,
                                   sms_http_transfer **transfer) {
  if (!pool->idle) return sms_http_transfer_new(pool->client, share, sockets, transfer);
  *transfer = pool->idle;
  sms_http_transfer_unlink(&pool->idle, *transfer);
  return SMS_OK;
}

void sms_http_pool_give_back(struct sms_http_pool *pool, sms_http_transfer *t) {
  /* Libcurl 8.14 would leak its name when the handle resolves the next one. */
  if (sms_http_transfer_is_unresolved(t)) {
    sms_http_transfer_free(t);
    return;
  }
  sms_http_transfer_clear(t, pool->busy == 0);
  sms_http_transfer_link(&pool->idle, t);
}

static bool is_done_with(const sms_http_client *client) {
  return sms_http_client_is_closed(client) || sms_http_client_is_unshared(client);
}

void sms_http_pool_sweep(struct sms_http_pool **at) {
  while (*at) {
    struct sms_http_pool *pool = *at;
    if (pool->busy == 0 && is_done_with(pool->client)) {
      *at = pool->next;
      sms_http_pool_free(pool);
    } else {
      at = &pool->next;
    }
  }
}
