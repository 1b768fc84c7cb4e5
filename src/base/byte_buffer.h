/* Growing bytes with a ceiling.
 *
 *   struct sms_buffer body;
 *   sms_buffer_init(&body, SMS_CEILING_REQUEST);
 *   if (sms_buffer_append(&body, "a=1", 3) != SMS_OK) goto fail;
 *   send(body.data, body.length);
 *   sms_buffer_free(&body);
 */
#ifndef SMS_BASE_BYTE_BUFFER_H
#define SMS_BASE_BYTE_BUFFER_H

#include "base/status.h"
#include <stddef.h>

/* Every ceiling of the library, with its reason; that of a reply is an option of its
 * client. */
#define SMS_CEILING_REQUEST   (16u << 20) /* a job of 3,000 personal texts is 2 MiB */
#define SMS_CEILING_HEAD      (64u << 10) /* response head; nginx's own is 32 KiB */
#define SMS_CEILING_URL       (8u << 10)  /* longest request line servers take */
#define SMS_CEILING_JOURNAL   (1u << 20)  /* the records of a job are 188 KiB */
#define SMS_CEILING_LONG_TEXT (1u << 30)  /* above that of all requests */
#define SMS_CEILING_SECRET    (16u << 10) /* an RSA-8192 key in PEM is 7 KiB */

struct sms_buffer {
  char *data; /* NULL while empty, otherwise followed by a NUL that is not counted */
  size_t length;
  size_t capacity;
  size_t ceiling;
};

/* An empty buffer that will never hold more than ceiling bytes. Allocates nothing. */
void sms_buffer_init(struct sms_buffer *buffer, size_t ceiling);

/* Room for extra more bytes. SMS_TOO_LARGE or SMS_NO_MEMORY leave the buffer as it was,
 * here and below. */
enum sms_status sms_buffer_reserve(struct sms_buffer *buffer, size_t extra);

enum sms_status sms_buffer_append(struct sms_buffer *buffer, const void *data,
                                  size_t length);

/* Length 0, memory kept for the next use. */
void sms_buffer_clear(struct sms_buffer *buffer);

/* Overwrites what it held and frees it; the buffer is empty and may be used again. */
void sms_buffer_wipe(struct sms_buffer *buffer);

/* Frees without overwriting. */
void sms_buffer_free(struct sms_buffer *buffer);

#endif
