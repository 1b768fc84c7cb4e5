#include "base/byte_buffer.h"
#include "base/wipe.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* From LARGE on it is a mapping of its own, which leaves no hole in the heap among
 * small things that live longer: what comes and goes again and again would make that
 * grow. */
enum { SMALLEST = 64, LARGE = 64 << 10 };

static char *take(size_t capacity) {
  if (capacity < LARGE) return malloc(capacity);
  void *data =
      mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return data == MAP_FAILED ? NULL : data;
}

static void give_back(char *data, size_t capacity) {
  if (capacity < LARGE)
    free(data);
  else
    munmap(data, capacity);
}

void sms_buffer_init(struct sms_buffer *buffer, size_t ceiling) {
  *buffer = (struct sms_buffer){.ceiling = ceiling};
}

/* Not realloc: it may leave a copy of a secret behind when it moves the bytes. */
static enum sms_status grow(struct sms_buffer *buffer, size_t needed) {
  size_t capacity = 2 * buffer->capacity;
  if (capacity < SMALLEST) capacity = SMALLEST;
  if (capacity < needed) capacity = needed;
  if (capacity > buffer->ceiling) capacity = buffer->ceiling + 1;
  char *data = take(capacity);
  if (!data) return SMS_NO_MEMORY;
  if (buffer->length > 0) memcpy(data, buffer->data, buffer->length);
  size_t length = buffer->length;
  sms_buffer_wipe(buffer);
  buffer->data = data;
  buffer->length = length;
  buffer->capacity = capacity;
  return SMS_OK;
}

enum sms_status sms_buffer_reserve(struct sms_buffer *buffer, size_t extra) {
  if (extra > buffer->ceiling - buffer->length) return SMS_TOO_LARGE;
  size_t needed = buffer->length + extra + 1; /* the NUL */
  return needed <= buffer->capacity ? SMS_OK : grow(buffer, needed);
}

enum sms_status sms_buffer_append(struct sms_buffer *buffer, const void *data,
                                  size_t length) {
  if (length == 0) return SMS_OK;
  enum sms_status status = sms_buffer_reserve(buffer, length);
  if (status != SMS_OK) return status;
  memcpy(buffer->data + buffer->length, data, length);
  buffer->length += length;
  buffer->data[buffer->length] = '\0';
  return SMS_OK;
}

void sms_buffer_clear(struct sms_buffer *buffer) {
  buffer->length = 0;
  if (buffer->data) buffer->data[0] = '\0';
}

void sms_buffer_wipe(struct sms_buffer *buffer) {
  /* All of it: a cleared buffer still has its former bytes. */
  if (buffer->data) sms_wipe(buffer->data, buffer->capacity);
  sms_buffer_free(buffer);
}

void sms_buffer_free(struct sms_buffer *buffer) {
  give_back(buffer->data, buffer->capacity);
  sms_buffer_init(buffer, buffer->ceiling);
}
