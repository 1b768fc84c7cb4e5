#include "http/mailbox.h"
#include "base/clock.h"
#include "http/client.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUIET       1000000 /* microseconds until the host is told that there was nothing */
#define AGAIN_AFTER 10000 /* microseconds until a host that was not woken is, again */
#define LETTER      "!"   /* what a socket is sent */
#define TICK        ","
#define IDLE        "."

void sms_http_jobs_init(struct queue *queue) {
  queue->first = NULL;
  queue->end = &queue->first;
}

void sms_http_jobs_push(struct queue *queue, struct job *job) {
  job->next = NULL;
  *queue->end = job;
  queue->end = &job->next;
}

struct job *sms_http_jobs_take(struct queue *queue, size_t most) {
  struct job *first = queue->first, **end = &queue->first;
  while (*end && most-- > 0)
    end = &(*end)->next;
  queue->first = *end;
  if (!queue->first) queue->end = &queue->first;
  *end = NULL;
  return first;
}

/* The first, no longer in the queue; NULL: empty. */
static struct job *pop(struct queue *queue) {
  struct job *job = queue->first;
  if (!job) return NULL;
  queue->first = job->next;
  if (!queue->first) queue->end = &queue->first;
  return job;
}

void sms_http_job_free(struct job *job) {
  free(job->copies);
  sms_buffer_wipe(&job->body);
  sms_http_client_release(job->client);
  free(job);
}

void sms_http_letter_free(struct sms_http_letter *letter) {
  if (letter) sms_http_job_free((struct job *)(void *)letter);
}

enum sms_status sms_http_mailbox_make(sms_http_driver *driver,
                                      sms_http_mailbox **mailbox) {
  sms_http_mailbox *new = calloc(1, sizeof *new);
  if (!new) return SMS_NO_MEMORY;
  pthread_mutex_init(&new->mutex, NULL);
  sms_http_jobs_init(&new->letters);
  new->driver = driver;
  new->descriptor = -1;
  new->references = 2;
  *mailbox = new;
  return SMS_OK;
}

void sms_http_mailbox_unlock_and_drop(sms_http_mailbox *mailbox) {
  bool last = --mailbox->references == 0;
  pthread_mutex_unlock(&mailbox->mutex);
  if (!last) return;
  for (struct job *job; (job = pop(&mailbox->letters));)
    sms_http_job_free(job);
  if (mailbox->descriptor >= 0) close(mailbox->descriptor);
  pthread_mutex_destroy(&mailbox->mutex);
  free(mailbox);
}

/* Under the mailbox's mutex. False: the host could not be woken. Where nobody reads any
 * more that is no error: it looks by itself when it opens a new socket. */
static bool wake_host(sms_http_mailbox *mailbox, const char *byte) {
  uint64_t one = 1;
  if (mailbox->armed || mailbox->stepped || mailbox->descriptor < 0) return true;
  ssize_t written = mailbox->is_eventfd ? write(mailbox->descriptor, &one, sizeof one)
                                        : send(mailbox->descriptor, byte, 1,
                                               MSG_DONTWAIT | MSG_NOSIGNAL);
  mailbox->armed = written > 0;
  return mailbox->armed || errno == EPIPE || errno == ECONNRESET;
}

/* Under the mailbox's mutex. */
static void wake_for_letters(sms_http_mailbox *mailbox) {
  mailbox->is_unheard = mailbox->letters.first && !wake_host(mailbox, LETTER);
}

void sms_http_mailbox_read_timer(sms_http_mailbox *mailbox) {
  uint64_t count;
  pthread_mutex_lock(&mailbox->mutex);
  ssize_t size =
      mailbox->is_eventfd ? read(mailbox->descriptor, &count, sizeof count) : 0;
  (void)size; /* none where its time has not come */
  pthread_mutex_unlock(&mailbox->mutex);
}

void sms_http_mailbox_expect(sms_http_mailbox *mailbox) {
  pthread_mutex_lock(&mailbox->mutex);
  mailbox->references++;
  mailbox->in_flight++;
  if (!mailbox->tell_at) mailbox->tell_at = sms_clock_now() + QUIET;
  pthread_mutex_unlock(&mailbox->mutex);
}

void sms_http_mailbox_deliver(struct job *job) {
  sms_http_mailbox *mailbox = job->mailbox;
  pthread_mutex_lock(&mailbox->mutex);
  mailbox->in_flight--;
  if (mailbox->in_flight == 0) mailbox->tell_at = sms_clock_now() + QUIET;
  if (mailbox->closed) {
    sms_http_job_free(job);
  } else {
    sms_http_jobs_push(&mailbox->letters, job);
    wake_for_letters(mailbox);
  }
  sms_http_mailbox_unlock_and_drop(mailbox);
}

/* Of idleness once, and that all goes on each second; the time until then, or longest.
 */
static int64_t tell_of_quiet(sms_http_mailbox *mailbox, int64_t longest) {
  int64_t now = sms_clock_now();
  if (!mailbox->tell_at || mailbox->is_eventfd) return longest;
  if (mailbox->tell_at <= now) {
    bool idle = mailbox->in_flight == 0;
    /* One byte at a time: a host that is busy is told later. */
    bool told = !mailbox->armed && wake_host(mailbox, idle ? IDLE : TICK);
    mailbox->tell_at = told && idle ? 0 : now + QUIET;
  }
  return mailbox->tell_at ? mailbox->tell_at - now : longest;
}

int64_t sms_http_mailbox_tell(sms_http_mailbox *mailbox, int64_t longest) {
  pthread_mutex_lock(&mailbox->mutex);
  if (mailbox->is_unheard) wake_for_letters(mailbox);
  int64_t left = tell_of_quiet(mailbox, longest);
  if (mailbox->is_unheard && left > AGAIN_AFTER) left = AGAIN_AFTER;
  pthread_mutex_unlock(&mailbox->mutex);
  return left < longest ? left : longest;
}

void sms_http_mailbox_watch(sms_http_mailbox *mailbox, int descriptor,
                            bool is_eventfd) {
  pthread_mutex_lock(&mailbox->mutex);
  if (mailbox->descriptor >= 0) close(mailbox->descriptor);
  mailbox->descriptor = descriptor;
  mailbox->is_eventfd = is_eventfd;
  mailbox->armed = false;
  wake_for_letters(mailbox);
  /* A host that then submits nothing is told of that, too. */
  bool tells = descriptor >= 0 && !is_eventfd;
  if (tells) mailbox->tell_at = sms_clock_now() + QUIET;
  pthread_mutex_unlock(&mailbox->mutex);
  if (tells && mailbox->driver) sms_http_driver_nudge(mailbox->driver);
}

struct sms_http_letter *sms_http_mailbox_take(sms_http_mailbox *mailbox) {
  pthread_mutex_lock(&mailbox->mutex);
  struct job *job = pop(&mailbox->letters);
  if (!job && mailbox->is_eventfd && mailbox->armed) {
    uint64_t count;
    mailbox->armed = read(mailbox->descriptor, &count, sizeof count) < 0;
  } else if (!job) {
    mailbox->armed = false;
  }
  pthread_mutex_unlock(&mailbox->mutex);
  return job ? &job->letter : NULL;
}
