#include "http/sigpipe.h"
#include <stddef.h>
#include <time.h>

static void pipe_signal(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGPIPE);
}

struct sms_sigpipe sms_sigpipe_hold(bool wanted) {
  struct sms_sigpipe held = {.wanted = wanted};
  if (!wanted) return held;
  sigset_t set;
  sigpending(&set);
  held.was_pending = sigismember(&set, SIGPIPE);
  pipe_signal(&set);
  pthread_sigmask(SIG_BLOCK, &set, &held.before);
  return held;
}

void sms_sigpipe_release(const struct sms_sigpipe *held) {
  if (!held->wanted) return;
  if (!held->was_pending) {
    sigset_t set;
    struct timespec none = {0, 0};
    pipe_signal(&set);
    sigtimedwait(&set, NULL, &none);
  }
  pthread_sigmask(SIG_SETMASK, &held->before, NULL);
}
