/* Inside of http/engine only: one easy handle with its buffers and callbacks. It is set
 * up once, used for many requests of one client, and changes only what differs. */
#ifndef SMS_HTTP_TRANSFER_H
#define SMS_HTTP_TRANSFER_H

#include "http/client.h"
#include "http/sockets.h"

struct sms_http_pool;
struct sms_http_host;

/* Waiting: libcurl does not have it yet. */
enum transfer_state {
  TRANSFER_IDLE,
  TRANSFER_WAITING,
  TRANSFER_ACTIVE,
  TRANSFER_ENDED
};

struct sms_http_transfer {
  sms_http_engine *engine;
  struct sms_http_pool *pool; /* NULL once the engine has gone */
  struct sms_http_transfer *previous,
      *next; /* in the engine's active, or a pool's idle */
  struct sms_http_transfer *next_finished;
  enum transfer_state state;
  uint64_t id;   /* for all its requests */
  void *context; /* the caller's */
  bool queued;   /* on the engine's list of finished transfers */

  /* Of http/queue, while it is under way. */
  struct sms_http_host *host;
  struct sms_http_transfer *previous_waiting, *next_waiting;
  uint64_t turn;
  long share;         /* of the host's connections; 0: it waits */
  int64_t connect_by; /* if it waited for a look-up; else 0, libcurl sees to it */

  /* What the easy handle is set to, so that it is set again only if it differs. */
  CURL *easy;
  struct sms_http_sockets *sockets; /* the engine's */
  CURLU *location;
  struct sms_buffer url;
  int method;           /* enum sms_http_method, or -1 */
  long connect_timeout; /* milliseconds */
  long write_size;      /* of libcurl's buffers for what it sends */
  long read_size;       /* and for what it reads */
  struct curl_slist *headers;
  struct curl_slist *bearer; /* this request's own, in front of those all share */

  struct sms_buffer sending, body;
  bool one_write;     /* one send() takes all of it */
  bool http2;         /* asked for */
  bool legible;       /* what TLS has read can be seen */
  bool resolves_anew; /* does not use the names that libcurl keeps */
  size_t max_response;
  int64_t start_before, deadline; /* CLOCK_BOOTTIME */
  int64_t start_before_wall;
  uint64_t refused_before; /* sockets, when it was laid on */

  /* What the callbacks saw. */
  struct sms_http_seat seat;
  bool multiplexed; /* HTTP/2 is spoken */
  bool heard;       /* the head of the answer is whole, and the seat knows */
  bool looked_up, held, began, repeated, stale, too_late, too_large, no_memory;
  bool head_whole;
  size_t head_length;
  int status;
  char retry_after[64], date[64];
  char error[CURL_ERROR_SIZE];
  struct sms_http_response response;
};

enum sms_status sms_http_transfer_new(const sms_http_client *client, CURLSH *share,
                                      struct sms_http_sockets *sockets,
                                      sms_http_transfer **transfer);

/* Frees it; it must not be in a multi handle. */
void sms_http_transfer_free(sms_http_transfer *transfer);

/* Lays one request onto an idle transfer. headers stay the caller's. */
enum sms_status sms_http_transfer_prepare(sms_http_transfer *transfer,
                                          const sms_http_client *client,
                                          const struct sms_http_request *request,
                                          struct curl_slist *headers);

/* Empties it for its next use. Alone: no other of its client is in use, so that one at
 * most keeps long buffers. */
void sms_http_transfer_clear(sms_http_transfer *transfer, bool alone);

#endif
