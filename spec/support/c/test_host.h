/* The host of a driver's tests.
 *
 *   struct host host;
 *   host_start(&host, &script);
 *   demand(&host, 17);
 *   host_stop(&host);
 */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include "http/driver.h"
#include "test_engine.h"

/* A host: a driver, a mailbox, and the socket on which it is woken. */
struct host {
  struct rig rig; /* its server and client */
  sms_http_driver *driver;
  sms_http_mailbox *mailbox;
  int woken;
};

void host_start(struct host *host, const struct test_script *script);
void host_stop(struct host *host);

/* Gives the mailbox one end of a new pair of sockets; the other. */
int watch(sms_http_mailbox *mailbox);

/* The id of a new call. */
uint64_t submit_to(struct host *host, sms_http_mailbox *mailbox, int marker);
uint64_t submit(struct host *host, int marker);

bool is_readable(int descriptor, int milliseconds);

/* Waits for the next byte. */
char byte_from(int descriptor);

/* Waits for a letter, as a host does; the next byte is read only when there is none. */
struct sms_http_letter *letter_of(sms_http_mailbox *mailbox, int woken);

void expect_answer(struct sms_http_letter *letter, uint64_t id, int marker);

/* One call from its submission to its own answer. */
void demand(struct host *host, int marker);

#endif
