#include "limit/map_guard.h"
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* What this thread is touching. enter has touched this as well by then, so that the
 * handler finds the thread's own memory in place. */
static __thread struct {
  void *map;
  size_t size;
} volatile touched;

static __thread volatile bool passing;

/* A signal's handler belongs to the process, so this does too. What was there before
 * ours is written aside and then switched to: the handler may be running. */
static struct {
  pthread_mutex_t mutex;
  struct sigaction previous[2];
  int current; /* atomic */
} guard = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* The access is repeated when the handler returns. mmap is a bare system call. */
static bool replace(const void *address) {
  uintptr_t begin = (uintptr_t)touched.map;
  if (!touched.map || (uintptr_t)address - begin >= touched.size) return false;
  return mmap(touched.map, touched.size, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == touched.map;
}

/* Without a handler the access, repeated, or the signal, sent again, ends the process;
 * that a fault is ignored does not save it from that. A handler that passes on to this
 * one in turn has nothing else behind it. */
static void pass_on(int number, siginfo_t *info, void *context, bool fault) {
  const struct sigaction *previous =
      &guard.previous[__atomic_load_n(&guard.current, __ATOMIC_ACQUIRE)];
  void (*handler)(int) = passing ? SIG_DFL : previous->sa_handler;
  if (handler == SIG_DFL || (handler == SIG_IGN && fault)) {
    signal(number, SIG_DFL);
    if (!fault) raise(number);
    return;
  }
  passing = true;
  if (previous->sa_flags & SA_SIGINFO)
    previous->sa_sigaction(number, info, context);
  else if (handler != SIG_IGN)
    handler(number);
  passing = false;
}

static void on_bus_error(int number, siginfo_t *info, void *context) {
  bool fault = info->si_code > 0; /* else: sent by somebody */
  if (!fault || !replace(info->si_addr)) pass_on(number, info, context, fault);
}

static enum sms_status install(void) {
  struct sigaction action, found;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGBUS, NULL, &found) != 0) return SMS_FAILED;
  if ((found.sa_flags & SA_SIGINFO) && found.sa_sigaction == on_bus_error)
    return SMS_OK;
  int next = 1 - guard.current;
  guard.previous[next] = found;
  __atomic_store_n(&guard.current, next, __ATOMIC_RELEASE);
  return sigaction(SIGBUS, &action, NULL) == 0 ? SMS_OK : SMS_FAILED;
}

/* Where another thread is at it (or was, in the parent, as this process was forked),
 * its handler will do. */
enum sms_status sms_map_guard_install(void) {
  if (pthread_mutex_trylock(&guard.mutex) != 0) return SMS_OK;
  enum sms_status status = install();
  pthread_mutex_unlock(&guard.mutex);
  return status;
}

/* The fences keep the compiler from moving the accesses out. */

void sms_map_guard_enter(void *map, size_t size) {
  passing = false; /* a handler may have jumped out */
  touched.size = size;
  touched.map = map;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void sms_map_guard_leave(void) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  touched.map = NULL;
}
