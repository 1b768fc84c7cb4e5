#include "server_inside.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_KEPT 4096 /* of what is only counted */

static void need(bool fine, const char *what) {
  if (fine) return;
  perror(what);
  abort();
}

ssize_t connection_read(struct connection *c) {
  if (c->in_capacity - c->in_length < 32768) {
    c->in_capacity = c->in_length + 65536;
    char *longer = realloc(c->in, c->in_capacity);
    need(longer != NULL, "realloc");
    c->in = longer;
  }
  size_t room = c->in_capacity - c->in_length;
  ssize_t got = c->ssl ? SSL_read(c->ssl, c->in + c->in_length, (int)room)
                       : recv(c->fd, c->in + c->in_length, room, 0);
  if (got > 0) c->in_length += (size_t)got;
  return got;
}

bool connection_write(struct connection *c, const void *data, size_t length) {
  const char *at = data;
  while (length > 0) {
    ssize_t put = c->ssl ? SSL_write(c->ssl, at, (int)length)
                         : send(c->fd, at, length, MSG_NOSIGNAL);
    if (put <= 0) return false;
    at += put;
    length -= (size_t)put;
  }
  return true;
}

void connection_use(struct connection *c, size_t length) {
  c->in_length -= length;
  memmove(c->in, c->in + length, c->in_length);
}

int server_marker(const char *data, size_t length) {
  static const char sign[] = "~~~~/";
  size_t size = sizeof sign - 1;
  for (size_t i = 0; i + size < length; i++) {
    if (memcmp(data + i, sign, size) != 0) continue;
    int marker = -1;
    for (i += size; i < length && data[i] >= '0' && data[i] <= '9'; i++)
      marker = (marker < 0 ? 0 : marker * 10) + (data[i] - '0');
    return marker < TEST_MARKERS ? marker : -1;
  }
  return -1;
}

void server_count(struct test_server *server, const char *head, size_t length) {
  int marker = server_marker(head, length);
  pthread_mutex_lock(&server->lock);
  server->requests++;
  if (marker >= 0) server->arrivals[marker]++;
  if (marker >= 0) server->seen[marker] = true;
  free(server->head);
  server->head = strndup(head, length);
  server->body_length = 0;
  pthread_cond_broadcast(&server->changed);
  pthread_mutex_unlock(&server->lock);
}

void server_keep_body(struct connection *c) {
  struct test_server *server = c->server;
  pthread_mutex_lock(&server->lock);
  free(server->body);
  server->body = c->body;
  server->body_length = c->body_length;
  c->body = NULL;
  c->body_length = 0;
  pthread_mutex_unlock(&server->lock);
}

void server_count_answer(struct test_server *server, int marker) {
  if (marker < 0) return;
  pthread_mutex_lock(&server->lock);
  server->answers[marker]++;
  pthread_mutex_unlock(&server->lock);
}

bool server_wait_gate(struct test_server *server) {
  pthread_mutex_lock(&server->lock);
  while (!server->gate_open && !server->stopping)
    pthread_cond_wait(&server->changed, &server->lock);
  bool open = !server->stopping;
  pthread_mutex_unlock(&server->lock);
  return open;
}

bool server_wait_together(struct test_server *server) {
  pthread_mutex_lock(&server->lock);
  while (server->requests < server->script.together && !server->stopping)
    pthread_cond_wait(&server->changed, &server->lock);
  bool go_on = !server->stopping;
  pthread_mutex_unlock(&server->lock);
  return go_on;
}

bool server_pause(struct test_server *server, int milliseconds) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += milliseconds * 1000000L;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  pthread_mutex_lock(&server->lock);
  if (!server->stopping)
    pthread_cond_timedwait(&server->changed, &server->lock, &until);
  bool go_on = !server->stopping;
  pthread_mutex_unlock(&server->lock);
  return go_on;
}

void server_wait_stop(struct test_server *server) {
  pthread_mutex_lock(&server->lock);
  while (!server->stopping)
    pthread_cond_wait(&server->changed, &server->lock);
  pthread_mutex_unlock(&server->lock);
}

void connection_finish(struct connection *c) {
  const struct test_script *script = &c->server->script;
  /* Closed first, so that a repeat would find nobody there. */
  if (script->close_listener) shutdown(c->server->listener, SHUT_RDWR);
  if (script->then == THEN_HOLD) server_wait_stop(c->server);
  if (script->then == THEN_RESET) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  } else if (c->ssl && !script->no_notify) {
    SSL_shutdown(c->ssl);
  }
  if (script->then == THEN_HALF_CLOSE) {
    shutdown(c->fd, SHUT_WR);
    while (connection_read(c) > 0)
      if (c->in_length > HEAD_KEPT) c->in_length = HEAD_KEPT;
    int marker = server_marker(c->in, c->in_length);
    if (marker >= 0) server_count(c->server, c->in, c->in_length);
  }
}

static bool begin_tls(struct connection *c) {
  c->ssl = SSL_new(c->server->tls);
  return c->ssl && SSL_set_fd(c->ssl, c->fd) && SSL_accept(c->ssl) == 1;
}

static bool speaks_http2(const struct connection *c) {
  const unsigned char *name = NULL;
  unsigned length = 0;
  if (c->ssl) SSL_get0_alpn_selected(c->ssl, &name, &length);
  return length == 2 && memcmp(name, "h2", 2) == 0;
}

static void *serve(void *pointer) {
  struct connection *c = pointer;
  struct test_server *server = c->server;
  if (!server->tls || begin_tls(c)) {
    if (speaks_http2(c))
      serve_http2(c);
    else
      serve_http1(c);
  }
  SSL_free(c->ssl);
  pthread_mutex_lock(&server->lock);
  close(c->fd);
  c->fd = -1;
  server->open--;
  pthread_cond_broadcast(&server->changed);
  pthread_mutex_unlock(&server->lock);
  return NULL;
}

static void take_connection(struct test_server *server, int fd) {
  struct connection *c = calloc(1, sizeof *c);
  need(c != NULL, "calloc");
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  c->server = server;
  c->fd = fd;
  pthread_mutex_lock(&server->lock);
  c->next = server->connections;
  server->connections = c;
  server->accepted++;
  server->open++;
  pthread_cond_broadcast(&server->changed);
  need(pthread_create(&c->thread, NULL, serve, c) == 0, "pthread_create");
  pthread_mutex_unlock(&server->lock);
}

static void *listen_on(void *pointer) {
  struct test_server *server = pointer;
  for (int fd; (fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
    take_connection(server, fd);
  return NULL;
}

/* Server's choice: h2 where the script speaks it and the client offers it. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen,
                           unsigned char *chosen_length, const unsigned char *offered,
                           unsigned length, void *pointer) {
  static const unsigned char both[] = "\x02h2\x08http/1.1";
  const struct test_server *server = pointer;
  unsigned char *found = NULL;
  (void)ssl;
  const unsigned char *wanted = server->script.http2 ? both : both + 3;
  unsigned wanted_length = (unsigned)sizeof both - 1 - (server->script.http2 ? 0 : 3);
  if (SSL_select_next_proto(&found, chosen_length, wanted, wanted_length, offered,
                            length) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

static void prepare_tls(struct test_server *server) {
  const struct test_script *script = &server->script;
  if (!script->tls) return;
  server->tls = test_certificates_context(script->certificate);
  SSL_CTX_set_alpn_select_cb(server->tls, choose_protocol, server);
  if (script->max_tls) SSL_CTX_set_max_proto_version(server->tls, script->max_tls);
  if (script->demand_certificate) test_certificates_demand(server->tls);
}

static void begin_listening(struct test_server *server) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  need(server->listener >= 0, "socket");
  need(!bind(server->listener, (struct sockaddr *)&address, length), "bind");
  need(!listen(server->listener, 512), "listen");
  getsockname(server->listener, (struct sockaddr *)&address, &length);
  server->port = ntohs(address.sin_port);
}

struct test_server *test_server_start(const struct test_script *script) {
  struct test_server *server = calloc(1, sizeof *server);
  need(server != NULL, "calloc");
  server->script = *script;
  pthread_mutex_init(&server->lock, NULL);
  pthread_cond_init(&server->changed, NULL);
  prepare_tls(server);
  begin_listening(server);
  /* The threads inherit a full mask: whatever signal comes is the tested code's, and
   * SIGPIPE from our own writes under TLS cannot end the process. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  need(!pthread_create(&server->thread, NULL, listen_on, server), "pthread_create");
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return server;
}

void test_server_stop(struct test_server *server) {
  pthread_mutex_lock(&server->lock);
  server->stopping = true;
  pthread_cond_broadcast(&server->changed);
  pthread_mutex_unlock(&server->lock);
  shutdown(server->listener, SHUT_RDWR);
  pthread_join(server->thread, NULL);
  close(server->listener);
  pthread_mutex_lock(&server->lock);
  for (struct connection *c = server->connections; c; c = c->next)
    if (c->fd >= 0) shutdown(c->fd, SHUT_RDWR);
  pthread_mutex_unlock(&server->lock);
  while (server->connections) {
    struct connection *c = server->connections;
    server->connections = c->next;
    pthread_join(c->thread, NULL);
    free(c->in);
    free(c->body);
    free(c);
  }
  SSL_CTX_free(server->tls);
  pthread_mutex_destroy(&server->lock);
  pthread_cond_destroy(&server->changed);
  free(server->head);
  free(server->body);
  free(server);
}

int test_server_port(const struct test_server *server) {
  return server->port;
}

void test_server_open_gate(struct test_server *server) {
  pthread_mutex_lock(&server->lock);
  server->gate_open = true;
  pthread_cond_broadcast(&server->changed);
  pthread_mutex_unlock(&server->lock);
}

static int read_locked(struct test_server *server, const int *number) {
  pthread_mutex_lock(&server->lock);
  int value = *number;
  pthread_mutex_unlock(&server->lock);
  return value;
}

int test_server_arrivals(struct test_server *server, int marker) {
  return read_locked(server, &server->arrivals[marker]);
}

bool test_server_saw(struct test_server *server, int marker) {
  pthread_mutex_lock(&server->lock);
  bool seen = server->seen[marker];
  pthread_mutex_unlock(&server->lock);
  return seen;
}

int test_server_answers(struct test_server *server, int marker) {
  return read_locked(server, &server->answers[marker]);
}

int test_server_requests(struct test_server *server) {
  return read_locked(server, &server->requests);
}

int test_server_connections(struct test_server *server) {
  return read_locked(server, &server->accepted);
}

int test_server_open(struct test_server *server) {
  return read_locked(server, &server->open);
}

char *test_server_head(struct test_server *server) {
  pthread_mutex_lock(&server->lock);
  char *head = strdup(server->head ? server->head : "");
  pthread_mutex_unlock(&server->lock);
  return head;
}

char *test_server_body(struct test_server *server, size_t *length) {
  pthread_mutex_lock(&server->lock);
  *length = server->body_length;
  char *body = strndup(server->body ? server->body : "", server->body_length);
  pthread_mutex_unlock(&server->lock);
  return body;
}
