/* TLS: whom a client trusts, what it shows, and that no client rides on the connection
 * or session of one that is less strict. */
#include "test_engine.h"
#include <stdio.h>
#include <string.h>

#define WRONG_PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

enum trust { TRUST_CA, TRUST_OTHER, TRUST_SYSTEM, TRUST_ANYBODY, TRUST_NO_SUCH_FILE };
enum pin { NO_PIN, RIGHT_PIN, BAD_PIN };
enum own { NO_OWN, OWN_CERTIFICATE, OWN_MISSING };

struct face {
  enum trust trust;
  enum pin pin;
  enum own own;
  int min_tls;
};

static const struct tls_case {
  const char *name;
  struct test_script script;
  struct face face;
  bool answered;
} cases[] = {
    {"a known authority is trusted", {.tls = true}, {.trust = TRUST_CA}, true},
    {"another authority is not", {.tls = true}, {.trust = TRUST_OTHER}, false},
    {"the system's authorities do not vouch for it",
     {.tls = true},
     {.trust = TRUST_SYSTEM},
     false},
    {"no authority is no verification",
     {.tls = true},
     {.trust = TRUST_NO_SUCH_FILE},
     false},
    {"another host's certificate is not trusted",
     {.tls = true, .certificate = TEST_CERTIFICATE_ELSEWHERE},
     {.trust = TRUST_CA},
     false},
    {"an authority is no host",
     {.tls = true, .certificate = TEST_CERTIFICATE_STRANGER},
     {.trust = TRUST_CA},
     false},
    {"who is insecure takes another host",
     {.tls = true, .certificate = TEST_CERTIFICATE_ELSEWHERE},
     {.trust = TRUST_ANYBODY},
     true},
    {"who is insecure takes a stranger",
     {.tls = true, .certificate = TEST_CERTIFICATE_STRANGER},
     {.trust = TRUST_ANYBODY},
     true},
    {"the pinned key is trusted",
     {.tls = true},
     {.trust = TRUST_CA, .pin = RIGHT_PIN},
     true},
    {"another key than the pinned is not",
     {.tls = true},
     {.trust = TRUST_CA, .pin = BAD_PIN},
     false},
    {"a pin binds the insecure, too",
     {.tls = true},
     {.trust = TRUST_ANYBODY, .pin = BAD_PIN},
     false},
    {"TLS 1.2 serves where it is allowed",
     {.tls = true, .max_tls = TLS1_2_VERSION},
     {.trust = TRUST_CA, .min_tls = 12},
     true},
    {"TLS 1.2 is refused where 1.3 is the least",
     {.tls = true, .max_tls = TLS1_2_VERSION},
     {.trust = TRUST_CA, .min_tls = 13},
     false},
    {"TLS 1.3 is the least and spoken",
     {.tls = true},
     {.trust = TRUST_CA, .min_tls = 13},
     true},
    {"a demanded certificate is shown",
     {.tls = true, .demand_certificate = true},
     {.trust = TRUST_CA, .own = OWN_CERTIFICATE},
     true},
    {"a demanded certificate is missing under TLS 1.2",
     {.tls = true, .demand_certificate = true, .max_tls = TLS1_2_VERSION},
     {.trust = TRUST_CA},
     false},
    {"a certificate's file is missing",
     {.tls = true, .demand_certificate = true},
     {.trust = TRUST_CA, .own = OWN_MISSING},
     false},
    {"a server without TLS is no server",
     {.read = READ_PEEK,
      .write = WRITE_REPLY,
      .then = THEN_CLOSE,
      .reply = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"},
     {.trust = TRUST_CA},
     false},
};
#define CASES (sizeof cases / sizeof cases[0])

static sms_http_client *make_client(struct rig *rig, const struct face *face) {
  struct sms_http_options options = rig->options;
  sms_http_client *client;
  options.ca_file = NULL;
  if (face->trust == TRUST_CA) options.ca_file = test_certificates.ca_file;
  if (face->trust == TRUST_OTHER) options.ca_file = test_certificates.other_ca_file;
  if (face->trust == TRUST_NO_SUCH_FILE) options.ca_file = "/no/such/file";
  options.insecure = face->trust == TRUST_ANYBODY;
  if (face->pin == RIGHT_PIN) options.pinned_public_key = test_certificates.pin;
  if (face->pin == BAD_PIN) options.pinned_public_key = WRONG_PIN;
  if (face->own != NO_OWN) options.client_cert = test_certificates.client_cert;
  if (face->own != NO_OWN) options.client_key = test_certificates.client_key;
  if (face->own == OWN_MISSING) options.client_cert = "/no/such/file";
  options.min_tls = face->min_tls;
  assert_int_equal(sms_http_client_new(&options, &client), SMS_OK);
  return client;
}

static struct ending get(struct rig *rig, sms_http_client *client, int marker) {
  char url[RIG_URL];
  sms_http_transfer *t;
  struct sms_http_request request = rig_request(rig, marker, url);
  server_url(rig->server, true, marker, url);
  assert_int_equal(sms_http_engine_submit(rig->engine, client, &request, &t), SMS_OK);
  const struct sms_http_response *response = rig_finish(rig, t);
  struct ending ending = ending_of(response, marker);
  if (response->end == SMS_HTTP_UNREACHED) {
    assert_int_equal(response->phase, SMS_HTTP_PHASE_TLS);
    assert_true(response->message[0] != '\0');
  }
  sms_http_transfer_release(t);
  return ending;
}

static void trust(const struct tls_case *c, bool http2) {
  struct test_script script = c->script;
  struct rig rig;
  script.http2 = http2;
  rig_start(&rig, &script);
  sms_http_client *client = make_client(&rig, &c->face);
  for (int i = 0; i < 3; i++) {
    struct ending ending = get(&rig, client, i);
    enum sms_http_end expected = c->answered ? SMS_HTTP_ANSWERED : SMS_HTTP_UNREACHED;
    if (ending.end != expected) fail_msg("%s", end_name(ending.end));
    assert_true(ending.sent == c->answered);
    assert_int_equal(test_server_arrivals(rig.server, i), c->answered);
  }
  if (c->answered) assert_int_equal(test_server_connections(rig.server), 1);
  sms_http_client_release(client);
  rig_stop(&rig);
}

static void trust_is_as_agreed(void **state) {
  trust(*state, false);
  trust(*state, true);
}

static const struct company {
  const char *name;
  struct test_script script;
  struct face lax, strict;
} companies[] = {
    {"who verifies does not ride on who does not",
     {.tls = true, .certificate = TEST_CERTIFICATE_STRANGER},
     {.trust = TRUST_ANYBODY},
     {.trust = TRUST_CA}},
    {"who verifies the host does not ride on who does not",
     {.tls = true, .certificate = TEST_CERTIFICATE_ELSEWHERE},
     {.trust = TRUST_ANYBODY},
     {.trust = TRUST_CA}},
    {"another authority is asked for itself",
     {.tls = true},
     {.trust = TRUST_CA},
     {.trust = TRUST_OTHER}},
    {"who pins does not ride on who does not",
     {.tls = true},
     {.trust = TRUST_CA},
     {.trust = TRUST_CA, .pin = BAD_PIN}},
    {"who wants TLS 1.3 does not ride on 1.2",
     {.tls = true, .max_tls = TLS1_2_VERSION},
     {.trust = TRUST_CA},
     {.trust = TRUST_CA, .min_tls = 13}},
    {"who has no certificate does not ride on who has, under TLS 1.2",
     {.tls = true, .demand_certificate = true, .max_tls = TLS1_2_VERSION},
     {.trust = TRUST_CA, .own = OWN_CERTIFICATE},
     {.trust = TRUST_CA}},
    {"who has no certificate does not ride on who has, under TLS 1.3",
     {.tls = true, .demand_certificate = true},
     {.trust = TRUST_CA, .own = OWN_CERTIFICATE},
     {.trust = TRUST_CA}},
};
#define COMPANIES (sizeof companies / sizeof companies[0])

static void mingle(const struct company *company, bool http2) {
  struct test_script script = company->script;
  struct rig rig;
  script.http2 = http2;
  rig_start(&rig, &script);
  sms_http_client *lax = make_client(&rig, &company->lax);
  sms_http_client *strict = make_client(&rig, &company->strict);
  for (int i = 0; i < 6; i += 2) {
    assert_int_equal(get(&rig, lax, i).end, SMS_HTTP_ANSWERED);
    struct ending ending = get(&rig, strict, i + 1);
    assert_true(ending.end == SMS_HTTP_UNREACHED || ending.end == SMS_HTTP_BROKEN);
    assert_false(test_server_saw(rig.server, i + 1));
  }
  sms_http_client_release(lax);
  sms_http_client_release(strict);
  rig_stop(&rig);
}

static void nobody_rides_on_the_less_strict(void **state) {
  mingle(*state, false);
  mingle(*state, true);
}

/* After TLS 1.3's handshake the client may send before it hears that it is refused. */
static void a_missing_certificate_under_tls_1_3_is_no_answer(void **state) {
  static const struct test_script demanding = {.tls = true, .demand_certificate = true};
  static const struct face face = {.trust = TRUST_CA};
  struct rig rig;
  (void)state;
  rig_start(&rig, &demanding);
  sms_http_client *client = make_client(&rig, &face);
  struct ending ending = get(&rig, client, 1);
  assert_true(ending.end == SMS_HTTP_UNREACHED || ending.end == SMS_HTTP_BROKEN);
  sms_http_client_release(client);
  rig_settle(&rig);
  judge(rig.server, &ending);
  rig_stop(&rig);
}

/* Libcurl 7.88 forgives a missing end of TLS, so that only HTTP tells what is whole. */
static void a_body_that_is_cut_under_tls_is_no_answer(void **state) {
  static const char *const replies[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"marker\":1}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{\"marker\":1}\r\n"};
  (void)state;
  for (int i = 0; i < 4; i++) {
    struct rig rig;
    struct test_script script = {.tls = true, .write = WRITE_REPLY, .then = THEN_CLOSE};
    script.no_notify = i % 2;
    script.reply = replies[i / 2];
    rig_start(&rig, &script);
    sms_http_transfer *t = rig_get(&rig, 1);
    assert_int_equal(rig_finish(&rig, t)->end, SMS_HTTP_BROKEN);
    sms_http_transfer_release(t);
    rig_stop(&rig);
  }
}

static void a_name_is_verified_as_well_as_an_address(void **state) {
  static const struct test_script over_tls = {.tls = true};
  char url[RIG_URL];
  struct rig rig;
  (void)state;
  rig_start(&rig, &over_tls);
  snprintf(url, sizeof url, "https://localhost:%d/~~~~~~~~/1",
           test_server_port(rig.server));
  demand_answer(rig.engine, rig.client, url, 1);
  rig_stop(&rig);
}

int main(void) {
  static const struct CMUnitTest others[] = {
      cmocka_unit_test(a_missing_certificate_under_tls_1_3_is_no_answer),
      cmocka_unit_test(a_body_that_is_cut_under_tls_is_no_answer),
      cmocka_unit_test(a_name_is_verified_as_well_as_an_address),
  };
  enum { OTHERS = sizeof others / sizeof others[0], ALL = OTHERS + CASES + COMPANIES };
  static struct CMUnitTest tests[ALL];
  memcpy(tests, others, sizeof others);
  for (size_t i = 0; i < CASES; i++)
    tests[OTHERS + i] = (struct CMUnitTest){cases[i].name, trust_is_as_agreed, NULL,
                                            NULL, (void *)(uintptr_t)&cases[i]};
  for (size_t i = 0; i < COMPANIES; i++)
    tests[OTHERS + CASES + i] =
        (struct CMUnitTest){companies[i].name, nobody_rides_on_the_less_strict, NULL,
                            NULL, (void *)(uintptr_t)&companies[i]};
  return _cmocka_run_group_tests("http_engine_tls", tests, ALL, test_certificates_begin,
                                 test_certificates_end);
}
