#include "http/transfer.h"
#include "base/clock.h"
#include "http/connection.h"
#include "http/queue.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A request below this is written by one send(), so that libcurl's count of its bytes
 * is all or nothing: where it is 0, none has left. What is not body and URL fits the
 * difference.
 */
#define ONE_WRITE        (16u << 10)
#define HEADERS_AT_MOST  (4u << 10)
#define KEPT_BETWEEN_USE (64u << 10)
#define KEPT_ALONE       (1u << 20)
#define LONG_BODY        (4u << 10) /* of its first part */
#define LONG_WRITE       (64u << 10)

/* What is asked for something long is a GET. Libcurl takes memory for reading anew for
 * each request, and its usual 16 KiB are as much work as sending a text. Over TLS it
 * must be a whole record: what is left of one libcurl does not see, nor that too much
 * came. */
#define SHORT_REPLY 1024L
#ifndef WHOLE_RECORD /* the benchmark measures what it costs */
#define WHOLE_RECORD 16384L
#endif

/* The slot may be another's by now, at another machine's clock too. */
static bool is_too_late(const struct sms_http_transfer *t, int64_t now) {
  if (t->start_before && now > t->start_before) return true;
  return t->start_before_wall && sms_clock_wall() > t->start_before_wall;
}

/* Called just before the first byte of every attempt. Libcurl repeats a request unseen
 * where a kept connection died or an HTTP/2 stream was refused: the second call ends
 * that. It also takes what lies unread on a kept connection for the answer: such a
 * connection is not used. */
static int on_first_byte(void *pointer, char *to_ip, char *from_ip, int to_port,
                         int from_port) {
  (void)from_ip;
  struct sms_http_transfer *t = pointer;
  const struct sms_http_way way = {from_port, to_port, to_ip};
  if (t->began) {
    t->repeated = true;
    return CURL_PREREQFUNC_ABORT;
  }
  int64_t now = sms_clock_now();
  if (is_too_late(t, now)) {
    t->too_late = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (!sms_http_connection_begin(t, &way, now)) {
    t->stale = true;
    return CURL_PREREQFUNC_ABORT;
  }
  t->began = true;
  return CURL_PREREQFUNC_OK;
}

static int on_lookup(void *resolver, void *reserved, void *pointer) {
  (void)resolver;
  (void)reserved;
  struct sms_http_transfer *t = pointer;
  t->looked_up = true;
  return sms_http_queue_may_look_up(t) ? 0 : 1;
}

static void on_status_line(struct sms_http_transfer *t, const char *line,
                           size_t length) {
  const char *blank = memchr(line, ' ', length);
  t->status = 0;
  t->head_whole = false;
  t->retry_after[0] = t->date[0] = '\0';
  if (!blank) return;
  for (const char *c = blank + 1; c < line + length && c < blank + 4; c++)
    if (*c >= '0' && *c <= '9') t->status = t->status * 10 + (*c - '0');
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Keeps a header's value, where the line is of that name (in small letters) and not
 * overlong. */
static void keep_value(const char *line, size_t length, const char *name,
                       char kept[64]) {
  size_t skipped = strlen(name);
  if (length <= skipped || strncasecmp(line, name, skipped) != 0) return;
  const char *value = line + skipped;
  length -= skipped;
  while (length > 0 && is_blank(*value))
    value++, length--;
  while (length > 0 && is_blank(value[length - 1]))
    length--;
  if (length >= 64) return;
  memcpy(kept, value, length);
  kept[length] = '\0';
}

static void on_field(struct sms_http_transfer *t, const char *line, size_t length) {
  const int first = line[0] | ' '; /* most are others */
  if (first == 'r') keep_value(line, length, "retry-after:", t->retry_after);
  if (first == 'd') keep_value(line, length, "date:", t->date);
}

static size_t on_header(char *line, size_t one, size_t length, void *pointer) {
  struct sms_http_transfer *t = pointer;
  (void)one;
  t->head_length += length;
  if (t->head_length > SMS_CEILING_HEAD) {
    t->too_large = true;
    return 0;
  }
  if (length <= 2) { /* the empty line, if not cut; 1xx heads are not the answer's */
    t->head_whole = t->status >= 200 && line[length - 1] == '\n';
    if (t->head_whole) sms_http_connection_hear(t);
  } else if (length > 5 && memcmp(line, "HTTP/", 5) == 0) {
    on_status_line(t, line, length);
  } else {
    on_field(t, line, length);
  }
  return length;
}

/* A long body gets its memory at once where the reply tells its length. */
static void expect_body(struct sms_http_transfer *t, size_t received) {
  curl_off_t whole = -1;
  if (t->body.data || received < LONG_BODY) return;
  curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &whole);
  if (whole > 0 && (uint64_t)whole <= t->max_response)
    sms_buffer_reserve(&t->body, (size_t)whole);
}

static size_t on_body(char *data, size_t one, size_t length, void *pointer) {
  struct sms_http_transfer *t = pointer;
  (void)one;
  t->body.ceiling = t->max_response;
  expect_body(t, length);
  enum sms_status status = sms_buffer_append(&t->body, data, length);
  if (status == SMS_TOO_LARGE) t->too_large = true;
  if (status == SMS_NO_MEMORY) t->no_memory = true;
  return status == SMS_OK ? length : 0;
}

static CURLcode install_callbacks(struct sms_http_transfer *t) {
  CURL *easy = t->easy;
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_first_byte);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_lookup);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, t);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
  return code;
}

/* In TLS within that to a proxy it can be seen what one of the two has read. */
static bool is_legible(const struct sms_http_options *o) {
  bool nested = o->proxy && strncasecmp(o->proxy, "https:", 6) == 0;
  return !nested && sms_http_connection_is_legible();
}

enum sms_status sms_http_transfer_new(const sms_http_client *client, CURLSH *share,
                                      struct sms_http_sockets *sockets,
                                      sms_http_transfer **transfer) {
  struct sms_http_transfer *t = calloc(1, sizeof *t);
  if (!t) return SMS_NO_MEMORY;
  t->method = -1;
  t->write_size = LONG_WRITE; /* libcurl's own, both */
  t->read_size = CURL_MAX_WRITE_SIZE;
  sms_buffer_init(&t->url, SMS_CEILING_URL);
  sms_buffer_init(&t->sending, SMS_CEILING_REQUEST);
  sms_buffer_init(&t->body, 0);
  t->http2 = client->options.http2;
  t->legible = is_legible(&client->options);
  t->sockets = sockets;
  t->max_response = client->options.max_response;
  t->easy = curl_easy_init();
  t->location = curl_url();
  enum sms_status status = SMS_NO_MEMORY;
  if (!t->easy || !t->location) goto fail;
  status = sms_http_client_configure(client, t->easy);
  if (status != SMS_OK) goto fail;
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_SHARE, share);
  if (!code)
    code = curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, t->legible ? 0L : 1L);
  if (!code) code = sms_http_sockets_watch(sockets, t->easy);
  if (!code) code = install_callbacks(t);
  status = sms_http_status_of(code);
  if (code) goto fail;
  *transfer = t;
  return SMS_OK;

fail:
  sms_http_transfer_free(t);
  return status;
}

static void drop_bearer(struct sms_http_transfer *t) {
  if (!t->bearer) return;
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
  t->headers = NULL;
  t->bearer->next = NULL; /* the others are not the transfer's */
  sms_http_headers_free(t->bearer);
  t->bearer = NULL;
}

void sms_http_transfer_free(sms_http_transfer *t) {
  drop_bearer(t);
  if (t->easy) curl_easy_cleanup(t->easy);
  curl_url_cleanup(t->location);
  sms_buffer_wipe(&t->url);
  sms_buffer_wipe(&t->sending);
  sms_buffer_wipe(&t->body);
  free(t);
}

/* Hands the URL to libcurl, and what of it stands in the request line: short of memory,
 * libcurl 7.88 sends a request without its query. */
static enum sms_status hand_url(struct sms_http_transfer *t,
                                const sms_http_client *client) {
  const char *url = t->url.data ? t->url.data : "", *slashes = strstr(url, "//");
  const char *target = slashes ? slashes + 2 + strcspn(slashes + 2, "/?#") : "";
  if (*target != '/' || strchr(target, '#') || sms_http_client_relays(client, url))
    target = NULL; /* as libcurl makes it */
  CURLUcode parsed = curl_url_set(t->location, CURLUPART_URL, url, CURLU_PATH_AS_IS);
  if (parsed) return parsed == CURLUE_OUT_OF_MEMORY ? SMS_NO_MEMORY : SMS_INVALID;
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_CURLU, t->location);
  if (!code) code = curl_easy_setopt(t->easy, CURLOPT_REQUEST_TARGET, target);
  return sms_http_status_of(code);
}

/* The parsed URL is kept for the next request to the same place, which is the rule. */
static enum sms_status set_url(struct sms_http_transfer *t,
                               const sms_http_client *client,
                               const struct sms_http_request *request) {
  struct sms_buffer query;
  size_t length = strlen(request->url);
  bool secret = request->auth == SMS_HTTP_IN_QUERY;
  bool same = !secret && t->url.length == length && length > 0 &&
              memcmp(t->url.data, request->url, length) == 0;
  if (same) return SMS_OK;
  sms_buffer_wipe(&t->url);
  enum sms_status status = sms_buffer_append(&t->url, request->url, length);
  sms_buffer_init(&query, SMS_CEILING_URL);
  if (status == SMS_OK && secret) {
    const char *join = strchr(request->url, '?') ? "&" : "?";
    status = sms_credentials_parameters(client->options.credentials, &query);
    if (status == SMS_OK) status = sms_buffer_append(&t->url, join, 1);
    if (status == SMS_OK) status = sms_buffer_append(&t->url, query.data, query.length);
  }
  sms_buffer_wipe(&query);
  if (status == SMS_OK) status = hand_url(t, client);
  if (status != SMS_OK) sms_buffer_wipe(&t->url);
  return status;
}

static enum sms_status set_body(struct sms_http_transfer *t,
                                const sms_http_client *client,
                                const struct sms_http_request *request) {
  enum sms_status status = SMS_OK;
  sms_credentials *credentials = client->options.credentials;
  if (request->body_length > 0)
    status = sms_buffer_append(&t->sending, request->body, request->body_length);
  if (status == SMS_OK && request->auth == SMS_HTTP_IN_BODY)
    status = sms_credentials_parameters(credentials, &t->sending);
  if (status == SMS_OK && request->auth == SMS_HTTP_SIGNED)
    status = sms_credentials_sign(credentials, request->signature, request->signed_text,
                                  request->signed_length, &t->sending);
  t->one_write = t->sending.length + t->url.length + HEADERS_AT_MOST <= ONE_WRITE;
  return status;
}

/* Libcurl takes this much memory for each request over TLS until it is answered. That
 * for reading is refused where it still has the last one, which mostly serves as well.
 */
static void set_buffers(struct sms_http_transfer *t, bool has_body) {
  long size = t->one_write ? ONE_WRITE : LONG_WRITE;
  if (t->write_size != size &&
      !curl_easy_setopt(t->easy, CURLOPT_UPLOAD_BUFFERSIZE, size))
    t->write_size = size;
  bool tls = t->url.length > 6 && strncasecmp(t->url.data, "https:", 6) == 0;
  size = has_body && !tls ? SHORT_REPLY : WHOLE_RECORD;
  if (t->read_size != size && !curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, size))
    t->read_size = size;
}

static CURLcode set_method(struct sms_http_transfer *t, enum sms_http_method method) {
  static const char *const names[] = {NULL, NULL, "PUT", "DELETE", "PATCH"};
  CURLcode code = CURLE_OK;
  bool has_body = method != SMS_HTTP_GET && method != SMS_HTTP_DELETE;
  if (t->method != (int)method) {
    code = curl_easy_setopt(t->easy, has_body ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    if (!code) code = curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, names[method]);
    t->method = code ? -1 : (int)method;
  }
  set_buffers(t, has_body);
  if (!has_body || code) return code;
  const char *body = t->sending.data ? t->sending.data : "";
  code = curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                          (curl_off_t)t->sending.length);
  return code ? code : curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, body);
}

/* Of the whole time libcurl is not told: the engine ends what takes longer. That of
 * connecting it divides among the addresses of a host. */
static CURLcode set_times(struct sms_http_transfer *t,
                          const struct sms_http_request *request) {
  bool first = request->connect_timeout < request->timeout;
  int64_t connect = first ? request->connect_timeout : request->timeout;
  long milliseconds = (long)((connect + 999) / 1000);
  CURLcode code = CURLE_OK;
  if (milliseconds < 1) milliseconds = 1; /* 0 would mean its own */
  if (t->connect_timeout != milliseconds)
    code = curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
  t->connect_timeout = code ? -1 : milliseconds;
  t->refused_before = t->sockets->refused;
  t->start_before = request->start_before;
  t->start_before_wall = request->start_before_wall;
  t->deadline = sms_clock_now() + request->timeout;
  return code;
}

/* Puts the line with the token in front of the headers that all requests share. */
static enum sms_status add_bearer(struct sms_http_transfer *t,
                                  const sms_http_client *client,
                                  struct curl_slist **headers) {
  struct sms_buffer line;
  sms_buffer_init(&line, SMS_CEILING_HEAD);
  enum sms_status status = sms_credentials_bearer(client->options.credentials, &line);
  if (status == SMS_OK) {
    t->bearer = curl_slist_append(NULL, line.data);
    status = t->bearer ? SMS_OK : SMS_NO_MEMORY;
  }
  sms_buffer_wipe(&line);
  if (status != SMS_OK) return status;
  t->bearer->next = *headers;
  *headers = t->bearer;
  return SMS_OK;
}

enum sms_status sms_http_transfer_prepare(sms_http_transfer *t,
                                          const sms_http_client *client,
                                          const struct sms_http_request *request,
                                          struct curl_slist *headers) {
  if (request->auth >= SMS_HTTP_IN_QUERY && !client->options.credentials)
    return SMS_INVALID;
  enum sms_status status = set_url(t, client, request);
  if (status == SMS_OK) status = set_body(t, client, request);
  if (status == SMS_OK && request->auth == SMS_HTTP_BEARER)
    status = add_bearer(t, client, &headers);
  if (status != SMS_OK) return status;
  CURLcode code = set_method(t, request->method);
  if (!code) code = set_times(t, request);
  if (!code && t->headers != headers) {
    code = curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, headers);
    t->headers = code ? NULL : headers;
  }
  return sms_http_status_of(code);
}

static void empty(struct sms_buffer *buffer, size_t kept) {
  if (buffer->capacity > kept)
    sms_buffer_wipe(buffer);
  else
    sms_buffer_clear(buffer);
}

void sms_http_transfer_clear(sms_http_transfer *t, bool alone) {
  size_t kept = alone ? KEPT_ALONE : KEPT_BETWEEN_USE;
  drop_bearer(t);
  empty(&t->sending, kept);
  empty(&t->body, kept);
  t->looked_up = t->held = t->began = t->repeated = t->stale = false;
  t->heard = t->multiplexed = false;
  t->too_late = t->too_large = t->no_memory = t->head_whole = false;
  t->response.lingers = false;
  t->head_length = 0;
  t->status = 0;
  t->retry_after[0] = t->date[0] = t->error[0] = '\0';
  t->state = TRANSFER_IDLE;
}

uint64_t sms_http_transfer_id(const sms_http_transfer *t) {
  return t->id;
}

void sms_http_transfer_set_context(sms_http_transfer *t, void *context) {
  t->context = context;
}

void *sms_http_transfer_context(const sms_http_transfer *t) {
  return t->context;
}
