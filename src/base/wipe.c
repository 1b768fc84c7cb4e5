#include "base/wipe.h"
#include "base/fork_gate.h"
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void sms_wipe(void *data, size_t length) {
  explicit_bzero(data, length);
}

void sms_wipe_text(char *text) {
  if (text) sms_wipe(text, strlen(text));
  free(text);
}

/* Libcurl 7.88 takes a buffer for each answer, and over TLS for each request, and lets
 * go of it at once: to overwrite all of it each time is a tenth of a text's time. */
enum { BUFFER = 16384 + 1, BUFFER_AT_LEAST = 16384, BUFFER_AT_MOST = 17408 };

static struct {
  pthread_mutex_t lock;
  size_t count;
  void *blocks[128];
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void lock_kept(void) {
  sms_fork_gate_enter();
  pthread_mutex_lock(&kept.lock);
}

static void unlock_kept(void) {
  pthread_mutex_unlock(&kept.lock);
  sms_fork_gate_leave();
}

/* NULL: there is none. */
static void *take_kept(void) {
  lock_kept();
  void *block = kept.count > 0 ? kept.blocks[--kept.count] : NULL;
  unlock_kept();
  return block;
}

static bool keep(void *block) {
  lock_kept();
  bool has_room = kept.count < sizeof kept.blocks / sizeof kept.blocks[0];
  if (has_room) kept.blocks[kept.count++] = block;
  unlock_kept();
  return has_room;
}

void *sms_wiping_malloc(size_t size) {
  void *block = NULL;
  if (size >= BUFFER_AT_LEAST && size <= BUFFER) block = take_kept();
  return block ? block : malloc(size);
}

void *sms_wiping_calloc(size_t count, size_t size) {
  return calloc(count, size);
}

/* Never the system's: it may leave a copy behind when it moves the bytes. */
void *sms_wiping_realloc(void *block, size_t size) {
  size_t room = block ? malloc_usable_size(block) : 0;
  if (block && size <= room && size > room / 2) return block;
  void *moved = malloc(size);
  if (!moved || !block) return moved;
  memcpy(moved, block, size < room ? size : room);
  sms_wiping_free(block);
  return moved;
}

char *sms_wiping_strdup(const char *text) {
  return strdup(text);
}

static void wipe_and_free(void *block, size_t room) {
  sms_wipe(block, room);
  free(block);
}

void sms_wiping_free(void *block) {
  if (!block) return;
  size_t room = malloc_usable_size(block);
  if (room >= BUFFER && room <= BUFFER_AT_MOST && keep(block)) return;
  wipe_and_free(block, room);
}

void sms_wiping_sweep(void) {
  for (void *block; (block = take_kept());)
    wipe_and_free(block, malloc_usable_size(block));
}
