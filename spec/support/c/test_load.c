#include "test_load.h"
#include <stdlib.h>
#include <string.h>

/* Large bodies on streams that are reset can stall in libcurl 7.88 until they time out,
 * which is no repetition. */
#define STALL (4 * SECOND)

static char *body;
static bool whole;

bool load_begin(bool wholly) {
  whole = wholly;
  body = malloc(LOAD_LARGE);
  if (body) memset(body, 'x', LOAD_LARGE);
  return body != NULL;
}

void load_end(void) {
  free(body);
}

bool load_is_whole(void) {
  return whole;
}

static sms_http_transfer *submit(struct rig *rig, const struct load *load, int index) {
  char url[RIG_URL];
  bool is_light = !whole && load->length == LOAD_LARGE && index % LOAD_SPARSE != 0;
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
