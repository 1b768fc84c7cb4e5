/* Stands between the core and libc (link with sms_fail_calls of spec/CMakeLists.txt):
 * lets one call after another fail, so that every line that answers a failure is
 * executed.
 *
 *   for (int at = 1;; at++) {
 *     calls_fail(at, EIO, false);     // the at-th call from now on fails
 *     use_it();
 *     if (calls_end() < at) break;    // there were no more
 *     check_that_all_is_well();
 *   }
 */
#ifndef FAILING_CALLS_H
#define FAILING_CALLS_H

#include <stdbool.h>

/* for_good: and so do all that follow. */
void calls_fail(int at, int error, bool for_good);

/* Before the at-th call somebody else does something, for_good: before each that
 * follows as well; all go through. */
void calls_meet(int at, void (*other)(void), bool for_good);

/* Whether this one fails, with errno. The names below are the linker's. */
bool calls_next_fails(void);

#define STAND_BEFORE(result, name, failed, declared, given)                            \
  result __real_##name declared;                                                       \
  result __wrap_##name declared;                                                       \
  result __wrap_##name declared {                                                      \
    return calls_next_fails() ? (failed) : __real_##name given;                        \
  }

/* How many calls there were. None fails from now on. */
int calls_end(void);

#endif
