#include "base/wipe.h"
#include "memory_probe.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* wants some of the above before it */

static void the_length_is_overwritten_and_no_more(void **state) {
  (void)state;
  char text[] = "secret and more";
  sms_wipe(text, 6);
  assert_memory_equal(text, "\0\0\0\0\0\0 and more", sizeof text);
}

static void what_the_allocator_frees_or_moves_is_overwritten(void **state) {
  static const char secret[] = "S3cr3t0123456789";
  (void)state;
  probe_watch(secret);
  char *block = sms_wiping_malloc(sizeof secret);
  memcpy(block, secret, sizeof secret);
  for (size_t size = 32; size < 1u << 20; size *= 2) {
    block = sms_wiping_realloc(block, size);
    assert_string_equal(block, secret);
  }
  for (size_t size = 1u << 19; size >= sizeof secret; size /= 2) {
    block = sms_wiping_realloc(block, size);
    assert_string_equal(block, secret);
  }
  sms_wiping_free(block);
  sms_wiping_free(sms_wiping_strdup(secret));
  sms_wipe_text(sms_wiping_strdup(secret));
  assert_int_equal(probe_leaks(), 0);
  free(sms_wiping_strdup(secret));
  assert_int_equal(probe_leaks(), 1); /* the probe does see what is not overwritten */
}

enum { BUFFER = 16384 + 1 };

static void buffers_serve_again_and_are_overwritten_by_the_sweep(void **state) {
  static const char secret[] = "S3cr3t9876543210";
  (void)state;
  char *buffers[200];
  const size_t count = sizeof buffers / sizeof buffers[0];
  probe_watch(secret);
  for (size_t i = 0; i < count; i++) {
    buffers[i] = sms_wiping_malloc(BUFFER);
    memcpy(buffers[i], secret, sizeof secret);
  }
  const char *last = buffers[127];
  for (size_t i = 0; i < count; i++) /* more than are kept */
    sms_wiping_free(buffers[i]);
  buffers[0] = sms_wiping_malloc(BUFFER - 1);
  assert_ptr_equal(buffers[0], last);
  assert_string_equal(buffers[0], secret);
  sms_wiping_free(buffers[0]);
  sms_wiping_sweep();
  sms_wiping_sweep();
  assert_int_equal(probe_leaks(), 0);
  probe_fail_after(0);
  assert_null(sms_wiping_malloc(BUFFER)); /* none is left */
  probe_fail_after(PROBE_NEVER);
}

static void
the_allocator_is_told_like_the_systems_that_there_is_no_memory(void **state) {
  (void)state;
  unsigned char *block = sms_wiping_calloc(4, 4);
  assert_memory_equal(block, (unsigned char[16]){0}, 16);
  block[0] = 7;
  probe_fail_after(0);
  assert_null(sms_wiping_malloc(1));
  assert_null(sms_wiping_realloc(NULL, 1));
  assert_null(sms_wiping_realloc(block, 1u << 20));
  probe_fail_after(PROBE_NEVER);
  assert_int_equal(block[0], 7); /* it stays */
  sms_wiping_free(block);
  sms_wiping_free(NULL);
  sms_wipe_text(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_length_is_overwritten_and_no_more),
      cmocka_unit_test(what_the_allocator_frees_or_moves_is_overwritten),
      cmocka_unit_test(buffers_serve_again_and_are_overwritten_by_the_sweep),
      cmocka_unit_test(the_allocator_is_told_like_the_systems_that_there_is_no_memory),
  };
  return cmocka_run_group_tests_name("wipe", tests, NULL, NULL);
}
