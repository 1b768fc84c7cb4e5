/* A thread that drives an engine, for hosts that must not wait: nginx, event loops.
 * What has ended goes to the host's mailbox, whose descriptor wakes the host's loop.
 *
 *   sms_http_driver_new(&driver);
 *   sms_http_mailbox_new(driver, &mailbox);
 *   sms_http_mailbox_watch(mailbox, descriptor);      // one byte there: look inside
 *   sms_http_driver_submit(mailbox, client, &request, &id);
 *   ...the descriptor becomes readable...
 *   while ((letter = sms_http_mailbox_take(mailbox))) { use(letter); free it }
 *
 * Every request that was submitted comes back exactly once, whatever becomes of it.
 *
 * Where no thread may do that, the host does, each millisecond while something is under
 * way:
 *
 *   sms_http_driver_new_stepped(&driver);
 *   ...
 *   sms_http_mailbox_step(mailbox);
 *   while ((letter = sms_http_mailbox_take(mailbox))) { use(letter); free it }
 */
#ifndef SMS_HTTP_DRIVER_H
#define SMS_HTTP_DRIVER_H

#include "http/engine.h"

typedef struct sms_http_driver sms_http_driver;
typedef struct sms_http_mailbox sms_http_mailbox;

struct sms_http_letter {
  uint64_t id;                       /* of sms_http_driver_submit */
  enum sms_status refused;           /* other than SMS_OK: it could not be started */
  struct sms_http_response response; /* otherwise */
};

/* Starts the thread. SMS_FAILED where the system refuses one, or a descriptor to wake
 * it by: errno says why. */
enum sms_status sms_http_driver_new(sms_http_driver **driver);

/* One without a thread: all that happens happens in sms_http_mailbox_step. */
enum sms_status sms_http_driver_new_stepped(sms_http_driver **driver);

/* True in a child of the process that made it: it must make its own. */
bool sms_http_driver_is_foreign(const sms_http_driver *driver);

/* Stops and joins the thread, if any; what is in flight comes back as cancelled. In a
 * child process: nothing. NULL is fine. */
void sms_http_driver_release(sms_http_driver *driver);

/* The mailbox of one host loop. The driver must outlive it. */
enum sms_status sms_http_mailbox_new(sms_http_driver *driver,
                                     sms_http_mailbox **mailbox);

/* True where its driver has gone, or is another process's: a new one is needed. */
bool sms_http_mailbox_is_foreign(const sms_http_mailbox *mailbox);

/* Where the host wants to be woken: a socket is sent "!", an eventfd counts up, when
 * something has come, and never again before the host has emptied the mailbox. A second
 * after the last request has come back, or with none from now on, a socket is sent ".";
 * while requests are under way, "," each second.
 * The descriptor becomes the mailbox's; an earlier one is closed. -1: nowhere. Without
 * a thread nobody wakes the host: what stands for an eventfd is a timer of
 * timerfd_create, which each step reads. */
void sms_http_mailbox_watch(sms_http_mailbox *mailbox, int descriptor, bool is_eventfd);

/* Without a thread: starts what was submitted to any of the driver's mailboxes, and
 * goes on with what is under way, as far as that is possible without waiting. With one,
 * and while another thread is at that: nothing. */
void sms_http_mailbox_step(sms_http_mailbox *mailbox);

/* What has come next; NULL: empty, and the next letter wakes again. The caller's. */
struct sms_http_letter *sms_http_mailbox_take(sms_http_mailbox *mailbox);
void sms_http_letter_free(struct sms_http_letter *letter); /* NULL is fine */

/* Letters that still come are thrown away. NULL is fine. */
void sms_http_mailbox_release(sms_http_mailbox *mailbox);

/* Hands a request to the driver; all of it is copied, the client is retained. NULL is a
 * client that its owner has closed and let go of: SMS_CLOSED. */
enum sms_status sms_http_driver_submit(sms_http_mailbox *mailbox,
                                       sms_http_client *client,
                                       const struct sms_http_request *request,
                                       uint64_t *id);

/* Has the driver do what sms_http_engine_sweep does. */
void sms_http_driver_sweep(sms_http_driver *driver);

#endif
