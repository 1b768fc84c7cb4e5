/* Inside of http/engine only: what all requests of one client have in common, laid onto
 * easy handles once. */
#ifndef SMS_HTTP_CLIENT_H
#define SMS_HTTP_CLIENT_H

#include "http/engine.h"
#include <curl/curl.h>

struct sms_http_client {
  long references;
  bool closed;                     /* atomic: the driver's thread asks */
  struct sms_http_options options; /* with copies of the strings */
};

/* Has libcurl ready, once in a process, before anything else is asked of it. */
void sms_http_initialise(void);

sms_http_client *sms_http_client_retain(sms_http_client *client);

/* So is NULL. */
bool sms_http_client_is_closed(const sms_http_client *client);

/* True where nobody but one holder is left. */
bool sms_http_client_is_unshared(const sms_http_client *client);

/* Sets everything on an easy handle that does not change from call to call. */
enum sms_status sms_http_client_configure(const sms_http_client *client, CURL *easy);

/* SMS_NO_MEMORY, or SMS_FAILED for whatever else libcurl refuses. */
enum sms_status sms_http_status_of(CURLcode code);

/* Whether a proxy is given the whole of the URL, and passes the request on: not over
 * TLS, nor by one that is blind to HTTP. */
bool sms_http_client_relays(const sms_http_client *client, const char *url);

/* Whether the body is one of those that need a header more. */
bool sms_http_is_large(const struct sms_http_request *request);

/* The headers of requests with the same content, being large or not, and with Basic or
 * without; the caller's. */
enum sms_status sms_http_client_headers(const sms_http_client *client,
                                        const struct sms_http_request *request,
                                        struct curl_slist **headers);

/* Overwrites (they may hold a secret) and frees. */
void sms_http_headers_free(struct curl_slist *headers);

#endif
