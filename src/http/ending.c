#include "http/ending.h"
#include "base/descriptor.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TOO_LARGE 100 /* CURLE_TOO_LARGE, from libcurl 8.6 on */

/* Libcurl 7.88 counts the first write alone: where the socket took nothing of it, as
 * when it was interrupted, the whole request may have gone later. A body is counted
 * then, too, until libcurl repeats the request unseen; without one only a write that
 * failed at once shows that nothing left. What libcurl would repeat once more on a
 * connection that has died it calls a failed write as well. */
static bool certainly_nothing_left(const struct sms_http_transfer *t, CURLcode code) {
  if (!t->began) return true;
  if (t->http2 || !t->one_write || t->repeated || t->head_length > 0) return false;
  long written = -1; /* where it is not told, nothing is certain */
  curl_off_t body = -1;
  curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &written);
  if (written != 0) return false;
  if (t->sending.length == 0)
    return code == CURLE_OUT_OF_MEMORY ||
           (code == CURLE_SEND_ERROR && !strstr(t->error, "Connection died"));
  curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &body);
  return body == 0;
}

static bool is_past(const struct sms_http_transfer *t, CURLINFO moment) {
  curl_off_t at = 0;
  curl_easy_getinfo(t->easy, moment, &at);
  return at > 0;
}

enum sms_http_phase sms_http_transfer_phase(const sms_http_transfer *t) {
  if (t->state == TRANSFER_WAITING) /* the handle still tells of its last request */
    return t->looked_up ? SMS_HTTP_PHASE_LOOKUP : SMS_HTTP_PHASE_QUEUE;
  if (t->head_length > 0) return SMS_HTTP_PHASE_BODY;
  if (t->began) {
    curl_off_t sent = 0;
    curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return (size_t)sent < t->sending.length ? SMS_HTTP_PHASE_SEND
                                            : SMS_HTTP_PHASE_ANSWER;
  }
  /* What else tells of the connection some versions of libcurl keep to themselves until
   * TLS, or the proxy's tunnel, has gone through as well. */
  long connects = 0;
  curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
  if (connects > 0) return SMS_HTTP_PHASE_TLS;
  if (is_past(t, CURLINFO_NAMELOOKUP_TIME_T)) return SMS_HTTP_PHASE_CONNECT;
  return t->looked_up ? SMS_HTTP_PHASE_LOOKUP : SMS_HTTP_PHASE_QUEUE;
}

/* Of a proxy's name libcurl 8.23 does not tell that it is looked up. */
static bool is_unresolved(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_RESOLVE_HOST;
}

/* What it lacked that has not reached its host, as an errno; 0: it was refused, or did
 * not come through. */
static int lack_of(const struct sms_http_transfer *t, CURLcode code) {
  long error = 0;
  if (code != CURLE_COULDNT_CONNECT) return sms_descriptor_lack();
  curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &error);
  bool refused = t->sockets->refused != t->refused_before && error == 0;
  return refused ? t->sockets->refused_why : 0;
}

static enum sms_http_end end_of_unreached(const struct sms_http_transfer *t,
                                          CURLcode code) {
  switch (lack_of(t, code)) {
  case EMFILE:
  case ENFILE:
    return SMS_HTTP_NO_FILES;
  case ENOMEM:
  case ENOBUFS:
    return SMS_HTTP_NO_MEMORY;
  default:
    return SMS_HTTP_UNREACHED;
  }
}

/* Every transfer has a URL that has been parsed. Libcurl makes its text anew for each,
 * and says so where there is no memory for that. */
static bool lacks_memory(const struct sms_http_transfer *t, CURLcode code) {
  return t->no_memory || code == CURLE_OUT_OF_MEMORY ||
         (code == CURLE_URL_MALFORMAT && strcmp(t->error, "No URL set") == 0);
}

static enum sms_http_end end_of(const struct sms_http_transfer *t, CURLcode code) {
  if (t->too_late) return SMS_HTTP_TOO_LATE;
  if (t->too_large) return SMS_HTTP_TOO_LARGE;
  if (code == CURLE_OK && t->head_whole) return SMS_HTTP_ANSWERED;
  if (code == CURLE_OPERATION_TIMEDOUT) return SMS_HTTP_TIMED_OUT;
  if (lacks_memory(t, code)) return SMS_HTTP_NO_MEMORY;
  return t->began ? SMS_HTTP_BROKEN : end_of_unreached(t, code);
}

static const char *message_of(const struct sms_http_transfer *t, CURLcode code) {
  if (t->response.end == SMS_HTTP_NO_MEMORY) return "memory ran out";
  if (t->response.end == SMS_HTTP_NO_FILES)
    return "no more files may be opened (ulimit -n; fs.file-max)";
  if (t->too_late) return "the time to begin had passed";
  if (t->too_large) return "the reply is larger than allowed";
  if (code == CURLE_OK) return "the head of the reply was cut";
  if (code == CURLE_ABORTED_BY_CALLBACK) return "the connection ended before an answer";
  return t->error[0] ? t->error : curl_easy_strerror(code);
}

/* A line above libcurl's own limit: of a head 100 KB, of trailers 4 KB. Versions before
 * 8.6 call it a want of memory. Of chunks trailers alone want any. */
static bool is_overlong_line(const struct sms_http_transfer *t, CURLcode code) {
  if (!t->began) return false;
  if ((int)code == TOO_LARGE) return true;
  if (t->head_whole)
    return code == CURLE_RECV_ERROR && strstr(t->error, "Out of memory in chunked");
  return code == CURLE_OUT_OF_MEMORY && t->seat.number > 0 &&
         t->sockets->flooded == t->seat.number;
}

/* What a proxy that was asked for a tunnel answered; 0: nothing. */
static int connect_status(const struct sms_http_transfer *t) {
  long status = 0;
  curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return (int)status;
}

/* Libcurl names the file, and not what to do about it. */
static void add_remedy(struct sms_http_transfer *t) {
  size_t length = strlen(t->error);
  snprintf(t->error + length, sizeof t->error - length,
           "%sno CA bundle that can be read: install ca-certificates, or give ca_file",
           length > 0 ? "; " : "");
}

void sms_http_transfer_end(sms_http_transfer *t, CURLcode code) {
  struct sms_http_response *r = &t->response;
  if (code == CURLE_SSL_CACERT_BADFILE) add_remedy(t);
  if (is_overlong_line(t, code)) t->too_large = true;
  r->end = end_of(t, code);
  r->phase = is_unresolved(code) ? SMS_HTTP_PHASE_LOOKUP : sms_http_transfer_phase(t);
  r->sent = r->end == SMS_HTTP_ANSWERED || !certainly_nothing_left(t, code);
  r->status = t->status;
  int connected = r->end == SMS_HTTP_ANSWERED ? 0 : connect_status(t);
  r->tunnelled = connected >= 200 && connected < 300;
  r->proxy_status = r->end == SMS_HTTP_UNREACHED && connected >= 300 ? connected : 0;
  r->body = t->body.data ? t->body.data : "";
  r->body_length = t->body.length;
  r->retry_after = t->retry_after[0] ? t->retry_after : NULL;
  r->date = t->date[0] ? t->date : NULL;
  r->message = r->end == SMS_HTTP_ANSWERED ? "" : message_of(t, code);
  t->state = TRANSFER_ENDED;
}

void sms_http_transfer_end_cancelled(sms_http_transfer *t) {
  sms_http_transfer_end(t, CURLE_ABORTED_BY_CALLBACK);
  t->response.end = SMS_HTTP_CANCELLED;
  t->response.message = "cancelled";
}

bool sms_http_transfer_is_unresolved(const sms_http_transfer *t) {
  return t->state == TRANSFER_ENDED && t->response.end == SMS_HTTP_UNREACHED &&
         t->response.phase == SMS_HTTP_PHASE_LOOKUP;
}

const struct sms_http_response *sms_http_transfer_response(sms_http_transfer *t) {
  return t->state == TRANSFER_ENDED ? &t->response : NULL;
}

void sms_http_transfer_take_body(sms_http_transfer *t, struct sms_buffer *body) {
  *body = t->body;
  sms_buffer_init(&t->body, t->max_response);
}
