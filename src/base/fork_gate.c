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

/* When it is loaded, not at the first use: that may be another thread's at a fork, and
 * the child would wait for its end, or have all this twice. */
__attribute__((constructor)) static void begin(void) {
  pthread_atfork(close_gate, open_gate, renew_gate);
}

void sms_fork_gate_enter(void) {
  pthread_rwlock_rdlock(&gate);
}

void sms_fork_gate_leave(void) {
  pthread_rwlock_unlock(&gate);
}
