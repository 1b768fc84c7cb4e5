/* A web server on loopback, in threads of the test process, that does exactly what a
 * script says and counts what arrives. A request is known by the number in its path,
 * /~~~~~~~~/17: so a test can say that 17 arrived once, or never.
 *
 *   struct test_script script = {.warm = 1, .write = WRITE_NOTHING, .then =
 * THEN_CLOSE}; struct test_server *server = test_server_start(&script);
 *   ... a first request on a connection is answered, the second is read and closed ...
 *   assert_int_equal(test_server_arrivals(server, 17), 1);
 *   test_server_stop(server);
 */
#ifndef TEST_SERVER_H
#define TEST_SERVER_H

#include "test_certificates.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEST_MARKERS 1024

/* Zero is always what a well-behaved server does. */
enum test_read { READ_ALL, READ_HEAD, READ_PART, READ_PEEK, READ_NOTHING };
enum test_write { WRITE_ANSWER, WRITE_REPLY, WRITE_DRIP, WRITE_NOTHING };
enum test_then {
  THEN_GO_ON, /* the next request of this connection */
  THEN_CLOSE,
  THEN_RESET,
  THEN_HALF_CLOSE, /* sends FIN and counts what still comes */
  THEN_HOLD        /* neither reads nor closes until the server stops */
};

/* HTTP/2: what is sent instead of an answer. */
enum test_frame { FRAME_NONE, FRAME_RESET, FRAME_GOAWAY };
enum test_last { LAST_ZERO, LAST_FIRST, LAST_HIGHEST };

struct test_script {
  bool tls, http2;
  enum test_certificate certificate;
  bool demand_certificate;
  int max_tls;    /* as TLS1_2_VERSION; 0: the newest */
  bool no_notify; /* closes TLS without saying so */

  int warm;     /* requests that each connection answers before it does the rest */
  int together; /* answers wait until so many requests have come */
  enum test_read read;
  bool gate; /* waits for test_server_open_gate here */
  enum test_write write;
  bool close_listener;
  enum test_then then;
  const char *reply;   /* for WRITE_REPLY and WRITE_DRIP */
  size_t reply_length; /* 0: reply is a string */
  size_t reply_first;  /* so much of it is written by itself, for WRITE_REPLY */

  enum test_frame frame;
  uint32_t code;
  enum test_last last; /* last_stream_id of a GOAWAY; up to it streams are answered */
  int burst;           /* streams that must be waiting before it comes; 0: one */
  bool part;           /* head and half of the body come first */
  uint32_t max_streams;
};

struct test_server;

struct test_server *test_server_start(const struct test_script *script);
void test_server_stop(struct test_server *server);

int test_server_port(const struct test_server *server);
void test_server_open_gate(struct test_server *server);

/* How often a whole head with this marker came, whether any byte of it was seen, and
 * how often it was answered. */
int test_server_arrivals(struct test_server *server, int marker);
bool test_server_saw(struct test_server *server, int marker);
int test_server_answers(struct test_server *server, int marker);

/* All requests, all connections ever taken, and those still open. */
int test_server_requests(struct test_server *server);
int test_server_connections(struct test_server *server);
int test_server_open(struct test_server *server);

/* Copies of the last request's head and body; the caller's. */
char *test_server_head(struct test_server *server);
char *test_server_body(struct test_server *server, size_t *length);

#endif
