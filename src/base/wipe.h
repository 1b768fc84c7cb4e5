/* Overwriting what was secret.
 *
 *   curl_global_init_mem(flags, sms_wiping_malloc, sms_wiping_free, ...);
 */
#ifndef SMS_BASE_WIPE_H
#define SMS_BASE_WIPE_H

#include <stddef.h>

/* With zeros, in a way the compiler may not leave out. */
void sms_wipe(void *data, size_t length);

/* Frees a text after its characters have been overwritten. */
void sms_wipe_text(char *text);

/* The system's allocator for libraries that keep secrets and let go of them as they
 * are: what is freed here is overwritten, and so is what realloc moves. Blocks are the
 * system's own, and may be freed there, or come from there. Of those of the size of
 * libcurl's buffers up to 128, two MiB, serve again as they are, until the sweep, which
 * overwrites and frees them. */
void *sms_wiping_malloc(size_t size);
void *sms_wiping_calloc(size_t count, size_t size);
void *sms_wiping_realloc(void *block, size_t size);
char *sms_wiping_strdup(const char *text);
void sms_wiping_free(void *block);
void sms_wiping_sweep(void);

#endif
