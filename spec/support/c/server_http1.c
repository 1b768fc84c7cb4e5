#include "server_inside.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static const char *find_end(const struct connection *c) {
  return c->in_length ? memmem(c->in, c->in_length, "\r\n\r\n", 4) : NULL;
}

static size_t content_length(const char *head, size_t length) {
  static const char name[] = "\r\nContent-Length:";
  size_t size = sizeof name - 1;
  for (size_t i = 0; i + size < length; i++)
    if (strncasecmp(head + i, name, size) == 0)
      return (size_t)strtoul(head + i + size, NULL, 10);
  return 0;
}

/* Bytes that came without making a head are evidence too. */
static void note_rest(struct connection *c) {
  int marker = server_marker(c->in, c->in_length);
  if (marker < 0) return;
  pthread_mutex_lock(&c->server->lock);
  c->server->seen[marker] = true;
  pthread_mutex_unlock(&c->server->lock);
}

static bool read_head(struct connection *c, struct request *request) {
  const char *end;
  while (!(end = find_end(c))) {
    if (connection_read(c) > 0) continue;
    note_rest(c);
    return false;
  }
  size_t length = (size_t)(end - c->in) + 4;
  request->marker = server_marker(c->in, length);
  request->length = content_length(c->in, length);
  request->got = 0;
  server_count(c->server, c->in, length);
  connection_use(c, length);
  free(c->body);
  c->body_length = 0;
  c->body = calloc(1, KEPT_BODY);
  return c->body != NULL;
}

static bool read_body(struct connection *c, struct request *request, size_t until) {
  while (request->got < until) {
    if (c->in_length == 0 && connection_read(c) <= 0) return false;
    size_t part = c->in_length;
    if (part > request->length - request->got) part = request->length - request->got;
    size_t room = KEPT_BODY - c->body_length;
    size_t kept = part < room ? part : room;
    memcpy(c->body + c->body_length, c->in, kept);
    c->body_length += kept;
    connection_use(c, part);
    request->got += part;
  }
  if (request->got == request->length && c->body) server_keep_body(c);
  return true;
}

/* Unread bytes are evidence, though nobody will read them. */
static void count_unread(struct connection *c) {
  char bytes[4096];
  if (c->ssl) return;
  ssize_t got = recv(c->fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
  int marker = got > 0 ? server_marker(bytes, (size_t)got) : -1;
  if (marker >= 0) server_count(c->server, bytes, (size_t)got);
}

static void wait_for_bytes(struct connection *c) {
  struct pollfd ready = {.fd = c->fd, .events = POLLIN};
  poll(&ready, 1, -1);
  count_unread(c);
}

static bool answer(struct connection *c, const struct request *request) {
  char body[32], text[512];
  if (!server_wait_together(c->server)) return false;
  int length = snprintf(body, sizeof body, "{\"marker\":%d}", request->marker);
  int total = snprintf(text, sizeof text,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                       "Content-Length: %d\r\n\r\n%s",
                       length, body);
  server_count_answer(c->server, request->marker);
  return connection_write(c, text, (size_t)total);
}

static bool reply(struct connection *c, const struct request *request) {
  const struct test_script *script = &c->server->script;
  server_count_answer(c->server, request->marker);
  size_t length = script->reply_length;
  if (length == 0) length = strlen(script->reply);
  size_t first = script->reply_first;
  if (script->write == WRITE_REPLY)
    return (first == 0 || connection_write(c, script->reply, first)) &&
           connection_write(c, script->reply + first, length - first);
  for (size_t i = 0; i < length; i++) {
    if (!connection_write(c, script->reply + i, 1)) return false;
    if (!server_pause(c->server, 2)) return false;
  }
  return true;
}

/* As far as the script wants; false once nothing more can come. */
static bool read_request(struct connection *c, struct request *request, bool wholly) {
  enum test_read how = wholly ? READ_ALL : c->server->script.read;
  *request = (struct request){.marker = -1};
  if (how == READ_NOTHING) return true;
  if (how == READ_PEEK) {
    wait_for_bytes(c);
    return true;
  }
  if (!read_head(c, request)) return false;
  if (how == READ_ALL) return read_body(c, request, request->length);
  return how == READ_HEAD || read_body(c, request, request->length / 2);
}

static bool write_answer(struct connection *c, const struct request *request,
                         bool normally) {
  enum test_write how = normally ? WRITE_ANSWER : c->server->script.write;
  if (how == WRITE_NOTHING) return true;
  return how == WRITE_ANSWER ? answer(c, request) : reply(c, request);
}

/* One request from head to end; false where the connection ends with it. */
static bool serve_request(struct connection *c) {
  const struct test_script *script = &c->server->script;
  struct request request;
  bool warm = c->served < script->warm;
  if (!read_request(c, &request, warm)) return false;
  if (!warm && script->gate && !server_wait_gate(c->server)) return false;
  if (!write_answer(c, &request, warm)) return false;
  c->served++;
  if (warm || script->then == THEN_GO_ON) return read_body(c, &request, request.length);
  if (script->read == READ_NOTHING && script->then != THEN_HALF_CLOSE) count_unread(c);
  connection_finish(c);
  return false;
}

void serve_http1(struct connection *c) {
  while (serve_request(c))
    ;
}
