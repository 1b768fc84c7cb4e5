/* Inside of http/engine only: the connections to each host, and the transfers that wait
 * for one, first come first served. libcurl has a queue of its own, but it is not fair,
 * and from 8.8 on waiting there counts as connecting: so it never gets more transfers
 * than there are connections.
 *
 *   sms_http_queue_enter(&queue, t, client, url); // now TRANSFER_ACTIVE: for libcurl
 *   sms_http_queue_leave(t);                      // when it has ended
 *   while ((t = sms_http_queue_next(&queue)))     // what may go now
 *     ...
 *
 * One transfer at a time resolves a host's name. A look-up occupies a thread or two
 * until the name server answers, even if its transfer has long timed out: many of one
 * host would leave no thread to the others. Meanwhile the host's other transfers wait
 * for the result, or for a connection that becomes idle.
 */
#ifndef SMS_HTTP_QUEUE_H
#define SMS_HTTP_QUEUE_H

#include "http/transfer.h"

struct sms_http_queue {
  struct sms_http_host *hosts;
  long connections;   /* to each host at most */
  uint64_t last_turn; /* of those that came */
  size_t lookups;     /* hosts whose name is being looked up */
  bool moved;         /* somebody may have got room: sms_http_queue_next */
};

/* A look-up that hangs neither delays the end of the multi handle, nor, as far as that
 * is up to libcurl, the look-ups of other names. */
void sms_http_queue_set_up_lookups(CURLM *multi);

/* Its state is TRANSFER_ACTIVE then, or TRANSFER_WAITING. */
enum sms_status sms_http_queue_enter(struct sms_http_queue *queue,
                                     sms_http_transfer *transfer,
                                     const sms_http_client *client, const char *url);

/* When it times out. libcurl sees to the time for connecting itself, but for transfers
 * that have spent some of it waiting for another's look-up. */
int64_t sms_http_queue_due(const sms_http_transfer *transfer);

/* The next that has got room, now TRANSFER_ACTIVE; NULL: nobody. */
sms_http_transfer *sms_http_queue_next(struct sms_http_queue *queue);

/* It has ended, or is taken away; waiting or not. */
void sms_http_queue_leave(sms_http_transfer *transfer);

/* libcurl had no connection for it: it waits again, before all that came later. */
void sms_http_queue_step_back(sms_http_transfer *transfer);

/* Called by libcurl where it is about to look up the name of the transfer's host.
 * False: another does so; this one steps back. */
bool sms_http_queue_may_look_up(sms_http_transfer *transfer);

/* After libcurl has run: look-ups may have ended. */
void sms_http_queue_note_lookups(struct sms_http_queue *queue);

/* Forgets the proxies, and with them their passwords, that nothing under way needs. */
void sms_http_queue_sweep(struct sms_http_queue *queue);

void sms_http_queue_free(struct sms_http_queue *queue);

#endif
