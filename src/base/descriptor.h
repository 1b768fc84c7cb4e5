/* Descriptors away from 0, 1 and 2: where the host has closed one of those, the next
 * that is opened takes its place, and what is printed goes into it. */
#ifndef SMS_BASE_DESCRIPTOR_H
#define SMS_BASE_DESCRIPTOR_H

#include <sys/types.h>

/* The same file at 3 or higher, close-on-exec; what is there already stays as it is.
 * -1, with errno: there is no room, and the descriptor is closed; or it was -1. */
int sms_descriptor_raise(int descriptor);

/* open(), there, and again where it was interrupted. */
int sms_descriptor_open(const char *path, int flags, mode_t mode);

/* Takes the places below 3 that are free, while something else opens descriptors that
 * it will keep, and gives them back. */
struct sms_standard {
  int taken[3];
  int count;
};
void sms_standard_take(struct sms_standard *standard);
void sms_standard_give_back(struct sms_standard *standard);

/* EMFILE or ENFILE where the process, or the system, may open hardly any more; else 0.
 */
int sms_descriptor_lack(void);

#endif
