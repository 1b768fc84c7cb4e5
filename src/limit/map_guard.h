/* Keeps a process alive when a file that it maps is cut short by somebody else.
 * Touching a page that the file no longer has raises SIGBUS. No check beforehand can
 * rule that out: the cut may come between the check and the access, and a system call
 * for each check costs more than all the rest. So the access itself is made safe:
 *
 *   sms_map_guard_install();
 *   sms_map_guard_enter(map, size);
 *   ... touch the map ...
 *   sms_map_guard_leave();
 *
 * Between enter and leave a SIGBUS inside the map puts pages of zeros in place of all
 * of it, private to this process, and the access is repeated there. Any other SIGBUS
 * goes to the handler that was there before, or ends the process as it would have done.
 */
#ifndef SMS_LIMIT_MAP_GUARD_H
#define SMS_LIMIT_MAP_GUARD_H

#include "base/status.h"
#include <stddef.h>

/* Once in a process; the handler stays, like the code it lies in. Without effect where
 * the host sets a handler of its own afterwards that does not pass on to this one, and
 * in threads that block SIGBUS. */
enum sms_status sms_map_guard_install(void);

/* For the calling thread; not nested. map begins a page. */
void sms_map_guard_enter(void *map, size_t size);
void sms_map_guard_leave(void);

#endif
