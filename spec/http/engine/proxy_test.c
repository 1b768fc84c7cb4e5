/* The proxy a client names is used and its failures send nothing; those that the
 * environment names are not there. */
#include "test_engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_proxy_that_refuses_sends_nothing(void **state) {
  static const struct test_script well_behaved;
  char url[RIG_URL], proxy[64];
  struct rig rig;
  int port, fd = bound_socket(&port);
  (void)state;
  rig_start(&rig, &well_behaved);
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", port);
  rig.options.proxy = proxy;
  rig_renew_client(&rig);
  rig_url(&rig, 1, url);
  expect_unreached(&rig, url, SMS_HTTP_PHASE_CONNECT);
  assert_int_equal(test_server_requests(rig.server), 0);
  close(fd);
  rig_stop(&rig);
}

static void a_proxy_that_opens_no_tunnel_sends_nothing(void **state) {
  static const char *const replies[] = {
      "HTTP/1.1 403 Forbidden\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nkeep",
      "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"};
  char proxy[64];
  (void)state;
  for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
    struct rig rig;
    struct test_script script = {
        .write = WRITE_REPLY, .reply = replies[i], .then = THEN_CLOSE};
    rig_start(&rig, &script);
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", test_server_port(rig.server));
    rig.options.proxy = proxy;
    rig_renew_client(&rig);
    expect_unreached(&rig, "https://127.0.0.1:9/~~~~~~~~/1", SMS_HTTP_PHASE_TLS);
    assert_false(test_server_saw(rig.server, 1));
    rig_stop(&rig);
  }
}

static void a_proxy_gets_what_is_not_excepted(void **state) {
  static const struct test_script well_behaved;
  struct test_server *proxy = test_server_start(&well_behaved);
  char proxy_url[64], url[RIG_URL];
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  snprintf(proxy_url, sizeof proxy_url, "http://127.0.0.1:%d", test_server_port(proxy));
  rig.options.proxy = proxy_url;
  rig_renew_client(&rig);
  demand_answer(rig.engine, rig.client, "http://sms.invalid/~~~~~~~~/1", 1);
  char *head = test_server_head(proxy);
  assert_non_null(strstr(head, "GET http://sms.invalid/~~~~~~~~/1 HTTP/1.1\r\n"));
  free(head);
  rig.options.no_proxy = "127.0.0.1";
  rig_renew_client(&rig);
  rig_url(&rig, 2, url);
  demand_answer(rig.engine, rig.client, url, 2);
  assert_int_equal(test_server_arrivals(rig.server, 2), 1);
  assert_int_equal(test_server_requests(proxy), 1);
  rig_stop(&rig);
  test_server_stop(proxy);
}

static void the_environment_names_no_proxy(void **state) {
  static const char *const names[] = {"http_proxy", "HTTP_PROXY",  "https_proxy",
                                      "all_proxy",  "HTTPS_PROXY", "ALL_PROXY"};
  static const struct test_script well_behaved, over_tls = {.tls = true};
  struct test_server *proxy = test_server_start(&well_behaved);
  char value[64];
  struct rig rig;
  (void)state;
  snprintf(value, sizeof value, "http://127.0.0.1:%d", test_server_port(proxy));
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    assert_int_equal(setenv(names[i], value, 1), 0);
  rig_start(&rig, &well_behaved);
  rig_demand_answer(&rig, 1);
  rig_stop(&rig);
  rig_start(&rig, &over_tls);
  rig_demand_answer(&rig, 1);
  rig_stop(&rig);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    unsetenv(names[i]);
  assert_int_equal(test_server_connections(proxy), 0);
  test_server_stop(proxy);
}

static const struct trust {
  enum test_certificate certificate;
  bool known, insecure, is_trusted;
  int max_tls, min_tls;
} trusts[] = {
    {TEST_CERTIFICATE_GOOD, .known = true, .is_trusted = true},
    {TEST_CERTIFICATE_GOOD, .known = false, .is_trusted = false},
    {TEST_CERTIFICATE_ELSEWHERE, .known = true, .is_trusted = false},
    {TEST_CERTIFICATE_STRANGER, .known = true, .is_trusted = false},
    {TEST_CERTIFICATE_STRANGER, .known = true, .insecure = true, .is_trusted = true},
    {TEST_CERTIFICATE_GOOD, .known = true, .max_tls = TLS1_2_VERSION, .min_tls = 13},
};

static void a_proxy_over_tls_is_trusted_as_a_server_is(void **state) {
  char proxy[64];
  (void)state;
  for (size_t i = 0; i < sizeof trusts / sizeof trusts[0]; i++) {
    const struct trust *trust = &trusts[i];
    struct rig rig;
    struct test_script script = {
        .tls = true, .certificate = trust->certificate, .max_tls = trust->max_tls};
    rig_start(&rig, &script);
    snprintf(proxy, sizeof proxy, "https://127.0.0.1:%d", test_server_port(rig.server));
    rig.options.proxy = proxy;
    rig.options.insecure = trust->insecure;
    rig.options.min_tls = trust->min_tls;
    rig.options.ca_file =
        trust->known ? test_certificates.ca_file : test_certificates.other_ca_file;
    rig_renew_client(&rig);
    const char *url = "http://sms.invalid/~~~~~~~~/1";
    if (trust->is_trusted)
      demand_answer(rig.engine, rig.client, url, 1);
    else
      expect_unreached(&rig, url, SMS_HTTP_PHASE_TLS);
    assert_int_equal(test_server_arrivals(rig.server, 1), trust->is_trusted);
    rig_stop(&rig);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_proxy_that_refuses_sends_nothing),
      cmocka_unit_test(a_proxy_that_opens_no_tunnel_sends_nothing),
      cmocka_unit_test(a_proxy_gets_what_is_not_excepted),
      cmocka_unit_test(a_proxy_over_tls_is_trusted_as_a_server_is),
      cmocka_unit_test(the_environment_names_no_proxy),
  };
  return cmocka_run_group_tests_name("http_engine_proxy", tests,
                                     test_certificates_begin, test_certificates_end);
}
