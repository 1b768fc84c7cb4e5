#include "test_host.h"
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int watch(sms_http_mailbox *mailbox) {
  int pair[2];
  int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  assert_int_equal(socketpair(AF_UNIX, type, 0, pair), 0);
  sms_http_mailbox_watch(mailbox, pair[0], false);
  return pair[1];
}

void host_start(struct host *host, const struct test_script *script) {
  rig_start(&host->rig, script);
  assert_int_equal(sms_http_driver_new(&host->driver), SMS_OK);
  assert_int_equal(sms_http_mailbox_new(host->driver, &host->mailbox), SMS_OK);
  host->woken = watch(host->mailbox);
}

void host_stop(struct host *host) {
  sms_http_mailbox_release(host->mailbox);
  sms_http_driver_release(host->driver);
  close(host->woken);
  rig_stop(&host->rig);
}

uint64_t submit_to(struct host *host, sms_http_mailbox *mailbox, int marker) {
  char url[RIG_URL];
  uint64_t id = 0;
  struct sms_http_request request = rig_request(&host->rig, marker, url);
  assert_int_equal(sms_http_driver_submit(mailbox, host->rig.client, &request, &id),
                   SMS_OK);
  memset(url, 'x', sizeof url); /* it was copied */
  return id;
}

uint64_t submit(struct host *host, int marker) {
  return submit_to(host, host->mailbox, marker);
}

bool is_readable(int descriptor, int milliseconds) {
  struct pollfd polled = {.fd = descriptor, .events = POLLIN};
  return poll(&polled, 1, milliseconds) == 1;
}

char byte_from(int descriptor) {
  char byte;
  assert_true(is_readable(descriptor, (int)(PATIENCE / 1000)));
  assert_int_equal(read(descriptor, &byte, 1), 1);
  return byte;
}

struct sms_http_letter *letter_of(sms_http_mailbox *mailbox, int woken) {
  struct sms_http_letter *letter;
  while (!(letter = sms_http_mailbox_take(mailbox))) {
    char byte = byte_from(woken);
    assert_true(byte == '!' || byte == ','); /* that of a second without letters */
  }
  return letter;
}

void expect_answer(struct sms_http_letter *letter, uint64_t id, int marker) {
  assert_int_equal(letter->refused, SMS_OK);
  assert_int_equal(letter->id, id);
  assert_int_equal(letter->response.end, SMS_HTTP_ANSWERED);
  assert_int_equal(letter->response.status, 200);
  assert_true(is_answer_to(&letter->response, marker));
  sms_http_letter_free(letter);
}

void demand(struct host *host, int marker) {
  uint64_t id = submit(host, marker);
  expect_answer(letter_of(host->mailbox, host->woken), id, marker);
}
