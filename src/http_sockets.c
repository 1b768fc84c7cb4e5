#include "http_sockets.h"
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct sms_http_socket {
  int fd;
  int port; /* its own; 0: not asked for yet */
  bool used;
};

static int on_open(void *pointer, curl_socket_t fd, curlsocktype purpose) {
  struct sms_http_sockets *sockets = pointer;
  (void)purpose;
  if (sockets->count == sockets->capacity) {
    size_t capacity = sockets->capacity ? 2 * sockets->capacity : 8;
    void *list = realloc(sockets->list, capacity * sizeof *sockets->list);
    if (!list) return CURL_SOCKOPT_ERROR;
    sockets->list = list;
    sockets->capacity = capacity;
  }
  sockets->list[sockets->count++] = (struct sms_http_socket){.fd = fd};
  sockets->has_new = true;
  return CURL_SOCKOPT_OK;
}

static int on_close(void *pointer, curl_socket_t fd) {
  struct sms_http_sockets *sockets = pointer;
  for (size_t i = 0; i < sockets->count; i++) {
    if (sockets->list[i].fd != fd) continue;
    sockets->list[i] = sockets->list[--sockets->count];
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

/* A port is known once the socket is connected, or on its way. */
static void name_new(struct sms_http_sockets *sockets) {
  sockets->has_new = false;
  for (size_t i = 0; i < sockets->count; i++) {
    struct sms_http_socket *s = &sockets->list[i];
    if (s->port == 0) s->port = port_of(s->fd);
    if (s->port == 0) sockets->has_new = true;
  }
}

static bool is_silent(int fd) {
  struct pollfd asked = {.fd = fd, .events = POLLIN};
  int count;
  do
    count = poll(&asked, 1, 0);
  while (count < 0 && errno == EINTR);
  return count == 0;
}

/* What comes while a connection is fresh, as the tickets of TLS do, belongs to it.
 * Where two sockets have one port, to two servers, both are looked at: one too many
 * costs a connection. */
bool sms_http_sockets_use(struct sms_http_sockets *sockets, int local_port) {
  bool silent = true;
  if (sockets->has_new) name_new(sockets);
  for (size_t i = 0; i < sockets->count; i++) {
    struct sms_http_socket *s = &sockets->list[i];
    if (s->port != local_port) continue;
    if (s->used && !is_silent(s->fd)) silent = false;
    s->used = true;
  }
  return silent;
}
