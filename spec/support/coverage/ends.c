/* Stands before the calls after which a process may end without exit(), in the C tests
 * of ./dev coverage: what was counted is written before, as exit() would. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));
void (*__real_signal(int number, void (*handler)(int)))(int);
void (*__wrap_signal(int number, void (*handler)(int)))(int);

static void write_counts(void) {
  __gcov_dump();
  __gcov_reset(); /* or nothing more would be written */
}

void __wrap__exit(int status) {
  write_counts();
  __real__exit(status);
}

static void end(int number) {
  write_counts();
  __real_signal(number, SIG_DFL);
  raise(number);
}

/* Its own handler takes itself away: the next one is to end the process. */
static int is_last(int number, void (*handler)(int)) {
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, NULL, &blocked);
  return handler == SIG_DFL && sigismember(&blocked, number);
}

void (*__wrap_signal(int number, void (*handler)(int)))(int) {
  return __real_signal(number, is_last(number, handler) ? end : handler);
}
