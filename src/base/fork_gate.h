/* A child of fork() has one thread, and what the others were at stays half-done there,
 * for ever: a lock that one of them held is never given back. Who holds such a lock
 * where others may fork stands in the gate; a fork waits until nobody does.
 *
 *   sms_fork_gate_enter();
 *   pthread_mutex_lock(&mutex);
 *   ...nothing that forks...
 *   pthread_mutex_unlock(&mutex);
 *   sms_fork_gate_leave();
 *
 * A thread may enter again before it leaves. */
#ifndef SMS_BASE_FORK_GATE_H
#define SMS_BASE_FORK_GATE_H

void sms_fork_gate_enter(void);
void sms_fork_gate_leave(void);

#endif
