#include "base/stop_signal.h"
#include <signal.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t last;

static void note(int number) {
  last = number;
}

static void catch_one(int number) {
  struct sigaction action, before;
  if (!sigaction(number, NULL, &before) && before.sa_handler == SIG_IGN) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  action.sa_flags = SA_RESTART | (int)SA_RESETHAND; /* poll() is not restarted */
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

void sms_stop_signal_catch(void) {
  catch_one(SIGTERM);
  catch_one(SIGINT);
}

int sms_stop_signal(void) {
  return last;
}
