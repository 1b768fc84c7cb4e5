/* Threads of our own inside somebody else's process. */
#ifndef SMS_BASE_THREAD_H
#define SMS_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>

/* Starts one with a stack of so many bytes and all signals blocked: the host's signals
 * must find the host's threads. 0, or an errno. */
int sms_thread_start(pthread_t *thread, size_t stack, void *(*run)(void *),
                     void *argument);

/* Why that failed, in words: the errno that it was. */
const char *sms_thread_why(int error);

#endif
