/* Stands between the core and the allocator (link with --wrap): lets allocations fail,
 * and looks into blocks as they are freed.
 *
 *   probe_fail_after(2);          // two more allocations succeed, then none
 *   probe_fail_after(PROBE_NEVER);
 *   probe_watch("hunter2");       // from now on: count freed blocks that hold this
 *   assert_int_equal(probe_leaks(), 0);
 */
#ifndef MEMORY_PROBE_H
#define MEMORY_PROBE_H

#include <stddef.h>

#define PROBE_NEVER (-1)

void probe_fail_after(int allocations);
void probe_watch(const char *secret);
size_t probe_leaks(void);

#endif
