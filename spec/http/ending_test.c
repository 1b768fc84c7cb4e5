/* What libcurl's codes and words come to, of versions, too, that are not here: above
 * all, whether a byte may have left. */
#include "http/ending.h"
#include "test_engine.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OTHER_TOO_LARGE ((CURLcode)100) /* CURLE_TOO_LARGE, from libcurl 8.6 on */
#define SEAT            7

static const struct ending_case {
  const char *name, *error; /* libcurl's words */
  uint64_t seat, flooded;
  CURLcode code;
  enum sms_http_end end; /* what comes of it, and `sent` */
  bool began, answered, no_memory, sent;
} cases[] = {
    {.name = "a first write that failed at once has sent nothing",
     .code = CURLE_SEND_ERROR,
     .error = "Send failure: No buffer space available",
     .began = true,
     .end = SMS_HTTP_BROKEN,
     .sent = false},
    {.name = "a write is called failed as well where a connection died",
     .code = CURLE_SEND_ERROR,
     .error = "Connection died, tried 5 times before giving up",
     .began = true,
     .end = SMS_HTTP_BROKEN,
     .sent = true},
    {.name = "what failed otherwise may have been sent",
     .code = CURLE_RECV_ERROR,
     .error = "Recv failure: Connection reset by peer",
     .began = true,
     .end = SMS_HTTP_BROKEN,
     .sent = true},
    {.name = "an answer for which there was no memory",
     .code = CURLE_WRITE_ERROR,
     .began = true,
     .answered = true,
     .no_memory = true,
     .end = SMS_HTTP_NO_MEMORY,
     .sent = true},
    {.name = "an address for which there was no memory",
     .code = CURLE_URL_MALFORMAT,
     .error = "No URL set",
     .end = SMS_HTTP_NO_MEMORY,
     .sent = false},
    {.name = "an address that is none",
     .code = CURLE_URL_MALFORMAT,
     .error = "Malformed input to a URL function",
     .end = SMS_HTTP_UNREACHED,
     .sent = false},
    {.name = "a line that is too long, by its own code",
     .code = OTHER_TOO_LARGE,
     .began = true,
     .answered = true,
     .end = SMS_HTTP_TOO_LARGE,
     .sent = true},
    {.name = "a line that is too long, by what came",
     .code = CURLE_OUT_OF_MEMORY,
     .began = true,
     .answered = true,
     .seat = SEAT,
     .flooded = SEAT,
     .end = SMS_HTTP_TOO_LARGE,
     .sent = true},
    {.name = "no memory, where another connection had such a line",
     .code = CURLE_OUT_OF_MEMORY,
     .began = true,
     .answered = true,
     .seat = SEAT,
     .flooded = SEAT + 1,
     .end = SMS_HTTP_NO_MEMORY,
     .sent = true},
    {.name = "no memory, on a connection that is not known",
     .code = CURLE_OUT_OF_MEMORY,
     .began = true,
     .end = SMS_HTTP_NO_MEMORY,
     .sent = false},
};
#define CASES (sizeof cases / sizeof cases[0])

struct room {
  struct sms_http_sockets sockets;
  sms_http_client *client;
  sms_http_transfer *transfer;
};

static void room_open(struct room *room) {
  const struct sms_http_options options = {.user_agent = "lua-sms/test",
                                           .max_connections = 1,
                                           .keep_alive = 20,
                                           .max_response = 1 << 20};
  memset(room, 0, sizeof *room);
  assert_int_equal(sms_http_client_new(&options, &room->client), SMS_OK);
  assert_int_equal(
      sms_http_transfer_new(room->client, NULL, &room->sockets, &room->transfer),
      SMS_OK);
  room->transfer->one_write = true;
}

static void room_close(struct room *room) {
  sms_http_transfer_free(room->transfer);
  sms_http_client_release(room->client);
  sms_http_sockets_free(&room->sockets);
}

static void it_ends_so(void **state) {
  const struct ending_case *c = *state;
  struct room room;
  room_open(&room);
  sms_http_transfer *t = room.transfer;
  t->began = c->began;
  t->head_length = c->answered ? strlen("HTTP/1.1 200 OK\r\n") : 0;
  t->no_memory = c->no_memory;
  t->seat.number = c->seat;
  room.sockets.flooded = c->flooded;
  snprintf(t->error, sizeof t->error, "%s", c->error ? c->error : "");
  sms_http_transfer_end(t, c->code);
  const struct sms_http_response *response = sms_http_transfer_response(t);
  assert_int_equal(response->end, c->end);
  assert_int_equal(response->sent, c->sent);
  room_close(&room);
}

static void a_bundle_that_cannot_be_read_has_a_remedy(void **state) {
  static const char *const errors[] = {"", "error adding trust anchors from file: /x"};
  (void)state;
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    struct room room;
    char expected[CURL_ERROR_SIZE];
    room_open(&room);
    snprintf(room.transfer->error, sizeof room.transfer->error, "%s", errors[i]);
    snprintf(expected, sizeof expected,
             "%s%sno CA bundle that can be read: install ca-certificates, or give "
             "ca_file",
             errors[i], i == 0 ? "" : "; ");
    sms_http_transfer_end(room.transfer, CURLE_SSL_CACERT_BADFILE);
    const struct sms_http_response *response =
        sms_http_transfer_response(room.transfer);
    assert_string_equal(response->message, expected);
    assert_false(response->sent);
    room_close(&room);
  }
}

/* One address had no socket, another one nobody who listens. */
static void a_refusal_behind_a_lack_is_a_refusal(void **state) {
  struct room room;
  char url[64];
  int port, lonely = bound_socket(&port);
  (void)state;
  room_open(&room);
  snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
  curl_easy_setopt(room.transfer->easy, CURLOPT_URL, url);
  curl_easy_setopt(room.transfer->easy, CURLOPT_RESOLVER_START_FUNCTION, NULL);
  CURLcode code = curl_easy_perform(room.transfer->easy);
  assert_int_equal(code, CURLE_COULDNT_CONNECT);
  room.sockets.refused++;
  room.sockets.refused_why = ENOMEM;
  sms_http_transfer_end(room.transfer, code);
  assert_int_equal(sms_http_transfer_response(room.transfer)->end, SMS_HTTP_UNREACHED);
  room_close(&room);
  close(lonely);
}

int main(void) {
  static struct CMUnitTest tests[CASES + 2];
  for (size_t i = 0; i < CASES; i++)
    tests[i] = (struct CMUnitTest){cases[i].name, it_ends_so, NULL, NULL,
                                   (void *)(uintptr_t)&cases[i]};
  tests[CASES] =
      (struct CMUnitTest)cmocka_unit_test(a_bundle_that_cannot_be_read_has_a_remedy);
  tests[CASES + 1] =
      (struct CMUnitTest)cmocka_unit_test(a_refusal_behind_a_lack_is_a_refusal);
  return _cmocka_run_group_tests("http_ending", tests, CASES + 2, NULL, NULL);
}
