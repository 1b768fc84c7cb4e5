/* The client's side of the engine's tests: an engine, a client and a scripted server in
 * one rig, and the judgement every ending must stand up to.
 *
 *   struct rig rig;
 *   rig_start(&rig, &script);
 *   sms_http_transfer *t = rig_get(&rig, 17);
 *   const struct sms_http_response *response = rig_finish(&rig, t);
 *   ...
 *   sms_http_transfer_release(t);
 *   rig_stop(&rig);
 */
#ifndef TEST_ENGINE_H
#define TEST_ENGINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/engine.h"
#include "test_server.h"

#define SECOND         INT64_C(1000000)
#define PATIENCE       (20 * SECOND)
#define DEADLINE_GRACE (SECOND / 4) /* what a deadline may be missed by */

struct rig {
  struct test_server *server;
  sms_http_engine *engine;
  sms_http_client *client;
  struct sms_http_options options; /* of the client; change it, then rig_renew_client */
};

int64_t now(void);

/* Without the time in which this thread was ready to run and others had the processor:
 * what something takes does not depend on what else the machine does. */
int64_t own_time(void);

/* Fails the test if the condition has not come true in PATIENCE. */
#define WAIT_UNTIL(condition)                                                          \
  do {                                                                                 \
    int64_t until_ = now() + PATIENCE;                                                 \
    while (!(condition)) {                                                             \
      assert_true(now() < until_);                                                     \
      rest();                                                                          \
    }                                                                                  \
  } while (0)

/* The same, and the engine moves on meanwhile. */
#define STEP_UNTIL(rig, condition)                                                     \
  do {                                                                                 \
    int64_t until_ = now() + PATIENCE;                                                 \
    while (!(condition)) {                                                             \
      assert_true(now() < until_);                                                     \
      assert_int_equal(sms_http_engine_step((rig)->engine, SECOND / 200), SMS_OK);     \
    }                                                                                  \
  } while (0)

void rest(void); /* a millisecond, between two looks at a condition */

void rig_start(struct rig *rig, const struct test_script *script);
void rig_stop(struct rig *rig);

/* Starts one with a single connection, which this request, with marker 1, holds until
 * the gate is opened. */
sms_http_transfer *rig_start_occupied(struct rig *rig);
void rig_renew_client(struct rig *rig);

/* Steps of a millisecond. */
void rig_step_often(struct rig *rig, int steps);

/* Ends the engine and waits until the server has read all that came. */
void rig_settle(struct rig *rig);

/* "https://127.0.0.1:1234/~~~~~~~~/17", or http, as the server speaks. */
#define RIG_URL 96
void rig_url(const struct rig *rig, int marker, char url[RIG_URL]);
void server_url(struct test_server *server, bool tls, int marker, char url[RIG_URL]);

/* A request with this marker's URL and patient deadlines; the URL lives in the buffer.
 */
struct sms_http_request rig_request(const struct rig *rig, int marker,
                                    char url[RIG_URL]);
sms_http_transfer *rig_submit(struct rig *rig, const struct sms_http_request *request);
sms_http_transfer *rig_get(struct rig *rig, int marker);

/* Steps until the transfer has ended. */
const struct sms_http_response *rig_finish(struct rig *rig,
                                           sms_http_transfer *transfer);

/* Sends a GET, demands its own answer, and gives the transfer back. */
void rig_demand_answer(struct rig *rig, int marker);
void demand_answer(sms_http_engine *engine, sms_http_client *client, const char *url,
                   int marker);

/* A socket with a port of its own where nobody listens; the caller's. */
int bound_socket(int *port);

/* Makes of a bound socket a listener that lets nobody in: its queue is full. The
 * sockets in it are the caller's. */
#define QUEUED 6
void fill_queue(int listener, int fillers[QUEUED]);

/* A GET of this URL fails before a byte is sent, in this phase. */
void expect_unreached(struct rig *rig, const char *url, enum sms_http_phase phase);

/* The body is the answer to this marker's request, not to another's. */
bool is_answer_to(const struct sms_http_response *response, int marker);

/* What ended, kept beyond the transfer. */
struct ending {
  int marker;
  enum sms_http_end end;
  bool sent, own_answer;
  int status;
};
struct ending ending_of(const struct sms_http_response *response, int marker);

/* What holds for every ending, by what the server saw; call it after rig_settle. */
void judge(struct test_server *server, const struct ending *ending);

const char *end_name(enum sms_http_end end);

#endif
