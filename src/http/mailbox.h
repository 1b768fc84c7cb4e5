/* Inside of http/driver only: what has ended, on its way from the driver's thread to
 * the host.
 */
#ifndef SMS_HTTP_MAILBOX_H
#define SMS_HTTP_MAILBOX_H

#include "http/driver.h"
#include <pthread.h>

/* A request on its way: to the thread, through the engine, into the mailbox. */
struct job {
  struct sms_http_letter letter; /* first: a letter is freed as its job */
  struct job *next;
  sms_http_mailbox *mailbox;
  sms_http_client *client;
  struct sms_http_request request;
  char *copies; /* of the request's strings, one after the other */
  struct sms_buffer body;
  char retry_after[64], date[64];
  char message[256];
};

struct queue {
  struct job *first, **end;
};

struct sms_http_mailbox {
  sms_http_mailbox *next; /* among the driver's, under the driver's mutex */
  sms_http_driver *driver;
  pthread_mutex_t mutex; /* guards all below */
  struct queue letters;
  int descriptor;
  bool is_eventfd;
  bool stepped;     /* the host looks by itself: its descriptor is a timer's */
  bool armed;       /* the host has been woken and has not emptied the box since */
  bool is_unheard;  /* there are letters, and the host could not be woken */
  size_t in_flight; /* submitted, not yet here */
  int64_t tell_at;  /* when to tell that there was nothing; 0: no more */
  bool closed;
  size_t references; /* the host's, the driver's list, and one a job */
};

void sms_http_jobs_init(struct queue *queue);
void sms_http_jobs_push(struct queue *queue, struct job *job);

/* The first ones, so many at most, one behind the other and no longer in the queue;
 * NULL: it is empty. */
struct job *sms_http_jobs_take(struct queue *queue, size_t most);

void sms_http_job_free(struct job *job);

/* An empty mailbox with two references: the host's and the driver's. */
enum sms_status sms_http_mailbox_make(sms_http_driver *driver,
                                      sms_http_mailbox **mailbox);

/* One reference less; under the mailbox's mutex, which is given back. */
void sms_http_mailbox_unlock_and_drop(sms_http_mailbox *mailbox);

/* So that a timer that the host polls runs again. */
void sms_http_mailbox_read_timer(sms_http_mailbox *mailbox);

/* A request is on its way to the thread. */
void sms_http_mailbox_expect(sms_http_mailbox *mailbox);

/* It has ended; the job is the mailbox's. */
void sms_http_mailbox_deliver(struct job *job);

/* Tells the host, where there was nothing for a second, and of letters where it could
 * not be woken before; the time until there is something to tell, or longest. */
int64_t sms_http_mailbox_tell(sms_http_mailbox *mailbox, int64_t longest);

/* The thread looks anew at when its mailboxes have been idle long enough. */
void sms_http_driver_nudge(sms_http_driver *driver);

#endif
