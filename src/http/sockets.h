/* Inside of http/engine only: the sockets that libcurl has open for one engine, so that
 * a kept connection can be looked at just before it carries its next request. */
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
  bool has_new;                   /* some port is not known yet */
  bool has_twins;                 /* two have one port, to two servers, or had */
  int64_t asked_at, looked_at;    /* for one of them, and at all; CLOCK_BOOTTIME */
};

/* Makes libcurl tell of the sockets that it opens for this handle, and lets go of them
 * through here; they must all be closed before the table is freed. */
CURLcode sms_http_sockets_watch(struct sms_http_sockets *sockets, CURL *easy);
void sms_http_sockets_free(struct sms_http_sockets *sockets);

/* A request is about to go out from this local port. False where the connection has
 * carried one before and the server has said something since, or has closed it. */
bool sms_http_sockets_use(struct sms_http_sockets *sockets, int local_port,
                          int64_t now);

/* The request from this local port has ended. */
void sms_http_sockets_rest(struct sms_http_sockets *sockets, int local_port);

#endif
