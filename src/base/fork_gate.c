#include "base/fork_gate.h"
#include <pthread.h>

/* Readers stand in it, of whom a thread may be several; a fork writes. */
static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;

static void close_gate(void) {
  pthread_rwlock_wrlock(&gate);
}

static void open_gate(void) {
  pthread_rwlock_unlock(&gate);
}

/* The child's thread has another number than the one that holds the lock. */
static void renew_gate(void) {
  gate = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
}

static void begin(void) {
  pthread_atfork(close_gate, open_gate, renew_gate);
}

void sms_fork_gate_enter(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, begin);
  pthread_rwlock_rdlock(&gate);
}

void sms_fork_gate_leave(void) {
  pthread_rwlock_unlock(&gate);
}
