#include "server_inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 9113, by hand: no library that would be as well-behaved as the client's. Paths
 * are full of tildes, whose Huffman codes are longer than themselves, so that the
 * marker stands plainly in the header block. */
enum frame_type {
  DATA = 0,
  HEADERS = 1,
  RST_STREAM = 3,
  SETTINGS = 4,
  PING = 6,
  GOAWAY = 7,
  WINDOW_UPDATE = 8
};
#define END_STREAM  0x1
#define ACK         0x1
#define END_HEADERS 0x4
#define STREAMS     1024

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct session {
  struct connection *connection;
  int markers[STREAMS]; /* by (stream - 1) / 2 */
  uint32_t waiting[STREAMS];
  int waiting_count;
  bool ended; /* a GOAWAY was sent */
};

static void put32(unsigned char *at, uint32_t value) {
  for (int i = 0; i < 4; i++)
    at[i] = (unsigned char)(value >> (24 - 8 * i));
}

static uint32_t get32(const char *at) {
  const unsigned char *byte = (const unsigned char *)at;
  return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 |
         byte[3];
}

static bool send_frame(struct connection *c, enum frame_type type, unsigned flags,
                       uint32_t stream, const void *data, size_t length) {
  unsigned char frame[9 + 256];
  put32(frame, (uint32_t)length << 8 | (uint32_t)type);
  frame[4] = (unsigned char)flags;
  put32(frame + 5, stream);
  if (length) memcpy(frame + 9, data, length);
  return connection_write(c, frame, 9 + length);
}

static bool begin(struct connection *c) {
  size_t length = sizeof preface - 1;
  while (c->in_length < length)
    if (connection_read(c) <= 0) return false;
  if (memcmp(c->in, preface, length) != 0) return false;
  connection_use(c, length);
  /* No header table, windows without end, and perhaps a limit of streams. */
  uint32_t limit = c->server->script.max_streams ? c->server->script.max_streams : 1000;
  unsigned char settings[18] = {0, 1, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff, 0, 3};
  unsigned char window[4];
  put32(settings + 14, limit);
  put32(window, 0x7fffffffu - 65535u);
  return send_frame(c, SETTINGS, 0, 0, settings, sizeof settings) &&
         send_frame(c, WINDOW_UPDATE, 0, 0, window, sizeof window);
}

static int *marker_of(struct session *s, uint32_t stream) {
  return &s->markers[stream / 2 % STREAMS];
}

static bool answer_stream(struct session *s, uint32_t stream, bool wholly) {
  static const unsigned char ok[] = {0x88}; /* ":status: 200" in HPACK's static table */
  char body[32];
  int marker = *marker_of(s, stream);
  int length = snprintf(body, sizeof body, "{\"marker\":%d}", marker);
  if (!wholly) length /= 2;
  if (wholly) server_count_answer(s->connection->server, marker);
  return send_frame(s->connection, HEADERS, END_HEADERS, stream, ok, sizeof ok) &&
         send_frame(s->connection, DATA, wholly ? END_STREAM : 0, stream, body,
                    (size_t)length);
}

static bool send_goaway(struct session *s) {
  const struct test_script *script = &s->connection->server->script;
  unsigned char data[8];
  uint32_t last = 0;
  if (script->last == LAST_FIRST) last = s->waiting[0];
  if (script->last == LAST_HIGHEST) last = 0x7fffffffu;
  put32(data, last);
  put32(data + 4, script->code);
  s->ended = true;
  if (!send_frame(s->connection, GOAWAY, 0, 0, data, sizeof data)) return false;
  return last == 0 || script->write == WRITE_NOTHING ||
         answer_stream(s, s->waiting[0], true);
}

/* Does what the script says to all streams that wait; false: the connection ends. */
static bool misbehave(struct session *s) {
  struct connection *c = s->connection;
  const struct test_script *script = &c->server->script;
  unsigned char code[4];
  put32(code, script->code);
  for (int i = 0; i < s->waiting_count; i++) {
    if (script->part && !answer_stream(s, s->waiting[i], false)) return false;
    if (script->frame == FRAME_RESET &&
        !send_frame(c, RST_STREAM, 0, s->waiting[i], code, sizeof code))
      return false;
  }
  if (script->frame == FRAME_GOAWAY && !s->ended && !send_goaway(s)) return false;
  s->waiting_count = 0;
  if (script->then == THEN_GO_ON) return true;
  connection_finish(c);
  return false;
}

/* A request has come as far as the script wants to read it. */
static bool on_request(struct session *s, uint32_t stream) {
  struct connection *c = s->connection;
  const struct test_script *script = &c->server->script;
  bool warm = c->served++ < script->warm;
  if (!warm && script->gate && !server_wait_gate(c->server)) return false;
  if (warm || (script->frame == FRAME_NONE && script->write == WRITE_ANSWER))
    return server_wait_together(c->server) && answer_stream(s, stream, true);
  s->waiting[s->waiting_count++ % STREAMS] = stream;
  if (s->waiting_count < script->burst) return true;
  return misbehave(s);
}

static bool on_headers(struct session *s, uint32_t stream, const char *data,
                       size_t length, bool last) {
  struct connection *c = s->connection;
  *marker_of(s, stream) = server_marker(data, length);
  server_count(c->server, data, length);
  bool at_once =
      c->server->script.read == READ_HEAD && c->served >= c->server->script.warm;
  return at_once || last ? on_request(s, stream) : true;
}

static bool on_data_end(struct session *s, uint32_t stream) {
  struct connection *c = s->connection;
  bool was_at_once =
      c->server->script.read == READ_HEAD && c->served > c->server->script.warm;
  return was_at_once || on_request(s, stream);
}

static bool on_frame(struct session *s, int type, unsigned flags, uint32_t stream,
                     const char *data, size_t length) {
  struct connection *c = s->connection;
  if (type == SETTINGS && !(flags & ACK)) return send_frame(c, SETTINGS, ACK, 0, "", 0);
  if (type == PING && !(flags & ACK)) return send_frame(c, PING, ACK, 0, data, length);
  if (type == HEADERS)
    return on_headers(s, stream, data, length, (flags & END_STREAM) != 0);
  if (type == DATA && (flags & END_STREAM)) return on_data_end(s, stream);
  return true;
}

void serve_http2(struct connection *c) {
  struct session *s = calloc(1, sizeof *s);
  bool go_on = s && begin(c);
  if (s) s->connection = c;
  while (go_on) {
    size_t length = c->in_length >= 9 ? get32(c->in) >> 8 : 0;
    if (c->in_length < 9 || c->in_length < 9 + length) {
      go_on = connection_read(c) > 0;
      continue;
    }
    go_on = on_frame(s, c->in[3], (unsigned char)c->in[4], get32(c->in + 5), c->in + 9,
                     length);
    connection_use(c, 9 + length);
  }
  free(s);
}
