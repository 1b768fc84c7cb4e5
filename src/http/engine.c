#include "http/engine.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/process.h"
#include "base/wipe.h"
#include "http/connection.h"
#include "http/ending.h"
#include "http/finished.h"
#include "http/pool.h"
#include "http/queue.h"
#include "http/sigpipe.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* Microseconds. A server on this machine or beside it answers before a core that slept
 * is awake again: who looks for the answer meanwhile takes half the time and no more of
 * the CPU's (./dev bench one). */
#define NEAR 100

struct sms_http_engine {
  CURLM *multi;
  CURLSH *share; /* TLS sessions */
  struct sms_http_sockets sockets;
  pid_t owner;
  bool fresh;       /* libcurl must run before there is anything to wait for */
  bool passed;      /* nothing came while it waited */
  bool near;        /* the last answer came within NEAR */
  bool tls;         /* some client speaks TLS: OpenSSL's writes may raise SIGPIPE */
  int64_t next_due; /* before this no transfer's time is over */
  struct sms_http_queue queue;
  uint64_t last_id;
  struct sms_http_pool *pools;
  sms_http_transfer *outside; /* submitted and not released */
  struct sms_http_finished finished;
  size_t references; /* the engine's own, and one for each transfer outside */
};

enum sms_status sms_http_engine_new(sms_http_engine **engine) {
  sms_http_initialise();
  struct sms_standard standard;
  sms_http_engine *new = calloc(1, sizeof *new);
  if (!new) return SMS_NO_MEMORY;
  new->owner = sms_process();
  new->references = 1;
  new->next_due = INT64_MAX;
  sms_http_finished_init(&new->finished);
  sms_standard_take(&standard); /* from what wakes the multi handle */
  new->multi = curl_multi_init();
  sms_standard_give_back(&standard);
  CURLSH *share = new->share = curl_share_init();
  if (new->multi && share &&
      !curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION)) {
    sms_http_queue_set_up_lookups(new->multi);
    *engine = new;
    return SMS_OK;
  }
  curl_share_cleanup(new->share);
  curl_multi_cleanup(new->multi);
  free(new);
  return sms_descriptor_lack() ? SMS_NO_FILES : SMS_NO_MEMORY;
}

static bool is_foreign(const sms_http_engine *engine) {
  return engine->owner != sms_process();
}

static void drop_reference(sms_http_engine *engine) {
  if (--engine->references == 0) free(engine);
}

static void cancel_all_of(sms_http_engine *engine, bool closed_clients_alone) {
  for (sms_http_transfer *t = engine->outside; t; t = t->next) {
    if (t->state == TRANSFER_ENDED) continue;
    if (closed_clients_alone && !sms_http_client_is_closed(t->pool->client)) continue;
    sms_http_transfer_cancel(t);
    sms_http_finished_add(&engine->finished, t);
    engine->fresh = true; /* nobody waits before it is told */
  }
}

void sms_http_engine_sweep(sms_http_engine *engine) {
  if (is_foreign(engine)) return;
  struct sms_sigpipe held = sms_sigpipe_hold(engine->tls);
  cancel_all_of(engine, true);
  sms_http_pool_sweep(&engine->pools);
  sms_http_queue_sweep(&engine->queue);
  sms_wiping_sweep();
  sms_sigpipe_release(&held);
}

static enum sms_status find_pool(sms_http_engine *engine, sms_http_client *client,
                                 struct sms_http_pool **found) {
  for (*found = engine->pools; *found; *found = (*found)->next)
    if ((*found)->client == client) return SMS_OK;
  sms_http_engine_sweep(engine);
  long connections = client->options.max_connections;
  if (connections > engine->queue.connections) {
    engine->queue.connections = connections;
    curl_multi_setopt(engine->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
    /* Idle connections are kept when the load sinks: two hosts and a reserve. */
    curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS, 4 * connections);
  }
  struct sms_http_pool *pool = sms_http_pool_new(client);
  if (!pool) return SMS_NO_MEMORY;
  if (client->options.proxy) engine->tls = true; /* the way to it may be TLS */
  pool->next = engine->pools;
  engine->pools = *found = pool;
  return SMS_OK;
}

static enum sms_status status_of(CURLMcode code) {
  if (code == CURLM_OUT_OF_MEMORY) return SMS_NO_MEMORY;
  return code ? SMS_FAILED : SMS_OK;
}

static void note_due(sms_http_engine *engine, int64_t due) {
  if (due < engine->next_due) engine->next_due = due;
}

/* Hands it to libcurl, or makes it wait. */
static enum sms_status enter(sms_http_engine *engine, sms_http_transfer *t,
                             const sms_http_client *client, const char *url) {
  enum sms_status status = sms_http_queue_enter(&engine->queue, t, client, url);
  if (status != SMS_OK) return status;
  note_due(engine, sms_http_queue_due(t));
  if (t->state == TRANSFER_WAITING) return SMS_OK;
  CURLMcode code = curl_multi_add_handle(engine->multi, t->easy);
  engine->fresh = engine->fresh || !code;
  if (code) sms_http_queue_leave(t);
  return status_of(code);
}

enum sms_status sms_http_engine_submit(sms_http_engine *engine, sms_http_client *client,
                                       const struct sms_http_request *request,
                                       sms_http_transfer **transfer) {
  struct sms_http_pool *pool;
  struct curl_slist *headers;
  sms_http_transfer *t;
  if (is_foreign(engine)) return SMS_FORKED;
  if (sms_http_client_is_closed(client)) return SMS_CLOSED;
  enum sms_status status = find_pool(engine, client, &pool);
  if (status == SMS_OK) status = sms_http_pool_headers(pool, request, &headers);
  if (status == SMS_OK)
    status = sms_http_pool_take(pool, engine->share, &engine->sockets, &t);
  if (status != SMS_OK) return status;
  status = sms_http_transfer_prepare(t, client, request, headers);
  if (status == SMS_OK) status = enter(engine, t, client, request->url);
  if (status != SMS_OK) {
    sms_http_pool_give_back(pool, t);
    return status;
  }
  t->engine = engine;
  t->pool = pool;
  t->context = NULL;
  if (!t->id) t->id = ++engine->last_id;
  sms_http_transfer_link(&engine->outside, t);
  pool->busy++;
  engine->references++;
  if (strncasecmp(request->url, "https:", 6) == 0) engine->tls = true;
  *transfer = t;
  return SMS_OK;
}

/* Ends it before libcurl does. */
static void end(sms_http_engine *engine, sms_http_transfer *t, CURLcode code) {
  sms_http_transfer_end(t, code);
  sms_http_connection_leave(t, engine->multi);
  sms_http_queue_leave(t);
  sms_http_finished_add(&engine->finished, t);
}

/* Its connection has been closed before a byte left: it takes another. Or libcurl has
 * none for it: it waits for one. */
static bool begins_again(sms_http_engine *engine, sms_http_transfer *t,
                         CURLcode *code) {
  bool waits = t->held || (*code == CURLE_OPERATION_TIMEDOUT &&
                           sms_http_transfer_phase(t) == SMS_HTTP_PHASE_QUEUE);
  if (!t->stale && !waits) return false;
  t->stale = false;
  t->error[0] = '\0';
  curl_multi_remove_handle(engine->multi, t->easy);
  if (waits) {
    sms_http_queue_step_back(t);
    note_due(engine, sms_http_queue_due(t));
    return true;
  }
  engine->fresh = true;
  if (!curl_multi_add_handle(engine->multi, t->easy)) return true;
  *code = CURLE_OUT_OF_MEMORY;
  return false;
}

/* Transfers that waited take the connections that others have left. */
static void move_up(sms_http_engine *engine) {
  sms_http_queue_note_lookups(&engine->queue);
  if (!engine->queue.moved) return;
  for (sms_http_transfer *t; (t = sms_http_queue_next(&engine->queue));) {
    engine->fresh = true;
    if (curl_multi_add_handle(engine->multi, t->easy))
      end(engine, t, CURLE_OUT_OF_MEMORY);
  }
}

static void collect(sms_http_engine *engine) {
  int left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(engine->multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    char *pointer = NULL;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &pointer);
    sms_http_transfer *t = (sms_http_transfer *)(void *)pointer;
    if (begins_again(engine, t, &code)) continue;
    sms_http_transfer_end(t, code);
    curl_multi_remove_handle(engine->multi, t->easy);
    sms_http_connection_end(t);
    sms_http_queue_leave(t);
    sms_http_finished_add(&engine->finished, t);
    /* What came for other streams of its connection may lie in libcurl's buffers, where
     * no socket tells of it (seen with resets and libcurl 7.88). */
    if (t->http2) engine->fresh = true;
  }
}

/* Libcurl, told of their times, would keep a list of them for each request, and would
 * not end what waits for a connection (seen with 7.88). */
static void end_what_is_due(sms_http_engine *engine) {
  int64_t time = sms_clock_now();
  if (time < engine->next_due) return;
  engine->next_due = INT64_MAX;
  for (sms_http_transfer *t = engine->outside; t; t = t->next) {
    if (t->state == TRANSFER_ENDED) continue;
    if (sms_http_queue_due(t) > time)
      note_due(engine, sms_http_queue_due(t));
    else
      end(engine, t, CURLE_OPERATION_TIMEDOUT);
  }
}

/* In milliseconds, and no longer than until something is due. */
static int bounded_wait(const sms_http_engine *engine, int64_t wait) {
  int64_t left =
      engine->next_due == INT64_MAX ? wait : engine->next_due - sms_clock_now();
  if (wait > left) wait = left > 0 ? left : 0;
  return wait > 60000000 ? 60000 : (int)((wait + 999) / 1000);
}

enum sms_status sms_http_engine_wait(sms_http_engine *engine, int64_t wait) {
  if (is_foreign(engine)) return SMS_FORKED;
  /* What is new must run before there is anything to wait for. */
  if (wait <= 0 || engine->fresh || engine->queue.moved) return SMS_OK;
  int ready = 0;
  enum sms_status status = status_of(
      curl_multi_poll(engine->multi, NULL, 0, bounded_wait(engine, wait), &ready));
  engine->passed = ready == 0;
  return status;
}

enum sms_status sms_http_engine_perform(sms_http_engine *engine) {
  int running;
  if (is_foreign(engine)) return SMS_FORKED;
  struct sms_sigpipe held = sms_sigpipe_hold(engine->tls);
  engine->fresh = false;
  CURLMcode code = curl_multi_perform(engine->multi, &running);
  collect(engine);
  end_what_is_due(engine);
  move_up(engine);
  /* Libcurl 7.88 gives up an address of a host when its part of the time has passed,
   * and tries the next one when it runs again, of which it tells nobody. */
  if (engine->passed) engine->fresh = true;
  engine->passed = false;
  sms_sigpipe_release(&held);
  return status_of(code);
}

/* The transfer under way where there is no other; NULL: there are more, or none. */
static const sms_http_transfer *single(const sms_http_engine *engine) {
  const sms_http_transfer *t = engine->outside;
  return t && !t->next && t->state == TRANSFER_ACTIVE ? t : NULL;
}

/* Looks for its end instead of sleeping; whoever needs the core may have it. */
static enum sms_status look(sms_http_engine *engine, const sms_http_transfer *t,
                            int64_t until) {
  enum sms_status status = SMS_OK;
  while (status == SMS_OK && t->state == TRANSFER_ACTIVE && sms_clock_now() < until) {
    sched_yield();
    status = sms_http_engine_perform(engine);
  }
  return status;
}

/* Libcurl goes through all of its transfers to find that there is nothing to do, which
 * takes several times what poll does. */
static bool is_idle(sms_http_engine *engine) {
  long left = 0; /* milliseconds until libcurl wants to run */
  int ready = 0;
  if (engine->fresh || engine->queue.moved || sms_clock_now() >= engine->next_due)
    return false;
  if (curl_multi_timeout(engine->multi, &left)) return false;
  engine->passed = left == 0;
  return left != 0 && !curl_multi_poll(engine->multi, NULL, 0, 0, &ready) && ready == 0;
}

enum sms_status sms_http_engine_step(sms_http_engine *engine, int64_t wait) {
  if (!is_foreign(engine) && wait <= 0 && is_idle(engine)) return SMS_OK;
  const sms_http_transfer *t = wait < NEAR || engine->fresh ? NULL : single(engine);
  int64_t soon = t ? sms_clock_now() + NEAR : 0;
  if (t && engine->near) {
    enum sms_status looked = look(engine, t, soon);
    if (looked != SMS_OK || t->state != TRANSFER_ACTIVE) return looked;
  }
  enum sms_status waited = sms_http_engine_wait(engine, wait);
  enum sms_status performed = sms_http_engine_perform(engine);
  if (t) engine->near = t->state != TRANSFER_ACTIVE && sms_clock_now() < soon;
  return waited == SMS_OK ? performed : waited;
}

sms_http_transfer *sms_http_engine_finished(sms_http_engine *engine) {
  return sms_http_finished_take(&engine->finished);
}

enum sms_status sms_http_engine_wake(sms_http_engine *engine) {
  return status_of(curl_multi_wakeup(engine->multi));
}

void sms_http_engine_cancel_all(sms_http_engine *engine) {
  cancel_all_of(engine, false);
}

void sms_http_transfer_cancel(sms_http_transfer *t) {
  if (t->state == TRANSFER_ENDED || is_foreign(t->engine)) return;
  struct sms_sigpipe held = sms_sigpipe_hold(t->engine->tls);
  sms_http_transfer_end_cancelled(t);
  sms_http_connection_leave(t, t->engine->multi);
  sms_http_queue_leave(t);
  sms_sigpipe_release(&held);
}

void sms_http_transfer_release(sms_http_transfer *t) {
  if (!t || is_foreign(t->engine)) return;
  sms_http_engine *engine = t->engine;
  sms_http_transfer_cancel(t);
  if (t->queued) sms_http_finished_forget(&engine->finished, t);
  sms_http_transfer_unlink(&engine->outside, t);
  if (t->pool) {
    t->pool->busy--;
    sms_http_pool_give_back(t->pool, t);
  } else {
    sms_http_transfer_free(t);
  }
  drop_reference(engine);
}

void sms_http_engine_release(sms_http_engine *engine) {
  if (!engine || is_foreign(engine)) return;
  struct sms_sigpipe held = sms_sigpipe_hold(engine->tls);
  for (sms_http_transfer *t = engine->outside; t; t = t->next) {
    sms_http_transfer_cancel(t);
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    t->pool = NULL;
  }
  while (engine->pools) {
    struct sms_http_pool *pool = engine->pools;
    engine->pools = pool->next;
    sms_http_pool_free(pool);
  }
  curl_multi_cleanup(engine->multi);
  curl_share_cleanup(engine->share);
  sms_http_sockets_free(&engine->sockets);
  sms_http_queue_free(&engine->queue);
  engine->multi = NULL;
  engine->share = NULL;
  sms_wiping_sweep();
  sms_sigpipe_release(&held);
  drop_reference(engine);
}
