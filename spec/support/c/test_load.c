#include "test_load.h"
#include <stdlib.h>
#include <string.h>

/* Large bodies on streams that are reset can stall in libcurl 7.88 until they time out,
 * which is no repetition. */
#define STALL (4 * SECOND)

static char *body;
static struct test_server *healthy;
static bool is_tls;

bool load_is_whole(void) {
  return getenv("SMS_TEST_LONG") != NULL;
}

int load_begin(const struct test_script *well_behaved) {
  test_certificates_make();
  is_tls = well_behaved->tls;
  healthy = test_server_start(well_behaved);
  body = malloc(LOAD_LARGE);
  if (body) memset(body, 'x', LOAD_LARGE);
  return body ? 0 : -1;
}

int load_end(void **state) {
  (void)state;
  test_server_stop(healthy);
  test_certificates_remove();
  free(body);
  return 0;
}

void load_demand_answer(struct rig *rig) {
  char url[RIG_URL];
  server_url(healthy, is_tls, 0, url);
  demand_answer(rig->engine, rig->client, url, 0);
}

static sms_http_transfer *submit(struct rig *rig, const struct load *load, int index) {
  char url[RIG_URL];
  bool is_light =
      !load_is_whole() && load->length == LOAD_LARGE && index % LOAD_SPARSE != 0;
  struct sms_http_request request = rig_request(rig, LOAD_FIRST + index, url);
  request.method = load->method;
  request.timeout = rig->options.http2 ? STALL : PATIENCE;
  request.body = body;
  request.body_length = is_light ? 0 : load->length;
  if (load->length) request.content = SMS_HTTP_JSON;
  return rig_submit(rig, &request);
}

void load_strike(struct rig *rig, const struct load *load, int in_flight,
                 struct ending endings[LOAD_MANY]) {
  sms_http_transfer *transfers[LOAD_MANY];
  for (int i = 0; i < in_flight; i++)
    transfers[i] = submit(rig, load, i);
  test_server_open_gate(rig->server);
  for (int i = 0; i < in_flight; i++)
    endings[i] = ending_of(rig_finish(rig, transfers[i]), LOAD_FIRST + i);
  for (int i = 0; i < in_flight; i++)
    sms_http_transfer_release(transfers[i]);
}
