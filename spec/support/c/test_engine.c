#include "test_engine.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec / 1000;
}

int64_t own_time(void) {
  long long waited = 0; /* nanoseconds; where the kernel does not count them, 0 */
  FILE *file = fopen("/proc/thread-self/schedstat", "re");
  if (file && fscanf(file, "%*s %lld", &waited) != 1) waited = 0;
  if (file) fclose(file);
  return now() - waited / 1000;
}

void rest(void) {
  struct timespec millisecond = {0, 1000000};
  nanosleep(&millisecond, NULL);
}

void rig_start(struct rig *rig, const struct test_script *script) {
  *rig = (struct rig){.options = {.user_agent = "lua-sms/test",
                                  .http2 = script->http2,
                                  .max_connections = 64,
                                  .keep_alive = 20,
                                  .max_response = 1 << 20}};
  if (script->tls) rig->options.ca_file = test_certificates.ca_file;
  rig->server = test_server_start(script);
  assert_int_equal(sms_http_engine_new(&rig->engine), SMS_OK);
  assert_int_equal(sms_http_client_new(&rig->options, &rig->client), SMS_OK);
}

void rig_renew_client(struct rig *rig) {
  sms_http_client_release(rig->client);
  assert_int_equal(sms_http_client_new(&rig->options, &rig->client), SMS_OK);
}

static void release_engine(struct rig *rig) {
  sms_http_client_release(rig->client);
  sms_http_engine_release(rig->engine);
  rig->client = NULL;
  rig->engine = NULL;
}

void rig_settle(struct rig *rig) {
  release_engine(rig);
  WAIT_UNTIL(test_server_open(rig->server) == 0);
}

void rig_stop(struct rig *rig) {
  release_engine(rig);
  test_server_stop(rig->server);
}

void server_url(struct test_server *server, bool tls, int marker, char url[RIG_URL]) {
  snprintf(url, RIG_URL, "http%s://127.0.0.1:%d/~~~~~~~~/%d", tls ? "s" : "",
           test_server_port(server), marker);
}

void rig_url(const struct rig *rig, int marker, char url[RIG_URL]) {
  server_url(rig->server, rig->options.ca_file != NULL, marker, url);
}

static struct sms_http_request patient_request(const char *url) {
  return (struct sms_http_request){
      .url = url, .timeout = PATIENCE, .connect_timeout = PATIENCE};
}

struct sms_http_request rig_request(const struct rig *rig, int marker,
                                    char url[RIG_URL]) {
  rig_url(rig, marker, url);
  return patient_request(url);
}

sms_http_transfer *rig_submit(struct rig *rig, const struct sms_http_request *request) {
  sms_http_transfer *transfer = NULL;
  assert_int_equal(sms_http_engine_submit(rig->engine, rig->client, request, &transfer),
                   SMS_OK);
  return transfer;
}

sms_http_transfer *rig_get(struct rig *rig, int marker) {
  char url[RIG_URL];
  struct sms_http_request request = rig_request(rig, marker, url);
  return rig_submit(rig, &request);
}

static const struct sms_http_response *finish(sms_http_engine *engine,
                                              sms_http_transfer *transfer) {
  const struct sms_http_response *response;
  int64_t until = now() + PATIENCE + SECOND;
  while (!(response = sms_http_transfer_response(transfer))) {
    assert_true(now() < until);
    assert_int_equal(sms_http_engine_step(engine, SECOND), SMS_OK);
  }
  return response;
}

const struct sms_http_response *rig_finish(struct rig *rig,
                                           sms_http_transfer *transfer) {
  return finish(rig->engine, transfer);
}

void rig_step_often(struct rig *rig, int steps) {
  for (int i = 0; i < steps; i++)
    assert_int_equal(sms_http_engine_step(rig->engine, SECOND / 1000), SMS_OK);
}

sms_http_transfer *rig_start_occupied(struct rig *rig) {
  static const struct test_script silent = {.gate = true};
  rig_start(rig, &silent);
  rig->options.max_connections = 1;
  rig_renew_client(rig);
  sms_http_transfer *first = rig_get(rig, 1);
  STEP_UNTIL(rig, test_server_arrivals(rig->server, 1) == 1);
  return first;
}

int bound_socket(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  assert_true(fd >= 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

void fill_queue(int listener, int fillers[QUEUED]) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
  assert_int_equal(listen(listener, 0), 0);
  for (int i = 0; i < QUEUED; i++) {
    fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int done = connect(fillers[i], (struct sockaddr *)&address, length);
    assert_true(done == 0 || done == -1);
  }
}

void expect_unreached(struct rig *rig, const char *url, enum sms_http_phase phase) {
  struct sms_http_request request = patient_request(url);
  sms_http_transfer *t = rig_submit(rig, &request);
  const struct sms_http_response *response = rig_finish(rig, t);
  assert_int_equal(response->end, SMS_HTTP_UNREACHED);
  assert_int_equal(response->phase, phase);
  assert_false(response->sent);
  assert_int_equal(response->status, 0);
  assert_int_equal(response->body_length, 0);
  assert_null(response->retry_after);
  assert_true(response->message[0] != '\0');
  sms_http_transfer_release(t);
}

bool is_answer_to(const struct sms_http_response *response, int marker) {
  char expected[32];
  int length = snprintf(expected, sizeof expected, "{\"marker\":%d}", marker);
  return response->body_length == (size_t)length &&
         memcmp(response->body, expected, (size_t)length) == 0;
}

void demand_answer(sms_http_engine *engine, sms_http_client *client, const char *url,
                   int marker) {
  struct sms_http_request request = patient_request(url);
  sms_http_transfer *transfer = NULL;
  assert_int_equal(sms_http_engine_submit(engine, client, &request, &transfer), SMS_OK);
  const struct sms_http_response *response = finish(engine, transfer);
  if (response->end != SMS_HTTP_ANSWERED)
    fail_msg("%s instead of an answer: %s", end_name(response->end), response->message);
  assert_int_equal(response->status, 200);
  assert_true(response->sent);
  assert_true(is_answer_to(response, marker));
  assert_string_equal(response->message, "");
  sms_http_transfer_release(transfer);
}

void rig_demand_answer(struct rig *rig, int marker) {
  char url[RIG_URL];
  rig_url(rig, marker, url);
  demand_answer(rig->engine, rig->client, url, marker);
}

struct ending ending_of(const struct sms_http_response *response, int marker) {
  return (struct ending){.marker = marker,
                         .end = response->end,
                         .sent = response->sent,
                         .own_answer = is_answer_to(response, marker),
                         .status = response->status};
}

void judge(struct test_server *server, const struct ending *ending) {
  int arrivals = test_server_arrivals(server, ending->marker);
  const char *end = end_name(ending->end);
  if (arrivals > 1) fail_msg("%d arrived %d times", ending->marker, arrivals);
  if (!ending->sent && test_server_saw(server, ending->marker))
    fail_msg("%d was seen, but called not sent (%s)", ending->marker, end);
  if (ending->end != SMS_HTTP_ANSWERED) return;
  if (!ending->sent) fail_msg("%d is answered, but called not sent", ending->marker);
  if (test_server_answers(server, ending->marker) != 1 || !ending->own_answer)
    fail_msg("%d has an answer that is not its own", ending->marker);
}

const char *end_name(enum sms_http_end end) {
  static const char *const names[] = {"answered",  "timed out", "unreached",
                                      "broken",    "too large", "too late",
                                      "cancelled", "no memory"};
  return names[end];
}
