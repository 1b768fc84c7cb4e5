/* Libcurl never repeats a request over HTTP/1.1: whatever a server does to a warm
 * connection, each marker arrives at most once, and "not sent" is never said of one
 * that arrived. */
#include "test_load.h"
#include <stdio.h>

static const struct load loads[] = {
    {"GET", SMS_HTTP_GET, 0},
    {"empty POST", SMS_HTTP_POST, 0},
    {"POST of 20 bytes", SMS_HTTP_POST, 20},
    {"POST of 20 KB", SMS_HTTP_POST, 20 << 10},
    {"POST of 8 MB", SMS_HTTP_POST, LOAD_LARGE},
    {"PUT of 20 bytes", SMS_HTTP_PUT, 20},
    {"PATCH of 20 bytes", SMS_HTTP_PATCH, 20},
    {"DELETE", SMS_HTTP_DELETE, 0},
};

static const struct blow {
  const char *name;
  struct test_script script;
} blows[] = {
    {"reads it and closes", {.then = THEN_CLOSE}},
    {"reads it and resets", {.then = THEN_RESET}},
    {"reads its head and closes", {.read = READ_HEAD, .then = THEN_CLOSE}},
    {"reads half of it and resets", {.read = READ_PART, .then = THEN_RESET}},
    {"closes without reading it", {.read = READ_PEEK, .then = THEN_CLOSE}},
    {"resets without reading it", {.read = READ_PEEK, .then = THEN_RESET}},
    {"has closed the idle connection",
     {.read = READ_NOTHING, .gate = true, .then = THEN_CLOSE}},
    {"has half-closed the idle connection",
     {.read = READ_NOTHING, .gate = true, .then = THEN_HALF_CLOSE}},
};

#define LOADS  (sizeof loads / sizeof loads[0])
#define BLOWS  (sizeof blows / sizeof blows[0])
#define COUNTS 2
#define DOORS  2
#define WIRES  2
#define CASES  (LOADS * BLOWS * COUNTS * DOORS * WIRES)

struct scene {
  const struct load *load;
  const struct blow *blow;
  int in_flight;
  bool close_listener, tls;
};

static void warm_up(struct rig *rig, int in_flight) {
  sms_http_transfer *transfers[LOAD_MANY];
  for (int i = 0; i < in_flight; i++)
    transfers[i] = rig_get(rig, i);
  for (int i = 0; i < in_flight; i++) {
    const struct sms_http_response *response = rig_finish(rig, transfers[i]);
    assert_int_equal(response->end, SMS_HTTP_ANSWERED);
    assert_true(is_answer_to(response, i));
    sms_http_transfer_release(transfers[i]);
  }
  assert_int_equal(test_server_connections(rig->server), in_flight);
}

/* The case really was what its name says. */
static void assert_struck(struct rig *rig, const struct scene *scene,
                          const struct ending *ending) {
  if (scene->blow->script.gate || scene->in_flight > 1) return;
  assert_int_equal(ending->end, SMS_HTTP_BROKEN);
  assert_true(ending->sent);
  /* Under TLS the script cannot look at unread bytes. */
  if (!scene->tls) assert_int_equal(test_server_arrivals(rig->server, LOAD_FIRST), 1);
}

static void nothing_is_repeated(void **state) {
  const struct scene *scene = *state;
  struct test_script script = scene->blow->script;
  struct ending endings[LOAD_MANY];
  struct rig rig;
  script.warm = 1;
  script.together = scene->in_flight;
  script.write = WRITE_NOTHING;
  script.tls = scene->tls;
  script.close_listener = scene->close_listener;
  rig_start(&rig, &script);
  warm_up(&rig, scene->in_flight);
  load_strike(&rig, scene->load, scene->in_flight, endings);
  load_demand_answer(&rig);
  rig_settle(&rig);
  for (int i = 0; i < scene->in_flight; i++)
    judge(rig.server, &endings[i]);
  assert_struck(&rig, scene, &endings[0]);
  rig_stop(&rig);
}

/* 64 handshakes for each case would be most of the time. */
static bool is_wanted(const struct scene *scene) {
  bool is_typical = scene->load->method == SMS_HTTP_POST && scene->load->length == 20;
  if (load_is_whole() || !scene->tls) return true;
  return !scene->close_listener && (scene->in_flight == 1 || is_typical);
}

static size_t fill(struct scene *scenes, struct CMUnitTest *tests, char (*names)[160]) {
  size_t count = 0;
  for (size_t i = 0; i < CASES; i++) {
    size_t rest_of = i;
    struct scene *scene = &scenes[count];
    scene->tls = rest_of % WIRES, rest_of /= WIRES;
    scene->close_listener = rest_of % DOORS, rest_of /= DOORS;
    scene->in_flight = rest_of % COUNTS ? LOAD_MANY : 1, rest_of /= COUNTS;
    scene->load = &loads[rest_of % LOADS], rest_of /= LOADS;
    scene->blow = &blows[rest_of];
    if (!is_wanted(scene)) continue;
    snprintf(names[count], sizeof names[count],
             "%s, %d in flight%s, is not repeated where the server %s%s",
             scene->load->name, scene->in_flight, scene->tls ? " over TLS" : "",
             scene->blow->name, scene->close_listener ? " and goes away" : "");
    tests[count] =
        (struct CMUnitTest){names[count], nothing_is_repeated, NULL, NULL, scene};
    count++;
  }
  return count;
}

static int begin(void **state) {
  static const struct test_script well_behaved;
  (void)state;
  return load_begin(&well_behaved);
}

int main(void) {
  static struct scene scenes[CASES];
  static struct CMUnitTest tests[CASES];
  static char names[CASES][160];
  size_t count = fill(scenes, tests, names);
  return _cmocka_run_group_tests("http_engine_repeat", tests, count, begin, load_end);
}
