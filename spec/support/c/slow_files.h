/* Files on a network's folder: this program's pread, open, lstat, getrandom, ftruncate,
 * fdatasync and flock stand before the system's, are interrupted, tell a byte at a
 * time, or fail.
 *
 *   slow_files.interrupts = 3;  // the next three fail with EINTR
 *   slow_files.crumbs = true;   // one byte at a time
 *   slow_files.fail = EIO;      // whatever is read
 */
#ifndef SLOW_FILES_H
#define SLOW_FILES_H

#include <stdbool.h>

struct slow_files {
  int interrupts;  /* of all but lstat */
  bool crumbs;     /* of files that have a size, and of random numbers */
  int fail;        /* pread of files that have a size: an errno, or 0 */
  int fail_look;   /* lstat */
  int fail_random; /* getrandom */
  int met;         /* how often any of this came into play */
};

extern struct slow_files slow_files;

#endif
