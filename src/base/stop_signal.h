/* SIGTERM and Ctrl-C as a note that is looked at, for who ends what he has begun first.
 *
 *   sms_stop_signal_catch();
 *   while (!sms_stop_signal()) work();
 *
 * The first of each is noted, the next one ends the process as if nobody caught it. One
 * that the process ignores stays ignored. A wait in poll() ends early, by EINTR. */
#ifndef SMS_BASE_STOP_SIGNAL_H
#define SMS_BASE_STOP_SIGNAL_H

/* Notes them from now on, also where a host (Lua's interpreter) handles them itself. */
void sms_stop_signal_catch(void);

/* SIGTERM or SIGINT, the last that came; 0: none has. */
int sms_stop_signal(void);

#endif
