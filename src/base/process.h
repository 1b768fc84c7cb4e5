/* Which process this is, without asking the kernel at each look: a call looks several
 * times whether its engine, mailbox and journal were made before a fork. A child of
 * fork() knows at once; one of a bare clone(2) is taken for its parent. */
#ifndef SMS_BASE_PROCESS_H
#define SMS_BASE_PROCESS_H

#include <sys/types.h>

pid_t sms_process(void);

#endif
