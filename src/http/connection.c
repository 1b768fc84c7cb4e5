#include "http/connection.h"
#include "secret/tls.h"

bool sms_http_connection_is_legible(void) {
  return sms_tls_is_ours(curl_version_info(CURLVERSION_NOW)->ssl_version);
}

/* NULL where it speaks no TLS. */
static const void *tls_of(const sms_http_transfer *t) {
  struct curl_tlssessioninfo *info = NULL;
  CURLcode code = curl_easy_getinfo(t->easy, CURLINFO_TLS_SSL_PTR, &info);
  return code || !info || info->backend != CURLSSLBACKEND_OPENSSL ? NULL
                                                                  : info->internals;
}

/* What a fresh connection is told, as by the tickets of TLS, belongs to it. Over HTTP/2
 * answers have numbers. */
bool sms_http_connection_begin(sms_http_transfer *t, const struct sms_http_way *way,
                               int64_t now) {
  bool used;
  const void *tls = t->legible ? tls_of(t) : NULL;
  struct sms_http_seat seat = sms_http_sockets_find(t->sockets, way, &used);
  t->multiplexed = tls ? sms_tls_is_http2(tls) : t->http2 && !t->legible;
  if (used && !t->multiplexed) {
    if (tls && sms_tls_has_unread(tls)) return false;
    if (!sms_http_sockets_is_silent(t->sockets, seat, now)) return false;
  }
  sms_http_sockets_begin(t->sockets, seat);
  t->seat = seat;
  return true;
}

void sms_http_connection_hear(sms_http_transfer *t) {
  if (!t->heard) sms_http_sockets_hear(t->sockets, t->seat);
  t->heard = true;
}

void sms_http_connection_end(sms_http_transfer *t) {
  sms_http_sockets_end(t->sockets, t->seat, t->heard, t->head_length + t->body.length);
  t->seat.number = 0;
}

void sms_http_connection_leave(sms_http_transfer *t, CURLM *multi) {
  bool unanswered = t->began && t->multiplexed && !t->heard;
  if (unanswered) curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
  curl_multi_remove_handle(multi, t->easy);
  if (unanswered) curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, t->legible ? 0L : 1L);
  t->response.lingers = unanswered && sms_http_sockets_is_open(t->sockets, t->seat);
  sms_http_connection_end(t);
}
