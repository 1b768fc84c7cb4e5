/* What the engine makes of replies: whole ones, cut ones, and those that are none. */
#include "test_engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK       "HTTP/1.1 200 OK\r\n"
#define BUSY     "HTTP/1.1 429 Too Many Requests\r\n"
#define NO_BODY  "Content-Length: 0\r\n\r\n"
#define CHUNKED  "Transfer-Encoding: chunked\r\n\r\n"
#define MAX_BODY 1000
#define TEN      "0123456789"
#define CLOSES   true

static const struct reply_case {
  const char *name;
  const char *reply; /* NULL: none, the connection ends */
  bool closes;
  enum sms_http_end end;
  int status;
  const char *body; /* NULL: does not matter */
  const char *retry_after;
  const char *unit; /* comes so many times behind reply, and tail behind it */
  int times;
  const char *tail;
} cases[] = {
    {"with a length", OK "Content-Length: 5\r\n\r\nhello", false, SMS_HTTP_ANSWERED,
     200, .body = "hello"},
    {"that is an error", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", false,
     SMS_HTTP_ANSWERED, 404, .body = "no"},
    {"without a reason", "HTTP/1.1 503\r\n" NO_BODY, false, SMS_HTTP_ANSWERED, 503,
     .body = ""},
    {"with Retry-After", BUSY "Retry-After: 7\r\n" NO_BODY, false, SMS_HTTP_ANSWERED,
     429, .body = "", .retry_after = "7"},
    {"with RETRY-AFTER", BUSY "RETRY-AFTER:8\r\n" NO_BODY, false, SMS_HTTP_ANSWERED,
     429, .body = "", .retry_after = "8"},
    {"with retry-after between blanks", BUSY "retry-after: \t 9 \t\r\n" NO_BODY, false,
     SMS_HTTP_ANSWERED, 429, .body = "", .retry_after = "9"},
    {"with a date to retry after",
     BUSY "Retry-After: Fri, 31 Dec 2027 23:59:59 GMT\r\n" NO_BODY, false,
     SMS_HTTP_ANSWERED, 429, .body = "",
     .retry_after = "Fri, 31 Dec 2027 23:59:59 GMT"},
    {"with a huge Retry-After", BUSY "Retry-After: 99999999999999999999\r\n" NO_BODY,
     false, SMS_HTTP_ANSWERED, 429, .body = "", .retry_after = "99999999999999999999"},
    {"with an empty Retry-After", BUSY "Retry-After:\r\n" NO_BODY, false,
     SMS_HTTP_ANSWERED, 429, .body = ""},
    {"204 without a body", "HTTP/1.1 204 No Content\r\n\r\n", false, SMS_HTTP_ANSWERED,
     204, .body = ""},
    {"of HTTP/1.0 until the end", "HTTP/1.0 200 OK\r\n\r\nto the end", CLOSES,
     SMS_HTTP_ANSWERED, 200, .body = "to the end"},
    {"until the end", OK "\r\nto the end", CLOSES, SMS_HTTP_ANSWERED, 200,
     .body = "to the end"},
    {"in chunks", OK CHUNKED "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", false,
     SMS_HTTP_ANSWERED, 200, .body = "abcde"},
    {"in chunks with a trailer", OK CHUNKED "3\r\nabc\r\n0\r\nX: y\r\n\r\n", false,
     SMS_HTTP_ANSWERED, 200, .body = "abc"},
    {"behind 100", "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 2\r\n\r\n{}",
     false, SMS_HTTP_ANSWERED, 200, .body = "{}"},
    {"behind 103 with a Retry-After of its own",
     "HTTP/1.1 103 Early Hints\r\nRetry-After: 5\r\n\r\n" OK
     "Content-Length: 2\r\n\r\n{}",
     false, SMS_HTTP_ANSWERED, 200, .body = "{}"},
    {"as long as allowed", OK "Content-Length: 1000\r\n\r\n", false, SMS_HTTP_ANSWERED,
     200, .unit = TEN, .times = 100},
    {"of 100 and nothing else", "HTTP/1.1 100 Continue\r\n\r\n", CLOSES,
     SMS_HTTP_BROKEN, 100, .body = ""},
    {"of no byte", NULL, CLOSES, SMS_HTTP_BROKEN, 0, .body = ""},
    {"without the end of its head", OK "Content-Length: 5\r\n", CLOSES, SMS_HTTP_BROKEN,
     200, .body = ""},
    {"with half its body", OK "Content-Length: 9\r\n\r\nhalf", CLOSES, SMS_HTTP_BROKEN,
     200, .body = "half"},
    {"without its last chunk", OK CHUNKED "3\r\nabc\r\n", CLOSES, SMS_HTTP_BROKEN, 200,
     .body = "abc"},
    {"with a chunk that is no number", OK CHUNKED "xyz\r\nabc\r\n", CLOSES,
     SMS_HTTP_BROKEN, 200, .body = ""},
    {"of another protocol", "SSH-2.0-OpenSSH_9.2\r\n", CLOSES, SMS_HTTP_BROKEN, 0,
     .body = ""},
    {"of HTTP/0.9", "hello", CLOSES, SMS_HTTP_BROKEN, 0, .body = ""},
    {"without a status", "HTTP/1.1 OK\r\n\r\n", CLOSES, SMS_HTTP_BROKEN, 0, .body = ""},
    {"that switches protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", CLOSES,
     SMS_HTTP_BROKEN, 101, .body = NULL},
    {"too long by its length", OK "Content-Length: 1010\r\n\r\n", CLOSES,
     SMS_HTTP_TOO_LARGE, 200, .unit = TEN, .times = 101},
    {"too long until its end", OK "\r\n", CLOSES, SMS_HTTP_TOO_LARGE, 200, .unit = TEN,
     .times = 101},
    {"too long in one chunk", OK CHUNKED "3f2\r\n", CLOSES, SMS_HTTP_TOO_LARGE, 200,
     .unit = TEN, .times = 101, .tail = "\r\n0\r\n\r\n"},
    {"with too many lines in its head", OK, CLOSES, SMS_HTTP_TOO_LARGE, 200,
     .unit = "X: " TEN "\r\n", .times = 6000, .tail = NO_BODY},
    {"with a line of 70 KB in its head", OK "X: ", CLOSES, SMS_HTTP_TOO_LARGE, 200,
     .unit = TEN, .times = 7000, .tail = "\r\n" NO_BODY},
    {"with a line beyond libcurl's own limit", OK "X: ", CLOSES, SMS_HTTP_TOO_LARGE,
     200, .unit = TEN, .times = 15000, .tail = "\r\n" NO_BODY},
    {"of hints without end", "", CLOSES, SMS_HTTP_TOO_LARGE, 103,
     .unit = "HTTP/1.1 103 Early Hints\r\nX: " TEN "\r\n\r\n", .times = 3000},
};
#define CASES (sizeof cases / sizeof cases[0])

static char *compose(const struct reply_case *c, size_t *length) {
  size_t unit = c->unit ? strlen(c->unit) : 0;
  size_t tail = c->tail ? strlen(c->tail) : 0;
  size_t first = c->reply ? strlen(c->reply) : 0;
  *length = first + unit * (size_t)c->times + tail;
  char *text = malloc(*length + 1), *at = text;
  assert_non_null(text);
  at = (char *)memcpy(at, c->reply ? c->reply : "", first) + first;
  for (int i = 0; i < c->times; i++)
    at = (char *)memcpy(at, c->unit, unit) + unit;
  memcpy(at, c->tail ? c->tail : "", tail);
  return text;
}

static void check(const struct reply_case *c, const struct sms_http_response *r) {
  if (r->end != c->end) fail_msg("%s: %s", end_name(r->end), r->message);
  assert_int_equal(r->status, c->status);
  assert_true(r->sent);
  assert_true(r->body_length <= MAX_BODY);
  if (c->body) {
    assert_int_equal(r->body_length, strlen(c->body));
    assert_memory_equal(r->body, c->body, r->body_length);
  }
  if (c->retry_after) {
    assert_non_null(r->retry_after);
    assert_string_equal(r->retry_after, c->retry_after);
  } else if (c->end == SMS_HTTP_ANSWERED) {
    assert_null(r->retry_after);
  }
  assert_true((r->message[0] == '\0') == (c->end == SMS_HTTP_ANSWERED));
}

static void a_reply_is_read(void **state) {
  const struct reply_case *c = *state;
  struct rig rig;
  size_t length;
  char *text = compose(c, &length);
  struct test_script script = {.reply = text,
                               .reply_length = length,
                               .write = c->reply ? WRITE_REPLY : WRITE_NOTHING,
                               .then = c->closes ? THEN_CLOSE : THEN_GO_ON};
  rig_start(&rig, &script);
  rig.options.max_response = MAX_BODY;
  rig_renew_client(&rig);
  for (int i = 0; i < 2; i++) { /* the second finds whatever the first left behind */
    sms_http_transfer *t = rig_get(&rig, i);
    check(c, rig_finish(&rig, t));
    sms_http_transfer_release(t);
    assert_int_equal(test_server_arrivals(rig.server, i), 1);
  }
  rig_stop(&rig);
  free(text);
}

/* Ends the reply after so many bytes. */
static struct ending cut(const char *reply, size_t length, enum test_then then,
                         size_t *body_length) {
  struct rig rig;
  struct test_script script = {
      .write = length ? WRITE_REPLY : WRITE_NOTHING, .reply = reply, .then = then};
  script.reply_length = length;
  rig_start(&rig, &script);
  sms_http_transfer *t = rig_get(&rig, 1);
  struct ending ending = ending_of(rig_finish(&rig, t), 1);
  *body_length = sms_http_transfer_response(t)->body_length;
  sms_http_transfer_release(t);
  rig_settle(&rig);
  assert_int_equal(test_server_arrivals(rig.server, 1), 1);
  rig_stop(&rig);
  return ending;
}

static void a_reply_cut_at_any_byte_is_no_answer(void **state) {
  static const char *const replies[] = {
      OK "Content-Length: 12\r\nX: y\r\n\r\n{\"marker\":1}",
      OK CHUNKED "c\r\n{\"marker\":1}\r\n0\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 2\r\n\r\n{}",
  };
  /* From here on whole, and until here cut: what is inside the end of the last chunk
   * says nothing that the bytes before it have not, and libcurl 7.88, 8.14 and 8.23
   * each want another part of it. */
  const size_t whole[] = {strlen(replies[0]), strlen(replies[1]), strlen(replies[2])};
  const size_t cut_at[] = {whole[0], whole[1] - strlen("\r\n\r\n"), whole[2]};
  size_t body_length, line = strlen(OK);
  (void)state;
  for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
    for (size_t at = 0; at <= strlen(replies[i]); at++) {
      struct ending ending = cut(replies[i], at, THEN_CLOSE, &body_length);
      assert_true(ending.sent);
      assert_true(ending.end == SMS_HTTP_BROKEN || ending.end == SMS_HTTP_ANSWERED);
      if (at < cut_at[i]) assert_int_equal(ending.end, SMS_HTTP_BROKEN);
      if (at >= whole[i]) assert_int_equal(ending.end, SMS_HTTP_ANSWERED);
      if (i < 2) assert_int_equal(ending.status, at < line ? 0 : 200);
      ending = cut(replies[i], at, THEN_RESET, &body_length);
      assert_true(ending.sent);
      if (at < cut_at[i]) assert_int_equal(ending.end, SMS_HTTP_BROKEN);
    }
  }
}

static void a_reply_until_the_end_needs_its_whole_head(void **state) {
  static const char reply[] = OK "X: y\r\n\r\n{}";
  size_t head = strlen(reply) - 2, body_length;
  (void)state;
  for (size_t at = 0; at <= strlen(reply); at++) {
    struct ending ending = cut(reply, at, THEN_CLOSE, &body_length);
    assert_int_equal(ending.end, at < head ? SMS_HTTP_BROKEN : SMS_HTTP_ANSWERED);
    assert_int_equal(body_length, at < head ? 0 : at - head);
  }
}

static void redirects_are_answers(void **state) {
  static const int statuses[] = {301, 302, 303, 307, 308};
  static const struct test_script well_behaved;
  struct test_server *other = test_server_start(&well_behaved);
  char target[RIG_URL], reply[256];
  (void)state;
  server_url(other, false, 9, target);
  for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
    struct rig rig;
    struct test_script script = {.write = WRITE_REPLY, .reply = reply};
    snprintf(reply, sizeof reply, "HTTP/1.1 %d Moved\r\nLocation: %s\r\n" NO_BODY,
             statuses[i], target);
    rig_start(&rig, &script);
    sms_http_transfer *t = rig_get(&rig, 1);
    const struct sms_http_response *response = rig_finish(&rig, t);
    assert_int_equal(response->end, SMS_HTTP_ANSWERED);
    assert_int_equal(response->status, statuses[i]);
    sms_http_transfer_release(t);
    rig_stop(&rig);
  }
  assert_int_equal(test_server_requests(other), 0);
  test_server_stop(other);
}

static void a_reply_may_drip_in(void **state) {
  struct rig rig;
  struct test_script script = {.write = WRITE_DRIP,
                               .reply = OK "Content-Length: 12\r\n\r\n{\"marker\":1}"};
  (void)state;
  rig_start(&rig, &script);
  rig_demand_answer(&rig, 1);
  rig_demand_answer(&rig, 1);
  rig_stop(&rig);
}

/* An answer before the body was read: taken as such, or the connection broke. */
static void an_early_answer_is_not_mixed_up(void **state) {
  static const enum test_then thens[] = {THEN_GO_ON, THEN_CLOSE, THEN_RESET};
  char *body = calloc(1, 8 << 20);
  char url[RIG_URL];
  (void)state;
  for (size_t i = 0; i < 2 * sizeof thens / sizeof thens[0]; i++) {
    struct rig rig;
    struct test_script script = {
        .read = READ_HEAD, .write = WRITE_REPLY, .then = thens[i / 2]};
    script.reply = i % 2 ? "HTTP/1.1 413 Too Large\r\nContent-Length: 12\r\n\r\n"
                           "{\"marker\":1}"
                         : OK "Content-Length: 12\r\n\r\n{\"marker\":1}";
    rig_start(&rig, &script);
    struct sms_http_request request = rig_request(&rig, 1, url);
    request.method = SMS_HTTP_POST;
    request.body = body;
    request.body_length = 8 << 20;
    sms_http_transfer *t = rig_submit(&rig, &request);
    const struct sms_http_response *response = rig_finish(&rig, t);
    assert_true(response->sent);
    assert_true(response->end == SMS_HTTP_ANSWERED || response->end == SMS_HTTP_BROKEN);
    if (thens[i / 2] == THEN_GO_ON) assert_int_equal(response->end, SMS_HTTP_ANSWERED);
    struct ending ending = ending_of(response, 1);
    sms_http_transfer_release(t);
    t = rig_get(&rig, 2);
    rig_finish(&rig, t);
    sms_http_transfer_release(t);
    rig_settle(&rig);
    judge(rig.server, &ending);
    assert_int_equal(test_server_arrivals(rig.server, 2), 1);
    rig_stop(&rig);
  }
  free(body);
}

/* What comes behind an answer at once; later bytes libcurl 7.88 cannot tell from the
 * answer to its next request. */
static void bytes_behind_an_answer_answer_nothing(void **state) {
  struct rig rig;
  struct test_script script = {.write = WRITE_REPLY,
                               .reply = OK "Content-Length: 12\r\n\r\n{\"marker\":1}" OK
                                           "Content-Length: 13\r\n\r\n{\"marker\":99}"};
  (void)state;
  rig_start(&rig, &script);
  for (int i = 0; i < 20; i++)
    rig_demand_answer(&rig, 1);
  rig_stop(&rig);
}

int main(void) {
  static struct CMUnitTest tests[CASES + 6];
  static char names[CASES][80];
  static const struct CMUnitTest others[] = {
      cmocka_unit_test(a_reply_cut_at_any_byte_is_no_answer),
      cmocka_unit_test(a_reply_until_the_end_needs_its_whole_head),
      cmocka_unit_test(redirects_are_answers),
      cmocka_unit_test(a_reply_may_drip_in),
      cmocka_unit_test(an_early_answer_is_not_mixed_up),
      cmocka_unit_test(bytes_behind_an_answer_answer_nothing),
  };
  memcpy(tests, others, sizeof others);
  for (size_t i = 0; i < CASES; i++) {
    snprintf(names[i], sizeof names[i], "a reply %s is %s", cases[i].name,
             end_name(cases[i].end));
    tests[6 + i] = (struct CMUnitTest){names[i], a_reply_is_read, NULL, NULL,
                                       (void *)(uintptr_t)&cases[i]};
  }
  return _cmocka_run_group_tests("http_engine_reply", tests, CASES + 6, NULL, NULL);
}
