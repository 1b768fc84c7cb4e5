#include "base/thread.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

int sms_thread_start(pthread_t *thread, size_t stack, void *(*run)(void *),
                     void *argument) {
  sigset_t all, before;
  pthread_attr_t attributes;
  int failed = pthread_attr_init(&attributes);
  if (failed) return failed;
  pthread_attr_setstacksize(&attributes, stack);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  failed = pthread_create(thread, &attributes, run, argument);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return failed;
}

const char *sms_thread_why(int error) {
  if (error != EAGAIN) return strerror(error);
  return "the system gives no more threads, or no memory for one (ulimit -u and -v; "
         "systemd's TasksMax; pids.max)";
}
