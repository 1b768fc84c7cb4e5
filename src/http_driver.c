#include "http_driver.h"
#include "http_client.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STACK         (256u << 10) /* libcurl and OpenSSL stay below a quarter */
#define IDLE_AFTER    1000000      /* microseconds until the host is told of idleness */
#define LETTER        "!"          /* what a socket is sent */
#define IDLE          "."
#define LONGEST_SLEEP 60000000

/* A request on its way: to the thread, through the engine, into the mailbox. */
struct job {
  struct sms_http_letter letter; /* first: a letter is freed as its job */
  struct job *next;
  sms_http_mailbox *mailbox;
  sms_http_client *client;
  struct sms_http_request request;
  char *copies; /* of the request's strings, one after the other */
  struct sms_buffer body;
  char retry_after[64];
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
  bool armed;       /* the host has been woken and has not emptied the box since */
  size_t in_flight; /* submitted, not yet here */
  int64_t idle_at;  /* when to tell of idleness; 0: told, or not idle */
  bool closed;
  size_t references; /* the host's, the driver's list, and one a job */
};

struct sms_http_driver {
  pthread_t thread;
  pid_t owner;
  sms_http_engine *engine; /* the thread's, but for waking it */
  pthread_mutex_t mutex;   /* guards all below */
  struct queue submitted;
  sms_http_mailbox *mailboxes;
  uint64_t last_id;
  bool asleep, stopping, sweeping;
};

static int64_t monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void queue_init(struct queue *queue) {
  queue->first = NULL;
  queue->end = &queue->first;
}

static void queue_push(struct queue *queue, struct job *job) {
  job->next = NULL;
  *queue->end = job;
  queue->end = &job->next;
}

static struct job *queue_pop(struct queue *queue) {
  struct job *job = queue->first;
  if (!job) return NULL;
  queue->first = job->next;
  if (!queue->first) queue->end = &queue->first;
  return job;
}

static void job_free(struct job *job) {
  free(job->copies);
  sms_buffer_wipe(&job->body);
  sms_http_client_release(job->client);
  free(job);
}

/* Under the mailbox's mutex, which it gives back. */
static void mailbox_unlock_and_drop(sms_http_mailbox *mailbox) {
  bool last = --mailbox->references == 0;
  pthread_mutex_unlock(&mailbox->mutex);
  if (!last) return;
  for (struct job *job; (job = queue_pop(&mailbox->letters));)
    job_free(job);
  if (mailbox->descriptor >= 0) close(mailbox->descriptor);
  pthread_mutex_destroy(&mailbox->mutex);
  free(mailbox);
}

/* Under the mailbox's mutex. A full or closed socket is not an error: the host looks by
 * itself when it opens a new one. */
static void wake_host(sms_http_mailbox *mailbox, const char *byte) {
  uint64_t one = 1;
  if (mailbox->armed || mailbox->descriptor < 0) return;
  ssize_t written = mailbox->is_eventfd ? write(mailbox->descriptor, &one, sizeof one)
                                        : send(mailbox->descriptor, byte, 1,
                                               MSG_DONTWAIT | MSG_NOSIGNAL);
  mailbox->armed = written > 0;
}

static void deliver(struct job *job) {
  sms_http_mailbox *mailbox = job->mailbox;
  pthread_mutex_lock(&mailbox->mutex);
  mailbox->in_flight--;
  if (mailbox->in_flight == 0) mailbox->idle_at = monotonic() + IDLE_AFTER;
  if (mailbox->closed) {
    job_free(job);
  } else {
    queue_push(&mailbox->letters, job);
    wake_host(mailbox, LETTER);
  }
  mailbox_unlock_and_drop(mailbox);
}

/* Copies what the engine will use again; the body changes hands. */
static void fill_letter(struct job *job, sms_http_transfer *transfer) {
  struct sms_http_response *to = &job->letter.response;
  *to = *sms_http_transfer_response(transfer);
  sms_http_transfer_take_body(transfer, &job->body);
  to->body = job->body.data ? job->body.data : "";
  if (to->retry_after) {
    strncpy(job->retry_after, to->retry_after, sizeof job->retry_after - 1);
    to->retry_after = job->retry_after;
  }
  strncpy(job->message, to->message, sizeof job->message - 1);
  to->message = job->message;
}

static void collect(sms_http_driver *driver) {
  for (sms_http_transfer *transfer;
       (transfer = sms_http_engine_finished(driver->engine));) {
    struct job *job = sms_http_transfer_context(transfer);
    fill_letter(job, transfer);
    sms_http_transfer_release(transfer);
    deliver(job);
  }
}

static void start(sms_http_driver *driver, struct job *job) {
  sms_http_transfer *transfer;
  enum sms_status status =
      sms_http_engine_submit(driver->engine, job->client, &job->request, &transfer);
  if (status == SMS_OK) {
    sms_http_transfer_set_context(transfer, job);
  } else {
    job->letter.refused = status;
    deliver(job);
  }
}

/* Tells hosts that have been idle for a while; the time until the next is due. */
static int64_t tell_of_idleness(sms_http_driver *driver) {
  int64_t now = monotonic(), soonest = LONGEST_SLEEP;
  pthread_mutex_lock(&driver->mutex);
  for (sms_http_mailbox *m = driver->mailboxes; m; m = m->next) {
    pthread_mutex_lock(&m->mutex);
    bool idle = m->in_flight == 0 && m->idle_at && !m->is_eventfd;
    if (idle && m->idle_at <= now) {
      /* One byte at a time: a host that is busy is told later. */
      m->idle_at = m->armed ? now + IDLE_AFTER : 0;
      wake_host(m, IDLE);
    }
    if (idle && m->idle_at && m->idle_at - now < soonest) soonest = m->idle_at - now;
    pthread_mutex_unlock(&m->mutex);
  }
  pthread_mutex_unlock(&driver->mutex);
  return soonest;
}

/* Takes what was submitted; goes to sleep where there is nothing. */
static struct queue take_submitted(sms_http_driver *driver, bool *sweep, bool *stop) {
  struct queue taken;
  pthread_mutex_lock(&driver->mutex);
  taken = driver->submitted;
  if (!taken.first) taken.end = &taken.first;
  queue_init(&driver->submitted);
  *sweep = driver->sweeping;
  *stop = driver->stopping;
  driver->sweeping = false;
  driver->asleep = !taken.first && !*sweep;
  pthread_mutex_unlock(&driver->mutex);
  return taken;
}

static void *run(void *pointer) {
  sms_http_driver *driver = pointer;
  for (;;) {
    bool sweep, stop;
    struct queue taken = take_submitted(driver, &sweep, &stop);
    bool some = taken.first != NULL;
    for (struct job *job = taken.first, *next; job; job = next) {
      next = job->next;
      start(driver, job);
    }
    if (stop && !some) return NULL;
    if (sweep) sms_http_engine_sweep(driver->engine);
    sms_http_engine_step(driver->engine, some ? 0 : tell_of_idleness(driver));
    collect(driver);
  }
}

/* The host's signals must find the host's threads. */
static int create_thread(sms_http_driver *driver) {
  sigset_t all, before;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes)) return -1;
  pthread_attr_setstacksize(&attributes, STACK);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&driver->thread, &attributes, run, driver);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return failed;
}

enum sms_status sms_http_driver_new(sms_http_driver **driver) {
  sms_http_driver *new = calloc(1, sizeof *new);
  if (!new) return SMS_NO_MEMORY;
  new->owner = getpid();
  queue_init(&new->submitted);
  pthread_mutex_init(&new->mutex, NULL);
  enum sms_status status = sms_http_engine_new(&new->engine);
  if (status == SMS_OK && create_thread(new)) {
    sms_http_engine_release(new->engine);
    status = SMS_FAILED;
  }
  if (status != SMS_OK) {
    pthread_mutex_destroy(&new->mutex);
    free(new);
    return status;
  }
  *driver = new;
  return SMS_OK;
}

bool sms_http_driver_is_foreign(const sms_http_driver *driver) {
  return driver->owner != getpid();
}

/* Under the driver's mutex. */
static void wake_thread(sms_http_driver *driver) {
  if (!driver->asleep) return;
  driver->asleep = false;
  sms_http_engine_wake(driver->engine);
}

void sms_http_driver_release(sms_http_driver *driver) {
  if (!driver || sms_http_driver_is_foreign(driver)) return;
  pthread_mutex_lock(&driver->mutex);
  driver->stopping = true;
  wake_thread(driver);
  pthread_mutex_unlock(&driver->mutex);
  pthread_join(driver->thread, NULL);
  sms_http_engine_cancel_all(driver->engine);
  collect(driver);
  sms_http_engine_release(driver->engine);
  while (driver->mailboxes) {
    sms_http_mailbox *mailbox = driver->mailboxes;
    driver->mailboxes = mailbox->next;
    pthread_mutex_lock(&mailbox->mutex);
    mailbox->driver = NULL;
    mailbox_unlock_and_drop(mailbox);
  }
  pthread_mutex_destroy(&driver->mutex);
  free(driver);
}

enum sms_status sms_http_mailbox_new(sms_http_driver *driver,
                                     sms_http_mailbox **mailbox) {
  sms_http_mailbox *new = calloc(1, sizeof *new);
  if (!new) return SMS_NO_MEMORY;
  pthread_mutex_init(&new->mutex, NULL);
  queue_init(&new->letters);
  new->driver = driver;
  new->descriptor = -1;
  new->references = 2;
  pthread_mutex_lock(&driver->mutex);
  new->next = driver->mailboxes;
  driver->mailboxes = new;
  pthread_mutex_unlock(&driver->mutex);
  *mailbox = new;
  return SMS_OK;
}

void sms_http_mailbox_watch(sms_http_mailbox *mailbox, int descriptor,
                            bool is_eventfd) {
  pthread_mutex_lock(&mailbox->mutex);
  if (mailbox->descriptor >= 0) close(mailbox->descriptor);
  mailbox->descriptor = descriptor;
  mailbox->is_eventfd = is_eventfd;
  mailbox->armed = false;
  if (mailbox->letters.first) wake_host(mailbox, LETTER);
  pthread_mutex_unlock(&mailbox->mutex);
}

struct sms_http_letter *sms_http_mailbox_take(sms_http_mailbox *mailbox) {
  pthread_mutex_lock(&mailbox->mutex);
  struct job *job = queue_pop(&mailbox->letters);
  if (!job && mailbox->is_eventfd && mailbox->armed) {
    uint64_t count;
    mailbox->armed = read(mailbox->descriptor, &count, sizeof count) < 0;
  } else if (!job) {
    mailbox->armed = false;
  }
  pthread_mutex_unlock(&mailbox->mutex);
  return job ? &job->letter : NULL;
}

void sms_http_letter_free(struct sms_http_letter *letter) {
  if (letter) job_free((struct job *)(void *)letter);
}

static void forget_mailbox(sms_http_driver *driver, sms_http_mailbox *mailbox) {
  pthread_mutex_lock(&driver->mutex);
  sms_http_mailbox **at = &driver->mailboxes;
  while (*at && *at != mailbox)
    at = &(*at)->next;
  if (*at) *at = mailbox->next;
  pthread_mutex_unlock(&driver->mutex);
}

void sms_http_mailbox_release(sms_http_mailbox *mailbox) {
  if (!mailbox) return;
  if (mailbox->driver) {
    if (sms_http_driver_is_foreign(mailbox->driver)) return;
    forget_mailbox(mailbox->driver, mailbox);
    pthread_mutex_lock(&mailbox->mutex);
    mailbox->references--; /* the list's */
  } else {
    pthread_mutex_lock(&mailbox->mutex);
  }
  mailbox->closed = true;
  mailbox_unlock_and_drop(mailbox);
}

static size_t length_of(const char *string) {
  return string ? strlen(string) + 1 : 0;
}

/* url, then body, then the signed text, each followed by a NUL. */
static enum sms_status copy_request(struct job *job,
                                    const struct sms_http_request *request) {
  size_t url = length_of(request->url);
  size_t body = request->body ? request->body_length + 1 : 0;
  size_t text = request->signed_text ? request->signed_length + 1 : 0;
  char *at = job->copies = calloc(1, url + body + text + 1);
  if (!at) return SMS_NO_MEMORY;
  job->request = *request;
  memcpy(at, request->url, url);
  job->request.url = at;
  if (body) {
    job->request.body = memcpy(at + url, request->body, request->body_length);
  }
  if (text) {
    at += url + body;
    job->request.signed_text = memcpy(at, request->signed_text, request->signed_length);
  }
  return SMS_OK;
}

enum sms_status sms_http_driver_submit(sms_http_mailbox *mailbox,
                                       sms_http_client *client,
                                       const struct sms_http_request *request,
                                       uint64_t *id) {
  sms_http_driver *driver = mailbox->driver;
  if (!driver || sms_http_driver_is_foreign(driver)) return SMS_FORKED;
  struct job *job = calloc(1, sizeof *job);
  if (!job) return SMS_NO_MEMORY;
  job->mailbox = mailbox;
  job->client = sms_http_client_retain(client);
  enum sms_status status = copy_request(job, request);
  if (status != SMS_OK) {
    job_free(job);
    return status;
  }
  pthread_mutex_lock(&mailbox->mutex);
  mailbox->references++;
  mailbox->in_flight++;
  pthread_mutex_unlock(&mailbox->mutex);
  pthread_mutex_lock(&driver->mutex);
  *id = job->letter.id = ++driver->last_id;
  queue_push(&driver->submitted, job);
  wake_thread(driver);
  pthread_mutex_unlock(&driver->mutex);
  return SMS_OK;
}

void sms_http_driver_sweep(sms_http_driver *driver) {
  if (sms_http_driver_is_foreign(driver)) return;
  pthread_mutex_lock(&driver->mutex);
  driver->sweeping = true;
  wake_thread(driver);
  pthread_mutex_unlock(&driver->mutex);
}
