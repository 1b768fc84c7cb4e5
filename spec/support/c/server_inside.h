/* Inside of the test server only: what its connections share. */
#ifndef SERVER_INSIDE_H
#define SERVER_INSIDE_H

#include "test_server.h"
#include <pthread.h>
#include <sys/types.h>

#define KEPT_BODY (64u << 10)

struct request {
  int marker;         /* -1: none in the path */
  size_t length, got; /* of the body */
};

struct connection {
  struct connection *next;
  struct test_server *server;
  pthread_t thread;
  int fd; /* -1 once it is closed */
  SSL *ssl;
  int served;
  char *in; /* bytes that came and were not used */
  size_t in_length, in_capacity;
  char *body; /* the beginning of the request's body, KEPT_BODY at most */
  size_t body_length;
};

struct test_server {
  struct test_script script;
  SSL_CTX *tls;
  int listener, port;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool stopping, gate_open;
  struct connection *connections;
  int accepted, open, requests;
  int arrivals[TEST_MARKERS], answers[TEST_MARKERS];
  bool seen[TEST_MARKERS];
  char *head, *body;
  size_t body_length;
};

/* Appends what comes next to connection->in; 0 at the end, -1 on an error. */
ssize_t connection_read(struct connection *connection);
bool connection_write(struct connection *connection, const void *data, size_t length);
void connection_use(struct connection *connection, size_t length);

/* The marker anywhere in these bytes, or -1. */
int server_marker(const char *data, size_t length);
void server_count(struct test_server *server, const char *head, size_t length);
void server_keep_body(struct connection *connection);
void server_count_answer(struct test_server *server, int marker);
bool server_wait_gate(struct test_server *server);
bool server_wait_together(struct test_server *server);

/* False once the server is stopping. */
bool server_pause(struct test_server *server, int milliseconds);
void server_wait_stop(struct test_server *server);

/* Ends the connection, and the listener before, as the script says. */
void connection_finish(struct connection *connection);

void serve_http1(struct connection *connection);
void serve_http2(struct connection *connection);

#endif
