#include "http/queue.h"
#include "base/clock.h"
#include "base/wipe.h"
#include "http/ending.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a transfer takes up of a host's connections, in hundredths: HTTP/2 servers
 * should allow a hundred streams on each (RFC 9113, 6.5.2). */
#define WHOLE  100
#define STREAM 1

#define KEPT 8 /* hosts without transfers */

/* From 8.20 on libcurl resolves names in a pool of 20 threads by default, two for a
 * name; each is occupied until the name server answers, whatever has become of the
 * transfer. Threads are started on demand only. */
#define LOOKUP_THREADS 256L

/* Of libcurl 8.20. What counts is the version that runs: the headers may be older. */
#define HAS_THREAD_POOL           0x081400
#define MULTI_RESOLVE_THREADS_MAX ((CURLMoption)20)
#define MULTI_QUICK_EXIT          ((CURLMoption)21)

/* From 8.16 on libcurl keeps for half a minute that a name could not be resolved, and
 * fails without a look-up meanwhile. A transfer that keeps names for no time at all
 * looks up. */
#define KEEPS_FAILURES 0x081000
#define NAMES_KEPT     60L /* seconds, libcurl's own default */

struct sms_http_host {
  struct sms_http_host *next; /* of the queue's */
  struct sms_http_queue *queue;
  long used;                         /* by transfers in libcurl, in hundredths */
  long most;                         /* as found out; 0: what the queue allows */
  bool is_old;                       /* speaks HTTP/1.1 where 2 was asked for */
  bool unresolved;                   /* as far as libcurl knows */
  sms_http_transfer *first, *last;   /* that wait */
  const sms_http_transfer *looks_up; /* resolves its name; NULL: none */
  long held;                         /* of those that wait: for that look-up */
  size_t idle;                       /* connections that became idle meanwhile */
  char *proxy;                       /* NULL: none */
  size_t length;                     /* of the origin */
  char origin[];
};

/* The length of scheme, host and port. Plain HTTP through a proxy shares the
 * connections to the proxy, whatever the host: 0. */
static size_t origin_of(const sms_http_client *client, const char *url) {
  bool tls = strncasecmp(url, "https:", 6) == 0;
  if (!tls && client->options.proxy) return 0;
  const char *host = strstr(url, "//");
  return host ? (size_t)(host - url) + 2 + strcspn(host + 2, "/?#") : strlen(url);
}

static bool is_host(const struct sms_http_host *host, const char *proxy,
                    const char *url, size_t length) {
  if (host->length != length || memcmp(host->origin, url, length) != 0) return false;
  if (!host->proxy || !proxy) return !host->proxy && !proxy;
  return strcmp(host->proxy, proxy) == 0;
}

static void free_host(struct sms_http_host *host) {
  sms_wipe_text(host->proxy);
  free(host);
}

/* Keeps so many of those without transfers; behind a proxy, none. */
static void drop_unused(struct sms_http_queue *queue, size_t most) {
  size_t kept = 0;
  for (struct sms_http_host **at = &queue->hosts, *host; (host = *at);) {
    bool used = host->used > 0 || host->first;
    if (used || (!host->proxy && ++kept <= most)) {
      at = &host->next;
    } else {
      *at = host->next;
      free_host(host);
    }
  }
}

static struct sms_http_host *new_host(struct sms_http_queue *queue, const char *proxy,
                                      const char *url, size_t length) {
  drop_unused(queue, KEPT - 1);
  struct sms_http_host *host = calloc(1, sizeof *host + length);
  if (!host) return NULL;
  if (proxy && !(host->proxy = strdup(proxy))) {
    free(host);
    return NULL;
  }
  memcpy(host->origin, url, length);
  host->length = length;
  host->queue = queue;
  host->next = queue->hosts;
  queue->hosts = host;
  return host;
}

static struct sms_http_host *find_host(struct sms_http_queue *queue,
                                       const sms_http_client *client, const char *url) {
  const char *proxy = client->options.proxy;
  size_t length = origin_of(client, url);
  for (struct sms_http_host *host = queue->hosts; host; host = host->next)
    if (is_host(host, proxy, url, length)) return host;
  return new_host(queue, proxy, url, length);
}

void sms_http_queue_sweep(struct sms_http_queue *queue) {
  drop_unused(queue, KEPT);
}

void sms_http_queue_free(struct sms_http_queue *queue) {
  while (queue->hosts) {
    struct sms_http_host *host = queue->hosts;
    queue->hosts = host->next;
    free_host(host);
  }
}

static long share_of(const sms_http_transfer *t) {
  return t->http2 && !t->host->is_old ? STREAM : WHOLE;
}

static bool has_room(const struct sms_http_host *host, long shares) {
  long most = WHOLE * host->queue->connections;
  if (host->most && host->most < most) most = host->most;
  return host->used == 0 || host->used + shares <= most;
}

static void go(sms_http_transfer *t) {
  bool anew = t->host->unresolved;
  if (t->resolves_anew != anew)
    curl_easy_setopt(t->easy, CURLOPT_DNS_CACHE_TIMEOUT, anew ? 0L : NAMES_KEPT);
  t->resolves_anew = anew;
  t->share = share_of(t);
  t->host->used += t->share;
  t->state = TRANSFER_ACTIVE;
}

/* In order of their turns: newcomers belong at the end, those that step back near the
 * front. */
static void stand_in_line(sms_http_transfer *t) {
  struct sms_http_host *host = t->host;
  bool is_last = !host->last || host->last->turn < t->turn;
  sms_http_transfer *behind = is_last ? NULL : host->first;
  while (behind && behind->turn < t->turn)
    behind = behind->next_waiting;
  sms_http_transfer *before = behind ? behind->previous_waiting : host->last;
  t->next_waiting = behind;
  t->previous_waiting = before;
  *(before ? &before->next_waiting : &host->first) = t;
  *(behind ? &behind->previous_waiting : &host->last) = t;
  t->state = TRANSFER_WAITING;
  if (t->connect_by) host->held++;
}

static void leave_line(sms_http_transfer *t) {
  struct sms_http_host *host = t->host;
  sms_http_transfer *before = t->previous_waiting, *behind = t->next_waiting;
  *(before ? &before->next_waiting : &host->first) = behind;
  *(behind ? &behind->previous_waiting : &host->last) = before;
  if (t->connect_by) host->held--;
}

/* Returns its share. After the last one, what was found out about the host is
 * forgotten: the server may have been reconfigured. */
static void give_back(sms_http_transfer *t) {
  struct sms_http_host *host = t->host;
  host->used -= t->share;
  t->share = 0;
  if (host->used == 0) host->most = 0;
  if (host->looks_up == t) {
    host->looks_up = NULL;
    host->queue->lookups--;
  }
  if (host->first) host->queue->moved = true;
}

/* As if it resolved the name itself: its time for connecting runs. */
static void wait_for_lookup(sms_http_transfer *t) {
  t->looked_up = true;
  if (!t->connect_by) t->connect_by = sms_clock_now() + 1000 * t->connect_timeout;
}

enum sms_status sms_http_queue_enter(struct sms_http_queue *queue, sms_http_transfer *t,
                                     const sms_http_client *client, const char *url) {
  struct sms_http_host *host = t->host = find_host(queue, client, url);
  if (!host) return SMS_NO_MEMORY;
  t->turn = ++queue->last_turn;
  t->connect_by = 0;
  if (!host->first && has_room(host, share_of(t))) {
    go(t);
    return SMS_OK;
  }
  /* But for the look-up it would be connecting. */
  bool held = host->looks_up && has_room(host, share_of(t) * (host->held + 1));
  if (held) wait_for_lookup(t);
  stand_in_line(t);
  return SMS_OK;
}

int64_t sms_http_queue_due(const sms_http_transfer *t) {
  bool connects = t->connect_by && !t->began;
  return connects && t->connect_by < t->deadline ? t->connect_by : t->deadline;
}

/* The first in line, if it may go. During a look-up that takes an idle connection. */
static sms_http_transfer *next_of(struct sms_http_host *host) {
  sms_http_transfer *t = host->first;
  if (!t || !has_room(host, share_of(t)) || (host->looks_up && host->idle == 0))
    return NULL;
  if (host->looks_up) host->idle--;
  leave_line(t);
  go(t);
  t->looked_up = false;
  return t;
}

sms_http_transfer *sms_http_queue_next(struct sms_http_queue *queue) {
  for (struct sms_http_host *host = queue->hosts; host; host = host->next) {
    sms_http_transfer *t = next_of(host);
    if (t) return t;
  }
  queue->moved = false;
  return NULL;
}

static void note_result(const sms_http_transfer *t) {
  if (t->began) {
    t->host->unresolved = false;
  } else if (sms_http_transfer_is_unresolved(t)) {
    unsigned int version = curl_version_info(CURLVERSION_NOW)->version_num;
    t->host->unresolved = version >= KEEPS_FAILURES;
  }
}

void sms_http_queue_leave(sms_http_transfer *t) {
  if (t->share == 0) {
    leave_line(t);
  } else {
    /* Without HTTP/2 every request needs a connection of its own. */
    if (t->http2 && t->began) t->host->is_old = !t->multiplexed;
    note_result(t);
    t->host->idle++;
    give_back(t);
  }
  t->host = NULL;
}

void sms_http_queue_step_back(sms_http_transfer *t) {
  struct sms_http_host *host = t->host;
  give_back(t);
  if (t->held) {
    wait_for_lookup(t);
  } else {
    t->connect_by = 0;
    host->most = host->used; /* more connections or streams there are not */
  }
  t->held = false;
  stand_in_line(t);
  host->queue->moved = true;
}

/* It may be connected to one kind of address while the other is still looked up. */
static bool is_looking_up(const sms_http_transfer *t) {
  curl_off_t ended_at = 0;
  long connects = 0;
  curl_easy_getinfo(t->easy, CURLINFO_NAMELOOKUP_TIME_T, &ended_at);
  curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
  return ended_at == 0 && connects == 0 && !t->began;
}

bool sms_http_queue_may_look_up(sms_http_transfer *t) {
  struct sms_http_host *host = t->host;
  t->held = host->looks_up && host->looks_up != t && is_looking_up(host->looks_up);
  if (t->held) return false;
  if (!host->looks_up) host->queue->lookups++;
  host->looks_up = t;
  host->idle = 0;
  return true;
}

void sms_http_queue_note_lookups(struct sms_http_queue *queue) {
  if (queue->lookups == 0) return;
  for (struct sms_http_host *host = queue->hosts; host; host = host->next) {
    if (!host->looks_up || is_looking_up(host->looks_up)) continue;
    host->looks_up = NULL;
    queue->lookups--;
    if (host->first) queue->moved = true;
  }
}

void sms_http_queue_set_up_lookups(CURLM *multi) {
  if (curl_version_info(CURLVERSION_NOW)->version_num < HAS_THREAD_POOL) return;
  curl_multi_setopt(multi, MULTI_RESOLVE_THREADS_MAX, LOOKUP_THREADS);
  curl_multi_setopt(multi, MULTI_QUICK_EXIT, 1L);
}
