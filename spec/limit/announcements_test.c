/* What is said of a key is known until it is taken back as often as it was said. */
#include "limit/announcements.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

enum { THREADS = 4, TIMES = 1000 };

static void each_text_is_known_once(void **state) {
  (void)state;
  uint32_t seen = sms_announcements_version();
  char texts[32];
  sms_announcement *one = sms_announce("a", "1", &seen);
  sms_announcement *same = sms_announce("a", "1", &seen);
  sms_announcement *two = sms_announce("a", "22", &seen);
  sms_announcement *elsewhere = sms_announce("b", "3", &seen);
  assert_ptr_equal(one, same);
  assert_int_equal(sms_announced("a", texts, sizeof texts), sizeof "22" + sizeof "1");
  assert_memory_equal(texts,
                      "22\0"
                      "1",
                      sizeof "22" + sizeof "1");
  assert_int_equal(sms_announced("a", texts, 3), 5); /* the rest is not written */
  sms_announcement_withdraw(one, &seen);
  assert_int_equal(sms_announced("a", texts, sizeof texts), 5);
  sms_announcement_withdraw(same, &seen);
  assert_int_equal(sms_announced("a", texts, sizeof texts), 3);
  sms_announcement_withdraw(two, &seen);
  sms_announcement_withdraw(elsewhere, &seen);
  sms_announcement_withdraw(NULL, &seen);
  assert_int_equal(sms_announced("a", texts, sizeof texts), 0);
}

static void ones_own_is_no_news(void **state) {
  (void)state;
  uint32_t mine = sms_announcements_version(), other = mine;
  sms_announcement *one = sms_announce("a", "1", &mine);
  assert_int_equal(mine, sms_announcements_version());
  assert_int_not_equal(other, mine);
  sms_announcement *two = sms_announce("a", "2", &other); /* has not seen the first */
  assert_int_not_equal(other, sms_announcements_version());
  assert_int_not_equal(mine, sms_announcements_version());
  sms_announcement_withdraw(one, &mine);
  sms_announcement_withdraw(two, &other);
}

static void *say_and_take_back(void *text) {
  uint32_t seen = 0;
  char texts[64];
  for (int i = 0; i < TIMES; i++) {
    sms_announcement *own = sms_announce("a", text, &seen);
    sms_announcement *shared = sms_announce("a", "shared", &seen);
    size_t size = sms_announced("a", texts, sizeof texts);
    if (size < strlen(text) + sizeof "shared" + 1) return NULL;
    sms_announcement_withdraw(shared, &seen);
    sms_announcement_withdraw(own, &seen);
  }
  return text;
}

static void threads_say_what_they_like(void **state) {
  (void)state;
  static char names[THREADS][2] = {"0", "1", "2", "3"};
  pthread_t threads[THREADS];
  char texts[1];
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, say_and_take_back, names[i]), 0);
  for (int i = 0; i < THREADS; i++) {
    void *ended;
    pthread_join(threads[i], &ended);
    assert_ptr_equal(ended, names[i]);
  }
  assert_int_equal(sms_announced("a", texts, 0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_text_is_known_once),
      cmocka_unit_test(ones_own_is_no_news),
      cmocka_unit_test(threads_say_what_they_like),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
