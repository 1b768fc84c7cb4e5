#include "memory_probe.h"
#include <malloc.h>
#include <stdbool.h>
#include <string.h>

/* The names are the linker's. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *block);

static int left = PROBE_NEVER;
static const char *watched;
static size_t leaks;

void probe_fail_after(int allocations) {
  left = allocations;
}

void probe_watch(const char *secret) {
  watched = secret;
  leaks = 0;
}

size_t probe_leaks(void) {
  return leaks;
}

static bool refused(void) {
  if (left == 0) return true;
  if (left > 0) left--;
  return false;
}

/* Not as it comes: `free` looks through all of it, and valgrind would ask what for. */
void *__wrap_malloc(size_t size) {
  enum { UNWRITTEN = 0xA5 };
  void *block = refused() ? NULL : __real_malloc(size);
  return block ? memset(block, UNWRITTEN, malloc_usable_size(block)) : NULL;
}

void *__wrap_calloc(size_t count, size_t size) {
  return refused() ? NULL : __real_calloc(count, size);
}

void __wrap_free(void *block) {
  if (block && watched &&
      memmem(block, malloc_usable_size(block), watched, strlen(watched)))
    leaks++;
  __real_free(block);
}
