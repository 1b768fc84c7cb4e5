#include "http/driver.h"
#include "base/fork_gate.h"
#include "base/process.h"
#include "base/thread.h"
#include "http/client.h"
#include "http/mailbox.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STACK         (256u << 10) /* libcurl and OpenSSL stay below a quarter */
#define LONGEST_SLEEP 1000000      /* microseconds; waking the thread may have failed */
#define AFTER_FAILURE 10000000     /* nanoseconds until the engine is tried again */
#define STARTS        32 /* in a step: what else a host has to do waits so long */

struct sms_http_driver {
  pthread_t thread;
  bool stepped;             /* there is no thread, hosts do its work: */
  pthread_mutex_t stepping; /* one at a time */
  pid_t owner;
  sms_http_engine *engine; /* the thread's, but for waking it */
  pthread_mutex_t mutex;   /* guards all below */
  struct queue submitted;
  sms_http_mailbox *mailboxes;
  uint64_t last_id;
  bool asleep, stopping, sweeping;
};

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
  if (to->date) {
    strncpy(job->date, to->date, sizeof job->date - 1);
    to->date = job->date;
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
    sms_http_mailbox_deliver(job);
  }
}

static void refuse(struct job *job, enum sms_status why) {
  job->letter.refused = why;
  sms_http_mailbox_deliver(job);
}

static void start(sms_http_driver *driver, struct job *job) {
  sms_http_transfer *transfer;
  enum sms_status status =
      sms_http_engine_submit(driver->engine, job->client, &job->request, &transfer);
  if (status == SMS_OK)
    sms_http_transfer_set_context(transfer, job);
  else
    refuse(job, status);
}

/* Tells hosts what there is to tell them; the time until there will be more. Whoever
 * asks for something from here on wakes the thread, unless there is work already. */
static int64_t fall_asleep(sms_http_driver *driver) {
  int64_t soonest = 0;
  sms_fork_gate_enter();
  pthread_mutex_lock(&driver->mutex);
  driver->asleep = !driver->submitted.first && !driver->sweeping && !driver->stopping;
  if (driver->asleep) {
    soonest = LONGEST_SLEEP;
    for (sms_http_mailbox *m = driver->mailboxes; m; m = m->next)
      soonest = sms_http_mailbox_tell(m, soonest);
  }
  pthread_mutex_unlock(&driver->mutex);
  sms_fork_gate_leave();
  return soonest;
}

/* The first of what was submitted. */
static struct job *wake_up(sms_http_driver *driver, size_t most, bool *sweep,
                           bool *stop) {
  pthread_mutex_lock(&driver->mutex);
  struct job *first = sms_http_jobs_take(&driver->submitted, most);
  *sweep = driver->sweeping;
  *stop = driver->stopping;
  driver->asleep = driver->sweeping = false;
  pthread_mutex_unlock(&driver->mutex);
  return first;
}

/* Where the engine fails, for want of memory, it gets time: calls time out there. */
static void pause_after(enum sms_status status) {
  const struct timespec pause = {0, AFTER_FAILURE};
  if (status != SMS_OK) nanosleep(&pause, NULL);
}

/* A child finds none of the locks taken that this needs, OpenSSL's among them. Whether
 * the thread is to stop. */
static bool work(sms_http_driver *driver, enum sms_status *status) {
  bool sweep, stop;
  sms_fork_gate_enter();
  struct job *job = wake_up(driver, driver->stepped ? STARTS : SIZE_MAX, &sweep, &stop);
  for (struct job *next; job; job = next) {
    next = job->next;
    start(driver, job);
  }
  if (sweep) sms_http_engine_sweep(driver->engine);
  *status = driver->stepped ? sms_http_engine_step(driver->engine, 0)
                            : sms_http_engine_perform(driver->engine);
  collect(driver);
  sms_fork_gate_leave();
  return stop;
}

static void *run(void *pointer) {
  sms_http_driver *driver = pointer;
  for (bool stop = false; !stop;) {
    enum sms_status status;
    pause_after(sms_http_engine_wait(driver->engine, fall_asleep(driver)));
    stop = work(driver, &status);
    pause_after(status);
  }
  return NULL;
}

static void dispose(sms_http_driver *driver) {
  pthread_mutex_destroy(&driver->mutex);
  pthread_mutex_destroy(&driver->stepping);
  free(driver);
}

/* An engine, for a thread one that can be woken. SMS_FAILED: error is an errno. */
static enum sms_status new_engine(bool stepped, sms_http_engine **engine, int *error) {
  errno = 0;
  enum sms_status status = sms_http_engine_new(engine);
  bool lacks_descriptors = errno == EMFILE || errno == ENFILE;
  *error = lacks_descriptors ? errno : EMFILE;
  if (status == SMS_OK && !stepped && sms_http_engine_wake(*engine) != SMS_OK) {
    sms_http_engine_release(*engine);
    return SMS_FAILED;
  }
  if (status == SMS_NO_FILES) return SMS_FAILED;
  return status == SMS_NO_MEMORY && lacks_descriptors ? SMS_FAILED : status;
}

static enum sms_status make(bool stepped, sms_http_driver **driver) {
  sms_http_driver *new = calloc(1, sizeof *new);
  if (!new) return SMS_NO_MEMORY;
  new->stepped = stepped;
  new->owner = sms_process();
  sms_http_jobs_init(&new->submitted);
  pthread_mutex_init(&new->mutex, NULL);
  pthread_mutex_init(&new->stepping, NULL);
  int error;
  enum sms_status status = new_engine(stepped, &new->engine, &error);
  if (status == SMS_OK && !stepped &&
      (error = sms_thread_start(&new->thread, STACK, run, new))) {
    sms_http_engine_release(new->engine);
    status = SMS_FAILED;
  }
  if (status != SMS_OK) {
    dispose(new);
    errno = error;
    return status;
  }
  *driver = new;
  return SMS_OK;
}

enum sms_status sms_http_driver_new(sms_http_driver **driver) {
  return make(false, driver);
}

enum sms_status sms_http_driver_new_stepped(sms_http_driver **driver) {
  return make(true, driver);
}

bool sms_http_driver_is_foreign(const sms_http_driver *driver) {
  return driver->owner != sms_process();
}

/* Under the driver's mutex. */
static void wake_thread(sms_http_driver *driver) {
  if (driver->asleep && sms_http_engine_wake(driver->engine) == SMS_OK)
    driver->asleep = false;
}

void sms_http_driver_nudge(sms_http_driver *driver) {
  pthread_mutex_lock(&driver->mutex);
  wake_thread(driver);
  pthread_mutex_unlock(&driver->mutex);
}

/* Where the engine fails, for want of memory, calls time out there. */
static void step(sms_http_driver *driver) {
  enum sms_status status;
  if (!driver->stepped || pthread_mutex_trylock(&driver->stepping)) return;
  work(driver, &status);
  pthread_mutex_unlock(&driver->stepping);
}

/* What no step has started. */
static void refuse_submitted(sms_http_driver *driver) {
  bool sweep, stop;
  for (struct job *next, *job = wake_up(driver, SIZE_MAX, &sweep, &stop); job;
       job = next) {
    next = job->next;
    refuse(job, SMS_CLOSED);
  }
}

void sms_http_driver_release(sms_http_driver *driver) {
  if (!driver || sms_http_driver_is_foreign(driver)) return;
  pthread_mutex_lock(&driver->mutex);
  driver->stopping = true;
  wake_thread(driver);
  pthread_mutex_unlock(&driver->mutex);
  if (driver->stepped)
    pthread_mutex_lock(&driver->stepping);
  else
    pthread_join(driver->thread, NULL);
  refuse_submitted(driver);
  sms_http_engine_cancel_all(driver->engine);
  collect(driver);
  sms_http_engine_release(driver->engine);
  while (driver->mailboxes) {
    sms_http_mailbox *mailbox = driver->mailboxes;
    driver->mailboxes = mailbox->next;
    pthread_mutex_lock(&mailbox->mutex);
    mailbox->driver = NULL;
    sms_http_mailbox_unlock_and_drop(mailbox);
  }
  if (driver->stepped) pthread_mutex_unlock(&driver->stepping);
  dispose(driver);
}

enum sms_status sms_http_mailbox_new(sms_http_driver *driver,
                                     sms_http_mailbox **mailbox) {
  sms_http_mailbox *new;
  enum sms_status status = sms_http_mailbox_make(driver, &new);
  if (status != SMS_OK) return status;
  new->stepped = driver->stepped;
  pthread_mutex_lock(&driver->mutex);
  new->next = driver->mailboxes;
  driver->mailboxes = new;
  pthread_mutex_unlock(&driver->mutex);
  *mailbox = new;
  return SMS_OK;
}

bool sms_http_mailbox_is_foreign(const sms_http_mailbox *mailbox) {
  return !mailbox->driver || sms_http_driver_is_foreign(mailbox->driver);
}

void sms_http_mailbox_step(sms_http_mailbox *mailbox) {
  if (!mailbox->stepped || sms_http_mailbox_is_foreign(mailbox)) return;
  sms_http_mailbox_read_timer(mailbox);
  step(mailbox->driver);
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
  sms_http_mailbox_unlock_and_drop(mailbox);
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
  if (body) job->request.body = memcpy(at + url, request->body, request->body_length);
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
  if (sms_http_mailbox_is_foreign(mailbox)) return SMS_FORKED;
  if (!client) return SMS_CLOSED;
  struct job *job = calloc(1, sizeof *job);
  if (!job) return SMS_NO_MEMORY;
  job->mailbox = mailbox;
  job->client = sms_http_client_retain(client);
  enum sms_status status = copy_request(job, request);
  if (status != SMS_OK) {
    sms_http_job_free(job);
    return status;
  }
  sms_http_mailbox_expect(mailbox);
  pthread_mutex_lock(&driver->mutex);
  *id = job->letter.id = ++driver->last_id;
  sms_http_jobs_push(&driver->submitted, job);
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
  step(driver);
}
