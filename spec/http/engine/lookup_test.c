/* Names that cannot be resolved, or only slowly: this program's getaddrinfo stands
 * before the system's, so that no name server is asked and a look-up lasts until the
 * test lets it go. Nothing else waits for it. */
#include "test_engine.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SHORT    (SECOND * 3 / 10)
#define DEAF     "127.0.0.2" /* where nobody is let in */
#define TOO_LONG 8           /* seconds that a look-up lasts if nobody lets it go */

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool let_go;
  int begun, under_way;
} lookups = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void look_up_slowly(void) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += TOO_LONG;
  pthread_mutex_lock(&lookups.lock);
  lookups.begun++;
  lookups.under_way++;
  while (!lookups.let_go &&
         pthread_cond_timedwait(&lookups.changed, &lookups.lock, &until) == 0)
    ;
  lookups.under_way--;
  pthread_mutex_unlock(&lookups.lock);
}

static int lookups_begun(void) {
  pthread_mutex_lock(&lookups.lock);
  int count = lookups.begun;
  pthread_mutex_unlock(&lookups.lock);
  return count;
}

static int lookups_under_way(void) {
  pthread_mutex_lock(&lookups.lock);
  int count = lookups.under_way;
  pthread_mutex_unlock(&lookups.lock);
  return count;
}

static void let_go(bool go) {
  pthread_mutex_lock(&lookups.lock);
  lookups.let_go = go;
  pthread_cond_broadcast(&lookups.changed);
  pthread_mutex_unlock(&lookups.lock);
}

typedef int resolver(const char *, const char *, const struct addrinfo *,
                     struct addrinfo **);

__attribute__((visibility("default"))) int getaddrinfo(const char *node,
                                                       const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **found) {
  resolver *system_resolver;
  *(void **)&system_resolver = dlsym(RTLD_NEXT, "getaddrinfo");
  if (node && strcmp(node, "nonexistent.invalid") == 0) return EAI_NONAME;
  if (node && strncmp(node, "slow", 4) == 0) {
    look_up_slowly();
    if (strcmp(node, "slow-nowhere.invalid") == 0) return EAI_NONAME;
    node = "127.0.0.1";
  }
  if (node && strcmp(node, "quick.invalid") == 0) node = "127.0.0.1";
  if (!node || strcmp(node, "two.invalid") != 0)
    return system_resolver(node, service, hints, found);
  int code = system_resolver(DEAF, service, hints, found);
  return code ? code : system_resolver("127.0.0.1", service, hints, &(*found)->ai_next);
}

static void open_rig(struct rig *rig) {
  static const struct test_script well_behaved;
  let_go(false);
  rig_start(rig, &well_behaved);
}

/* Does not wait for what still looks up. */
static void close_rig(struct rig *rig) {
  int64_t begun = own_time();
  rig_stop(rig);
  assert_true(own_time() - begun < DEADLINE_GRACE);
  let_go(true);
  WAIT_UNTIL(lookups_under_way() == 0);
}

static void slow_url(const struct rig *rig, const char *host, int marker,
                     char url[RIG_URL]) {
  snprintf(url, RIG_URL, "http://%s:%d/~~~~~~~~/%d", host,
           test_server_port(rig->server), marker);
}

static sms_http_transfer *begin_slowly(struct rig *rig, const char *host, int marker,
                                       int64_t timeout, int64_t connect_timeout) {
  char url[RIG_URL];
  struct sms_http_request request = rig_request(rig, marker, url);
  int before = lookups_begun();
  slow_url(rig, host, marker, url);
  request.timeout = timeout;
  request.connect_timeout = connect_timeout;
  sms_http_transfer *t = rig_submit(rig, &request);
  STEP_UNTIL(rig, lookups_begun() > before);
  return t;
}

static void an_unknown_name_sends_nothing(void **state) {
  static const struct test_script well_behaved;
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  expect_unreached(&rig, "http://nonexistent.invalid/", SMS_HTTP_PHASE_LOOKUP);
  expect_unreached(&rig, "https://nonexistent.invalid/", SMS_HTTP_PHASE_LOOKUP);
  rig_demand_answer(&rig, 1);
  rig.options.proxy = "http://nonexistent.invalid:3128";
  rig_renew_client(&rig);
  expect_unreached(&rig, "http://127.0.0.1:9/", SMS_HTTP_PHASE_LOOKUP);
  rig_stop(&rig);
}

/* Others are answered all the while, and no step takes longer than it may. */
static void wait_in_company(struct rig *rig, sms_http_transfer *slow, int64_t begun) {
  for (int marker = 2; !sms_http_transfer_response(slow); marker++) {
    sms_http_transfer *other = rig_get(rig, marker);
    while (!sms_http_transfer_response(other)) {
      int64_t before = own_time();
      assert_int_equal(sms_http_engine_step(rig->engine, SECOND / 100), SMS_OK);
      assert_true(own_time() - before < DEADLINE_GRACE);
    }
    assert_true(is_answer_to(sms_http_transfer_response(other), marker % TEST_MARKERS));
    sms_http_transfer_release(other);
    if (marker == TEST_MARKERS - 1) marker = 2;
    assert_true(now() < begun + PATIENCE);
  }
}

static void time_out(const char *host, bool by_connecting) {
  struct rig rig;
  open_rig(&rig);
  rig_demand_answer(&rig, 1);
  int64_t begun = now(), had_begun = own_time();
  sms_http_transfer *slow =
      begin_slowly(&rig, host, 1, by_connecting ? PATIENCE : SHORT,
                   by_connecting ? SHORT : PATIENCE);
  wait_in_company(&rig, slow, begun);
  int64_t took = now() - begun, own = own_time() - had_begun;
  const struct sms_http_response *response = sms_http_transfer_response(slow);
  assert_int_equal(response->end, SMS_HTTP_TIMED_OUT);
  assert_int_equal(response->phase, SMS_HTTP_PHASE_LOOKUP);
  assert_false(response->sent);
  assert_true(took >= SHORT - SECOND / 100 && own <= SHORT + DEADLINE_GRACE);
  assert_true(lookups_under_way() > 0);
  sms_http_transfer_release(slow);
  close_rig(&rig);
}

static void a_slow_look_up_times_out_and_blocks_nobody(void **state) {
  (void)state;
  time_out("slow-one.invalid", false);
}

static void a_slow_look_up_is_under_connect_timeout(void **state) {
  (void)state;
  time_out("slow-two.invalid", true);
}

static void a_slow_look_up_may_be_cancelled(void **state) {
  struct rig rig;
  (void)state;
  for (int i = 0; i < 3; i++) {
    open_rig(&rig);
    sms_http_transfer *t =
        begin_slowly(&rig, "slow-three.invalid", 1, PATIENCE, PATIENCE);
    int64_t begun = own_time();
    if (i == 1) sms_http_engine_release(rig.engine);
    if (i == 1) rig.engine = NULL;
    if (i < 2) sms_http_transfer_cancel(t);
    if (i < 2) assert_int_equal(sms_http_transfer_response(t)->end, SMS_HTTP_CANCELLED);
    if (i < 2) assert_false(sms_http_transfer_response(t)->sent);
    sms_http_transfer_release(t);
    assert_true(own_time() - begun < DEADLINE_GRACE);
    if (i != 1) rig_demand_answer(&rig, 2);
    close_rig(&rig);
  }
}

static void a_slow_look_up_is_waited_for(void **state) {
  struct rig rig;
  (void)state;
  open_rig(&rig);
  sms_http_transfer *t = begin_slowly(&rig, "slow-four.invalid", 1, PATIENCE, PATIENCE);
  rig_demand_answer(&rig, 2);
  let_go(true);
  assert_true(is_answer_to(rig_finish(&rig, t), 1));
  sms_http_transfer_release(t);
  close_rig(&rig);
}

/* Of its own, libcurl 8.14 would leak the first one's name (the sanitized run shows
 * it); from 8.16 on, it would not look up again. */
static void a_look_up_fails_time_and_again(void **state) {
  struct rig rig;
  (void)state;
  open_rig(&rig);
  for (int i = 0; i < 2; i++) {
    let_go(false);
    sms_http_transfer *t =
        begin_slowly(&rig, "slow-nowhere.invalid", 1, PATIENCE, PATIENCE);
    let_go(true);
    const struct sms_http_response *response = rig_finish(&rig, t);
    assert_int_equal(response->end, SMS_HTTP_UNREACHED);
    assert_int_equal(response->phase, SMS_HTTP_PHASE_LOOKUP);
    sms_http_transfer_release(t);
  }
  close_rig(&rig);
}

static void a_slow_proxy_name_times_out_in_time(void **state) {
  struct rig rig;
  (void)state;
  open_rig(&rig);
  rig.options.proxy = "http://slow-five.invalid:3128";
  rig_renew_client(&rig);
  int64_t begun = own_time();
  sms_http_transfer *t = begin_slowly(&rig, "target.invalid", 1, SHORT, PATIENCE);
  const struct sms_http_response *response = rig_finish(&rig, t);
  assert_int_equal(response->end, SMS_HTTP_TIMED_OUT);
  assert_false(response->sent);
  assert_true(own_time() - begun <= SHORT + DEADLINE_GRACE);
  sms_http_transfer_release(t);
  close_rig(&rig);
}

#define MANY 40

/* All to one host, or, apart, each to one of its own. */
static void submit_slowly(struct rig *rig, const char *host, bool apart,
                          int64_t connect_timeout, sms_http_transfer *transfers[MANY]) {
  char name[64], url[RIG_URL];
  for (int i = 0; i < MANY; i++) {
    struct sms_http_request request = rig_request(rig, i, url);
    snprintf(name, sizeof name, "%s-%d.invalid", host, apart ? i : 0);
    slow_url(rig, name, i, url);
    request.connect_timeout = connect_timeout;
    transfers[i] = rig_submit(rig, &request);
  }
}

/* Another name is looked up while these still are. */
static void demand_quick_look_up(struct rig *rig) {
  char url[RIG_URL];
  int before = lookups_under_way();
  slow_url(rig, "quick.invalid", 99, url);
  demand_answer(rig->engine, rig->client, url, 99);
  assert_true(lookups_under_way() >= before);
}

/* Forty calls for it are one look-up, of one kind of address or two. They end as one
 * that looks it up itself. */
static void a_name_that_hangs_holds_up_no_other(void **state) {
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  open_rig(&rig);
  int64_t begun = own_time();
  submit_slowly(&rig, "slow-many", false, 2 * SHORT, transfers);
  STEP_UNTIL(&rig, lookups_under_way() > 0);
  rig_step_often(&rig, 10);
  demand_quick_look_up(&rig);
  assert_true(lookups_under_way() <= 2);
  for (int i = 0; i < MANY; i++) {
    const struct sms_http_response *response = rig_finish(&rig, transfers[i]);
    assert_int_equal(response->end, SMS_HTTP_TIMED_OUT);
    assert_int_equal(response->phase, SMS_HTTP_PHASE_LOOKUP);
    assert_false(response->sent);
    sms_http_transfer_release(transfers[i]);
  }
  assert_true(own_time() - begun <= 2 * SHORT + DEADLINE_GRACE);
  assert_true(lookups_under_way() <= 4); /* the last ones may have begun another */
  close_rig(&rig);
}

static void many_names_that_hang_hold_up_no_other(void **state) {
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  open_rig(&rig);
  submit_slowly(&rig, "slow-of-many", true, PATIENCE, transfers);
  STEP_UNTIL(&rig, lookups_under_way() >= MANY);
  demand_quick_look_up(&rig);
  for (int i = 0; i < MANY; i++)
    sms_http_transfer_release(transfers[i]);
  close_rig(&rig);
}

static void who_waits_for_a_look_up_gets_what_it_finds(void **state) {
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  open_rig(&rig);
  int before = lookups_begun();
  submit_slowly(&rig, "slow-found", false, PATIENCE, transfers);
  STEP_UNTIL(&rig, lookups_under_way() > 0);
  sms_http_transfer_release(transfers[1]);
  sms_http_transfer_release(transfers[MANY - 1]);
  rig_step_often(&rig, 10);
  let_go(true);
  for (int i = 0; i < MANY - 1; i++) {
    if (i == 1) continue;
    assert_true(is_answer_to(rig_finish(&rig, transfers[i]), i));
    sms_http_transfer_release(transfers[i]);
  }
  assert_true(lookups_begun() - before <= 2);
  close_rig(&rig);
}

/* Whoever looks up may go away: the next does so. */
static void the_next_one_looks_up(void **state) {
  sms_http_transfer *transfers[MANY];
  struct rig rig;
  (void)state;
  open_rig(&rig);
  submit_slowly(&rig, "slow-next", false, PATIENCE, transfers);
  STEP_UNTIL(&rig, lookups_under_way() > 0);
  rig_step_often(&rig, 10);
  int before = lookups_begun();
  sms_http_transfer_release(transfers[0]);
  STEP_UNTIL(&rig, lookups_begun() > before);
  let_go(true);
  for (int i = 1; i < MANY; i++) {
    assert_true(is_answer_to(rig_finish(&rig, transfers[i]), i));
    sms_http_transfer_release(transfers[i]);
  }
  close_rig(&rig);
}

static int deaf_listener(int port, int fillers[QUEUED]) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(inet_pton(AF_INET, DEAF, &address.sin_addr), 1);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  fill_queue(fd, fillers);
  return fd;
}

static void each_address_gets_its_part_of_the_time(void **state) {
  static const struct test_script well_behaved;
  int fillers[QUEUED];
  struct rig rig;
  (void)state;
  rig_start(&rig, &well_behaved);
  int deaf = deaf_listener(test_server_port(rig.server), fillers);
  for (int by_connecting = 0; by_connecting <= 1; by_connecting++) {
    char url[RIG_URL];
    struct sms_http_request request = rig_request(&rig, 1, url);
    slow_url(&rig, "two.invalid", 1 + by_connecting, url);
    request.timeout = by_connecting ? PATIENCE : 3 * SHORT;
    request.connect_timeout = by_connecting ? 3 * SHORT : PATIENCE;
    sms_http_transfer *t = rig_submit(&rig, &request);
    assert_true(is_answer_to(rig_finish(&rig, t), 1 + by_connecting));
    sms_http_transfer_release(t);
    rig_renew_client(&rig); /* and its connections */
  }
  for (int i = 0; i < QUEUED; i++)
    close(fillers[i]);
  close(deaf);
  rig_stop(&rig);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_unknown_name_sends_nothing),
      cmocka_unit_test(a_slow_look_up_times_out_and_blocks_nobody),
      cmocka_unit_test(a_slow_look_up_is_under_connect_timeout),
      cmocka_unit_test(a_slow_look_up_may_be_cancelled),
      cmocka_unit_test(a_slow_look_up_is_waited_for),
      cmocka_unit_test(a_look_up_fails_time_and_again),
      cmocka_unit_test(a_slow_proxy_name_times_out_in_time),
      cmocka_unit_test(a_name_that_hangs_holds_up_no_other),
      cmocka_unit_test(many_names_that_hang_hold_up_no_other),
      cmocka_unit_test(who_waits_for_a_look_up_gets_what_it_finds),
      cmocka_unit_test(the_next_one_looks_up),
      cmocka_unit_test(each_address_gets_its_part_of_the_time),
  };
  return cmocka_run_group_tests_name("http_engine_lookup", tests, NULL, NULL);
}
