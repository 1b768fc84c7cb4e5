/* Inside of http/engine only: the sockets that libcurl has open for one engine, so that
 * a kept connection can be looked at just before it carries its next request, and one
 * with a request under way is reset where it is closed: the kernel would go on sending.
 */
#ifndef SMS_HTTP_SOCKETS_H
#define SMS_HTTP_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMS_HTTP_PLACES 1024

struct sms_http_sockets {
  struct sms_http_socket *list;
  struct pollfd *polled; /* one for each of the list */
  size_t count, capacity;
  size_t places[SMS_HTTP_PLACES]; /* where a port was last found */
  uint64_t last_number;
  bool has_new;     /* some port is not known yet */
  bool has_twins;   /* two have one port, to two servers, or had */
  uint64_t refused; /* sockets that there were none for, and why the last: */
  int refused_why;  /* an errno */
  uint64_t flooded; /* the number of the last that was closed for a line without end */
  int64_t asked_at, looked_at; /* for one of them, and at all; CLOCK_BOOTTIME */
};

/* From where to where a connection goes, as libcurl tells it. */
struct sms_http_way {
  int local_port, port;
  const char *ip;
};

/* The socket that carries a request; number 0: none. */
struct sms_http_seat {
  uint64_t number; /* no other socket of the table ever has it */
  int local_port;
};

/* Has libcurl open this handle's sockets through here, and close them; they must all be
 * closed before the table is freed. */
CURLcode sms_http_sockets_watch(struct sms_http_sockets *sockets, CURL *easy);
void sms_http_sockets_free(struct sms_http_sockets *sockets);

/* The socket of a connection, and whether it has carried a request before. */
struct sms_http_seat sms_http_sockets_find(struct sms_http_sockets *sockets,
                                           const struct sms_http_way *way, bool *used);

/* False where the server has said something since the last answer, or has closed. */
bool sms_http_sockets_is_silent(struct sms_http_sockets *sockets,
                                struct sms_http_seat seat, int64_t now);

/* A request is about to go out there; its answer has come, or the head of it at least;
 * it has ended, answered or not, when so many bytes of an answer had come. */
void sms_http_sockets_begin(struct sms_http_sockets *sockets,
                            struct sms_http_seat seat);
void sms_http_sockets_hear(struct sms_http_sockets *sockets, struct sms_http_seat seat);
void sms_http_sockets_end(struct sms_http_sockets *sockets, struct sms_http_seat seat,
                          bool heard, size_t length);

bool sms_http_sockets_is_open(struct sms_http_sockets *sockets,
                              struct sms_http_seat seat);

#endif
