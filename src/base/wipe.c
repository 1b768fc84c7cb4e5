#include "base/wipe.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void sms_wipe(void *data, size_t length) {
  explicit_bzero(data, length);
}

void sms_wipe_text(char *text) {
  if (text) sms_wipe(text, strlen(text));
  free(text);
}

void *sms_wiping_malloc(size_t size) {
  return malloc(size);
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

void sms_wiping_free(void *block) {
  if (block) sms_wipe(block, malloc_usable_size(block));
  free(block);
}
