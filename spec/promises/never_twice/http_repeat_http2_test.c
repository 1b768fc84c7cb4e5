/* Libcurl never repeats a request over HTTP/2 either, where it would for every stream
 * that is refused, every GOAWAY, and every wish for HTTP/1.1. */
#include "test_load.h"
#include <stdio.h>

#define FEW 8

/* RFC 9113, 7 */
#define NO_ERROR       0
#define INTERNAL_ERROR 2
#define REFUSED_STREAM 7
#define CANCEL         8
#define NEEDS_HTTP_1_1 13

static const struct load loads[] = {
    {"GET", SMS_HTTP_GET, 0},
    {"empty POST", SMS_HTTP_POST, 0},
    {"POST of 20 bytes", SMS_HTTP_POST, 20},
    {"POST of 8 MB", SMS_HTTP_POST, LOAD_LARGE},
};

static const struct blow {
  const char *name;
  bool wait_for_all; /* strikes once all streams are there */
  struct test_script script;
} blows[] = {
    {"refuses the stream",
     false,
     {.frame = FRAME_RESET, .code = REFUSED_STREAM, .read = READ_HEAD}},
    {"refuses all streams at once",
     true,
     {.frame = FRAME_RESET, .code = REFUSED_STREAM, .read = READ_HEAD}},
    {"refuses the stream it has read",
     false,
     {.frame = FRAME_RESET, .code = REFUSED_STREAM}},
    {"resets the stream with INTERNAL_ERROR",
     false,
     {.frame = FRAME_RESET, .code = INTERNAL_ERROR, .read = READ_HEAD}},
    {"resets the stream with CANCEL",
     false,
     {.frame = FRAME_RESET, .code = CANCEL, .read = READ_HEAD}},
    {"resets the stream with NO_ERROR",
     false,
     {.frame = FRAME_RESET, .code = NO_ERROR, .read = READ_HEAD}},
    {"resets the stream after half an answer",
     false,
     {.frame = FRAME_RESET, .code = INTERNAL_ERROR, .part = true}},
    {"demands HTTP/1.1",
     false,
     {.frame = FRAME_RESET, .code = NEEDS_HTTP_1_1, .read = READ_HEAD}},
    {"says GOAWAY and took no stream",
     false,
     {.frame = FRAME_GOAWAY, .last = LAST_ZERO, .read = READ_HEAD}},
    {"says GOAWAY, took no stream and closes",
     false,
     {.frame = FRAME_GOAWAY, .last = LAST_ZERO, .then = THEN_CLOSE}},
    {"says GOAWAY and answers only the first stream",
     true,
     {.frame = FRAME_GOAWAY, .last = LAST_FIRST, .read = READ_HEAD}},
    {"says GOAWAY, took all streams and closes",
     true,
     {.frame = FRAME_GOAWAY,
      .last = LAST_HIGHEST,
      .write = WRITE_NOTHING,
      .read = READ_HEAD,
      .then = THEN_CLOSE}},
    {"closes after the head",
     false,
     {.write = WRITE_NOTHING, .read = READ_HEAD, .then = THEN_CLOSE}},
    {"closes after the body", false, {.write = WRITE_NOTHING, .then = THEN_CLOSE}},
    {"closes when all streams are there",
     true,
     {.write = WRITE_NOTHING, .read = READ_HEAD, .then = THEN_CLOSE}},
    {"closes without a TLS end",
     false,
     {.write = WRITE_NOTHING, .no_notify = true, .then = THEN_CLOSE}},
    {"resets the connection",
     false,
     {.write = WRITE_NOTHING, .read = READ_HEAD, .then = THEN_RESET}},
    {"closes after half an answer",
     false,
     {.write = WRITE_NOTHING, .part = true, .then = THEN_CLOSE}},
    {"allows one stream at a time", false, {.max_streams = 1}},
    {"allows one stream at a time and refuses it",
     false,
     {.max_streams = 1, .frame = FRAME_RESET, .code = REFUSED_STREAM}},
};

#define LOADS  (sizeof loads / sizeof loads[0])
#define BLOWS  (sizeof blows / sizeof blows[0])
#define COUNTS 2
#define DOORS  2
#define CASES  (LOADS * BLOWS * COUNTS * DOORS)

struct scene {
  const struct load *load;
  const struct blow *blow;
  int in_flight;
  bool close_listener;
};

/* The case really was what its name says. */
static void assert_struck(const struct scene *scene, const struct ending *endings) {
  const struct test_script *script = &scene->blow->script;
  bool is_mild = script->frame == FRAME_NONE && script->write == WRITE_ANSWER;
  bool first_lives = script->frame == FRAME_GOAWAY && script->last == LAST_FIRST;
  int answered = 0;
  for (int i = 0; i < scene->in_flight; i++)
    answered += endings[i].end == SMS_HTTP_ANSWERED;
  if (scene->in_flight > 1)
    assert_true(is_mild || answered < scene->in_flight);
  else if (!first_lives || scene->load->length == 0) /* the answer overtakes a body */
    assert_int_equal(answered, is_mild || first_lives);
}

static void nothing_is_repeated(void **state) {
  const struct scene *scene = *state;
  struct test_script script = scene->blow->script;
  struct ending endings[LOAD_MANY];
  struct rig rig;
  script.tls = script.http2 = true;
  script.warm = 1;
  script.burst = scene->blow->wait_for_all ? scene->in_flight : 1;
  script.close_listener = scene->close_listener;
  rig_start(&rig, &script);
  rig.options.max_connections =
      FEW; /* each wish to repeat opens one, which takes time */
  rig_renew_client(&rig);
  rig_demand_answer(&rig, 0);
  load_strike(&rig, scene->load, scene->in_flight, endings);
  load_demand_answer(&rig);
  rig_settle(&rig);
  for (int i = 0; i < scene->in_flight; i++)
    judge(rig.server, &endings[i]);
  assert_struck(scene, endings);
  rig_stop(&rig);
}

static bool is_wanted(const struct scene *scene) {
  if (!scene->close_listener) return true;
  return scene->blow->script.then != THEN_GO_ON &&
         (load_is_whole() || scene->load->length < LOAD_LARGE);
}

static size_t fill(struct scene *scenes, struct CMUnitTest *tests, char (*names)[160]) {
  size_t count = 0;
  for (size_t i = 0; i < CASES; i++) {
    size_t rest_of = i;
    struct scene *scene = &scenes[count];
    scene->close_listener = rest_of % DOORS, rest_of /= DOORS;
    scene->in_flight = rest_of % COUNTS ? LOAD_MANY : 1, rest_of /= COUNTS;
    scene->load = &loads[rest_of % LOADS], rest_of /= LOADS;
    scene->blow = &blows[rest_of];
    if (!is_wanted(scene)) continue;
    snprintf(names[count], sizeof names[count],
             "%s, %d in flight over HTTP/2, is not repeated where the server %s%s",
             scene->load->name, scene->in_flight, scene->blow->name,
             scene->close_listener ? " and goes away" : "");
    tests[count] =
        (struct CMUnitTest){names[count], nothing_is_repeated, NULL, NULL, scene};
    count++;
  }
  return count;
}

static int begin(void **state) {
  static const struct test_script well_behaved = {.tls = true, .http2 = true};
  (void)state;
  return load_begin(&well_behaved);
}

int main(void) {
  static struct scene scenes[CASES];
  static struct CMUnitTest tests[CASES];
  static char names[CASES][160];
  size_t count = fill(scenes, tests, names);
  return _cmocka_run_group_tests("http_engine_repeat_http2", tests, count, begin,
                                 load_end);
}
