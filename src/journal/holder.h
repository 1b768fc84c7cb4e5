/* Inside of journal only: who holds the lock of a file. */
#ifndef SMS_JOURNAL_HOLDER_H
#define SMS_JOURNAL_HOLDER_H

#include <stddef.h>

/* "is in use already, by process 4711 (lua5.4)" */
void sms_journal_holder_words(int fd, char *words, size_t size);

/* The same of a process that is known; 0: it is not. */
void sms_journal_holder_name(int process, char *words, size_t size);

#endif
