#include "http/sockets.h"
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Microseconds. Whatever is said within them could as well have come when the request
 * was on its way, which is longer than that to another machine. */
#define LOOK_COUNTS 1000

struct sms_http_socket {
  int port; /* its own; 0: not asked for yet */
  bool used;
  bool idle;   /* its last request has ended */
  bool silent; /* at the last look at all, when it was idle */
};

static bool grow(struct sms_http_sockets *sockets) {
  size_t capacity = sockets->capacity ? 2 * sockets->capacity : 8;
  void *list = realloc(sockets->list, capacity * sizeof *sockets->list);
  if (list) sockets->list = list;
  void *polled = realloc(sockets->polled, capacity * sizeof *sockets->polled);
  if (polled) sockets->polled = polled;
  if (!list || !polled) return false;
  sockets->capacity = capacity;
  return true;
}

static int on_open(void *pointer, curl_socket_t fd, curlsocktype purpose) {
  struct sms_http_sockets *sockets = pointer;
  (void)purpose;
  if (sockets->count == sockets->capacity && !grow(sockets)) return CURL_SOCKOPT_ERROR;
  sockets->list[sockets->count] = (struct sms_http_socket){0};
  sockets->polled[sockets->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
  sockets->has_new = true;
  return CURL_SOCKOPT_OK;
}

static int on_close(void *pointer, curl_socket_t fd) {
  struct sms_http_sockets *sockets = pointer;
  for (size_t i = 0; i < sockets->count; i++) {
    if (sockets->polled[i].fd != fd) continue;
    sockets->list[i] = sockets->list[--sockets->count];
    sockets->polled[i] = sockets->polled[sockets->count];
    break;
  }
  return close(fd);
}

CURLcode sms_http_sockets_watch(struct sms_http_sockets *sockets, CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, sockets);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets);
  return code;
}

void sms_http_sockets_free(struct sms_http_sockets *sockets) {
  free(sockets->list);
  free(sockets->polled);
  *sockets = (struct sms_http_sockets){0};
}

static int port_of(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
  } own = {0};
  socklen_t size = sizeof own;
  if (getsockname(fd, &own.any, &size) != 0) return 0;
  if (own.any.sa_family == AF_INET6) return ntohs(own.in6.sin6_port);
  return own.any.sa_family == AF_INET ? ntohs(own.in.sin_port) : 0;
}

/* The next with this port from a place on; count: none. */
static size_t search(const struct sms_http_sockets *sockets, size_t i, int port) {
  while (i < sockets->count && sockets->list[i].port != port)
    i++;
  return i;
}

/* A port is known once the socket is connected, or on its way. */
static void name_new(struct sms_http_sockets *sockets) {
  sockets->has_new = false;
  for (size_t i = 0; i < sockets->count; i++) {
    struct sms_http_socket *s = &sockets->list[i];
    if (s->port != 0) continue;
    int port = port_of(sockets->polled[i].fd);
    if (port == 0)
      sockets->has_new = true;
    else if (search(sockets, 0, port) < sockets->count)
      sockets->has_twins = true;
    s->port = port;
  }
}

/* The first with this port, and the next; count: none. Of hundreds that are open one is
 * asked for at a time. */
static size_t first_of(struct sms_http_sockets *sockets, int port) {
  size_t *place = &sockets->places[(unsigned)port / 2 % SMS_HTTP_PLACES];
  bool known = !sockets->has_twins && *place < sockets->count &&
               sockets->list[*place].port == port;
  if (!known) *place = search(sockets, 0, port);
  return *place;
}

static size_t next_of(const struct sms_http_sockets *sockets, size_t i, int port) {
  return sockets->has_twins ? search(sockets, i + 1, port) : sockets->count;
}

static bool look(struct pollfd *polled, size_t count) {
  int told;
  do
    told = poll(polled, count, 0);
  while (told < 0 && errno == EINTR);
  return told >= 0;
}

static bool look_at_all(struct sms_http_sockets *sockets) {
  bool looked = look(sockets->polled, sockets->count);
  for (size_t i = 0; i < sockets->count; i++)
    sockets->list[i].silent =
        looked && sockets->list[i].idle && sockets->polled[i].revents == 0;
  return looked;
}

/* Where many requests begin within LOOK_COUNTS, one look does for all that are idle. */
static bool is_silent(struct sms_http_sockets *sockets, size_t i, int64_t now) {
  bool many = now - sockets->asked_at <= LOOK_COUNTS;
  sockets->asked_at = now;
  if (now - sockets->looked_at <= LOOK_COUNTS && sockets->list[i].silent) return true;
  if (many) sockets->looked_at = now;
  bool looked = many ? look_at_all(sockets) : look(&sockets->polled[i], 1);
  return looked && sockets->polled[i].revents == 0;
}

/* What comes while a connection is fresh, as the tickets of TLS do, belongs to it.
 * Where two sockets have one port, to two servers, both are looked at: one too many
 * costs a connection. */
bool sms_http_sockets_use(struct sms_http_sockets *sockets, int local_port,
                          int64_t now) {
  bool silent = true;
  if (sockets->has_new) name_new(sockets);
  for (size_t i = first_of(sockets, local_port); i < sockets->count;
       i = next_of(sockets, i, local_port)) {
    struct sms_http_socket *s = &sockets->list[i];
    if (s->used && !is_silent(sockets, i, now)) silent = false;
    s->used = true;
    s->idle = s->silent = false;
  }
  return silent;
}

void sms_http_sockets_rest(struct sms_http_sockets *sockets, int local_port) {
  for (size_t i = first_of(sockets, local_port); i < sockets->count;
       i = next_of(sockets, i, local_port))
    sockets->list[i].idle = true;
}
