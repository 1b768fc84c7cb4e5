/* What the engine puts on the wire: request line, headers and body, also where one
 * handle carries requests of every kind one after the other. */
#include "test_engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BASIC     "Basic dXNlcjpwJncgPQ=="
#define PARAMS    "api_key=user&api_secret=p%26w%20%3D"
#define SIGN_TEXT "&a=1"
#define MD5_SIGN  "sig=b4b728f36001d7957153a1e19d925c32"
#define SHA_SIGN  "sig=babb02c25672a64ed9e972f2d03cac6564eafaee30799b720919dd145da24f46"

static const struct kind {
  const char *name;
  enum sms_http_method method;
  const char *query; /* behind the marker's path */
  const char *body;
  enum sms_http_content content;
  enum sms_http_auth auth;
  enum sms_signature signature;
  /* as they arrive */
  const char *verb, *target, *type, *length, *authorization, *wire_body;
} kinds[] = {
    {"a GET", .verb = "GET", .wire_body = ""},
    {"a GET with Basic", .auth = SMS_HTTP_BASIC, .verb = "GET", .authorization = BASIC,
     .wire_body = ""},
    {"a GET with secrets in the query", .auth = SMS_HTTP_IN_QUERY, .verb = "GET",
     .target = "?" PARAMS, .wire_body = ""},
    {"a GET with secrets behind its query", .auth = SMS_HTTP_IN_QUERY, .query = "?a=1",
     .verb = "GET", .target = "?a=1&" PARAMS, .wire_body = ""},
    {"an empty POST", SMS_HTTP_POST, .verb = "POST", .length = "0", .wire_body = ""},
    {"a POST of JSON", SMS_HTTP_POST, .body = "{\"a\":1}", .content = SMS_HTTP_JSON,
     .auth = SMS_HTTP_BASIC, .verb = "POST", .type = "application/json", .length = "7",
     .authorization = BASIC, .wire_body = "{\"a\":1}"},
    {"a POST of a form", SMS_HTTP_POST, .body = "a=1", .content = SMS_HTTP_FORM,
     .verb = "POST", .type = "application/x-www-form-urlencoded", .length = "3",
     .wire_body = "a=1"},
    {"a POST with secrets behind its form", SMS_HTTP_POST, .body = "a=1",
     .content = SMS_HTTP_FORM, .auth = SMS_HTTP_IN_BODY, .verb = "POST",
     .type = "application/x-www-form-urlencoded", .length = "39",
     .wire_body = "a=1&" PARAMS},
    {"a POST with nothing but secrets", SMS_HTTP_POST, .content = SMS_HTTP_FORM,
     .auth = SMS_HTTP_IN_BODY, .verb = "POST",
     .type = "application/x-www-form-urlencoded", .length = "35", .wire_body = PARAMS},
    {"a POST signed with an MD5 hash", SMS_HTTP_POST, .body = "a=1",
     .content = SMS_HTTP_FORM, .auth = SMS_HTTP_SIGNED,
     .signature = SMS_SIGNATURE_MD5HASH, .verb = "POST",
     .type = "application/x-www-form-urlencoded", .length = "40",
     .wire_body = "a=1&" MD5_SIGN},
    {"a POST signed with SHA-256", SMS_HTTP_POST, .body = "a=1",
     .content = SMS_HTTP_FORM, .auth = SMS_HTTP_SIGNED,
     .signature = SMS_SIGNATURE_SHA256, .verb = "POST",
     .type = "application/x-www-form-urlencoded", .length = "72",
     .wire_body = "a=1&" SHA_SIGN},
    {"a PUT", SMS_HTTP_PUT, .body = "{}", .content = SMS_HTTP_JSON, .verb = "PUT",
     .type = "application/json", .length = "2", .wire_body = "{}"},
    {"a PATCH", SMS_HTTP_PATCH, .body = "{}", .content = SMS_HTTP_JSON, .verb = "PATCH",
     .type = "application/json", .length = "2", .wire_body = "{}"},
    {"a DELETE", SMS_HTTP_DELETE, .auth = SMS_HTTP_BASIC, .verb = "DELETE",
     .authorization = BASIC, .wire_body = ""},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static void set_secret(sms_credentials *credentials, enum sms_secret which,
                       const char *value) {
  assert_int_equal(sms_credentials_set(credentials, which, value, strlen(value)),
                   SMS_OK);
}

static void give_credentials(struct rig *rig) {
  sms_credentials *credentials;
  assert_int_equal(sms_credentials_new(&credentials), SMS_OK);
  set_secret(credentials, SMS_SECRET_IDENTITY, "user");
  set_secret(credentials, SMS_SECRET_PASSWORD, "p&w =");
  set_secret(credentials, SMS_SECRET_SIGNATURE, "sign here");
  sms_credentials_name(credentials, SMS_SECRET_IDENTITY, "api_key");
  sms_credentials_name(credentials, SMS_SECRET_PASSWORD, "api_secret");
  sms_credentials_name(credentials, SMS_SECRET_SIGNATURE, "sig");
  rig->options.credentials = credentials;
  rig_renew_client(rig);
  sms_credentials_release(credentials);
}

/* How often a header stands in a head, and the value of the last one. */
static int find_header(const char *head, const char *name, char value[256]) {
  int count = 0;
  size_t size = strlen(name);
  for (const char *at = strstr(head, "\r\n"); at; at = strstr(at, "\r\n")) {
    at += 2;
    if (strncasecmp(at, name, size) != 0 || at[size] != ':') continue;
    count++;
    snprintf(value, 256, "%.*s", (int)strcspn(at + size + 2, "\r"), at + size + 2);
  }
  return count;
}

static void expect_header(const char *head, const char *name, const char *expected) {
  char value[256] = "";
  int count = find_header(head, name, value);
  if (count != (expected != NULL)) fail_msg("%d times %s in\n%s", count, name, head);
  if (expected) assert_string_equal(value, expected);
}

static void expect_request(struct rig *rig, const struct kind *kind, int marker) {
  char line[512], host[64], *head = test_server_head(rig->server);
  int length = snprintf(line, sizeof line, "%s /~~~~~~~~/%d%s HTTP/1.1\r\n", kind->verb,
                        marker, kind->target ? kind->target : "");
  assert_memory_equal(head, line, (size_t)length);
  snprintf(host, sizeof host, "127.0.0.1:%d", test_server_port(rig->server));
  expect_header(head, "Host", host);
  expect_header(head, "User-Agent", "lua-sms/test");
  expect_header(head, "Accept", "application/json");
  expect_header(head, "Content-Type", kind->type);
  expect_header(head, "Content-Length", kind->length);
  expect_header(head, "Authorization", kind->authorization);
  expect_header(head, "Expect", NULL);
  expect_header(head, "Transfer-Encoding", NULL);
  expect_header(head, "Cookie", NULL);
  free(head);
  size_t body_length;
  char *body = test_server_body(rig->server, &body_length);
  if (kind->length || body_length) assert_string_equal(body, kind->wire_body);
  free(body);
}

static void send_kind(struct rig *rig, const struct kind *kind, int marker) {
  char url[RIG_URL + 64];
  struct sms_http_request request = rig_request(rig, marker, url);
  if (kind->query) strcat(url, kind->query);
  request.method = kind->method;
  request.body = kind->body;
  request.body_length = kind->body ? strlen(kind->body) : 0;
  request.content = kind->content;
  request.auth = kind->auth;
  request.signature = kind->signature;
  request.signed_text = SIGN_TEXT;
  request.signed_length = strlen(SIGN_TEXT);
  sms_http_transfer *t = rig_submit(rig, &request);
  const struct sms_http_response *response = rig_finish(rig, t);
  assert_int_equal(response->end, SMS_HTTP_ANSWERED);
  assert_true(is_answer_to(response, marker));
  sms_http_transfer_release(t);
  expect_request(rig, kind, marker);
}

static void every_kind_follows_every_other_unspoilt(void **state) {
  static const struct test_script well_behaved;
  struct rig rig;
  int marker = 0;
  (void)state;
  rig_start(&rig, &well_behaved);
  give_credentials(&rig);
  for (size_t i = 0; i < KINDS; i++)
    for (size_t j = 0; j < KINDS; j++) {
      send_kind(&rig, &kinds[i], marker++);
      send_kind(&rig, &kinds[j], marker++);
    }
  assert_int_equal(test_server_connections(rig.server), 1);
  rig_stop(&rig);
}

static void a_large_body_does_not_wait_for_100(void **state) {
  static const struct test_script well_behaved;
  char url[RIG_URL], *body = calloc(1, 2 << 20);
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  struct sms_http_request request = rig_request(&rig, 1, url);
  request.method = SMS_HTTP_POST;
  request.body = body;
  request.body_length = 2 << 20;
  sms_http_transfer *t = rig_submit(&rig, &request);
  assert_int_equal(rig_finish(&rig, t)->end, SMS_HTTP_ANSWERED);
  sms_http_transfer_release(t);
  char *head = test_server_head(rig.server);
  expect_header(head, "Expect", NULL);
  expect_header(head, "Content-Length", "2097152");
  free(head);
  free(body);
  rig_stop(&rig);
}

static enum sms_status try_request(struct rig *rig,
                                   const struct sms_http_request *request) {
  sms_http_transfer *t = NULL;
  enum sms_status status =
      sms_http_engine_submit(rig->engine, rig->client, request, &t);
  if (status == SMS_OK) rig_finish(rig, t);
  sms_http_transfer_release(t);
  return status;
}

static void auth_without_credentials_is_invalid(void **state) {
  static const enum sms_http_auth auths[] = {SMS_HTTP_BASIC, SMS_HTTP_IN_QUERY,
                                             SMS_HTTP_IN_BODY, SMS_HTTP_SIGNED};
  static const struct test_script well_behaved;
  char url[RIG_URL];
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (int round = 0; round < 2; round++) {
    for (size_t i = 0; i < sizeof auths / sizeof auths[0]; i++) {
      struct sms_http_request request = rig_request(&rig, 1, url);
      request.method = SMS_HTTP_POST;
      request.auth = auths[i];
      assert_int_equal(try_request(&rig, &request), SMS_INVALID);
    }
    /* The second time there is an object, but it is empty. */
    sms_credentials *empty;
    assert_int_equal(sms_credentials_new(&empty), SMS_OK);
    rig.options.credentials = empty;
    rig_renew_client(&rig);
    sms_credentials_release(empty);
  }
  assert_int_equal(test_server_requests(rig.server), 0);
  rig_demand_answer(&rig, 2);
  rig_stop(&rig);
}

static void what_is_too_large_is_refused(void **state) {
  static const struct test_script well_behaved;
  size_t size = SMS_CEILING_REQUEST + 1;
  char url[RIG_URL], *body = calloc(1, size), *address = calloc(1, 16384);
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  struct sms_http_request request = rig_request(&rig, 1, url);
  request.method = SMS_HTTP_POST;
  request.body = body;
  request.body_length = size;
  assert_int_equal(try_request(&rig, &request), SMS_TOO_LARGE);
  strcpy(address, url);
  memset(address + strlen(url), 'x', 12000);
  request.url = address;
  request.body_length = 0;
  assert_int_equal(try_request(&rig, &request), SMS_TOO_LARGE);
  assert_int_equal(test_server_requests(rig.server), 0);
  rig_demand_answer(&rig, 2);
  free(body);
  free(address);
  rig_stop(&rig);
}

static void control_characters_in_a_url_add_nothing(void **state) {
  static const char *const bad[] = {"\r\nX-Added: 1", "\nX-Added: 1",
                                    "\rX-Added: 1",   " HTTP/1.1\r\nX-Added: 1\r\n\r\n",
                                    "\tX-Added",      "\x01",
                                    "\x7f",           "?a=\r\nX-Added: 1",
                                    "#\r\nX-Added: 1"};
  static const struct test_script well_behaved;
  char url[RIG_URL + 64], value[256];
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct sms_http_request request = rig_request(&rig, (int)i, url);
    request.timeout = SECOND;
    strcat(url, bad[i]);
    if (try_request(&rig, &request) != SMS_OK) continue;
    char *head = test_server_head(rig.server);
    assert_int_equal(find_header(head, "X-Added", value), 0);
    assert_true(strcspn(head, "\x01\x7f\t") == strlen(head));
    free(head);
  }
  assert_true(test_server_requests(rig.server) <= (int)(sizeof bad / sizeof bad[0]));
  rig_stop(&rig);
}

static void other_protocols_and_no_urls_reach_nobody(void **state) {
  static const char *const urls[] = {"file:///etc/passwd",
                                     "ftp://127.0.0.1/",
                                     "gopher://127.0.0.1/",
                                     "127.0.0.1",
                                     "",
                                     "http://",
                                     "http://user:word@127.0.0.1/"};
  static const struct test_script well_behaved;
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
    struct sms_http_request request = {
        .url = urls[i], .timeout = SECOND, .connect_timeout = SECOND};
    sms_http_transfer *t = NULL;
    if (sms_http_engine_submit(rig.engine, rig.client, &request, &t) != SMS_OK)
      continue;
    const struct sms_http_response *response = rig_finish(&rig, t);
    assert_int_equal(response->end, SMS_HTTP_UNREACHED);
    assert_false(response->sent);
    assert_int_equal(response->body_length, 0);
    sms_http_transfer_release(t);
  }
  rig_demand_answer(&rig, 1);
  rig_stop(&rig);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_follows_every_other_unspoilt),
      cmocka_unit_test(a_large_body_does_not_wait_for_100),
      cmocka_unit_test(auth_without_credentials_is_invalid),
      cmocka_unit_test(what_is_too_large_is_refused),
      cmocka_unit_test(control_characters_in_a_url_add_nothing),
      cmocka_unit_test(other_protocols_and_no_urls_reach_nobody),
  };
  return cmocka_run_group_tests_name("http_engine_request", tests, NULL, NULL);
}
