#include "text/form.h"
#include <stdbool.h>

/* A-Z a-z 0-9 - . _ ~, from the blank on. Not isalnum: it follows the host's locale. */
static const bool unreserved[256] = {
    [' '] = 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1,
    1,         1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1,         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1,
    1,         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0,
};

char *sms_escape(char *out, const void *data, size_t length) {
  static const char digits[] = "0123456789ABCDEF";
  const unsigned char *bytes = data;
  for (size_t i = 0; i < length; i++) {
    if (unreserved[bytes[i]]) {
      *out++ = (char)bytes[i];
    } else {
      *out++ = '%';
      *out++ = digits[bytes[i] >> 4];
      *out++ = digits[bytes[i] & 15];
    }
  }
  return out;
}

enum sms_status sms_escape_append(struct sms_buffer *buffer, const void *data,
                                  size_t length) {
  const unsigned char *bytes = data;
  size_t escaped = 0;
  for (size_t i = 0; i < length; i++)
    escaped += unreserved[bytes[i]] ? 1 : 3;
  if (escaped == 0) return SMS_OK;
  enum sms_status status = sms_buffer_reserve(buffer, escaped);
  if (status != SMS_OK) return status;
  *sms_escape(buffer->data + buffer->length, data, length) = '\0';
  buffer->length += escaped;
  return SMS_OK;
}
