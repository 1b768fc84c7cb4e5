/* SIGPIPE is the host program's: what this thread raises between hold and release is
 * swallowed, one that was pending stays.
 *
 *   struct sms_sigpipe held = sms_sigpipe_hold(true);
 *   ...
 *   sms_sigpipe_release(&held);
 */
#ifndef SMS_HTTP_SIGPIPE_H
#define SMS_HTTP_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

struct sms_sigpipe {
  sigset_t before;
  bool wanted, was_pending;
};

/* Not wanted: neither does anything. */
struct sms_sigpipe sms_sigpipe_hold(bool wanted);
void sms_sigpipe_release(const struct sms_sigpipe *held);

#endif
