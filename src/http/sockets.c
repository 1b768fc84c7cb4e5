#include "http/sockets.h"
#include "base/descriptor.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Microseconds. Whatever is said within them could as well have come when the request
 * was on its way, which is longer than that to another machine. */
#define LOOK_COUNTS 1000

/* Bytes. Of a line of a head libcurl takes 100 KB. */
#define LONG_LINE (90u << 10)
#define AROUND    64 /* what TLS adds to an answer at least */

struct sms_http_socket {
  uint64_t number;
  int port;                  /* its own; 0: not asked for yet */
  unsigned busy, unanswered; /* requests: not ended, without the head of an answer */
  uint64_t told; /* bytes of answers, with what TLS and HTTP may have put around them */
  bool used;
  bool silent; /* at the last look at all, when it was not busy */
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

/* Whoever closes it but on_close, as the kernel does where the process dies, resets it.
 */
static void set_reset(int fd, bool on) {
  struct linger linger = {.l_onoff = on, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static curl_socket_t refuse(struct sms_http_sockets *sockets, int why) {
  sockets->refused++;
  sockets->refused_why = why;
  return CURL_SOCKET_BAD;
}

static curl_socket_t on_open(void *pointer, curlsocktype purpose,
                             struct curl_sockaddr *to) {
  struct sms_http_sockets *sockets = pointer;
  (void)purpose;
  if (sockets->count == sockets->capacity && !grow(sockets))
    return refuse(sockets, ENOMEM);
  int type = to->socktype | SOCK_CLOEXEC;
  int fd = sms_descriptor_raise(socket(to->family, type, to->protocol));
  if (fd < 0) return refuse(sockets, errno);
  set_reset(fd, true);
  sockets->list[sockets->count] =
      (struct sms_http_socket){.number = ++sockets->last_number};
  sockets->polled[sockets->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
  sockets->has_new = true;
  return fd;
}

/* It has got more than LONG_LINE that libcurl has not handed on. */
static bool is_flooded(int fd, const struct sms_http_socket *s) {
  struct tcp_info info = {0};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return info.tcpi_bytes_received > s->told + LONG_LINE;
}

/* Takes back what the kernel has not sent, though a forked child may have the
 * descriptor, too, for which reason close() alone would reset nothing. */
static void take_back(int fd) {
  const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  while (connect(fd, &nowhere, sizeof nowhere) < 0 && errno == EINTR) {
  }
}

static int on_close(void *pointer, curl_socket_t fd) {
  struct sms_http_sockets *sockets = pointer;
  bool under_way = false;
  for (size_t i = 0; i < sockets->count; i++) {
    if (sockets->polled[i].fd != fd) continue;
    under_way = sockets->list[i].unanswered > 0;
    if (under_way && is_flooded(fd, &sockets->list[i]))
      sockets->flooded = sockets->list[i].number;
    sockets->list[i] = sockets->list[--sockets->count];
    sockets->polled[i] = sockets->polled[sockets->count];
    break;
  }
  if (under_way)
    take_back(fd);
  else
    set_reset(fd, false);
  return close(fd);
}

CURLcode sms_http_sockets_watch(struct sms_http_sockets *sockets, CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sockets);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets);
  return code;
}

void sms_http_sockets_free(struct sms_http_sockets *sockets) {
  free(sockets->list);
  free(sockets->polled);
  *sockets = (struct sms_http_sockets){0};
}

union address {
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
};

static int port_in(const union address *address) {
  if (address->any.sa_family == AF_INET6) return ntohs(address->in6.sin6_port);
  return address->any.sa_family == AF_INET ? ntohs(address->in.sin_port) : 0;
}

static int port_of(int fd) {
  union address own = {0};
  socklen_t size = sizeof own;
  return getsockname(fd, &own.any, &size) == 0 ? port_in(&own) : 0;
}

static bool leads_to(int fd, const struct sms_http_way *way) {
  union address peer = {0};
  socklen_t size = sizeof peer;
  char ip[INET6_ADDRSTRLEN] = "";
  if (getpeername(fd, &peer.any, &size) != 0) return false;
  const void *bytes = peer.any.sa_family == AF_INET6 ? (void *)&peer.in6.sin6_addr
                                                     : (void *)&peer.in.sin_addr;
  inet_ntop(peer.any.sa_family, bytes, ip, sizeof ip);
  return port_in(&peer) == way->port && strcmp(ip, way->ip) == 0;
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

/* The first with this port; count: none. Of hundreds that are open one is
 * asked for at a time. */
static size_t first_of(struct sms_http_sockets *sockets, int port) {
  size_t *place = &sockets->places[(unsigned)port / 2 % SMS_HTTP_PLACES];
  bool known = !sockets->has_twins && *place < sockets->count &&
               sockets->list[*place].port == port;
  if (!known) *place = search(sockets, 0, port);
  return *place;
}

/* Of several with one port the one that leads there. */
static size_t place_of(struct sms_http_sockets *sockets,
                       const struct sms_http_way *way) {
  if (sockets->has_new) name_new(sockets);
  size_t first = first_of(sockets, way->local_port), i = first;
  if (!sockets->has_twins) return first;
  while (i < sockets->count && !leads_to(sockets->polled[i].fd, way))
    i = search(sockets, i + 1, way->local_port);
  return i < sockets->count ? i : first;
}

/* NULL: it is closed, or there was none. */
static struct sms_http_socket *at(struct sms_http_sockets *sockets,
                                  struct sms_http_seat seat) {
  size_t i = seat.number ? first_of(sockets, seat.local_port) : sockets->count;
  while (i < sockets->count && sockets->list[i].number != seat.number)
    i = search(sockets, i + 1, seat.local_port);
  return i < sockets->count ? &sockets->list[i] : NULL;
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
        looked && sockets->list[i].busy == 0 && sockets->polled[i].revents == 0;
  return looked;
}

struct sms_http_seat sms_http_sockets_find(struct sms_http_sockets *sockets,
                                           const struct sms_http_way *way, bool *used) {
  struct sms_http_seat seat = {.local_port = way->local_port};
  size_t i = place_of(sockets, way);
  *used = i < sockets->count && sockets->list[i].used;
  if (i < sockets->count) seat.number = sockets->list[i].number;
  return seat;
}

/* Where many requests begin within LOOK_COUNTS, one look does for all that are idle;
 * one that was busy then, and has been left since, is looked at alone. */
bool sms_http_sockets_is_silent(struct sms_http_sockets *sockets,
                                struct sms_http_seat seat, int64_t now) {
  const struct sms_http_socket *s = at(sockets, seat);
  if (!s) return false;
  struct pollfd *polled = &sockets->polled[s - sockets->list];
  bool counts = now - sockets->looked_at <= LOOK_COUNTS;
  bool many = !counts && now - sockets->asked_at <= LOOK_COUNTS;
  sockets->asked_at = now;
  if (counts && s->silent) return true;
  if (many) sockets->looked_at = now;
  bool looked = many ? look_at_all(sockets) : look(polled, 1);
  return looked && polled->revents == 0;
}

void sms_http_sockets_begin(struct sms_http_sockets *sockets,
                            struct sms_http_seat seat) {
  struct sms_http_socket *s = at(sockets, seat);
  if (!s) return;
  s->used = true;
  s->silent = false;
  s->busy++;
  s->unanswered++;
}

void sms_http_sockets_hear(struct sms_http_sockets *sockets,
                           struct sms_http_seat seat) {
  struct sms_http_socket *s = at(sockets, seat);
  if (s) s->unanswered--;
}

void sms_http_sockets_end(struct sms_http_sockets *sockets, struct sms_http_seat seat,
                          bool heard, size_t length) {
  struct sms_http_socket *s = at(sockets, seat);
  if (!s) return;
  s->told += AROUND + length + length / 8;
  s->busy--;
  if (!heard) s->unanswered--;
}

bool sms_http_sockets_is_open(struct sms_http_sockets *sockets,
                              struct sms_http_seat seat) {
  return at(sockets, seat) != NULL;
}
