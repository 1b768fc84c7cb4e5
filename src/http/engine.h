/* HTTP on libcurl for one thread, driven by its caller. Libcurl never repeats a request
 * here, and every ending says whether a byte of it may have left (docs/design.md 3.1
 * and 3.2).
 *
 *   sms_http_engine_new(&engine);
 *   sms_http_client_new(&options, &client);
 *   sms_http_engine_submit(engine, client, &request, &transfer);
 *   while (!(response = sms_http_transfer_response(transfer)))
 *     sms_http_engine_step(engine, 1000000);
 *   ...
 *   sms_http_transfer_release(transfer);    // also cancels what is under way
 *
 * Fork: a child must make its own engine. It finds out by SMS_FORKED, and whatever it
 * inherited is left alone, even when freed: its connections are the parent's.
 */
#ifndef SMS_HTTP_ENGINE_H
#define SMS_HTTP_ENGINE_H

#include "base/byte_buffer.h"
#include "base/status.h"
#include "secret/credentials.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sms_http_engine sms_http_engine;
typedef struct sms_http_client sms_http_client;
typedef struct sms_http_transfer sms_http_transfer;

/* What all requests of one client have in common. Strings are copied. */
struct sms_http_options {
  sms_credentials *credentials; /* a reference is taken; may be NULL */
  const char *user_agent;
  const char *proxy;             /* NULL: none. libcurl's environment is never read */
  const char *no_proxy;          /* as CURLOPT_NOPROXY; NULL: none */
  const char *ca_file;           /* NULL: the system's */
  const char *ca_path;           /* NULL: none, so that the store is cached */
  const char *client_cert;       /* NULL: none */
  const char *client_key;        /* NULL: none */
  const char *pinned_public_key; /* as CURLOPT_PINNEDPUBLICKEY; NULL: none */
  bool insecure;                 /* no verification */
  bool http2;                    /* over TLS; otherwise HTTP/1.1 */
  bool keep_free_memory; /* of glibc's malloc, for the whole process, for good */
  int min_tls;           /* 10, 11, 12 or 13; 0: 12 */
  long max_connections;  /* per host; the largest of an engine's clients counts */
  long keep_alive;       /* seconds a connection may idle before its next use */
  size_t max_response;   /* bytes of a body; above: SMS_HTTP_TOO_LARGE */
};

enum sms_http_method {
  SMS_HTTP_GET,
  SMS_HTTP_POST,
  SMS_HTTP_PUT,
  SMS_HTTP_DELETE,
  SMS_HTTP_PATCH
};
enum sms_http_content { SMS_HTTP_NO_CONTENT, SMS_HTTP_JSON, SMS_HTTP_FORM };

enum sms_http_auth {
  SMS_HTTP_ANONYMOUS,
  SMS_HTTP_BASIC,    /* Authorization header */
  SMS_HTTP_IN_QUERY, /* identity and password behind the URL */
  SMS_HTTP_IN_BODY,  /* the same behind a form body */
  SMS_HTTP_SIGNED,   /* sig behind a form body */
  SMS_HTTP_BEARER    /* Authorization header with the credentials' token */
};

/* Borrowed for the time of sms_http_engine_submit. Times are microseconds. */
struct sms_http_request {
  enum sms_http_method method;
  const char *url; /* http or https, escaped, NUL-terminated */
  const char *body;
  size_t body_length;
  enum sms_http_content content;
  enum sms_http_auth auth;
  enum sms_signature signature; /* for SMS_HTTP_SIGNED */
  const char *signed_text;
  size_t signed_length;
  int64_t timeout;           /* from submission to the last byte */
  int64_t connect_timeout;   /* look-up, connect and TLS */
  int64_t start_before;      /* CLOCK_BOOTTIME: no first byte after this; 0: any time */
  int64_t start_before_wall; /* the same of sms_clock_wall */
};

enum sms_http_end {
  SMS_HTTP_ANSWERED,  /* a whole reply, as far as HTTP can tell */
  SMS_HTTP_TIMED_OUT, /* timeout or connect_timeout ran out */
  SMS_HTTP_UNREACHED, /* look-up, connect, proxy or TLS failed */
  SMS_HTTP_BROKEN,    /* the connection ended, or the reply was cut or not HTTP */
  SMS_HTTP_TOO_LARGE, /* the reply passed max_response or SMS_CEILING_HEAD */
  SMS_HTTP_TOO_LATE,  /* start_before had passed before the first byte */
  SMS_HTTP_CANCELLED, /* sms_http_transfer_cancel */
  SMS_HTTP_NO_MEMORY,
  SMS_HTTP_NO_FILES /* the process, or the system, may open no more descriptors */
};

enum sms_http_phase {
  SMS_HTTP_PHASE_QUEUE, /* waiting for a free connection */
  SMS_HTTP_PHASE_LOOKUP,
  SMS_HTTP_PHASE_CONNECT,
  SMS_HTTP_PHASE_TLS,
  SMS_HTTP_PHASE_SEND,
  SMS_HTTP_PHASE_ANSWER, /* request out, first byte not in */
  SMS_HTTP_PHASE_BODY
};

struct sms_http_response {
  enum sms_http_end end;
  enum sms_http_phase phase; /* where it ended, unless answered */
  bool sent;                 /* false: certainly no byte of the request left */
  bool lingers;              /* unanswered, and the kernel may still send some of it */
  int status;                /* of the last whole status line; 0: none came */
  int proxy_status;          /* of a proxy that opened no tunnel; 0: none did so */
  bool tunnelled;            /* a proxy has opened one */
  const char *body;          /* as much as came; never NULL */
  size_t body_length;
  const char *retry_after; /* the header's value; NULL: none */
  const char *date;        /* likewise: the server's clock */
  const char *message;     /* libcurl's words; "" when answered */
};

/* What the libcurl that runs is able to do. Strings live as long as the process. */
struct sms_http_library {
  const char *version;
  const char *tls;     /* the library that it has for TLS; NULL: none */
  const char *ca_file; /* its default; NULL: none, or not known */
  bool quick_exit;     /* a slow look-up that timed out holds nobody up */
  bool http2;
  bool keeps_connections; /* false: its TLS hides what an idle connection was told */
  bool keeps_secrets; /* it was made ready by somebody else: what it frees is left as is
                       */
};

void sms_http_library(struct sms_http_library *library);

/* SMS_INVALID: the proxy cannot be parsed. Its password is hidden with the credentials.
 */
enum sms_status sms_http_client_new(const struct sms_http_options *options,
                                    sms_http_client **client);
void sms_http_client_release(sms_http_client *client); /* NULL is fine */

/* Nothing more is begun for it (SMS_CLOSED), and what is under way ends as
 * SMS_HTTP_CANCELLED with the next sms_http_engine_sweep. Safe from any thread. NULL is
 * fine. */
void sms_http_client_close(sms_http_client *client);

enum sms_status sms_http_engine_new(sms_http_engine **engine);

/* Ends all transfers (SMS_HTTP_CANCELLED) and closes all connections. Transfers may be
 * released afterwards. NULL is fine. */
void sms_http_engine_release(sms_http_engine *engine);

/* Starts a request. The transfer is the caller's. SMS_INVALID: credentials are missing
 * for this auth, or the URL does not parse. SMS_CLOSED: the client is. */
enum sms_status sms_http_engine_submit(sms_http_engine *engine, sms_http_client *client,
                                       const struct sms_http_request *request,
                                       sms_http_transfer **transfer);

/* Waits until a socket is ready, a timer is due, a signal has come, or wait
 * microseconds are over (0: does not wait). */
enum sms_status sms_http_engine_wait(sms_http_engine *engine, int64_t wait);

/* Moves everything on, without waiting. */
enum sms_status sms_http_engine_perform(sms_http_engine *engine);

/* Waits, then performs; with 0 only where there is something to do. */
enum sms_status sms_http_engine_step(sms_http_engine *engine, int64_t wait);

/* The next transfer that has ended since the last call, or NULL. */
sms_http_transfer *sms_http_engine_finished(sms_http_engine *engine);

/* Ends the wait, now or the next one. Safe from any thread. SMS_FAILED: it does not;
 * for want of descriptors an engine may have been made that cannot be woken. */
enum sms_status sms_http_engine_wake(sms_http_engine *engine);

/* Ends all transfers as SMS_HTTP_CANCELLED; they come back through
 * sms_http_engine_finished. */
void sms_http_engine_cancel_all(sms_http_engine *engine);

/* Ends what closed clients have under way, which comes back through
 * sms_http_engine_finished, and closes idle connections and handles of these and of
 * clients that nobody else holds any more. */
void sms_http_engine_sweep(sms_http_engine *engine);

/* NULL until the transfer has ended. Valid until it is released. */
const struct sms_http_response *sms_http_transfer_response(sms_http_transfer *transfer);

/* A number that no other transfer of this engine has until it is released, from 1 on
 * and as small as may be: good for a place in a list. */
uint64_t sms_http_transfer_id(const sms_http_transfer *transfer);

/* Moves the body of an ended transfer out of it, into an empty buffer. */
void sms_http_transfer_take_body(sms_http_transfer *transfer, struct sms_buffer *body);

/* A pointer of the caller's, NULL at first. */
void sms_http_transfer_set_context(sms_http_transfer *transfer, void *context);
void *sms_http_transfer_context(const sms_http_transfer *transfer);

/* Ends it now as SMS_HTTP_CANCELLED; nothing if it has ended already. */
void sms_http_transfer_cancel(sms_http_transfer *transfer);

/* Cancels if need be and gives the transfer back. NULL is fine. */
void sms_http_transfer_release(sms_http_transfer *transfer);

#endif
